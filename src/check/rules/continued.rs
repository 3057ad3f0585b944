//! CONTINUE: a paused run that somebody lets go on over HTTP.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::ending::Missing;
use crate::check::shared::http_requests::{http_requests, to_be_cancelled};
use crate::check::shared::precondition::Obstacle;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered, views};
use crate::protocol::{Outcome, RunRequest};
use crate::trace::{Delivery, Trace};
use crate::transcript::{Entry, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CONTINUE-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A continued run's events are kept and can be resumed like those before the pause, however the continue was streamed.",
        why: "Who approves a step is seldom the one who waits for the result. Everybody else comes back later, and wants all of it.",
        harm: "What happened after a pause may be lost to everybody who comes back later.",
        source: "users of any resumable stream",
        good: "\
← event 15 (StepPaused)
→ POST /workflows/w/runs/r/continue                from Ada
← events 16 to 29                                  to Ada
→ POST /workflows/w/runs/r/resume                  from Ben, after event 15
← {\"event\": \"replay\", \"total_events\": 14, …}
← events 16 to 29                                  to Ben",
        bad: "\
← event 15 (StepPaused)
→ POST /workflows/w/runs/r/continue                from Ada
← events 16 to 29                                  to Ada
→ POST /workflows/w/runs/r/resume                  from Ben, after event 15
← {\"event\": \"replay\", \"total_events\": 0, …}      nothing after the pause is kept",
        check: check!(kept),
    },
    Requirement {
        id: "CONTINUE-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "Who leaves a continue ends nothing silently: the run goes on, or its ending is told.",
        why: "The person who approves closes the page. What they approved must not stop half done, with everybody else waiting.",
        harm: "A run may stop for good, in silence, when the person who approved it closes the page.",
        source: "users of any resumable stream",
        good: "\
→ POST /workflows/w/runs/r/continue                from Ada
← event 16
(Ada loses the connection)
→ POST /workflows/w/runs/r/resume                  from Ben
← events 0 to 29, the last of them WorkflowCompleted",
        bad: "\
→ POST /workflows/w/runs/r/continue                from Ada
← event 16
(Ada loses the connection)
→ POST /workflows/w/runs/r/resume                  from Ben
← events 0 to 16, and nothing more, though the run is shown as running",
        check: check!(left),
    },
];

/// A pause that was answered over HTTP.
struct Continued {
    /// The request.
    request: Number,
    /// The index of the pause.
    pause: u64,
    /// When its viewer left the stream of the answer, if they did before the run was over.
    left: Option<Number>,
    /// Whether the run came to its ending on that stream.
    ended: bool,
    /// The answer that said that the run was over by then, where it came without a stream.
    over: Option<Number>,
}

/// Every pause that was answered over HTTP, by run, in the order of the answers.
fn continued<'t>(trace: &Trace<'t>) -> HashMap<String, Vec<Continued>> {
    let mut all: HashMap<String, Vec<Continued>> = HashMap::new();
    let pause = |run: &str, request: Number| {
        let pause = trace.pause_before(run, request)?;
        pause.message()?.event()?.index.at()
    };
    for it in trace.continuations() {
        let connection = trace.connection(it.connection);
        let Some(run) = it
            .run
            .filter(|_| connection.is_over_http() && !it.is_refused())
        else {
            continue;
        };
        let request = it.request.number;
        // One that brought nothing may not have reached the server.
        if let Some(pause) = pause(run, request).filter(|_| !it.deliveries.is_empty()) {
            let ended = it.has_ended();
            let left = connection.left().filter(|_| !ended);
            all.entry(run.to_owned()).or_default().push(Continued {
                request,
                pause,
                left: left.map(|left| left.number),
                ended,
                over: None,
            });
        }
    }
    for it in http_requests(trace) {
        let (RunRequest::Continue(run), true) = (&it.route.request, it.done()) else {
            continue;
        };
        let request = it.request.number;
        let status = it.run_status().and_then(Outcome::of);
        let over = status.is_some_and(Outcome::is_final);
        if let Some(pause) = pause(run, request) {
            all.entry(run.to_string()).or_default().push(Continued {
                request,
                pause,
                left: None,
                ended: false,
                over: over.then_some(it.answer.number),
            });
        }
    }
    all
}

const NONE_CONTINUED: &str = "no viewer let a paused run go on over HTTP";

/// The returns over HTTP to runs that were continued before, each with that continuation.
fn returns<'s, 't>(
    trace: &'s Trace<'t>,
    all: &'s HashMap<String, Vec<Continued>>,
) -> impl Iterator<Item = (ReturnView<'s, 't>, &'s Continued)> {
    let cancelled = to_be_cancelled(trace);
    views(trace).filter_map(move |view| {
        let request = view.ret.request.number;
        let before = all.get(view.run)?.iter().rev();
        let it = { before }.find(|it| it.request < request)?;
        let shows_nothing = view.obstacle(&[
            Obstacle::InvalidPosition,
            Obstacle::Unauthenticated,
            Obstacle::AnothersRun,
            Obstacle::OtherReplica,
            Obstacle::OutOfMemory,
        ]);
        let counts = view.connection.is_over_http() && !cancelled.contains(view.run);
        (counts && shows_nothing.is_none()).then_some((view, it))
    })
}

fn kept(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let all = continued(trace);
    for (view, it) in returns(trace, &all) {
        let evidence = [it.request, view.ret.request.number];
        // Events after the position are owed, and what is looked for is among those after the pause.
        let from = view.next.max(it.pause.saturating_add(1));
        let last = trace.run(view.run).and_then(|run| run.last_index());
        if last.is_some_and(|last| last < from) {
            collector.inconclusive(format!("{} had seen all of the run", view.viewer()));
            continue;
        }
        let expected = "the events after the pause, which the run had when it was continued";
        if let Some(error) = view.answer().filter(|answer| is_error(answer)) {
            if !view.is_beyond() {
                let evidence = evidence.into_iter().chain([error.number]);
                collector.failed(expected, describe::entry(error), evidence);
            }
            continue;
        }
        if view.ending().is_some() {
            match forgotten(trace, view.run, from) {
                Some(lost) => collector.failed(
                    format!("{}, which came after the pause", describe::entry(lost)),
                    format!("all of the run for {}, without it", view.viewer()),
                    evidence.into_iter().chain([lost.number]),
                ),
                None => collector.passed(),
            }
            continue;
        }
        let told = view
            .replay
            .and_then(|said| Some((said.entry, Outcome::of(said.status?)?)));
        let returned = view.ret.request.number;
        let ending = trace.ending_before(view.run, returned);
        let ending = ending.map(|(ending, _)| ending.number);
        let over = ending.or(it.over.filter(|said| *said < returned));
        match (told, over) {
            (Some((replay, outcome)), over)
                if view.connection.stream_ended().is_some()
                    && (outcome.is_final() || over.is_some()) =>
            {
                let last = view.deliveries.last();
                let observed = match last {
                    Some(last) => {
                        format!("a replay that ends with {}", describe::entry(last.entry))
                    }
                    None => "a replay without any event".to_owned(),
                };
                let last = last.map(|last| last.entry.number);
                let more = [replay.number].into_iter().chain(last);
                let more = more.chain(over);
                collector.failed(expected, observed, evidence.into_iter().chain(more));
            }
            _ => match view.missing() {
                Some(missing) if it.ended => collector.failed(
                    expected,
                    missing.observed(),
                    evidence.into_iter().chain(missing.evidence()),
                ),
                _ => collector.inconclusive(view.unseen()),
            },
        }
    }
    collector.check_verdict(match all.is_empty() {
        true => NONE_CONTINUED,
        false => "nobody returned over HTTP to the run that was continued",
    })
}

/// The first event from this index on that nobody got who returned to the run over HTTP. What one of them lacks alone is a
/// matter of other requirements.
fn forgotten<'t>(trace: &Trace<'t>, run: &str, from: u64) -> Option<&'t Entry> {
    let returns = trace.returns_to(run);
    let returns = returns.filter(|it| trace.connection(it.connection).is_over_http());
    let came: HashSet<u64> = returns
        .flat_map(|it| it.deliveries.iter().filter_map(Delivery::index))
        .collect();
    let lost = |index: u64| index >= from && !came.contains(&index);
    let mut all = trace.deliveries_of(run);
    let it = all.find(|it| it.index().is_some_and(lost))?;
    Some(it.entry)
}

fn left(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let all = continued(trace);
    for (view, it) in returns(trace, &all) {
        let request = view.ret.request.number;
        let Some(left) = it.left.filter(|left| *left < request) else {
            continue;
        };
        match silent(trace, &view) {
            Ok(true) => collector.passed(),
            Ok(false) if view.answer().is_none() => collector.inconclusive(unanswered(&view)),
            Ok(false) => collector.inconclusive(view.unseen()),
            Err((observed, shown)) => collector.failed(
                "further events of the run, or how it ended",
                observed,
                [it.request, left, request].into_iter().chain(shown),
            ),
        }
    }
    collector.check_verdict(match all.is_empty() {
        true => NONE_CONTINUED,
        false => "no viewer left the stream of a run that they had let go on",
    })
}

/// Whether a viewer was told how the run ended, or nothing is known; what was seen instead where it ended silently.
fn silent(trace: &Trace<'_>, view: &ReturnView<'_, '_>) -> Result<bool, (String, Vec<Number>)> {
    let shown = |entry: &Entry| (describe::entry(entry), vec![entry.number]);
    if view.ending().is_some() {
        return Ok(true);
    }
    if let Some(error) = view.answer().filter(|answer| is_error(answer)) {
        return Err(shown(error));
    }
    let last = trace.run(view.run).and_then(|run| run.last_index());
    if last.is_some_and(|last| last < view.next) {
        return Ok(false);
    }
    if let Some(end) = view.connection.stream_ended() {
        let last = view.ret.last().map_or(end, |last| last);
        let observed = format!("the end of the stream after {}", describe::entry(last));
        return Err((observed, vec![last.number, end.number]));
    }
    match view.missing() {
        Some(missing @ Missing::Dead { .. }) => Err((missing.observed(), missing.evidence())),
        _ => Ok(false),
    }
}
