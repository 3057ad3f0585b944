//! POSITION: what is answered to a viewer whose position is beyond the run, no position at all, or
//! the ending's.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::precondition::Obstacle;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, finished, is_error, unanswered, views,
};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Control, Ending, Index, Outcome, Position};
use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "POSITION-1",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A position beyond the last event is refused.",
        why: "Such a position comes from a bug or from another run. If the server accepts it, everything that the viewer has not seen stays hidden.",
        harm: "A viewer who names a position beyond the last event is not told that it is wrong.",
        source: "users of any resumable stream",
        good: "\
← event 19
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1000019}
← {\"event\": \"error\", \"error\": \"last_event_index is beyond the last event of the run\"}",
        bad: "\
← event 19
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1000019}
← {\"event\": \"subscribed\", \"current_event_count\": 20, …}",
        check: check!(beyond_refused),
    },
    Requirement {
        id: "POSITION-2",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A position that is not a whole number from 0 up (negative, fraction, text, boolean, list) is refused with an `error` that reveals nothing about the server's internals.",
        why: "A guess at what was meant shows the wrong events, and the text of an exception tells outsiders how the server is built.",
        harm: "A viewer who sends an invalid position gets no clear refusal, or sees how the server is built.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": \"latest\"}
← {\"event\": \"error\", \"error\": \"last_event_index must be a whole number from 0\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": \"latest\"}
← {\"event\": \"error\", \"error\": \"'>' not supported between instances of 'int' and 'str'\"}",
        check: check!(odd_refused),
    },
    Requirement {
        id: "POSITION-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who names a position beyond the last event gets an error, or at least the run's ending, but never silence.",
        why: "A viewer who gets neither watches a page on which nothing happens any more.",
        harm: "A viewer who names a position beyond the last event waits without an answer.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1000019}
← {\"event\": \"subscribed\", …}
← event 59 (WorkflowCompleted)",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 1000019}
← {\"event\": \"subscribed\", …}
(the run completes, and nothing comes)",
        check: check!(not_silenced),
    },
    Requirement {
        id: "POSITION-4",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Whatever position a viewer names, no event is delivered under a negative index or one that is not its own.",
        why: "The next position that the viewer names is such an index, and from then on everything is wrong.",
        harm: "A viewer gets events under wrong numbers.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": -5}
← {\"event\": \"error\", \"error\": \"last_event_index must be a whole number from 0\"}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": -5}
← {\"event\": \"catch_up\", \"missed_events\": 4, …}
← event -4",
        check: check!(own_indices),
    },
    Requirement {
        id: "POSITION-5",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A viewer who returns with the index of the ending is told that the run has finished.",
        why: "The laptop was closed right after the last event. On opening it again, the page must not show a run that goes on for ever.",
        harm: "A viewer who returns after the end may not be told that the run has finished.",
        source: "users of any resumable stream",
        good: "\
← event 9 (WorkflowCompleted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 9}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", …}",
        bad: "\
← event 9 (WorkflowCompleted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 9}
← {\"event\": \"subscribed\", \"status\": \"running\", …}
(nothing more)",
        check: check!(told_finished),
    },
];

/// What error texts of interpreters and runtimes have in them, and messages for people do not.
const INSIDES: &[&str] = &[
    "Traceback (most recent call last)",
    "not supported between",
    "object has no attribute",
    "object is not ",
    "invalid literal for ",
    "unsupported operand",
    "can only concatenate ",
    "slice indices must be",
    "__index__",
    "NoneType",
    "TypeError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "<class '",
    ".py\"",
    ".py:",
    "panicked at",
    "goroutine ",
    "NullPointerException",
    "java.lang.",
];

/// Why a return may show nothing about positions.
const OBSTACLES: &[Obstacle] = &[
    Obstacle::Unauthenticated,
    Obstacle::AnothersRun,
    Obstacle::Watching,
];

/// The returns to runs that exist, as far as the record tells.
fn to_runs<'s, 't>(trace: &'s Trace<'t>) -> impl Iterator<Item = ReturnView<'s, 't>> {
    views(trace).filter(|view| !view.run.is_empty() && !view.run.starts_with(NO_SUCH))
}

/// Whether the position is certainly beyond the last event that had happened when the return was
/// answered; the reason where it is not certain. `None` where it is no such position.
fn beyond(view: &ReturnView<'_, '_>) -> Option<Result<(), String>> {
    let Position::At(position) = view.position else {
        return None;
    };
    let request = view.ret.request.number;
    let highest = view.trace.highest_before(view.run, request);
    if highest.is_some_and(|highest| highest >= *position) {
        return None;
    }
    if let Some(reason) = view.obstacle(OBSTACLES) {
        return Some(Err(reason));
    }
    let replayed = matches!(view.answer_control(), Some(Control::Replay { .. }));
    if replayed || view.trace.ending_before(view.run, request).is_some() {
        return Some(Err(finished(view.viewer())));
    }
    let ending = view.trace.run(view.run).and_then(|run| run.last_index());
    // `WorkflowCancelled` may be followed by one more event.
    let short_of = |last: u64| last.saturating_add(1) < *position;
    let certain =
        view.held_at().is_some_and(|passed| passed < *position) || ending.is_some_and(short_of);
    Some(certain.then_some(()).ok_or_else(|| {
        format!(
            "it is not known how far the run had come when {} returned",
            view.viewer()
        )
    }))
}

fn beyond_refused(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in to_runs(trace) {
        match beyond(&view) {
            None => {}
            Some(Err(reason)) => collector.inconclusive(reason),
            Some(Ok(())) if view.answer().is_some_and(is_error) => collector.passed(),
            Some(Ok(())) => match answer_or_silence(&view) {
                Some((observed, evidence)) => {
                    collector.failed("`error` for a position beyond the run", observed, evidence);
                }
                None => collector.inconclusive(unanswered(&view)),
            },
        }
    }
    collector.check_verdict("no viewer returned with a position beyond the last event")
}

fn odd_refused(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in to_runs(trace) {
        let Position::Odd(odd) = view.position else {
            continue;
        };
        if let Some(reason) = view.obstacle(OBSTACLES) {
            collector.inconclusive(reason);
            continue;
        }
        let request = view.ret.request.number;
        let Some(came) = view.outcome() else {
            collector.inconclusive(unanswered(&view));
            continue;
        };
        let shown = describe::shown(&odd.to_string());
        match came.message().and_then(|message| message.control()) {
            Some(Control::Error { error }) => {
                let told = error.as_deref().and_then(insides);
                match told {
                    None => collector.passed(),
                    Some(_) => collector.failed(
                        format!(
                            "`error` for the position {shown}, without internals of the server"
                        ),
                        describe::entry(came),
                        [request, came.number],
                    ),
                }
            }
            // A finished run is replayed whatever the position.
            Some(Control::Replay { .. }) => collector.inconclusive(finished(view.viewer())),
            _ => collector.failed(
                format!("`error` for the position {shown}"),
                describe::entry(came),
                [request, came.number],
            ),
        }
    }
    collector.check_verdict("no viewer returned with a position that is not a whole number from 0")
}

fn insides(text: &str) -> Option<&'static str> {
    INSIDES.iter().copied().find(|piece| text.contains(piece))
}

fn not_silenced(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in to_runs(trace) {
        match beyond(&view) {
            None => continue,
            Some(Err(reason)) => {
                collector.inconclusive(reason);
                continue;
            }
            Some(Ok(())) => {}
        }
        let refused = view.ret.controls().any(|(entry, _)| is_error(entry));
        if refused || view.ending().is_some() {
            collector.passed();
            continue;
        }
        match view.missing() {
            Some(missing) => collector.failed(
                "`error`, or the ending",
                missing.observed(),
                [view.ret.request.number]
                    .into_iter()
                    .chain(missing.evidence()),
            ),
            None => collector.inconclusive(view.unseen()),
        }
    }
    collector.check_verdict("no viewer returned with a position beyond the last event")
}

fn own_indices(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in to_runs(trace) {
        if view.is_barred(&mut collector) {
            continue;
        }
        // The indices of a run that went on after a pause are PAUSE-2's and RESTART-2's matter.
        if trace.continuations_after(view.run, 0).next().is_some() {
            continue;
        }
        let request = view.ret.request.number;
        let wrong = told_apart(&view).find_map(not_its_own);
        match wrong {
            Some((delivery, ending)) => {
                let expected = match ending.and_then(|ending| ending.message()?.event()) {
                    Some(ending) => format!("no index beyond {}, that of the ending", ending.index),
                    None => "a whole number from 0 as the index".to_owned(),
                };
                let numbers = [Some(delivery.entry), ending];
                collector.failed(
                    expected,
                    describe::entry(delivery.entry),
                    [request]
                        .into_iter()
                        .chain(numbers.into_iter().flatten().map(|entry| entry.number)),
                );
            }
            None if view.answer().is_some() => collector.passed(),
            None => collector.inconclusive(unanswered(&view)),
        }
    }
    collector.check_verdict("no viewer returned to a run")
}

/// The deliveries, each replay's for itself: who asks several times gets the ending several times.
fn told_apart<'r, 't>(view: &'r ReturnView<'_, 't>) -> impl Iterator<Item = &'r [Delivery<'t>]> {
    let mut rest = view.deliveries;
    let mut ends: Vec<usize> = view
        .ret
        .controls()
        .filter(|(_, said)| matches!(said, Control::Replay { .. }))
        .map(|(said, _)| rest.len() - view.after(said.number).len())
        .collect();
    ends.push(rest.len());
    let mut from = 0;
    ends.into_iter().map(move |end| {
        let (part, others) = rest.split_at(end - from);
        (from, rest) = (end, others);
        part
    })
}

/// The first delivery whose index cannot be its own: no whole number from 0, or beyond that of an
/// ending which comes after it. Then also the ending.
fn not_its_own<'d, 't>(
    deliveries: &'d [Delivery<'t>],
) -> Option<(&'d Delivery<'t>, Option<&'t Entry>)> {
    let mut first = None;
    let mut ending: Option<(u64, &'t Entry)> = None;
    for delivery in deliveries.iter().rev() {
        match delivery.event().index {
            Index::Odd(_) => first = Some((delivery, None)),
            Index::Missing => {}
            Index::At(index) => {
                if let Some((_, entry)) = ending.filter(|(last, _)| *last < index) {
                    first = Some((delivery, Some(entry)));
                }
                if delivery.event().final_ending().is_some() {
                    ending = Some((index, delivery.entry));
                }
            }
        }
    }
    first
}

fn told_finished(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in to_runs(trace) {
        let Position::At(position) = view.position else {
            continue;
        };
        let request = view.ret.request.number;
        let Some((ended, kind)) = trace.ending_before(view.run, request) else {
            continue;
        };
        let index = ended
            .message()
            .and_then(|message| message.event()?.index.at());
        // After `WorkflowCancelled` the end of the stream may still be to come.
        if index != Some(*position) || kind == Ending::Cancelled {
            continue;
        }
        if let Some(reason) = view.obstacle(OBSTACLES) {
            collector.inconclusive(reason);
            continue;
        }
        let finished = [view.catch_up, view.replay]
            .into_iter()
            .flatten()
            .chain(view.subscribed.iter().copied())
            .filter_map(|said| Outcome::of(said.status?))
            .any(Outcome::is_final);
        if finished || view.ending().is_some() {
            collector.passed();
            continue;
        }
        const EXPECTED: &str = "a message that says that the run has finished";
        if let Some(refusal) = view.answer().filter(|answer| is_error(answer)) {
            collector.failed(
                EXPECTED,
                describe::entry(refusal),
                [ended.number, request, refusal.number],
            );
            continue;
        }
        match (view.timed_out(), view.answer()) {
            (Some(silence), answer) => collector.failed(
                EXPECTED,
                match answer {
                    Some(answer) => {
                        format!(
                            "{}, then {}",
                            describe::entry(answer),
                            describe::entry(silence)
                        )
                    }
                    None => describe::entry(silence),
                },
                [Some(ended), Some(view.ret.request), answer, Some(silence)]
                    .into_iter()
                    .flatten()
                    .map(|entry| entry.number),
            ),
            (None, _) => collector.inconclusive(format!(
                "{} left before the server had to say that the run had finished",
                view.viewer()
            )),
        }
    }
    collector.check_verdict("no viewer returned with the index of the ending")
}
