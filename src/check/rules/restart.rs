//! RESTART: what outlives a restart of the server.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::precondition::Obstacle;
use crate::check::shared::return_view::{ReturnView, barred, is_error, views};
use crate::check::shared::{ending, order, persisted_replay};
use crate::protocol::Outcome;
use crate::trace::Trace;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "RESTART-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "After a restart of the server, a finished run is still replayed, event for event.",
        why: "Servers are restarted every day, for a new release or a bigger machine. The work that people waited for must not be lost with it.",
        harm: "A finished run is gone or different after a restart of the server.",
        source: "agno-agi/agno #5787",
        good: "\
(the run ended, and the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"replay\", \"status\": \"COMPLETED\", \"total_events\": 4, …}
← event 0 … event 3: WorkflowCompleted             as they came live",
        bad: "\
(the run ended, and the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": null}
← {\"event\": \"error\", \"error\": \"Run r not found in buffer or database\"}",
        check: check!(finished),
    },
    Requirement {
        id: "RESTART-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A paused run that is continued after a restart of the server goes on at the next index.",
        why: "A question to a person may wait for days, and the server may be restarted meanwhile. If counting starts again from 0, what follows the answer looks like what came before it, and is ignored.",
        harm: "A paused run does not go on properly after a restart of the server.",
        source: "agno's `os/event_streams/base.py`",
        good: "\
← event 15 (WorkflowPaused)
(the server was restarted)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 16 (StepContinued)",
        bad: "\
← event 15 (WorkflowPaused)
(the server was restarted)
→ {\"action\": \"continue-workflow\", \"run_id\": \"r\", …}
← event 0 (StepContinued)                          a second event 0",
        check: check!(continued),
    },
    Requirement {
        id: "RESTART-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A run that a restart cut off is not shown as running for ever: an `error`, its ending, a `replay` as failed, or further events follow.",
        why: "A viewer who is told that the run goes on waits for it. If nobody carries it out any more, they wait for ever, and nobody starts it again.",
        harm: "A viewer of a run that a restart cut off may go on waiting for it.",
        source: "users of any resumable stream",
        good: "\
← event 19 of r
(the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"error\", \"error\": \"Run r was interrupted\"}",
        bad: "\
← event 19 of r
(the server was restarted)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"subscribed\", \"run_id\": \"r\", \"status\": \"running\", …}
(nothing more, however long the viewer waits, and the same again on the next return)",
        check: check!(cut_off),
    },
];

fn finished(trace: &Trace<'_>) -> CheckVerdict {
    persisted_replay::replayed_as_it_came(
        trace,
        |view| {
            let request = view.ret.request.number;
            let ended = trace.ending_before(view.run, request).is_some();
            // A run that went on after the restart had not finished before it.
            trace.restarted_before(view.run, request)
                && (!ended || trace.restarted_since_the_end(view.run, request))
        },
        "no viewer returned to a finished run after a restart of the server",
    )
}

fn continued(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for it in trace.continuations() {
        let request = it.request.number;
        let restarted = |run: &&str| trace.restarted_before(run, request);
        let Some(run) = it.run.filter(restarted) else {
            continue;
        };
        let connection = trace.connection(it.connection);
        if connection.barred().is_some() {
            collector.inconclusive(barred(connection.viewer));
            continue;
        }
        let seen = trace.highest_before(run, request);
        let Some(last) = seen.filter(|_| trace.is_paused(run, request)) else {
            collector.inconclusive("no viewer had seen the run pause before the restart");
            continue;
        };
        let next = last.saturating_add(1);
        let closed = connection.closed().filter(|closed| closed.number > request);
        let first = it.deliveries.first().map(|first| first.entry);
        let came = first
            .or(it.refusal())
            .or(connection.timeout_after(request))
            .or(closed);
        match (it.deliveries.first().and_then(|first| first.index()), came) {
            (Some(index), _) if index == next => match order::slip(&it.deliveries, next) {
                None => collector.passed(),
                Some(slip) => {
                    collector.failed(slip.expected(), slip.observed(), slip.evidence(it.request))
                }
            },
            (_, Some(came)) => collector.failed(
                format!("event {next} next, after the pause"),
                describe::entry(came),
                [request, came.number],
            ),
            (_, None) => collector.inconclusive(describe::gone(connection, "the run could go on")),
        }
    }
    collector.check_verdict("no viewer continued a paused run after a restart of the server")
}

fn cut_off(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for view in views(trace) {
        let request = view.ret.request.number;
        let is_over = trace.ending_before(view.run, request).is_some();
        if !trace.restarted_before(view.run, request)
            || is_over
            || trace.is_paused(view.run, request)
            || view.belongs_to_another()
        {
            continue;
        }
        let unfit = [
            Obstacle::InvalidPosition,
            Obstacle::Unauthenticated,
            Obstacle::Unrecorded,
        ];
        match view.obstacle(&unfit) {
            Some(reason) => collector.inconclusive(reason),
            None => told_of_the_cut(&view, &mut collector),
        }
    }
    collector.check_verdict("no viewer returned to a run that a restart had cut off")
}

/// What a viewer is owed who returns to a run that a restart has cut off.
const EXPECTED: &str = "an `error`, the ending, a `replay` as failed, or further events";

fn told_of_the_cut(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    let (_, live) = view.around_subscribed();
    let status = view.replay.and_then(|said| Outcome::of(said.status?));
    let told = view.answer().is_some_and(is_error)
        || view.ending().is_some()
        || matches!(status, Some(Outcome::Failed | Outcome::Cancelled))
        || (!view.subscribed.is_empty() && !live.is_empty());
    if told {
        return collector.passed();
    }
    let request = view.ret.request.number;
    if let Some(end) = view.connection.stream_ended() {
        let last = view.ret.last().unwrap_or(view.ret.request);
        return collector.failed(
            EXPECTED,
            format!("{} after {}", describe::entry(end), describe::entry(last)),
            [request, last.number, end.number],
        );
    }
    let Some(silence) = view.timed_out() else {
        return collector.inconclusive(format!(
            "{} left, or lost the connection, before it was clear what became of the run",
            view.viewer()
        ));
    };
    // One that is only slow goes on later.
    let again = ending::still_running(view.trace, view.run, silence);
    let shown = view.answer().filter(|_| status == Some(Outcome::Completed));
    match (view.answer(), again.or(shown)) {
        (Some(answer), None) => collector.inconclusive(format!(
            "{} got {} and then nothing, and nobody asked for the run once more",
            view.viewer(),
            describe::entry(answer)
        )),
        (answer, again) => collector.failed(
            EXPECTED,
            format!(
                "{}, and then {}",
                answer.map_or_else(|| "no answer".to_owned(), describe::entry),
                describe::entry(silence)
            ),
            [Some(view.ret.request), answer, Some(silence), again]
                .into_iter()
                .flatten()
                .map(|entry| entry.number)
                .chain([request]),
        ),
    }
}
