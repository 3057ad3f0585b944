//! HISTORY: a viewer returns without a position to a run that is under way.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::order;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, finished, unanswered, views,
};
use crate::protocol::{Control, Position};
use crate::trace::Trace;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "HISTORY-1",
        level: Level::Must,
        sentence: "A viewer who returns to a run under way without a position (`null`) gets the whole history from event 0, then `subscribed`, then live events.",
        why: "Another tab, another device or a reloaded page has no position, and still needs the whole run.",
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
        sentence: "A request to return that leaves out the position is treated like one with the position `null`.",
        why: "Many client libraries drop fields that are null.",
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
    collector.check_verdict(otherwise)
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
            None => collector.inconclusive(format!(
                "the run ended, or {} left, before `subscribed` was due",
                view.viewer()
            )),
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
    if came > 0 && ended {
        return collector.passed();
    }
    let last = view.last();
    match view.missing() {
        Some(missing) => collector.failed(
            "live events until the ending",
            missing.observed(),
            [request.number, last].into_iter().chain(missing.evidence()),
        ),
        None if came > 0 && !live.is_empty() => collector.passed(),
        None if view.ret.displaced.is_some() => collector.inconclusive(view.unseen()),
        None if came == 0 => collector.inconclusive(format!(
            "nothing had happened yet when {} returned: raise --away",
            view.viewer()
        )),
        None => collector.inconclusive(format!(
            "{} left before a live event could come: choose a longer workflow",
            view.viewer()
        )),
    }
}
