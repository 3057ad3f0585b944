//! The events on the connection that started a run: the first, their order, and that there are none
//! where there is no such workflow.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::{ending, order, return_view};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Event, Index};
use crate::trace::{Delivery, Subscription, Trace};

/// Why the verdict is inconclusive where no run was started.
pub(crate) const NONE_STARTED: &str = "no viewer started a run";

/// The starts that a server should accept, each on a connection that needs no token or has authenticated.
pub(crate) fn accepted<'s, 't>(
    trace: &'s Trace<'t>,
    collector: &mut Collector,
) -> Vec<&'s Subscription<'t>> {
    let mut accepted = Vec::new();
    for start in trace.starts() {
        let viewer = trace.connection(start.connection).viewer;
        if doomed(start) {
            continue;
        } else if trace.connection(start.connection).barred().is_some() {
            collector.inconclusive(return_view::barred(viewer));
        } else if start.refusal().is_some() && start.deliveries.is_empty() {
            collector.inconclusive(format!(
                "the server refused to start {} for {viewer}: name one of its workflows with \
                 --workflow-id or a target file",
                start
                    .workflow_id()
                    .map_or_else(|| "a workflow".to_owned(), describe::quoted),
            ));
        } else {
            accepted.push(start);
        }
    }
    accepted
}

/// Whether only a refusal can answer the start.
pub(crate) fn doomed(start: &Subscription<'_>) -> bool {
    start.workflow_id().is_none_or(|id| id.starts_with(NO_SUCH))
}

pub(crate) fn first_event(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in accepted(trace, &mut collector) {
        let connection = trace.connection(start.connection);
        let Some(first) = first_of(trace, start) else {
            collector.inconclusive(format!(
                "{} got no event of the run that they started",
                connection.viewer
            ));
            continue;
        };
        let event: &Event = first.event();
        let fault = if &*event.name != "WorkflowStarted" || event.index != Index::At(0) {
            Some(describe::entry(first.entry))
        } else if event.run().is_none_or(|run| run.is_empty()) {
            Some("WorkflowStarted without a run id".to_owned())
        } else {
            None
        };
        match fault {
            None => collector.passed(),
            Some(observed) => collector.failed(
                "WorkflowStarted with index 0 and the run's id as the first event",
                observed,
                [start.request.number, first.entry.number],
            ),
        }
    }
    collector.check_verdict(NONE_STARTED)
}

/// The first event of a start; also one that names no run, where it can be of no other.
fn first_of<'t>(trace: &Trace<'t>, start: &Subscription<'t>) -> Option<Delivery<'t>> {
    let first = start.deliveries.first().copied();
    let connection = trace.connection(start.connection);
    if connection.requests() != 1 {
        return first;
    }
    let entry = connection
        .after(start.request.number)
        .iter()
        .copied()
        .find(|entry| {
            entry
                .message()
                .is_some_and(|message| message.event().is_some())
        })?;
    match entry.message()?.event()?.run() {
        Some(_) => first,
        None => Delivery::stray(entry, start.connection),
    }
}

pub(crate) fn ascending(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in accepted(trace, &mut collector) {
        let connection = trace.connection(start.connection);
        if let Some(slip) = order::slip(&start.deliveries, 0) {
            collector.failed(
                slip.expected(),
                slip.observed(),
                slip.evidence(start.request),
            );
            continue;
        }
        let ended = start.has_ended();
        match start.deliveries.last() {
            Some(_) if ended => collector.passed(),
            Some(last) => collector.inconclusive(ending::unseen(connection, last.entry.number)),
            None => {
                collector.inconclusive(format!(
                    "{} got no event of the run that they started",
                    connection.viewer
                ));
            }
        }
    }
    collector.check_verdict(NONE_STARTED)
}

pub(crate) fn refused(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in trace.starts().filter(|start| doomed(start)) {
        let connection = trace.connection(start.connection);
        if connection.barred().is_some() {
            collector.inconclusive(return_view::barred(connection.viewer));
            continue;
        }
        let request = start.request.number;
        const EXPECTED: &str = "`error`, and no run";
        let started = start.deliveries.first().map(|delivery| delivery.entry);
        match (start.refusal(), started) {
            (_, Some(event)) => collector.failed(
                EXPECTED,
                format!("a run that started anyway: {}", describe::entry(event)),
                [request, event.number],
            ),
            (Some(refusal), None) => {
                if connection.attended_after(refusal.number) {
                    collector.passed();
                } else {
                    collector.inconclusive(format!(
                        "{} was refused, but left too early to see whether a run starts",
                        connection.viewer
                    ));
                }
            }
            (None, None) => {
                let unanswered = connection.timeout_after(request).or(connection
                    .closed()
                    .filter(|it| it.number > request && connection.malformed().is_none()));
                match unanswered {
                    Some(entry) => {
                        collector.failed(EXPECTED, describe::entry(entry), [request, entry.number]);
                    }
                    None => collector.inconclusive(describe::unanswered(connection, request)),
                }
            }
        }
    }
    collector.check_verdict("no viewer asked for a workflow that does not exist")
}
