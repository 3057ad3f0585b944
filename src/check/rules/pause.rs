//! PAUSE: a run that waits for a person, and goes on.

use std::collections::HashSet;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, is_error, unanswered, views,
};
use crate::check::shared::{ending, order};
use crate::protocol::{Ending, Outcome, Position};
use crate::trace::{Earlier, Subscription, Trace};
use crate::transcript::Number;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "PAUSE-1",
        level: Level::Must,
        sentence: "A viewer who returns to a paused run gets its last event, `WorkflowPaused`, and the run can be continued.",
        why: "The run waits for a person. A viewer who returns must see the question, or both wait for ever.",
        source: "agno-agi/agno #5787; what real releases from 2.6.13 on do",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"PAUSED\", \"total_events\": 16, …}
← events 0 to 15, the last of them WorkflowPaused
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", \"step_requirements\": […], …}
← event 16 (StepContinued)",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"catch_up\", \"missed_events\": 15, …}
← events 0 to 14                                   the question, event 15, is missing
← {\"event\": \"subscribed\", …}",
        check: check!(told_and_continued),
    },
    Requirement {
        id: "PAUSE-2",
        level: Level::Must,
        sentence: "When a paused run is continued, its indices go on after the pause, and none is used twice.",
        why: "The position of everybody who watches is such an index. If it is used twice, it hides what came after the pause.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
← event 15 (WorkflowPaused)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 16 (StepContinued)
← event 17",
        bad: "\
← event 15 (WorkflowPaused)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 0 (StepContinued)
← event 1",
        check: check!(numbered_on),
    },
];

fn told_and_continued(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut accused = HashSet::new();
    for view in views(trace) {
        let request = view.ret.request.number;
        let replayed = view.replay.and_then(|said| Outcome::of(said.status?));
        let paused = trace.is_paused(view.run, request) || replayed == Some(Outcome::Paused);
        if !paused
            || view.earlier != Earlier::Nothing
            || view.connection.barred().is_some()
            || view.belongs_to_another()
            || matches!(view.position, Position::Odd(_))
        {
            continue;
        }
        if !told(&view, &mut collector) {
            continue;
        }
        let next = trace.continuations_after(view.run, request).next();
        match next {
            None => collector.inconclusive(format!(
                "no viewer continued the run after {} had returned",
                view.viewer()
            )),
            Some(next) => {
                let number = next.request.number;
                match stopped(trace, next) {
                    Ok(true) => collector.passed(),
                    Ok(false) => collector.inconclusive(format!(
                        "{} left before the run could go on",
                        trace.connection(next.connection).viewer
                    )),
                    Err((observed, at)) => {
                        if accused.insert(number) {
                            let expected = "further events after the pause";
                            collector.failed(expected, observed, [request, number, at]);
                        }
                    }
                }
            }
        }
    }
    collector.check_verdict("no viewer returned to a run that was paused")
}

/// Whether the viewer knows that the run is paused; that they are not told is noted.
fn told(view: &ReturnView<'_, '_>, collector: &mut Collector) -> bool {
    const EXPECTED: &str = "WorkflowPaused, because the run waits for a person";
    let request = view.ret.request.number;
    if view.answer().is_none_or(is_error) {
        match answer_or_silence(view) {
            Some((observed, evidence)) => collector.failed(EXPECTED, observed, evidence),
            None => collector.inconclusive(unanswered(view)),
        }
        return false;
    }
    let mut deliveries = view.deliveries.iter();
    if deliveries.any(|it| it.event().ending() == Some(Ending::Paused)) {
        return true;
    }
    let paused = view.trace.run(view.run).and_then(|told| told.paused);
    let index = paused.and_then(|entry| entry.message()?.event()?.index.at());
    if index.is_some_and(|index| index < view.next) {
        // The viewer had seen it, and says so.
        return true;
    }
    let announced = view.replay.and_then(|said| said.announced);
    let whole = announced.is_some_and(|total| total <= view.deliveries.len() as u64);
    let later = view.trace.continuations_after(view.run, request).next();
    let proof = view
        .silence()
        .map(|entry| (describe::entry(entry), entry.number))
        .or_else(|| {
            let last = view.deliveries.last().filter(|_| whole)?;
            let observed = format!("{} as the last event", describe::entry(last.entry));
            Some((observed, last.entry.number))
        })
        .or_else(|| {
            Some((
                "no message about the pause".to_owned(),
                later?.request.number,
            ))
        });
    match proof {
        Some((observed, at)) => collector.failed(
            EXPECTED,
            observed,
            paused
                .map(|entry| entry.number)
                .into_iter()
                .chain([request, at]),
        ),
        None => collector.inconclusive(format!(
            "{} left before being told that the run was paused",
            view.viewer()
        )),
    }
    false
}

/// Whether the run went on, or nothing is known; what came instead where it did not.
fn stopped(trace: &Trace<'_>, it: &Subscription<'_>) -> Result<bool, (String, Number)> {
    if !it.deliveries.is_empty() {
        return Ok(true);
    }
    let connection = trace.connection(it.connection);
    let number = it.request.number;
    let closed = connection.closed().filter(|closed| closed.number > number);
    match it.refusal().or(connection.timeout_after(number)).or(closed) {
        Some(entry) => Err((describe::entry(entry), entry.number)),
        None => Ok(false),
    }
}

fn numbered_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for it in trace.continuations() {
        let Some(run) = it.run.filter(|_| !it.deliveries.is_empty()) else {
            collector.inconclusive("the run did not go on after it was continued");
            continue;
        };
        let request = it.request.number;
        if trace.restarted_before(run, request) {
            collector
                .inconclusive("the server was restarted before the run was continued (RESTART-2)");
            continue;
        }
        let paused = trace.is_paused(run, request);
        let Some(last) = trace.highest_before(run, request).filter(|_| paused) else {
            collector.inconclusive("no viewer had seen the run pause before it was continued");
            continue;
        };
        if let Some(slip) = order::slip(&it.deliveries, last.saturating_add(1)) {
            let observed = slip.observed();
            collector.failed(slip.expected(), observed, slip.evidence(it.request));
            continue;
        }
        let ended = it.has_ended();
        match it.deliveries.last() {
            Some(_) if ended => collector.passed(),
            Some(last) => {
                let connection = trace.connection(it.connection);
                collector.inconclusive(ending::unseen(connection, last.entry.number));
            }
            None => {}
        }
    }
    collector.check_verdict("no viewer continued a paused run")
}
