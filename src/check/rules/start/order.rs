//! The events on the connection that started a run: the first, their order, and that there are none
//! where there is no such workflow.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::broken_off::broken_off;
use crate::check::shared::{ending, order, return_view};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Component, Control, Ending, Event, Index};
use crate::trace::{Delivery, Subscription, Trace};
use crate::transcript::{BESIDE, Entry};

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
        if doomed(start) || viewer == BESIDE {
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
        let started = connection
            .component()
            .unwrap_or(Component::Workflow)
            .started();
        let Some(first) = first_of(trace, start) else {
            let asked = start.request.number;
            let broken_off = broken_off(trace, connection, asked, start.until);
            match broken_off.filter(|_| start.run.is_none()) {
                Some(broken_off) => collector.failed(
                    format!("{started}, or a refusal, in answer to a start"),
                    broken_off.observed(),
                    [asked].into_iter().chain(broken_off.evidence()),
                ),
                None => collector.inconclusive(format!(
                    "{} got no event of the run that they started",
                    connection.viewer
                )),
            }
            continue;
        };
        let event: &Event = first.event();
        if event.ending() == Some(Ending::Cancelled) && event.index == Index::At(0) {
            collector.inconclusive("the run was cancelled before it had begun");
            continue;
        }
        let fault = if &*event.name != started || event.index != Index::At(0) {
            Some(describe::entry(first.entry))
        } else if event.run().is_none_or(|run| run.is_empty()) {
            Some(format!("{started} without a run id"))
        } else {
            None
        };
        let again = start.deliveries.iter().skip(1).find(|it| {
            let event = it.event();
            // The same event twice is a matter of START-2.
            let is_another = it.index() != first.index();
            is_another && &*event.name == started && event.run_id.as_deref() == start.run
        });
        match fault {
            None => match again {
                None => collector.passed(),
                Some(again) => collector.failed(
                    format!("{started} once"),
                    format!("{} as well", describe::entry(again.entry)),
                    [start.request.number, first.entry.number, again.entry.number],
                ),
            },
            Some(observed) => collector.failed(
                format!("{started} with index 0 and the run's id as the first event"),
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

/// Whether it says that this run was accepted.
fn acknowledges(entry: &Entry, run: &str) -> bool {
    let control = entry.message().and_then(|message| message.control());
    matches!(control, Some(Control::Queued { run_id: Some(id) }) if &**id == run)
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
        let event = start.deliveries.first().map(|delivery| delivery.entry);
        let acknowledged = || {
            let run = start.run?;
            let mut entries = connection.entries.iter().copied();
            entries.find(|entry| entry.number > request && acknowledges(entry, run))
        };
        match (start.refusal(), event.or_else(acknowledged)) {
            (_, Some(entry)) => collector.failed(
                EXPECTED,
                format!("a run that started anyway: {}", describe::entry(entry)),
                [request, entry.number],
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
