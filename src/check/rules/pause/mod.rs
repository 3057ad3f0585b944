//! PAUSE: a run that waits for a person, and goes on.
//!
//! - `stayed`: what those see who watched it pause, and stayed
//! - `once`: a second answer to the same pause

mod once;
mod stayed;

use std::collections::HashSet;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::pauses::is_pause;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, is_error, unanswered, views,
};
use crate::check::shared::{ending, http_requests, order};
use crate::protocol::{Control, Outcome, Position};
use crate::trace::{Earlier, Subscription, Trace};
use crate::transcript::entry::NORMAL;
use crate::transcript::{EntryKind, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "PAUSE-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A viewer who returns to a paused run gets its last event, `WorkflowPaused`, and the run can be continued.",
        why: "The run waits for a person. A viewer who returns must see the question, or both wait for ever.",
        harm: "A viewer who returns to a paused run may not see its question, or cannot let it go on.",
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
        since: "0.1.0",
        sentence: "When a paused run is continued, its indices go on after the pause, and none is used twice.",
        why: "The position of everybody who watches is such an index. If it is used twice, it hides what came after the pause.",
        harm: "After a pause the event numbers do not go on properly, so a viewer may miss what follows.",
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
    Requirement {
        id: "PAUSE-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A viewer who watched a run pause, and stayed, sees it go on when somebody else lets it.",
        why: "Two people wait for one approval. The page of the one who does not give it must not stand still for ever.",
        harm: "A viewer who stayed may not see a paused run go on when somebody else lets it.",
        source: "users of any resumable stream",
        good: "\
← event 15 (WorkflowPaused)                        to Ada, who stays
(Ben lets the run go on)
← event 16 (StepContinued)                         to Ada, and to Ben
← event 17                                         to Ada, and to Ben",
        bad: "\
← event 15 (WorkflowPaused)                        to Ada, who stays
(Ben lets the run go on)
← event 16 (StepContinued)                         to Ben only
(nothing more for Ada, though the run completes)",
        check: check!(stayed::sees_it_go_on),
    },
    Requirement {
        id: "PAUSE-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A pause is answered once: a later answer is refused, and nothing is carried out twice.",
        why: "Two people may approve the same step, or one of them twice. What was approved, a payment perhaps, must happen once.",
        harm: "A second answer to the same question may be carried out, or is not refused.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}              from Ada
← event 16 (StepContinued)                         to Ada
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}              from Ben
← {\"event\": \"error\", \"error\": \"Run is not paused\"}               to Ben",
        bad: "\
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}              from Ada
← event 16 (StepContinued)                         to Ada
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}              from Ben
← event 17 (StepContinued)                         to Ben: the step is carried out twice",
        check: check!(once::answered_once),
    },
];

fn told_and_continued(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut accused = HashSet::new();
    let cancelled = http_requests::to_be_cancelled(trace);
    let of_websocket: HashSet<&str> = trace
        .starts()
        .filter(|it| !trace.connection(it.connection).is_over_http())
        .filter_map(|it| it.run)
        .collect();
    // A run that somebody cancels may not wait any more: CANCEL-3.
    for view in views(trace).filter(|view| !cancelled.contains(view.run)) {
        let request = view.ret.request.number;
        let replayed = view.replay.and_then(|said| Outcome::of(said.status?));
        // Where viewers saw how the run went on, a status that says otherwise is a matter of REPLAY-3.
        let seen = || {
            trace.pause_before(view.run, request).is_some()
                || trace.ending_before(view.run, request).is_some()
        };
        let paused =
            trace.is_paused(view.run, request) || replayed == Some(Outcome::Paused) && !seen();
        if !paused
            || view.earlier != Earlier::Nothing
            || view.connection.barred().is_some()
            || view.belongs_to_another()
            || matches!(view.position, Position::Odd(_))
        {
            continue;
        }
        if !told(&view, !of_websocket.contains(view.run), &mut collector) {
            continue;
        }
        // Another user's answer is a matter of OWNER-2.
        let is_anothers = |it: &&Subscription<'_>| {
            trace.is_of_another_user(view.run, trace.connection(it.connection).viewer)
        };
        let all = || {
            let all = trace.continuations_after(view.run, request);
            all.filter(|it| !is_anothers(it))
        };
        // Of two answers at the same time one is refused: PAUSE-4.
        let went_on = all().find(|it| !it.deliveries.is_empty());
        let next = went_on.or_else(|| all().find(|it| !turned_away(trace, it)));
        match next.or(all().next()) {
            None => collector.inconclusive(format!(
                "no viewer continued the run after {} had returned",
                view.viewer()
            )),
            Some(next) => {
                let number = next.request.number;
                if turned_away(trace, next) {
                    collector.inconclusive("the server closed the connection after the replay");
                    continue;
                }
                match stopped(trace, next) {
                    Ok(true) => collector.passed(),
                    Ok(false) => {
                        let connection = trace.connection(next.connection);
                        collector.inconclusive(describe::gone(connection, "the run could go on"));
                    }
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

/// Whether the viewer knows that the run is paused; that they are not told is noted. A run that no viewer has started over
/// the WebSocket is one of HTTP.
fn told(view: &ReturnView<'_, '_>, is_of_http: bool, collector: &mut Collector) -> bool {
    const EXPECTED: &str = "WorkflowPaused, because the run waits for a person";
    let request = view.ret.request.number;
    if view.answer().is_none_or(is_error) {
        match answer_or_silence(view) {
            Some((observed, evidence)) => collector.failed(EXPECTED, observed, evidence),
            None => collector.inconclusive(unanswered(view)),
        }
        return false;
    }
    let paused = view.trace.pause_before(view.run, request);
    let index = paused.and_then(|entry| entry.message()?.event()?.index.at());
    let mut deliveries = view.deliveries.iter();
    if deliveries.any(is_pause) {
        return true;
    }
    // A run over HTTP is paused by a step's event, and no other follows: that tells the same on the WebSocket.
    let last = view.deliveries.last();
    if is_of_http && last.is_some_and(|it| it.event().is_pause_of_a_step()) {
        return true;
    }
    if index.is_some_and(|index| index < view.next) {
        // The viewer had seen it, and says so.
        return true;
    }
    let announced = view.replay.and_then(|said| said.announced);
    let whole = announced.is_some_and(|total| total <= view.deliveries.len() as u64);
    // Who has left is told nothing more.
    let over = view.connection.over().map(|over| over.number);
    let later = view.trace.continuations_after(view.run, request).next();
    let later = later.filter(|it| over.is_none_or(|over| it.request.number < over));
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
        None => {
            let before = "being told that the run was paused";
            collector.inconclusive(describe::gone(view.connection, before));
        }
    }
    false
}

/// Whether the server closed the connection, on which it had replayed a run, before it could see this request:
/// some do so after each replay (REPLAY-4).
fn turned_away(trace: &Trace<'_>, it: &Subscription<'_>) -> bool {
    let connection = trace.connection(it.connection);
    let closed = connection.closed().filter(|closed| {
        let code = match &closed.what {
            EntryKind::CloseReceived { code, .. } => *code,
            _ => None,
        };
        closed.number > it.request.number && code == Some(NORMAL)
    });
    let before = connection
        .heard()
        .take_while(|entry| entry.number < it.request.number);
    let mut controls = before.filter_map(|entry| entry.message()?.control());
    closed.is_some()
        && it.answer().is_none()
        && controls.any(|control| matches!(control, Control::Replay { .. }))
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
        if it.is_refused() {
            // The run goes on by another one's answer, and its numbering is judged there.
            collector.inconclusive("the answer to the pause was refused");
            continue;
        }
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
        // It may pause again.
        let ended = it.has_ended() || it.deliveries.last().is_some_and(is_pause);
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
