//! The replay itself: REPLAY-1, -2 and -3.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::replay::returns::{NOBODY, came_whole, each, left_early};
use crate::check::shared::incomplete::{Incomplete, Why, incomplete};
use crate::check::shared::order;
use crate::check::shared::return_view::{Announcement, ReturnView, answer_or_silence, unanswered};
use crate::protocol::Outcome;
use crate::trace::{Run, Trace};
use crate::transcript::Entry;

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
        if let Some(slip) = order::slip(events, view.replayed_from()) {
            return collector.failed(slip.expected(), slip.observed(), slip.evidence(request));
        }
        if view.ending().is_some() || (events.is_empty() && had_the_ending(view)) {
            return collector.passed();
        }
        let next = format!("event {} next, because the run has an ending", events.len());
        match (view.silence(), view.broken_off()) {
            (Some(silence), _) => collector.failed(
                next,
                describe::entry(silence),
                [request.number, replay.entry.number, silence.number],
            ),
            (None, Some(broken_off)) => collector.failed(
                next,
                broken_off.observed(),
                [request.number, replay.entry.number]
                    .into_iter()
                    .chain(broken_off.evidence()),
            ),
            (None, None) => collector.inconclusive(left_early(view)),
        }
    });
    for it in incomplete(trace).filter(|it| it.why != Why::Persisted) {
        what_is_left(&it, &mut collector);
    }
    collector.check_verdict(NOBODY)
}

/// Whether the viewer's position was that of the ending, so that nothing is left to replay.
fn had_the_ending(view: &ReturnView<'_, '_>) -> bool {
    let ending = view.trace.run(view.run).and_then(Run::last_index);
    ending.is_some_and(|ending| ending < view.replayed_from())
}

/// Notes where a paused run, or what is left of a finished one, is not replayed in order and to its ending.
fn what_is_left(it: &Incomplete<'_, '_>, collector: &mut Collector) {
    let request = it.view.ret.request;
    let Some((replay, events)) = it.replayed() else {
        let answer = it.view.answer();
        if let Some(answer) = answer.filter(|_| it.had_finished() && it.view.replay.is_none()) {
            collector.failed(
                "`replay` first, because the run had finished",
                describe::entry(answer),
                [request.number, answer.number],
            );
        }
        return;
    };
    if let Some(slip) = it.slip(events, it.view.replayed_from()) {
        collector.failed(slip.expected(), slip.observed(), slip.evidence(request));
    } else if let Some(silence) = it.view.silence().filter(|_| it.had_finished())
        && it.view.ending().is_none()
    {
        collector.failed(
            "further events, because the run has an ending",
            describe::entry(silence),
            [request.number, replay.entry.number, silence.number],
        );
    }
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
        } else if came == announced && (came > 0 || view.replayed_from() > 0) && came_whole(view) {
            collector.passed();
        } else {
            collector.inconclusive(left_early(view));
        }
    });
    for it in incomplete(trace) {
        let Some((replay, events)) = it.replayed() else {
            continue;
        };
        let came = events.len() as u64;
        if let Some(announced) = replay.announced
            && !it.agrees(announced, events, it.view.replayed_from())
            && (came > announced || it.came_whole())
        {
            collector.failed(
                format!("{} after `replay`", describe::events(announced)),
                describe::events(came),
                [it.view.ret.request.number, replay.entry.number],
            );
        }
    }
    collector.check_verdict(NOBODY)
}

pub(crate) fn outcome(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, _, collector| {
        let Some(replay) = view.replay else {
            return collector.inconclusive(format!("{} got no `replay`", view.viewer()));
        };
        let Some((entry, outcome)) = ended(view) else {
            return collector.inconclusive("no viewer saw how the run ended");
        };
        if says(&replay, outcome) {
            collector.passed();
        } else {
            wrong_status(view, &replay, (entry, outcome), collector);
        }
    });
    for it in incomplete(trace).filter(Incomplete::had_finished) {
        if let (Some((replay, _)), Some(how)) = (it.replayed(), ended(&it.view))
            && !says(&replay, how.1)
        {
            wrong_status(&it.view, &replay, how, &mut collector);
        }
    }
    collector.check_verdict(NOBODY)
}

/// How the run ended, and what shows it.
fn ended<'t>(view: &ReturnView<'_, 't>) -> Option<(&'t Entry, Outcome)> {
    let told = view.trace.run(view.run)?;
    let cancelled = told.cancelled.map(|entry| (entry, Outcome::Cancelled));
    cancelled.or_else(|| told.ending.map(|(entry, ending)| (entry, ending.outcome())))
}

fn says(replay: &Announcement<'_>, outcome: Outcome) -> bool {
    replay.status.and_then(Outcome::of) == Some(outcome)
}

fn wrong_status(
    view: &ReturnView<'_, '_>,
    replay: &Announcement<'_>,
    (entry, outcome): (&Entry, Outcome),
    collector: &mut Collector,
) {
    collector.failed(
        format!(
            "a status that says {outcome}, because {} had been sent",
            describe::entry(entry)
        ),
        format!("the status {}", describe::field(replay.status)),
        [view.ret.request.number, replay.entry.number, entry.number],
    );
}
