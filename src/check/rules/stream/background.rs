//! A run goes on without those who left its streams: STREAM-4.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::stream::streams::NO_STREAM;
use crate::check::shared::ending::Missing;
use crate::check::shared::http_requests::to_be_cancelled;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{ReturnView, is_error, views};
use crate::protocol::{Ending, Outcome};
use crate::trace::{Origin, Trace};
use crate::transcript::Entry;

const EXPECTED: &str = "a run that goes on without the viewer who left";

/// By run: the first time that a viewer left a stream of it before its ending.
type Left<'t> = HashMap<&'t str, &'t Entry>;

pub(crate) fn goes_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let cancelled = to_be_cancelled(trace);
    let mut left: Left<'_> = HashMap::new();
    let mut any = false;
    for it in &trace.subscriptions {
        let connection = trace.connection(it.connection);
        // What becomes of a run that is continued is a matter of CONTINUE-2.
        if !connection.is_over_http() || it.origin == Origin::Continued {
            continue;
        }
        any = true;
        if let (Some(run), Some(leaving)) = (it.run, connection.left())
            && !it.has_ended()
            && !cancelled.contains(run)
            && trace.ending_before(run, leaving.number).is_none()
        {
            left.entry(run).or_insert(leaving);
        }
    }
    if !any {
        return collector.check_verdict(NO_STREAM);
    }
    for view in views(trace) {
        let precondition = view.precondition();
        if matches!(precondition, Precondition::NoRun | Precondition::Unclear(_)) {
            continue;
        }
        let request = view.ret.request.number;
        if let Some(leaving) = left.get(view.run).filter(|it| it.number < request) {
            look(&view, leaving, &mut collector);
        }
    }
    let nobody = match left.is_empty() {
        true => "no viewer left the stream of a run under way",
        false => "nobody returned to the run after a viewer had left its stream",
    };
    collector.check_verdict(nobody)
}

fn look(view: &ReturnView<'_, '_>, leaving: &Entry, collector: &mut Collector) {
    let evidence = [leaving.number, view.ret.request.number];
    let refused = view
        .answer()
        .filter(|answer| is_error(answer) && !view.is_beyond());
    let outcome = |status: &str| Outcome::of(status) == Some(Outcome::Cancelled);
    let cancelled = view.replay.filter(|said| said.status.is_some_and(outcome));
    let cancelled = cancelled.map(|said| said.entry);
    let ending = view.ending();
    let stopped = ending.filter(|(_, ending)| *ending == Ending::Cancelled);
    let stopped = stopped.map(|(delivery, _)| delivery.entry);
    if let Some(entry) = refused.or(cancelled).or(stopped) {
        return collector.failed(
            EXPECTED,
            describe::entry(entry),
            evidence.into_iter().chain([entry.number]),
        );
    }
    if ending.is_some() {
        return collector.passed();
    }
    match view.missing() {
        Some(missing @ Missing::Dead { .. }) => collector.failed(
            EXPECTED,
            missing.observed(),
            evidence.into_iter().chain(missing.evidence()),
        ),
        _ => collector.inconclusive(view.unseen()),
    }
}
