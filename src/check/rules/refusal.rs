//! REFUSAL: what can't be done is refused, and the connection goes on.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::reply::{Reply, reply};
use crate::check::shared::return_view;
use crate::protocol::action::NO_SUCH;
use crate::trace::{Origin, Subscription, Trace};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "REFUSAL-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Returning to an unknown run is refused with `error`.",
        why: "A viewer with a stale link must be told, or they wait for ever.",
        harm: "A viewer with a stale link is not told that there is no such run.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", \"last_event_index\": 3}
← {\"event\": \"error\", \"error\": \"Run no-such-run not found in buffer or database\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", \"last_event_index\": 3}
← {\"event\": \"subscribed\", \"run_id\": \"no-such-run\", …}   there is no such run",
        check: check!(unknown_run),
    },
    Requirement {
        id: "REFUSAL-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Returning without a run id is refused with `error`.",
        why: "A bug in a front end then shows at once, instead of as a page that stays empty.",
        harm: "A viewer whose program names no run is not told so.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"reconnect\", \"last_event_index\": 3}
← {\"event\": \"error\", \"error\": \"run_id is required for reconnection\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"last_event_index\": 3}
(silence)",
        check: check!(no_run_id),
    },
    Requirement {
        id: "REFUSAL-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "After a refusal the connection still works.",
        why: "One stale link must not cost a viewer everything else that they watch on the connection.",
        harm: "A viewer may be unable to use the connection after a refusal.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", …}
← {\"event\": \"error\", …}
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"no-such-run\", …}
← {\"event\": \"error\", …}
(the server closes the connection)",
        check: check!(goes_on),
    },
];

fn unknown_run(trace: &Trace<'_>) -> CheckVerdict {
    refused(
        trace,
        |ret| ret.run.is_some_and(|run| run.starts_with(NO_SUCH)),
        "no viewer returned to a run that does not exist",
    )
}

fn no_run_id(trace: &Trace<'_>) -> CheckVerdict {
    refused(
        trace,
        |ret| ret.run.is_none(),
        "no viewer returned without a run id",
    )
}

fn refused(
    trace: &Trace<'_>,
    wanted: impl Fn(&Subscription<'_>) -> bool,
    otherwise: &str,
) -> CheckVerdict {
    let mut collector = Collector::default();
    for ret in trace.returns().filter(|ret| wanted(ret)) {
        let connection = trace.connection(ret.connection);
        if connection.barred().is_some() {
            collector.inconclusive(return_view::barred(connection.viewer));
            continue;
        }
        let number = ret.request.number;
        if ret.answer().is_some_and(return_view::is_error) {
            collector.passed();
            continue;
        }
        let closed = connection
            .closed()
            .filter(|closed| closed.number > number && connection.malformed().is_none());
        match ret.answer().or(connection.timeout_after(number)).or(closed) {
            Some(entry) => {
                collector.failed("`error`", describe::entry(entry), [number, entry.number])
            }
            None => collector.inconclusive(describe::unanswered(connection, number)),
        }
    }
    collector.check_verdict(otherwise)
}

fn goes_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for it in &trace.subscriptions {
        let Some(refusal) = it.refusal().filter(|_| it.origin != Origin::Continued) else {
            continue;
        };
        let place = it.connection;
        let connection = trace.connection(place);
        if connection.is_over_http() {
            continue;
        }
        if connection.barred().is_some() {
            collector.inconclusive(return_view::barred(connection.viewer));
            continue;
        }
        let request = connection.sent_after(refusal.number);
        let end = match request {
            Some(request) => match reply(trace, place, request) {
                Reply::Answered => {
                    collector.passed();
                    continue;
                }
                Reply::TimedOut(entry) => Some(entry),
                Reply::Unknown => None,
            },
            None => connection.closed().filter(|closed| {
                closed.number > refusal.number && connection.malformed().is_none()
            }),
        };
        match end {
            Some(entry) => collector.failed(
                "a connection that still works after `error`",
                describe::entry(entry),
                request
                    .into_iter()
                    .map(|request| request.number)
                    .chain([refusal.number, entry.number]),
            ),
            None => collector.inconclusive(format!(
                "{} sent no request after the refusal",
                connection.viewer
            )),
        }
    }
    collector.check_verdict("no request was refused")
}
