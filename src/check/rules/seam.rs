//! SEAM: where what was missed meets what comes live, at any moment of a run.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::precondition::{Precondition, SETTLED};
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, is_error, left_unsubscribed, unanswered, views,
};
use crate::check::shared::{ending, order};
use crate::protocol::Position;
use crate::trace::{Delivery, Earlier, Trace};
use crate::transcript::Number;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "SEAM-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Events that happen while the server is still sending missed ones are delivered too, once and in order.",
        why: "A run does not wait for viewers who catch up. What happens in that moment is the easiest thing to lose.",
        harm: "A viewer who reconnects may lose what happens at that moment, or get it twice or out of order.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 20
← event 21                                         meanwhile, 22 happens
← {\"event\": \"subscribed\", …}
← event 22",
        bad: "\
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 20
← event 21                                         meanwhile, 22 happens
← {\"event\": \"subscribed\", …}
← event 23                                         22 is missing",
        check: check!(missed_to_live),
    },
    Requirement {
        id: "SEAM-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns at the very moment the run ends still gets the ending.",
        why: "Otherwise the page says \"running\" for ever, because the only message that could change it has already gone by.",
        harm: "A viewer who reconnects just as the run ends may not see the end.",
        source: "agno's `os/event_streams/base.py`; users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
(at this moment, the run ends)
← {\"event\": \"catch_up\", \"missed_events\": 10, …}
← events 0 to 9, the last of them WorkflowCompleted",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
(at this moment, the run ends)
← {\"event\": \"catch_up\", \"missed_events\": 9, …}
← events 0 to 8
← {\"event\": \"subscribed\", …}
(nothing more)",
        check: check!(at_the_ending),
    },
    Requirement {
        id: "SEAM-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns before a run's first event misses nothing.",
        why: "A run that waits for its turn has a page, too, and somebody may reload it.",
        harm: "A viewer who returns before the first event of a run may miss part of it.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"subscribed\", \"current_event_count\": 0, …}
← event 0",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"run has not started\"}",
        check: check!(before_the_first),
    },
];

fn missed_to_live(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in views(trace) {
        let precondition = view.precondition();
        let Precondition::UnderWay = precondition else {
            continue;
        };
        let (before, live) = view.around_subscribed();
        let (Some(subscribed), Some(catch_up)) = (view.subscribed.first(), view.catch_up) else {
            collector.inconclusive(left_unsubscribed(&view));
            continue;
        };
        let (from, at) = (view.ret.request.number, subscribed.entry.number);
        if trace.held_through(view.run, from, at).is_some() {
            collector.inconclusive(format!(
                "the run was waiting at a breakpoint while {} returned",
                view.viewer()
            ));
            continue;
        }
        if let Some((early, late)) = overtaken(&view, before) {
            collector.failed(
                format!("{} before any live event", describe::entry(late.entry)),
                format!("{} first", describe::entry(early.entry)),
                [catch_up.entry.number, early.entry.number, late.entry.number],
            );
            continue;
        }
        let fewer = catch_up
            .announced
            .is_some_and(|announced| announced > before.len() as u64);
        if fewer || order::slip(before, view.next).is_some() {
            collector.inconclusive(
                "the missed events did not come as announced, one by one (CATCHUP-2 and -3)",
            );
            continue;
        }
        let (Some(last), Some(first)) = (before.last(), live.first()) else {
            collector.inconclusive(format!(
                "no live event followed the missed events of {}: choose a longer workflow",
                view.viewer()
            ));
            continue;
        };
        let next = last.index().map_or(0, |index| index.saturating_add(1));
        // What others had got before was under way to this viewer, too.
        let happened = trace.highest_before(view.run, at);
        let meanwhile = live.iter().position(|it| it.index() > happened);
        let meanwhile = meanwhile.map_or(live.len(), |place| place + 1);
        // So was its ending, where they had got that.
        let ended = trace
            .ending_before(view.run, at)
            .filter(|_| view.ending().is_none());
        match order::slip(&live[..meanwhile], next) {
            None if ended.is_some() => without_the_ending(&view, &mut collector),
            None => collector.passed(),
            Some(slip) => collector.failed(
                format!("{}, after the last missed event", slip.expected()),
                slip.observed(),
                [last.entry.number, at, first.entry.number],
            ),
        }
    }
    collector.check_verdict("no viewer returned to a run that went on at the same time")
}

/// A viewer who was still being sent what they had missed when the run ended, and did not get the ending.
fn without_the_ending(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    match view.missing() {
        Some(missing) => collector.failed(
            "the ending, which came while the missed events were being sent",
            missing.observed(),
            [view.ret.request.number, view.last()]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None => collector.inconclusive(view.unseen()),
    }
}

/// A live event that came before a missed one, and that missed one.
fn overtaken<'t>(
    view: &ReturnView<'_, 't>,
    before: &[Delivery<'t>],
) -> Option<(Delivery<'t>, Delivery<'t>)> {
    let end = view.next.saturating_add(view.catch_up?.announced?);
    // Beyond its ending a run has no events: such an index is another rule's matter.
    let last = ending_of(view.trace, view.run)?.1;
    let live = |delivery: &&Delivery<'t>| {
        delivery
            .index()
            .is_some_and(|index| (end..=last).contains(&index))
    };
    let early = before.iter().find(live)?;
    let late = before.iter().find(|delivery| {
        delivery.entry.number > early.entry.number
            && delivery
                .index()
                .is_some_and(|index| (view.next..end).contains(&index))
    })?;
    Some((*early, *late))
}

/// When the run's ending was first delivered, since the record began, and its index.
fn ending_of(trace: &Trace<'_>, run: &str) -> Option<(std::time::Duration, u64)> {
    let (entry, _) = trace.run(run)?.ending?;
    let index = entry.message()?.event()?.index.at()?;
    Some((entry.at(), index))
}

fn at_the_ending(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    // Who saw the ending of which run first when.
    let mut seen: HashMap<(&str, &str), Number> = HashMap::new();
    for it in trace.deliveries.iter().filter(|it| it.is_final()) {
        let viewer = trace.connection(it.connection()).viewer;
        let run = it.event().run().map_or("", |run| &**run);
        seen.entry((run, viewer)).or_insert(it.entry.number);
    }
    for view in views(trace) {
        let precondition = view.precondition();
        let (run, viewer) = (view.run, view.viewer());
        let Some((at, index)) = ending_of(trace, run) else {
            continue;
        };
        let request = view.ret.request;
        // With the last event but one seen, or with the ending not long ago.
        let close = trace
            .highest_before(run, request.number)
            // An index beyond the ending's is another rule's matter.
            .is_some_and(|seen| (index.saturating_sub(1)..=index).contains(&seen))
            && request.at().saturating_sub(at) < SETTLED;
        if !close || view.next > index || told.contains(&(run, viewer)) {
            continue;
        }
        // Who has seen the ending before has nothing to wait for.
        let seen = seen.get(&(run, viewer));
        // Nor has who is not to see it at all.
        if seen.is_some_and(|number| *number < request.number)
            || view.earlier != Earlier::Nothing
            || view.belongs_to_another()
            || matches!(view.position, Position::Odd(_))
            || view.connection.barred().is_some()
        {
            continue;
        }
        if view.ending().is_some() {
            collector.passed();
            continue;
        }
        if let Precondition::NoRun = precondition {
            continue;
        }
        let last = view.last();
        match view.missing() {
            Some(missing) => {
                told.insert((run, viewer));
                collector.failed(
                    format!("the ending, event {index}"),
                    missing.observed(),
                    [request.number, last].into_iter().chain(missing.evidence()),
                );
            }
            None => collector.inconclusive(view.unseen()),
        }
    }
    collector.check_verdict("no viewer returned at the moment at which a run ended")
}

fn before_the_first(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run: each event's first delivery.
    let mut known: HashMap<&str, Vec<&Delivery<'_>>> = HashMap::new();
    for view in views(trace) {
        let precondition = view.precondition();
        let request = view.ret.request.number;
        let Precondition::UnderWay = precondition else {
            continue;
        };
        // A server without breakpoints names the run by its first event.
        let seen = trace.highest_before(view.run, request).unwrap_or(0) > 0;
        let held = view.held_at().unwrap_or(0) > 0;
        // The answer over HTTP is the first event, as a rule.
        let begun = seen || held || view.is_over_http();
        if begun || matches!(view.position, Position::At(_)) {
            continue;
        }
        if view.answer().is_none_or(is_error) {
            match answer_or_silence(&view) {
                Some((observed, evidence)) => {
                    collector.failed("`subscribed`, or the first events", observed, evidence);
                }
                None => collector.inconclusive(unanswered(&view)),
            }
            continue;
        }
        let mine: BTreeSet<u64> = view.deliveries.iter().filter_map(|d| d.index()).collect();
        let Some(highest) = mine.last() else {
            collector.inconclusive(ending::unseen(view.connection, view.last()));
            continue;
        };
        let events = known
            .entry(view.run)
            .or_insert_with(|| order::first_of_each(trace.deliveries_of(view.run)));
        let mut earlier = events.iter().take_while(|it| it.index() < Some(*highest));
        let missed = earlier.find(|it| it.index().is_some_and(|index| !mine.contains(&index)));
        match missed.zip(view.deliveries.first()) {
            Some((missed, first)) => collector.failed(
                format!(
                    "{}, as {} got it",
                    describe::entry(missed.entry),
                    trace.connection(missed.connection()).viewer
                ),
                format!(
                    "{} first; the expected event is missing",
                    describe::entry(first.entry)
                ),
                [request, missed.entry.number, first.entry.number],
            ),
            None if view.ending().is_some() => collector.passed(),
            None => collector.inconclusive(view.unseen()),
        }
    }
    collector.check_verdict("no viewer returned to a run before its first event, or right after it")
}
