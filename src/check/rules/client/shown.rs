//! CLIENT-SHOWN: what a client shows, by its own lines on stdout.

use std::collections::BTreeSet;

use super::SOURCE;
use super::view::{losses, was_watched};
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::Control;
use crate::trace::{Delivery, Subscription, Trace};
use crate::transcript::{ClientEntry, Entry, EntryKind};

const NO_LINES: &str = "Ada does not say by lines on stdout which events they show";

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-SHOWN-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client shows no event twice.",
        why: "A replay begins with event 0, whatever the client has shown.",
        harm: "The person reads the same text again.",
        source: SOURCE,
        good: "(the client has shown events 0 to 19)\n← replay\n← events 0 to 59\n(the client shows events 20 to 59)",
        bad: "(the client has shown events 0 to 19)\n← replay\n← events 0 to 59\n(the client shows events 0 to 59)",
        check: check!(none_twice),
    },
    Requirement {
        id: "CLIENT-SHOWN-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client shows events in their order.",
        why: "The words of an answer in another order are another answer.",
        harm: "The person reads nonsense.",
        source: SOURCE,
        good: "← event 21\n← event 20\n(the client shows event 20, and then event 21)",
        bad: "← event 21\n← event 20\n(the client shows event 21, and then event 20)",
        check: check!(in_order),
    },
    Requirement {
        id: "CLIENT-SHOWN-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "In the end a client has shown everything that happened.",
        why: "This is the promise of the whole protocol.",
        harm: "The person reads an answer with a hole in it.",
        source: SOURCE,
        good: "(three losses)\n(the client has shown events 0 to 59)",
        bad: "(three losses)\n(the client has shown events 0 to 19 and 26 to 59)",
        check: check!(everything),
    },
    Requirement {
        id: "CLIENT-SHOWN-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client shows only the watched run's events.",
        why: "Several runs can be watched on one connection.",
        harm: "The person reads a part of another answer.",
        source: SOURCE,
        good: "← an event of another run\n(the client does not show it as one of its run)",
        bad: "← an event of another run\n(the client shows it)",
        check: check!(only_the_run),
    },
    Requirement {
        id: "CLIENT-SHOWN-5",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client does not say \"live\" while it is away.",
        why: "A person who believes that they see what happens does not look elsewhere.",
        harm: "The person takes a lost connection for a run in which nothing happens.",
        source: SOURCE,
        good: "(the server is away)\n(the client says that it is away)",
        bad: "(the server is away)\n(the client says \"live\")",
        check: check!(not_live),
    },
];

/// An event that the client shows: the entry that says so, its run and its index.
type Shown<'t> = (&'t Entry, &'t str, u64);

fn shown<'t>(trace: &Trace<'t>) -> Vec<Shown<'t>> {
    let entries = trace.transcript.entries().iter();
    let shown = entries.filter_map(|entry| match entry.of_client() {
        Some(ClientEntry::Shown { run, event_index }) => Some((entry, run.as_str(), *event_index)),
        _ => None,
    });
    shown.collect()
}

/// The run that the client started first.
fn own_run<'t>(trace: &Trace<'t>) -> Option<&'t str> {
    trace.starts().find_map(|it| it.run)
}

fn deliveries<'s, 't>(
    trace: &'s Trace<'t>,
    run: &'s str,
) -> impl Iterator<Item = &'s Delivery<'t>> {
    let all = trace.deliveries.iter();
    all.filter(move |it| it.event().run().is_some_and(|it| &**it == run))
}

fn none_twice(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let shown = shown(trace);
    let Some(run) = own_run(trace) else {
        return collector.check_verdict("Ada started no run");
    };
    let mut seen = BTreeSet::new();
    for (entry, of, index) in shown.iter().filter(|(_, of, _)| *of == run) {
        if !seen.insert(*index) {
            let observed = format!("event {index} of {} again", describe::quoted(of));
            collector.failed("each event once", observed, [entry.number]);
            break;
        }
    }
    let mut came = BTreeSet::new();
    let twice = deliveries(trace, run)
        .filter_map(|it| Some((it.entry, it.index()?)))
        .find(|(_, index)| !came.insert(*index));
    match twice {
        None => collector.inconclusive("no event came twice"),
        Some(_) if shown.is_empty() => collector.inconclusive(NO_LINES),
        Some((entry, _)) if was_watched(trace, entry.number) => collector.passed(),
        Some(_) => collector.inconclusive("the transcript ends before it could be seen"),
    }
    collector.check_verdict("no event came twice")
}

/// The first event that came before one with a lower index that was new.
fn swapped<'t>(trace: &Trace<'t>, run: &str) -> Option<&'t Entry> {
    let mut came = BTreeSet::new();
    deliveries(trace, run).find_map(|it| {
        let index = it.index()?;
        let is_late = came.last().is_some_and(|last| *last > index);
        let is_new = came.insert(index);
        (is_late && is_new).then_some(it.entry)
    })
}

fn in_order(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "no events came in the wrong order";
    let mut collector = Collector::default();
    let shown = shown(trace);
    let Some(run) = own_run(trace) else {
        return collector.check_verdict(OTHERWISE);
    };
    let mut seen = BTreeSet::new();
    for (entry, _, index) in shown.iter().filter(|(_, of, _)| *of == run) {
        let last = seen.last().copied();
        // What is shown twice is for the rule about that.
        if seen.insert(*index) && last > Some(*index) {
            let after = last.unwrap_or_default();
            let observed = format!("event {index} after event {after}");
            collector.failed("events in their order", observed, [entry.number]);
            break;
        }
    }
    match swapped(trace, run) {
        None => {}
        Some(_) if shown.is_empty() => collector.inconclusive(NO_LINES),
        Some(entry) if was_watched(trace, entry.number) => collector.passed(),
        Some(_) => collector.inconclusive("the transcript ends before it could be seen"),
    }
    collector.check_verdict(OTHERWISE)
}

/// Whether the server said nothing to a return, or broke off before all that was missed had come.
fn is_unserved(ret: &Subscription<'_>) -> bool {
    let whole = |(_, control): (_, &Control)| {
        matches!(control, Control::Subscribed { .. } | Control::Replay { .. })
    };
    !ret.has_ended() && !ret.is_refused() && !ret.controls().any(whole)
}

fn everything(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "no run to which Ada returned after a loss was watched to its end";
    let mut collector = Collector::default();
    let losses = losses(trace);
    let (Some(run), Some(last)) = (own_run(trace), losses.last()) else {
        return collector.check_verdict(OTHERWISE);
    };
    let entries = trace.transcript.entries().iter();
    let mut happened = entries.filter_map(|entry| match entry.of_client() {
        Some(ClientEntry::RunWas {
            run_id,
            events,
            status,
        }) if run_id == run && status != "RUNNING" && status != "PAUSED" => Some(*events),
        _ => None,
    });
    let Some(happened) = happened.next_back() else {
        return collector.check_verdict(OTHERWISE);
    };
    if last.ret().is_none() {
        collector.inconclusive(last.no_return());
    }
    let unserved = trace.returns().last().is_some_and(is_unserved);
    if unserved {
        collector.inconclusive("the server left Ada's last return without what they had missed");
    }
    let left_out = trace.returns().any(|it| {
        let pairs = it.deliveries.iter().zip(it.deliveries.iter().skip(1));
        let mut pairs = pairs.filter_map(|(one, next)| Some((one.index()?, next.index()?)));
        pairs.any(|(one, next)| next > one + 1)
    });
    let shown = shown(trace);
    let seen = shown.iter().filter(|(_, of, _)| *of == run);
    let seen: BTreeSet<u64> = seen.map(|(_, _, index)| *index).collect();
    let missing: Vec<u64> = (0..happened)
        .filter(|index| !seen.contains(index))
        .collect();
    if last.ret().is_none() || unserved || left_out || swapped(trace, run).is_some() {
        // A server that sends otherwise than it should is for other rules.
    } else if shown.is_empty() {
        collector.inconclusive(NO_LINES);
    } else if let [first, .., end] | [first @ end] = missing.as_slice() {
        collector.failed(
            format!("each of the {happened} events of the run"),
            format!(
                "{} not shown, from event {first} to event {end}",
                describe::events(missing.len() as u64)
            ),
            [last.cut.number],
        );
    } else {
        collector.passed();
    }
    collector.check_verdict(OTHERWISE)
}

fn only_the_run(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let shown = shown(trace);
    let Some(run) = own_run(trace) else {
        return collector.check_verdict("Ada started no run");
    };
    let strange = trace.deliveries.iter().find(|it| {
        it.event()
            .run()
            .is_some_and(|it| trace.start_of(it).is_none())
    });
    let Some(strange) = strange else {
        return collector.check_verdict("no event of another run came");
    };
    let of_run: BTreeSet<u64> = deliveries(trace, run).filter_map(Delivery::index).collect();
    let wrong = shown
        .iter()
        .find(|(_, of, index)| *of != run || !of_run.contains(index));
    match wrong {
        Some((entry, _, index)) => collector.failed(
            format!("only events of the run {}", describe::quoted(run)),
            format!("event {index} of another run"),
            [strange.entry.number, entry.number],
        ),
        None if shown.is_empty() => collector.inconclusive(NO_LINES),
        None if was_watched(trace, strange.entry.number) => collector.passed(),
        None => collector.inconclusive("the transcript ends before it could be seen"),
    }
    collector.check_verdict("no event of another run came")
}

fn not_live(trace: &Trace<'_>) -> CheckVerdict {
    const OTHERWISE: &str = "the server was not away for a while";
    let mut collector = Collector::default();
    let mut entries = trace.transcript.entries().iter();
    let outage = entries.find(|it| matches!(it.of_client(), Some(ClientEntry::Outage(_))));
    let Some(outage) = outage else {
        return collector.check_verdict(OTHERWISE);
    };
    let until = trace.transcript.entries().iter();
    let until: Vec<&Entry> = until.take_while(|it| it.number < outage.number).collect();
    let was_refused = until
        .iter()
        .any(|it| matches!(it.of_client(), Some(ClientEntry::TurnedAway(_))));
    let state = until.iter().rev().find_map(|it| match it.of_client() {
        Some(ClientEntry::State { state, .. }) => Some((*it, state.as_str())),
        _ => None,
    });
    let opened = until
        .iter()
        .rev()
        .find(|it| matches!(it.what, EntryKind::Opened));
    match state {
        _ if !was_refused || opened.is_none() => {
            collector.inconclusive("Ada did not try to connect while the server was away");
        }
        None => collector.inconclusive(NO_LINES),
        Some((entry, "live")) => collector.failed(
            "another state than \"live\" while the server is away",
            "\"live\"",
            [entry.number, outage.number],
        ),
        Some(_) => collector.passed(),
    }
    collector.check_verdict(OTHERWISE)
}
