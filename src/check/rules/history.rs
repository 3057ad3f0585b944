//! HISTORY: a viewer returns without a position to a run that is under way.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::incomplete::{Incomplete, Why, incomplete};
use crate::check::shared::order;
use crate::check::shared::precondition::{Obstacle, Precondition};
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, finished, unanswered, views,
};
use crate::protocol::{Control, Position};
use crate::trace::{Delivery, Trace};
use crate::transcript::Number;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "HISTORY-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns to a run under way without a position (`null`) gets the whole history from event 0, then `subscribed`, then live events.",
        why: "Another tab, another device or a reloaded page has no position, and still needs the whole run.",
        harm: "A viewer who opens a run that is under way may not get all of it from its beginning.",
        source: "`disruption_catchup.py` of the agno cookbook; agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 0
← event 1
← {\"event\": \"subscribed\", …}
← event 2",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"subscribed\", …}
← event 2                                          0 and 1 are missing",
        check: check!(null),
    },
    Requirement {
        id: "HISTORY-2",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A request to return that leaves out the position is treated like one with the position `null`.",
        why: "Many client libraries drop fields that are null.",
        harm: "A viewer whose program leaves out the position may not get the run from its beginning.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\"}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 0
← event 1
← {\"event\": \"subscribed\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\"}
← {\"event\": \"error\", \"error\": \"last_event_index is required\"}",
        check: check!(absent),
    },
    Requirement {
        id: "HISTORY-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A return that names only the run is answered like one that names session and workflow.",
        why: "A link to a run has the run's id in it, and nothing else. A viewer who follows it does not know its session.",
        harm: "A viewer who knows only the id of a run may not get it.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 2, …}
← event 0
← event 1
← {\"event\": \"subscribed\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"session_id is required\"}",
        check: check!(alone),
    },
];

fn null(trace: &Trace<'_>) -> CheckVerdict {
    judge(
        trace,
        &Position::Null,
        "no viewer returned without a position (`null`) to a run under way",
    )
}

fn absent(trace: &Trace<'_>) -> CheckVerdict {
    judge(
        trace,
        &Position::Absent,
        "no viewer returned without the position field to a run under way",
    )
}

fn judge(trace: &Trace<'_>, position: &Position, otherwise: &str) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in views(trace) {
        let precondition = view.precondition();
        if view.position != position {
            continue;
        }
        match precondition {
            Precondition::UnderWay => whole_history(&view, &mut collector),
            Precondition::Finished(_) => collector.inconclusive(finished(view.viewer())),
            Precondition::Unclear(reason) => collector.inconclusive(reason),
            Precondition::NoRun => {}
        }
    }
    for it in incomplete(trace).filter(|it| it.view.position == position) {
        if it.why != Why::Persisted && it.view.replay.is_none() {
            what_is_left(&it, &mut collector);
        }
    }
    collector.check_verdict(otherwise)
}

/// Notes where what is left of a run's history, or what follows it, is not whole.
fn what_is_left(it: &Incomplete<'_, '_>, collector: &mut Collector) {
    let (view, request) = (&it.view, it.view.ret.request);
    let (before, _) = view.around_subscribed();
    let slip = it.slip(before, 0).or_else(|| it.live_slip());
    if let Some(slip) = slip {
        collector.failed(slip.expected(), slip.observed(), slip.evidence(request));
        return;
    }
    let announced = view.catch_up.and_then(|said| said.announced);
    let ends = view.catch_up.zip(view.subscribed.first());
    if let (Some(announced), Some((catch_up, subscribed))) = (announced, ends)
        && !it.agrees(announced, before, 0)
    {
        return collector.failed(
            format!("{} before `subscribed`", describe::events(announced)),
            describe::events(before.len() as u64),
            [
                request.number,
                catch_up.entry.number,
                subscribed.entry.number,
            ],
        );
    }
    it.ending_is_owed(collector);
}

/// The reason for a return to a run that had no history.
fn nothing_yet(view: &ReturnView<'_, '_>) -> String {
    format!(
        "nothing had happened yet when {} returned: raise --away",
        view.viewer()
    )
}

fn whole_history(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    const EXPECTED: &str = "the whole history from event 0, then `subscribed`";
    let request = view.ret.request;
    let refused = matches!(
        view.answer_control(),
        Some(Control::Error { .. } | Control::Replay { .. })
    );
    if refused || view.answer().is_none() {
        return match answer_or_silence(view) {
            Some((observed, evidence)) => collector.failed(EXPECTED, observed, evidence),
            None => collector.inconclusive(unanswered(view)),
        };
    }
    if let Some(slip) = order::slip(view.deliveries, 0) {
        return collector.failed(slip.expected(), slip.observed(), slip.evidence(request));
    }
    let (before, live) = view.around_subscribed();
    let ended = view.ending().is_some();
    let Some(subscribed) = view.subscribed.first() else {
        return match view.timed_out().filter(|_| !ended) {
            Some(silence) => collector.failed(
                "`subscribed` after the history",
                describe::entry(silence),
                [request.number, silence.number],
            ),
            None if view.ending().is_some() => {
                collector.inconclusive("the run ended before `subscribed` was due");
            }
            None => {
                collector.inconclusive(describe::gone(view.connection, "`subscribed` was due"));
            }
        };
    };
    if let Some(again) = view.subscribed.get(1) {
        return collector.failed(
            "`subscribed` once",
            "`subscribed` again",
            [request.number, subscribed.entry.number, again.entry.number],
        );
    }
    if let Some(catch_up) = view.catch_up
        && catch_up.entry.number > subscribed.entry.number
    {
        return collector.failed(
            "`subscribed` after the history",
            "`subscribed` before `catch_up`",
            [
                request.number,
                subscribed.entry.number,
                catch_up.entry.number,
            ],
        );
    }
    // What anyone had seen before the request was history.
    let history = view
        .trace
        .highest_before(view.run, request.number)
        .map_or(0, |last| last.saturating_add(1));
    let announced = view.catch_up.and_then(|said| said.announced).unwrap_or(0);
    let came = before.len() as u64;
    if came < history.max(announced) {
        return collector.failed(
            format!(
                "{} before `subscribed`",
                describe::events(history.max(announced))
            ),
            format!("{} before `subscribed`", describe::events(came)),
            [request.number, subscribed.entry.number],
        );
    }
    if ended {
        return match came {
            0 => collector.inconclusive(nothing_yet(view)),
            _ => collector.passed(),
        };
    }
    let last = view.last();
    match view.missing() {
        Some(_) if view.is_over_http() => collector.inconclusive(view.unseen()),
        Some(missing) => collector.failed(
            "live events until the ending",
            missing.observed(),
            [request.number, last].into_iter().chain(missing.evidence()),
        ),
        None if came > 0 && !live.is_empty() => collector.passed(),
        None if view.ret.displaced.is_some() => collector.inconclusive(view.unseen()),
        None if came == 0 => collector.inconclusive(nothing_yet(view)),
        None => {
            let gone = describe::gone(view.connection, "a live event could come");
            collector.inconclusive(format!("{gone}: choose a longer workflow"));
        }
    }
}

/// What a return to a run was answered that named its session and its workflow.
struct Named<'t> {
    viewer: &'t str,
    request: Number,
    announced: Option<u64>,
    first: Option<u64>,
    ended: bool,
}

fn alone(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run, and whether it had ended.
    let mut named: HashMap<(&str, bool), Named<'_>> = HashMap::new();
    for view in views(trace).filter(|it| *it.position == Position::Null) {
        let names = (view.ret.session_id(), view.ret.workflow_id());
        if let ((Some(_), Some(_)), Some(is_over)) = (names, answered(&view)) {
            named.entry((view.run, is_over)).or_insert(Named {
                viewer: view.viewer(),
                request: view.ret.request.number,
                announced: view.replay.and_then(|said| said.announced),
                first: view.deliveries.first().and_then(Delivery::index),
                ended: view.ending().is_some(),
            });
        }
    }
    for view in views(trace).filter(|it| *it.position == Position::Null) {
        if view.names_only_the_run() {
            like(&view, &named, &mut collector);
        }
    }
    collector
        .check_verdict("no viewer returned to a run and named neither its session nor its workflow")
}

/// Whether the run had ended, where the return was answered as it should be.
fn answered(view: &ReturnView<'_, '_>) -> Option<bool> {
    match (view.precondition(), view.answer_control()?) {
        (Precondition::Finished(_), Control::Replay { .. }) => Some(true),
        (Precondition::UnderWay, Control::CatchUp { .. } | Control::Subscribed { .. }) => {
            Some(false)
        }
        _ => None,
    }
}

fn like(
    view: &ReturnView<'_, '_>,
    named: &HashMap<(&str, bool), Named<'_>>,
    collector: &mut Collector,
) {
    if view.trace.user_of(view.viewer()).is_some() {
        return collector.inconclusive("where users are kept apart, a server may ask for both");
    }
    if let Some(reason) = view.obstacle(&[
        Obstacle::Unauthenticated,
        Obstacle::Unrecorded,
        Obstacle::OtherReplica,
        Obstacle::OutOfMemory,
        Obstacle::Paused,
        Obstacle::Watching,
    ]) {
        return collector.inconclusive(reason);
    }
    let request = view.ret.request.number;
    let is_over = view.trace.ending_before(view.run, request).is_some();
    let Some(like) = named.get(&(view.run, is_over)) else {
        return collector
            .inconclusive("no viewer named session and workflow of the same run, to compare with");
    };
    let expected = format!("the same as {} got, who named both", like.viewer);
    let kind = answered(view).filter(|it| *it == is_over);
    if kind.is_none() {
        return match view.answer() {
            Some(entry) => collector.failed(
                expected,
                describe::entry(entry),
                [like.request, request, entry.number],
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    }
    let announced = view.replay.and_then(|said| said.announced);
    let first = view.deliveries.first();
    let is_other = like.first == Some(0) && first.is_some_and(|it| it.index() != like.first);
    if announced != like.announced || is_other {
        let entry = first.map(|it| it.entry).or(view.answer());
        let came = entry.map_or_else(|| "nothing".to_owned(), describe::entry);
        let numbers = [like.request, request].into_iter();
        return collector.failed(expected, came, numbers.chain(entry.map(|it| it.number)));
    }
    // Who named both may have got no ending, either.
    match view.missing().filter(|_| like.ended) {
        Some(missing) => collector.failed(
            expected,
            missing.observed(),
            [like.request, request]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None if view.ending().is_some() => collector.passed(),
        None => collector.inconclusive(view.unseen()),
    }
}
