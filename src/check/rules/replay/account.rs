//! The replay itself: REPLAY-1, -2 and -3.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::replay::returns::{NOBODY, came_whole, each, left_early};
use crate::check::shared::order;
use crate::check::shared::return_view::{answer_or_silence, unanswered};
use crate::protocol::Outcome;
use crate::trace::Trace;

pub(crate) fn every_event(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let request = view.ret.request;
        let Some(replay) = view.replay_first() else {
            return match answer_or_silence(view) {
                Some((observed, evidence)) => {
                    collector.failed(
                        "`replay` first, because the run had finished",
                        observed,
                        evidence,
                    );
                }
                None => collector.inconclusive(unanswered(view)),
            };
        };
        let events = view.after(replay.entry.number);
        if let Some(slip) = order::slip(events, 0) {
            return collector.failed(slip.expected(), slip.observed(), slip.evidence(request));
        }
        if view.ending().is_some() {
            return collector.passed();
        }
        match view.silence() {
            Some(silence) => collector.failed(
                format!("event {} next, because the run has an ending", events.len()),
                describe::entry(silence),
                [request.number, replay.entry.number, silence.number],
            ),
            None => collector.inconclusive(left_early(view)),
        }
    });
    collector.check_verdict(NOBODY)
}

pub(crate) fn as_many(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let Some(replay) = view.replay else {
            return collector.inconclusive(format!("{} got no `replay`", view.viewer()));
        };
        let evidence = [view.ret.request.number, replay.entry.number];
        let Some(announced) = replay.announced else {
            return collector.failed(
                "`replay` with `total_events`",
                "`replay` without it",
                evidence,
            );
        };
        let events = view.after(replay.entry.number);
        let came = events.len() as u64;
        if came > announced || (came < announced && came_whole(view)) {
            collector.failed(
                format!("{} after `replay`", describe::events(announced)),
                describe::events(came),
                evidence
                    .into_iter()
                    .chain(events.last().map(|delivery| delivery.entry.number)),
            );
        } else if came == announced && came > 0 && came_whole(view) {
            collector.passed();
        } else {
            collector.inconclusive(left_early(view));
        }
    });
    collector.check_verdict(NOBODY)
}

pub(crate) fn outcome(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let Some(replay) = view.replay else {
            return collector.inconclusive(format!("{} got no `replay`", view.viewer()));
        };
        let told = trace.run(view.run);
        let cancelled = told.and_then(|run| run.cancelled);
        let ending = cancelled
            .map(|entry| (entry, Outcome::Cancelled))
            .or_else(|| {
                told?
                    .ending
                    .map(|(entry, ending)| (entry, ending.outcome()))
            });
        let Some((entry, outcome)) = ending else {
            return collector.inconclusive("no viewer saw how the run ended");
        };
        if replay.status.and_then(Outcome::of) == Some(outcome) {
            collector.passed();
        } else {
            collector.failed(
                format!(
                    "a status that says {outcome}, because {} had been sent",
                    describe::entry(entry)
                ),
                format!("the status {}", describe::field(replay.status)),
                [view.ret.request.number, replay.entry.number, entry.number],
            );
        }
    });
    collector.check_verdict(NOBODY)
}
