//! How a run ends, and what does not end it.

use std::time::Duration;

use crate::check::collector::Ledger;
use crate::check::describe;
use crate::check::finding::Judgement;
use crate::check::rules::start::order::{NONE_STARTED, accepted};
use crate::check::shared::ending;
use crate::check::shared::http_requests::to_be_cancelled;
use crate::check::shared::precondition::Situation;
use crate::check::shared::return_view::{is_error, readings};
use crate::protocol::{Ending, Outcome};
use crate::trace::{Delivery, Earlier, Start, Story};
use crate::transcript::Entry;

/// The most events that a viewer has seen who "left right after starting".
const FEW: usize = 2;

/// The most time between the first event and the leaving, however many events came: real servers
/// send the first few at once.
const AT_ONCE: Duration = Duration::from_millis(25);

fn right_after(start: &Start<'_>, leaving: &Entry) -> bool {
    let first = start
        .heard
        .first()
        .map_or(leaving.at(), |delivery| delivery.entry.at());
    start.heard.len() <= FEW || leaving.at().saturating_sub(first) < AT_ONCE
}

pub(crate) fn one_ending(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    for start in accepted(story, &mut ledger) {
        let (Some(run), Some(last)) = (start.run, start.heard.last()) else {
            continue;
        };
        let visit = story.visit(start.visit);
        if let Some(found) = judge(&mut ledger, start.request, &start.heard) {
            if found != Ending::Cancelled {
                ledger.holds();
            }
            continue;
        }
        let last = last.entry.number;
        match ending::missing(story, visit, run, last, start.until) {
            Some(missing) => ledger.broken(
                "an ending of the run",
                missing.observed(),
                [start.request.number, last]
                    .into_iter()
                    .chain(missing.evidence()),
            ),
            None => ledger.untold(ending::unseen(visit, last)),
        }
    }
    for (reading, situation) in readings(story) {
        if reading.ret.earlier == Earlier::Watching || reading.deliveries.is_empty() {
            continue;
        }
        match (situation, reading.replay) {
            // Only a replay of as many events as were announced is the server's whole account.
            (Situation::Finished(_), Some(replay)) => {
                let outcome = replay.status.and_then(Outcome::of);
                let deliveries = reading.after(replay.entry.number);
                let whole = replay.announced == u64::try_from(deliveries.len()).ok();
                if !whole || !matches!(outcome, Some(Outcome::Completed | Outcome::Failed)) {
                    continue;
                }
                match (
                    judge(&mut ledger, reading.ret.request, deliveries),
                    deliveries.last(),
                ) {
                    (Some(_), _) => ledger.holds(),
                    (None, Some(last)) => ledger.broken(
                        "an ending as the last event of the replay",
                        describe::entry(last.entry),
                        [
                            reading.ret.request.number,
                            replay.entry.number,
                            last.entry.number,
                        ],
                    ),
                    (None, None) => {}
                }
            }
            (Situation::UnderWay, _) => {
                judge(&mut ledger, reading.ret.request, reading.deliveries);
            }
            _ => {}
        }
    }
    ledger.judgement(NONE_STARTED)
}

/// The first final ending among the deliveries; what came after it is noted. What comes after
/// `WorkflowCancelled` is a matter of CANCEL-1.
fn judge(ledger: &mut Ledger, request: &Entry, deliveries: &[Delivery<'_>]) -> Option<Ending> {
    let at = deliveries
        .iter()
        .position(|delivery| delivery.event().final_ending().is_some())?;
    let ending = deliveries[at].event().ending()?;
    if ending == Ending::Cancelled {
        return Some(ending);
    }
    if let [next, others @ ..] = &deliveries[at + 1..] {
        ledger.broken(
            format!(
                "nothing of the run after {}",
                describe::entry(deliveries[at].entry)
            ),
            format!(
                "{}{}",
                describe::entry(next.entry),
                describe::more(others.len())
            ),
            [
                request.number,
                deliveries[at].entry.number,
                next.entry.number,
            ],
        );
    }
    Some(ending)
}

pub(crate) fn goes_on(story: &Story<'_>) -> Judgement {
    let mut ledger = Ledger::default();
    // By run, the leaving of a starter who had seen next to nothing.
    let mut left = std::collections::HashMap::new();
    for start in accepted(story, &mut ledger) {
        let visit = story.visit(start.visit);
        let ended = start
            .heard
            .iter()
            .any(|delivery| delivery.event().final_ending().is_some());
        if let (Some(run), Some(leaving), None) = (start.run, visit.left(), visit.lost())
            && !ended
            && start.until.is_none()
            && !to_be_cancelled(story, run)
            && right_after(start, leaving)
        {
            left.insert(run, leaving);
            ledger.untold(format!(
                "{} left right after starting, but nobody saw how the run ended: choose a shorter \
                 workflow",
                visit.viewer
            ));
        }
    }
    let mut judged = std::collections::HashSet::new();
    let mut went_on = std::collections::HashSet::new();
    for (reading, situation) in readings(story) {
        let Some(leaving) = left.get(reading.run) else {
            continue;
        };
        let request = reading.ret.request.number;
        if request < leaving.number
            || matches!(situation, Situation::NoRun | Situation::Elsewhere(_))
            || judged.contains(reading.run)
        {
            continue;
        }
        let refused = reading.answer().filter(|answer| is_error(answer));
        let cancelled = reading
            .replay
            .filter(|said| said.status.and_then(Outcome::of) == Some(Outcome::Cancelled))
            .map(|said| said.entry);
        let ending = reading.ending();
        let stopped = refused.or(cancelled).or(ending
            .filter(|(_, ending)| *ending == Ending::Cancelled)
            .map(|(delivery, _)| delivery.entry));
        if let Some(entry) = stopped {
            judged.insert(reading.run);
            // Who was shown the run after the leaving knows that it went on; what stopped it came later.
            if went_on.contains(reading.run) {
                continue;
            }
            ledger.broken(
                "the run going on to its ending",
                describe::entry(entry),
                [leaving.number, request, entry.number],
            );
        } else if ending.is_some() {
            judged.insert(reading.run);
            ledger.holds();
        } else if !reading.deliveries.is_empty() {
            went_on.insert(reading.run);
        }
    }
    ledger.judgement("no viewer left right after starting a run")
}
