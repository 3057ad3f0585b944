//! HTTP: runs that were started over HTTP.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::http_requests::http_requests;
use crate::check::shared::order;
use crate::check::shared::precondition::Obstacle;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, finished, is_error, left_unsubscribed, unanswered, views,
};
use crate::protocol::{Control, RunRequest, route};
use crate::trace::{Delivery, Earlier, Trace};
use crate::transcript::Number;

pub(crate) const REQUIREMENTS: &[Requirement] = &[Requirement {
    id: "HTTP-1",
    level: Level::Should,
    since: "0.1.0",
    sentence: "A viewer can return over the WebSocket to a run that was started over HTTP, and gets its live events.",
    why: "A script or another service starts a run, and people still want to watch it.",
    harm: "A viewer may not see all of a run that was started over HTTP.",
    source: "users of any resumable stream",
    good: "\
(POST /workflows/w/runs with background=true starts the run r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 20, …}
← events 0 to 19
← {\"event\": \"subscribed\", …}
← event 20                                         live",
    bad: "\
(POST /workflows/w/runs with background=true starts the run r)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 20, …}
← events 0 to 19
← {\"event\": \"subscribed\", …}
(the run completes, and nothing comes)",
    check: check!(watched),
}];

fn watched(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut returns: HashMap<&str, Vec<ReturnView<'_, '_>>> = HashMap::new();
    for view in views(trace) {
        returns.entry(view.run).or_default().push(view);
    }
    for start in http_requests(trace) {
        if start.route.request != RunRequest::Start {
            continue;
        }
        let Some(run) = route::run_of_answer(start.text).filter(|_| start.done()) else {
            collector.inconclusive(format!(
                "no run was started over HTTP: {}",
                describe::answered(start.status, start.text)
            ));
            continue;
        };
        for view in returns.get(&*run).into_iter().flatten() {
            let returned = view.ret.request.number > start.answer.number;
            if returned && view.earlier == Earlier::Nothing {
                look(view, start.answer.number, &mut collector);
            }
        }
        collector.inconclusive("no viewer returned to the run that was started over HTTP");
    }
    collector.check_verdict("no run was started over HTTP")
}

fn look(view: &ReturnView<'_, '_>, started: Number, collector: &mut Collector) {
    if let Some(reason) = view.obstacle(&[
        Obstacle::Unauthenticated,
        Obstacle::InvalidPosition,
        Obstacle::AnothersRun,
        Obstacle::OtherReplica,
        Obstacle::OutOfMemory,
    ]) {
        return collector.inconclusive(reason);
    }
    let request = view.ret.request.number;
    if view.answer().is_some_and(is_error) && view.is_beyond() {
        return collector.inconclusive(format!(
            "{} returned with a position that no viewer had seen",
            view.viewer()
        ));
    }
    if view.answer().is_none_or(is_error) {
        return match answer_or_silence(view) {
            Some((observed, evidence)) => collector.failed(
                "the run that was started over HTTP",
                observed,
                evidence.into_iter().chain([started]),
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    }
    if let Some(Control::Replay { .. }) = view.answer_control() {
        return collector.inconclusive(finished(view.viewer()));
    }
    let Some(subscribed) = view.subscribed.first() else {
        return collector.inconclusive(left_unsubscribed(view));
    };
    let (before, live) = view.around_subscribed();
    let last = before.iter().filter_map(Delivery::index).max();
    // That the history is whole is a matter of HISTORY-1.
    let first = live.first().and_then(Delivery::index);
    let next = last.map_or(first.unwrap_or(view.next), |last| last.saturating_add(1));
    if let Some(slip) = order::slip(live, next) {
        return collector.failed(
            format!("{} live", slip.expected()),
            slip.observed(),
            slip.evidence(view.ret.request)
                .chain([started, subscribed.entry.number]),
        );
    }
    if view.ending().is_some() {
        return match live.is_empty() {
            true => collector.inconclusive(finished(view.viewer())),
            false => collector.passed(),
        };
    }
    match view.missing() {
        Some(missing) => collector.failed(
            "live events until the ending, because the run went on",
            missing.observed(),
            [started, request, subscribed.entry.number]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None => collector.inconclusive(view.unseen()),
    }
}
