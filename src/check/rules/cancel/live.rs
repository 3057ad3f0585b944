//! What those who watch a run are told when it is cancelled: CANCEL-1.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::cancel::cancelled::{Cancelled, cancels, ending};
use crate::check::rules::failing::{Hearing, hearings};
use crate::check::shared::ending as endings;
use crate::check::shared::return_view::nothing_live_over_http;
use crate::protocol::{Ending, Outcome};
use crate::trace::Trace;

const EXPECTED: &str = "WorkflowCancelled";

pub(crate) fn says_so(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (cancels, refused) = cancels(trace);
    for hearing in hearings(trace) {
        if let Some((cancelled, rest)) = ending(hearing.heard) {
            if let [next, others @ ..] = rest {
                collector.failed(
                    format!(
                        "nothing of the run after {}",
                        describe::entry(cancelled.entry)
                    ),
                    format!(
                        "{}{}",
                        describe::entry(next.entry),
                        describe::more(others.len())
                    ),
                    [hearing.request, cancelled.entry.number, next.entry.number],
                );
            } else if hearing.connection.silence_after(hearing.last).is_some() {
                collector.passed();
            } else {
                collector.inconclusive(format!(
                    "{} left too early to see whether more events come",
                    hearing.connection.viewer
                ));
            }
            continue;
        }
        if let Some(cancel) = cancels.get(hearing.run) {
            otherwise(trace, &hearing, cancel, &mut collector);
        }
    }
    let reason = refused.unwrap_or_else(|| "no viewer watched a run that was cancelled".to_owned());
    collector.check_verdict(&reason)
}

/// A viewer who was not told that the run was cancelled.
fn otherwise<'t>(
    trace: &Trace<'t>,
    hearing: &Hearing<'_, 't>,
    cancel: &Cancelled<'t>,
    collector: &mut Collector,
) {
    if trace.http_start_of(hearing.run).is_some()
        && !hearing.heard.iter().any(|it| it.phase.is_live())
    {
        return collector.inconclusive(nothing_live_over_http(hearing.connection.viewer));
    }
    let request = cancel.request.number;
    let ended = hearing
        .heard
        .iter()
        .find_map(|it| Some((it, it.event().final_ending()?)));
    let proof = cancel.proof(trace);
    match (ended, proof) {
        (Some((it, Ending::Completed)), Some(proof)) => collector.failed(
            EXPECTED,
            describe::entry(it.entry),
            [hearing.request, request, proof.number, it.entry.number],
        ),
        (Some((it, _)), _) => collector.inconclusive(format!(
            "the run ended before it could be cancelled: {}",
            describe::entry(it.entry)
        )),
        (None, _) => {
            let (connection, last) = (hearing.connection, hearing.last);
            let missing = endings::missing(trace, connection, hearing.run, last, hearing.until)
                .filter(|it| it.outcome() == Some(Outcome::Cancelled) || proof.is_some());
            if let Some(missing) = missing {
                let shown = [request, last].into_iter().chain(missing.evidence());
                return collector.failed(EXPECTED, missing.observed(), shown);
            }
            let silence = connection.timeout_after(last.max(cancel.answer.number));
            match silence.and_then(|it| Some((it, endings::still_running(trace, hearing.run, it)?)))
            {
                Some((silence, answer)) => collector.failed(
                    format!(
                        "{EXPECTED} (a server that stops slowly needs a longer --step-timeout)"
                    ),
                    format!(
                        "{}; after that the run was still shown as running: {}",
                        describe::entry(silence),
                        describe::entry(answer)
                    ),
                    [request, last, silence.number, answer.number],
                ),
                None => collector.inconclusive(endings::unseen(connection, last)),
            }
        }
    }
}
