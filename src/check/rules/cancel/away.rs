//! What a viewer is told who comes back to a run that was cancelled meanwhile: CANCEL-2.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::cancel::cancelled::{Cancelled, cancels, ending};
use crate::check::shared::ending::still_running;
use crate::check::shared::precondition::SETTLED;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, is_error, unanswered, views,
};
use crate::protocol::{Ending, Outcome, Position};
use crate::trace::{Earlier, Trace};

const EXPECTED: &str = "`replay` with a status that says cancelled";

pub(crate) fn replayed(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (cancels, refused) = cancels(trace);
    for view in views(trace) {
        let request = view.ret.request.number;
        let cancel = cancels.get(view.run);
        let cancel = cancel.filter(|it| it.answer.number < request);
        let Some(cancel) = cancel else { continue };
        if view.is_barred(&mut collector) {
            continue;
        }
        if view.earlier == Earlier::Nothing
            && !view.belongs_to_another()
            && !matches!(view.position, Position::Odd(_))
        {
            look(&view, cancel, &mut collector);
        }
    }
    let reason = refused.unwrap_or_else(|| {
        "no viewer returned to a run that had been cancelled in the meantime".to_owned()
    });
    collector.check_verdict(&reason)
}

fn look<'t>(view: &ReturnView<'_, 't>, cancel: &Cancelled<'t>, collector: &mut Collector) {
    let trace = view.trace;
    let evidence = [cancel.request.number, view.ret.request.number];
    if view.answer().is_none_or(is_error) {
        return match answer_or_silence(view) {
            Some((observed, shown)) => {
                collector.failed(EXPECTED, observed, evidence.into_iter().chain(shown));
            }
            None => collector.inconclusive(unanswered(view)),
        };
    }
    if let Some(replay) = view.replay {
        return whole(view, cancel, replay.status, collector);
    }
    // Shown as a run under way.
    let request = view.ret.request;
    let known = trace
        .run(view.run)
        .and_then(|told| told.cancelled)
        .filter(|it| it.number < request.number);
    let shown = view.answer().unwrap_or(request);
    if let Some(known) = known.filter(|it| request.at().saturating_sub(it.at()) >= SETTLED) {
        return collector.failed(
            format!(
                "{EXPECTED}, because {} had been sent",
                describe::entry(known)
            ),
            describe::entry(shown),
            evidence.into_iter().chain([known.number, shown.number]),
        );
    }
    if view.ending().is_some() || known.is_some() {
        return collector.inconclusive(format!(
            "the run was just being cancelled when {} returned: raise --away",
            view.viewer()
        ));
    }
    let silence = view.timed_out();
    match silence.and_then(|it| Some((it, still_running(trace, view.run, it)?))) {
        Some((silence, answer)) => collector.failed(
            format!("{EXPECTED} (a server that stops slowly needs a longer --step-timeout)"),
            format!(
                "{}, then {}; after that the run was still shown as running: {}",
                describe::entry(shown),
                describe::entry(silence),
                describe::entry(answer)
            ),
            evidence
                .into_iter()
                .chain([shown.number, silence.number, answer.number]),
        ),
        None => collector.inconclusive(format!(
            "the run was still under way when {} returned: raise --away",
            view.viewer()
        )),
    }
}

/// Judges a replay: its status, and how its events end.
fn whole<'t>(
    view: &ReturnView<'_, 't>,
    cancel: &Cancelled<'t>,
    status: Option<&str>,
    collector: &mut Collector,
) {
    let replay = view.replay.map_or(0, |said| said.entry.number);
    let evidence = [cancel.request.number, view.ret.request.number, replay];
    let events = view.after(replay);
    let ended = ending(events);
    if status.and_then(Outcome::of) != Some(Outcome::Cancelled) {
        return match cancel.proof(view.trace) {
            Some(proof) => collector.failed(
                EXPECTED,
                format!("the status {}", describe::field(status)),
                evidence.into_iter().chain([proof.number]),
            ),
            None => collector.inconclusive(format!(
                "the run ended before it could be cancelled: the status is {}",
                describe::field(status)
            )),
        };
    }
    if let Some((cancelled, [next, others @ ..])) = ended {
        return collector.failed(
            format!("nothing after {}", describe::entry(cancelled.entry)),
            format!(
                "{}{}",
                describe::entry(next.entry),
                describe::more(others.len())
            ),
            evidence
                .into_iter()
                .chain([cancelled.entry.number, next.entry.number]),
        );
    }
    let announced = view.replay.and_then(|said| said.announced);
    let all = announced.is_some_and(|total| total <= events.len() as u64)
        || view.silence().is_some()
        || view.connection.closed().is_some();
    // Over HTTP a replay has only what comes after the position, which may be the ending's own index, or a later one.
    let cancelled = view.trace.run(view.run).and_then(|run| run.cancelled);
    let index = cancelled.and_then(|entry| entry.message()?.event()?.index.at());
    let has_ending = view.connection.is_over_http() && index.is_some_and(|it| it < view.next);
    match (ended, events.last()) {
        _ if all && has_ending => collector.passed(),
        (Some(_), _) if all => collector.passed(),
        (None, Some(last)) if all => {
            let other = events.iter().find(|it| {
                matches!(
                    it.event().final_ending(),
                    Some(Ending::Completed | Ending::Failed)
                )
            });
            let shown = other.unwrap_or(last).entry;
            collector.failed(
                "WorkflowCancelled as the ending of the replay",
                describe::entry(shown),
                evidence.into_iter().chain([shown.number]),
            );
        }
        _ => collector.inconclusive(describe::gone(view.connection, "the replay was over")),
    }
}
