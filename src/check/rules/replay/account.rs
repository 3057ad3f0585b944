//! The replay itself: REPLAY-1, -2 and -3.

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::replay::{NOBODY, came_whole, each, left_early};
use crate::check::shared::order;
use crate::check::shared::return_view::{answer_or_silence, unanswered};
use crate::protocol::{Control, Outcome};
use crate::trace::Story;

pub(crate) fn every_event(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, _, ledger| {
        let request = reading.ret.request;
        let Some(replay) = reading
            .replay
            .filter(|_| matches!(reading.answer_control(), Some(Control::Replay { .. })))
        else {
            return match answer_or_silence(reading) {
                Some((observed, evidence)) => {
                    ledger.broken("`replay` first: the run had finished", observed, evidence);
                }
                None => ledger.untold(unanswered(reading)),
            };
        };
        let events = reading.after(replay.entry.number);
        if let Some(slip) = order::slip(events, 0) {
            return ledger.broken(slip.expected(), slip.observed(), slip.evidence(request));
        }
        if reading.ending().is_some() {
            return ledger.holds();
        }
        match reading.silence() {
            Some(silence) => ledger.broken(
                format!("event {} next: the run has an ending", events.len()),
                describe::entry(silence),
                [request.number, replay.entry.number, silence.number],
            ),
            None => ledger.untold(left_early(reading)),
        }
    });
    ledger.judgement(NOBODY)
}

pub(crate) fn as_many(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, _, ledger| {
        let Some(replay) = reading.replay else {
            return ledger.untold(format!("{} was sent no `replay`", reading.viewer()));
        };
        let evidence = [reading.ret.request.number, replay.entry.number];
        let Some(announced) = replay.announced else {
            return ledger.broken("`replay` with `total_events`", "none", evidence);
        };
        let events = reading.after(replay.entry.number);
        let came = events.len() as u64;
        if came > announced || (came < announced && came_whole(reading)) {
            ledger.broken(
                format!("{} after `replay`", describe::events(announced)),
                describe::events(came),
                evidence
                    .into_iter()
                    .chain(events.last().map(|delivery| delivery.entry.number)),
            );
        } else if came == announced && came > 0 && came_whole(reading) {
            ledger.holds();
        } else {
            ledger.untold(left_early(reading));
        }
    });
    ledger.judgement(NOBODY)
}

pub(crate) fn outcome(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    each(story, &mut ledger, |reading, _, ledger| {
        let Some(replay) = reading.replay else {
            return ledger.untold(format!("{} was sent no `replay`", reading.viewer()));
        };
        let told = story.run(reading.run);
        let cancelled = told.and_then(|run| run.cancelled);
        let ending = cancelled
            .map(|entry| (entry, Outcome::Cancelled))
            .or_else(|| {
                told?
                    .ending
                    .map(|(entry, ending)| (entry, ending.outcome()))
            });
        let Some((entry, outcome)) = ending else {
            return ledger.untold("nobody saw how the run ended");
        };
        if replay.status.and_then(Outcome::of) == Some(outcome) {
            ledger.holds();
        } else {
            ledger.broken(
                format!(
                    "a status that says {outcome}: {} came",
                    describe::entry(entry)
                ),
                format!("the status {}", describe::field(replay.status)),
                [
                    reading.ret.request.number,
                    replay.entry.number,
                    entry.number,
                ],
            );
        }
    });
    ledger.judgement(NOBODY)
}
