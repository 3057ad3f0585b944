//! What those who watch a run are told when it is cancelled: CANCEL-1.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::cancel::{Cancelled, cancels, ending};
use crate::check::rules::failing::{Hearing, hearings};
use crate::check::shared::ending as endings;
use crate::protocol::{Ending, Outcome};
use crate::trace::Story;

const EXPECTED: &str = "WorkflowCancelled";

pub(crate) fn says_so(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    let (cancels, refused) = cancels(story);
    for hearing in hearings(story) {
        if let Some((cancelled, rest)) = ending(hearing.heard) {
            if let [next, others @ ..] = rest {
                ledger.broken(
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
            } else if hearing.visit.silence_after(hearing.last).is_some() {
                ledger.holds();
            } else {
                ledger.untold(format!(
                    "{} did not stay to see that nothing more comes",
                    hearing.visit.viewer
                ));
            }
            continue;
        }
        let mine = cancels.iter().find(|it| it.run == hearing.run);
        if let Some(cancel) = mine {
            otherwise(story, &hearing, cancel, &mut ledger);
        }
    }
    let reason = refused.unwrap_or_else(|| "nobody watched a run that was cancelled".to_owned());
    ledger.judgement(&reason)
}

/// A viewer who was not told that the run was cancelled.
fn otherwise<'t>(
    story: &Story<'t>,
    hearing: &Hearing<'_, 't>,
    cancel: &Cancelled<'t>,
    ledger: &mut Ledger,
) {
    let request = cancel.request.number;
    let ended = hearing
        .heard
        .iter()
        .find_map(|it| Some((it, it.event().final_ending()?)));
    let proof = cancel.proof(story);
    match (ended, proof) {
        (Some((it, Ending::Completed)), Some(proof)) => ledger.broken(
            EXPECTED,
            describe::entry(it.entry),
            [hearing.request, request, proof.number, it.entry.number],
        ),
        (Some((it, _)), _) => ledger.untold(format!(
            "the run ended before it could be cancelled: {}",
            describe::entry(it.entry)
        )),
        (None, _) => {
            let (visit, last) = (hearing.visit, hearing.last);
            let missing = endings::missing(story, visit, hearing.run, last, hearing.until)
                .filter(|it| it.outcome() == Outcome::Cancelled || proof.is_some());
            if let Some(missing) = missing {
                let shown = [request, last].into_iter().chain(missing.evidence());
                return ledger.broken(EXPECTED, missing.observed(), shown);
            }
            let silence = visit.gave_up_after(last.max(cancel.answer.number));
            match silence.and_then(|it| Some((it, endings::still_running(story, hearing.run, it)?)))
            {
                Some((silence, answer)) => ledger.broken(
                    format!(
                        "{EXPECTED} (a server that stops slowly wants a longer --step-timeout)"
                    ),
                    format!(
                        "{}; after that the run was still shown as running: {}",
                        describe::entry(silence),
                        describe::entry(answer)
                    ),
                    [request, last, silence.number, answer.number],
                ),
                None => ledger.untold(endings::unseen(visit, last)),
            }
        }
    }
}
