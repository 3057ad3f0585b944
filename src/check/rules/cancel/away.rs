//! What a viewer is told who comes back to a run that was cancelled meanwhile: CANCEL-2.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::cancel::{Cancelled, cancels, ending};
use crate::check::shared::ending::still_running;
use crate::check::shared::precondition::SETTLED;
use crate::check::shared::return_view::{
    Reading, answer_or_silence, barred, is_error, readings, unanswered,
};
use crate::protocol::{Ending, Outcome, Position};
use crate::trace::{Earlier, Story};

const EXPECTED: &str = "`replay` with a status that says cancelled";

pub(crate) fn replayed(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let (cancels, refused) = cancels(story);
    for (reading, _) in readings(story) {
        let request = reading.ret.request.number;
        let cancel = cancels
            .iter()
            .find(|it| it.run == reading.run && it.answer.number < request);
        let Some(cancel) = cancel else { continue };
        if reading.visit.barred().is_some() {
            ledger.untold(barred(reading.viewer()));
        } else if reading.ret.earlier == Earlier::Nothing
            && !reading.belongs_to_another()
            && !matches!(reading.ret.position, Position::Odd(_))
        {
            look(&reading, cancel, &mut ledger);
        }
    }
    let reason = refused
        .unwrap_or_else(|| "no viewer came back to a run that was cancelled meanwhile".to_owned());
    ledger.judgement(&reason)
}

fn look<'t>(reading: &Reading<'_, 't>, cancel: &Cancelled<'t>, ledger: &mut Ledger) {
    let story = reading.story;
    let evidence = [cancel.request.number, reading.ret.request.number];
    if reading.answer().is_none_or(is_error) {
        return match answer_or_silence(reading) {
            Some((observed, shown)) => {
                ledger.broken(EXPECTED, observed, evidence.into_iter().chain(shown));
            }
            None => ledger.untold(unanswered(reading)),
        };
    }
    if let Some(replay) = reading.replay {
        return whole(reading, cancel, replay.status, ledger);
    }
    // Shown as a run under way.
    let request = reading.ret.request;
    let known = story
        .run(reading.run)
        .and_then(|told| told.cancelled)
        .filter(|it| it.number < request.number);
    let shown = reading.answer().unwrap_or(request);
    if let Some(known) = known.filter(|it| request.at().saturating_sub(it.at()) >= SETTLED) {
        return ledger.broken(
            format!("{EXPECTED}: {} had come", describe::entry(known)),
            describe::entry(shown),
            evidence.into_iter().chain([known.number, shown.number]),
        );
    }
    if reading.ending().is_some() || known.is_some() {
        return ledger.untold(format!(
            "the run was just being cancelled when {} returned: raise --away",
            reading.viewer()
        ));
    }
    let silence = reading.gave_up();
    match silence.and_then(|it| Some((it, still_running(story, reading.run, it)?))) {
        Some((silence, answer)) => ledger.broken(
            format!("{EXPECTED} (a server that stops slowly wants a longer --step-timeout)"),
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
        None => ledger.untold(format!(
            "the run was still under way when {} returned: raise --away",
            reading.viewer()
        )),
    }
}

/// Judges a replay: its status, and how its events end.
fn whole<'t>(
    reading: &Reading<'_, 't>,
    cancel: &Cancelled<'t>,
    status: Option<&str>,
    ledger: &mut Ledger,
) {
    let replay = reading.replay.map_or(0, |said| said.entry.number);
    let evidence = [cancel.request.number, reading.ret.request.number, replay];
    let events = reading.after(replay);
    let ended = ending(events);
    if status.and_then(Outcome::of) != Some(Outcome::Cancelled) {
        return match cancel.proof(reading.story) {
            Some(proof) => ledger.broken(
                EXPECTED,
                format!("the status {}", describe::field(status)),
                evidence.into_iter().chain([proof.number]),
            ),
            None => ledger.untold(format!(
                "the run ended before it could be cancelled: the status is {}",
                describe::field(status)
            )),
        };
    }
    if let Some((cancelled, [next, others @ ..])) = ended {
        return ledger.broken(
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
    let announced = reading.replay.and_then(|said| said.announced);
    let all = announced.is_some_and(|total| total <= events.len() as u64)
        || reading.silence().is_some()
        || reading.visit.closed().is_some();
    match (ended, events.last()) {
        (Some(_), _) if all => ledger.holds(),
        (None, Some(last)) if all => {
            let other = events.iter().find(|it| {
                matches!(
                    it.event().final_ending(),
                    Some(Ending::Completed | Ending::Failed)
                )
            });
            let shown = other.unwrap_or(last).entry;
            ledger.broken(
                "WorkflowCancelled as the ending of the replay",
                describe::entry(shown),
                evidence.into_iter().chain([shown.number]),
            );
        }
        _ => ledger.untold(format!(
            "{} left before the replay was over",
            reading.viewer()
        )),
    }
}
