//! RESTART: what outlives a restart of the server.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::persisted_replay;
use crate::check::shared::return_view::barred;
use crate::trace::Trace;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "RESTART-1",
        level: Level::Must,
        sentence: "After a restart of the server, a finished run is still replayed, event for event.",
        why: "Servers are restarted every day, for a new release or a bigger machine. The work that people waited for must not be lost with it.",
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
        sentence: "A paused run that is continued after a restart of the server goes on at the next index.",
        why: "A question to a person may wait for days, and the server may be restarted meanwhile. If counting starts again from 0, what follows the answer looks like what came before it, and is ignored.",
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
            (Some(index), _) if index == next => collector.passed(),
            (_, Some(came)) => collector.failed(
                format!("event {next} next, after the pause"),
                describe::entry(came),
                [request, came.number],
            ),
            (_, None) => collector.inconclusive(format!(
                "{} left before the run could go on",
                connection.viewer
            )),
        }
    }
    collector.check_verdict("no viewer continued a paused run after a restart of the server")
}
