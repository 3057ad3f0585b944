//! The events on the connection that started a run: the first, their order, and that there are none
//! where there is no such workflow.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::shared::{ending, order, return_view};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Event, Index};
use crate::trace::{Delivery, Start, Story};
use crate::transcript::What;

/// Why nothing can be told where no run was started.
pub(crate) const NONE_STARTED: &str = "no viewer started a run";

/// The starts that a server should accept, each on a visit that was let in.
pub(crate) fn accepted<'s, 't>(story: &'s Story<'t>, ledger: &mut Ledger) -> Vec<&'s Start<'t>> {
    let mut accepted = Vec::new();
    for start in &story.starts {
        let viewer = story.visit(start.visit).viewer;
        if doomed(start) {
            continue;
        } else if story.visit(start.visit).barred().is_some() {
            ledger.untold(return_view::barred(viewer));
        } else if start.refusal.is_some() && start.heard.is_empty() {
            ledger.untold(format!(
                "the server refused to start {} for {viewer}: name one of its workflows with \
                 --workflow-id or a target file",
                start
                    .workflow_id
                    .map_or_else(|| "a workflow".to_owned(), describe::quoted),
            ));
        } else {
            accepted.push(start);
        }
    }
    accepted
}

/// Whether only a refusal can answer the start.
pub(crate) fn doomed(start: &Start<'_>) -> bool {
    start.workflow_id.is_none_or(|id| id.starts_with(NO_SUCH))
}

pub(crate) fn first_event(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for start in accepted(story, &mut ledger) {
        let visit = story.visit(start.visit);
        let Some(first) = first_of(story, start) else {
            ledger.untold(format!(
                "no event of the run that {} started came",
                visit.viewer
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
            None => ledger.holds(),
            Some(observed) => ledger.broken(
                "WorkflowStarted with index 0 and the run's id as the first event",
                observed,
                [start.request.number, first.entry.number],
            ),
        }
    }
    ledger.judgement(NONE_STARTED)
}

/// The first event of a start; also one that names no run, where it can be of no other.
fn first_of<'t>(story: &Story<'t>, start: &Start<'t>) -> Option<Delivery<'t>> {
    let first = start.heard.first().copied();
    let visit = story.visit(start.visit);
    let mut requests = visit.entries.iter().filter(|entry| {
        use crate::protocol::Action::{Reconnect, Start};
        matches!(entry.action(), Some(Start { .. } | Reconnect { .. }))
    });
    let alone = requests.next().is_some() && requests.next().is_none();
    if !alone {
        return first;
    }
    let entry = visit
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
        None => Delivery::stray(entry, start.visit),
    }
}

pub(crate) fn ascending(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for start in accepted(story, &mut ledger) {
        let visit = story.visit(start.visit);
        if let Some(slip) = order::slip(&start.heard, 0) {
            ledger.broken(
                slip.expected(),
                slip.observed(),
                slip.evidence(start.request),
            );
            continue;
        }
        let ended = start
            .heard
            .iter()
            .any(|delivery| delivery.event().final_ending().is_some());
        match start.heard.last() {
            Some(_) if ended => ledger.holds(),
            Some(last) => ledger.untold(ending::unseen(visit, last.entry.number)),
            None => {
                ledger.untold(format!(
                    "no event of the run that {} started came",
                    visit.viewer
                ));
            }
        }
    }
    ledger.judgement(NONE_STARTED)
}

pub(crate) fn refused(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for start in story.starts.iter().filter(|start| doomed(start)) {
        let visit = story.visit(start.visit);
        if visit.barred().is_some() {
            ledger.untold(return_view::barred(visit.viewer));
            continue;
        }
        let request = start.request.number;
        const EXPECTED: &str = "`error`, and no run";
        let started = start.heard.first().map(|delivery| delivery.entry);
        match (start.refusal, started) {
            (_, Some(event)) => ledger.broken(
                EXPECTED,
                format!("a run all the same: {}", describe::entry(event)),
                [request, event.number],
            ),
            (Some(refusal), None) => {
                if watched_on(visit, refusal.number) {
                    ledger.holds();
                } else {
                    ledger.untold(format!(
                        "{} was refused, but did not stay to see that no run starts",
                        visit.viewer
                    ));
                }
            }
            (None, None) => {
                let vain = visit.gave_up_after(request).or(visit
                    .closed()
                    .filter(|it| it.number > request && visit.malformed().is_none()));
                match vain {
                    Some(entry) => {
                        ledger.broken(EXPECTED, describe::entry(entry), [request, entry.number]);
                    }
                    None => ledger.untold(describe::unanswered(visit, request)),
                }
            }
        }
    }
    ledger.judgement("no viewer asked for a workflow that does not exist")
}

/// Whether the viewer watched on after this entry: on purpose, or until something came of a later
/// request.
fn watched_on(visit: &crate::trace::Visit<'_>, number: u32) -> bool {
    let mut asked = false;
    visit.after(number).iter().any(|entry| match entry.what {
        What::Watched(_) => true,
        What::Sent { .. } => {
            asked = true;
            false
        }
        What::Received { .. } => asked,
        _ => false,
    })
}
