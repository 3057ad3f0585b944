//! A run that is cancelled while it waits for a person: CANCEL-3.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::cancel::cancelled::{Cancelled, cancels, ending};
use crate::check::shared::ending as endings;
use crate::check::shared::pauses::{Witness, witnesses};
use crate::check::shared::return_view::{ReturnView, is_error, unanswered, views};
use crate::protocol::{Outcome, Position};
use crate::trace::{Earlier, Subscription, Trace};

/// After this time a run that waited for a person counts as cancelled: no step has to come to its end.
const SETTLED: Duration = Duration::from_millis(250);

/// Which parts of the sentence were seen to be kept.
#[derive(Default)]
struct Parts {
    /// Whether somebody who saw the pause could stay: over HTTP the stream ends with it.
    can_stay: bool,
    told: bool,
    replayed: bool,
    refused: bool,
}

pub(crate) fn no_longer_waits(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (cancels, refused) = cancels(trace);
    let paused: HashMap<&str, &Cancelled<'_>> = cancels
        .iter()
        .map(|(run, cancel)| (run.as_str(), cancel))
        .filter(|(run, cancel)| trace.is_paused(run, cancel.request.number))
        .collect();
    let mut parts: BTreeMap<&str, Parts> = BTreeMap::new();
    for run in paused.keys() {
        parts.entry(run).or_default();
    }
    for witness in witnesses(trace) {
        if let Some(cancel) = paused.get(witness.run)
            && let Some(parts) = parts.get_mut(witness.run)
        {
            parts.can_stay |= !witness.connection.is_over_http();
            if witness.is_there_at(cancel.answer.number) {
                parts.told |= is_told(trace, &witness, cancel, &mut collector);
            }
        }
    }
    for view in views(trace) {
        if let Some(cancel) = paused.get(view.run)
            && let Some(parts) = parts.get_mut(view.run)
            && is_concerned(&view, cancel)
        {
            parts.replayed |= is_replayed(&view, cancel, &mut collector);
        }
    }
    for it in trace.continuations() {
        if let Some((run, cancel)) = it.run.and_then(|run| paused.get_key_value(run))
            && it.request.number > cancel.answer.number
            && let Some(parts) = parts.get_mut(run)
        {
            parts.refused |= is_refused(trace, it, cancel, &mut collector);
        }
    }
    for parts in parts.values() {
        match parts {
            Parts {
                told: false,
                can_stay,
                ..
            } if *can_stay || !trace.is_over_http() => {
                collector.inconclusive("nobody who had seen the run pause stayed to be told");
            }
            Parts {
                replayed: false, ..
            } => collector.inconclusive("nobody returned to the run after it was cancelled"),
            Parts { refused: false, .. } => {
                collector.inconclusive("nobody tried to let the run go on after it was cancelled");
            }
            _ => collector.passed(),
        }
    }
    let reason =
        refused.unwrap_or_else(|| "no run was cancelled while it waited for a person".to_owned());
    collector.check_verdict(&reason)
}

/// Whether somebody who saw the run pause was told that it was cancelled; notes where they were not.
fn is_told(
    trace: &Trace<'_>,
    witness: &Witness<'_, '_>,
    cancel: &Cancelled<'_>,
    collector: &mut Collector,
) -> bool {
    let expected = format!("WorkflowCancelled for {}", witness.connection.viewer);
    let shown = [witness.pause.number, cancel.request.number];
    if ending(witness.after).is_some() {
        return true;
    }
    let other = witness.after.iter().find(|it| it.is_final());
    if let Some(other) = other {
        let observed = describe::entry(other.entry);
        collector.failed(
            expected,
            observed,
            shown.into_iter().chain([other.entry.number]),
        );
        return false;
    }
    let (last, until) = (witness.last(), witness.watching.until);
    let missing =
        endings::missing_after_a_pause(trace, witness.connection, witness.run, last, until);
    match missing.filter(|it| it.outcome() == Some(Outcome::Cancelled)) {
        Some(missing) => collector.failed(
            expected,
            missing.observed(),
            shown.into_iter().chain(missing.evidence()),
        ),
        None => collector.inconclusive(endings::unseen(witness.connection, last)),
    }
    false
}

/// Whether a return shows something about the cancelled run.
fn is_concerned(view: &ReturnView<'_, '_>, cancel: &Cancelled<'_>) -> bool {
    let request = view.ret.request;
    request.number > cancel.answer.number
        && view.earlier == Earlier::Nothing
        && view.connection.barred().is_none()
        && !view.belongs_to_another()
        && !matches!(view.position, Position::Odd(_))
}

/// Whether the run was replayed as cancelled; notes where it was not.
fn is_replayed(
    view: &ReturnView<'_, '_>,
    cancel: &Cancelled<'_>,
    collector: &mut Collector,
) -> bool {
    let status = view.replay_first().and_then(|said| said.status);
    if status.and_then(Outcome::of) == Some(Outcome::Cancelled) {
        return true;
    }
    let request = view.ret.request;
    match view.outcome() {
        Some(_) if request.at().saturating_sub(cancel.answer.at()) < SETTLED => {
            collector.inconclusive(format!(
                "the run was just being cancelled when {} returned: raise --away",
                view.viewer()
            ));
        }
        Some(came) => collector.failed(
            "`replay` with a status that says cancelled",
            describe::entry(came),
            [cancel.request.number, request.number, came.number],
        ),
        None => collector.inconclusive(unanswered(view)),
    }
    false
}

/// Whether somebody who let the run go on was refused; notes where they were not.
fn is_refused(
    trace: &Trace<'_>,
    it: &Subscription<'_>,
    cancel: &Cancelled<'_>,
    collector: &mut Collector,
) -> bool {
    let connection = trace.connection(it.connection);
    let request = it.request.number;
    let answer = it.answer();
    if answer.is_some_and(is_error) {
        return true;
    }
    // A stream that ends without a word refuses nothing.
    match answer
        .or(connection.timeout_after(request))
        .or(connection.stream_ended())
    {
        Some(came) => collector.failed(
            "`error`, because the run was cancelled",
            describe::entry(came),
            [cancel.request.number, request, came.number],
        ),
        None => collector.inconclusive(describe::unanswered(connection, request)),
    }
    false
}
