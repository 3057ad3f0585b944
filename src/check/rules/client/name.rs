//! CLIENT-NAME: what a client names when it returns.

use super::SOURCE;
use super::view::losses;
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::trace::Trace;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-NAME-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client names the workflow's run when it returns, not an agent's.",
        why: "Most events of a workflow are those of its agents: their `run_id` is the agent's, and the workflow's is `workflow_run_id`. Only the latter can be returned to.",
        harm: "The return is refused, although the run goes on.",
        source: SOURCE,
        good: "\
← {\"event\": \"RunContent\", \"run_id\": \"a\", \"workflow_run_id\": \"r\", …}
(the connection is reset)
→ {\"action\": \"reconnect\", \"run_id\": \"r\", …}",
        bad: "\
← {\"event\": \"RunContent\", \"run_id\": \"a\", \"workflow_run_id\": \"r\", …}
(the connection is reset)
→ {\"action\": \"reconnect\", \"run_id\": \"a\", …}",
        check: check!(the_run),
    },
    Requirement {
        id: "CLIENT-NAME-2",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client names workflow and session as well.",
        why: "A server that no longer has the run in its memory looks it up by them.",
        harm: "A run that has ended in the meantime may not be found.",
        source: SOURCE,
        good: "→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"workflow_id\": \"w\", \"session_id\": \"s\", …}",
        bad: "→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        check: check!(workflow_and_session),
    },
];

fn the_run(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for loss in losses(trace) {
        let last = loss.before.deliveries.last();
        if !last.is_some_and(|it| it.event().is_inner()) {
            collector.inconclusive("the last event before the loss was the workflow's own");
            continue;
        }
        let Some(ret) = loss.ret() else {
            collector.inconclusive(loss.no_return());
            continue;
        };
        match ret.run {
            Some(named) if named == loss.run => collector.passed(),
            named => collector.failed(
                format!("the workflow's run {}", describe::quoted(loss.run)),
                describe::field(named),
                [loss.cut.number, ret.request.number],
            ),
        }
    }
    collector.check_verdict("no connection was cut while Ada watched a run")
}

fn workflow_and_session(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for loss in losses(trace) {
        let Some(ret) = loss.ret() else {
            collector.inconclusive(loss.no_return());
            continue;
        };
        let start = trace.start_of(loss.run);
        let workflow = start.and_then(|it| it.workflow_id());
        let session = loss.before.deliveries.iter().map(|it| it.event());
        let session = session
            .filter_map(|it| it.session_id.as_deref())
            .next_back();
        for (what, expected, named) in [
            ("workflow", workflow, ret.workflow_id()),
            ("session", session, ret.session_id()),
        ] {
            match (expected, named) {
                (None, _) => collector.inconclusive(format!("no event named the {what}")),
                (Some(expected), Some(named)) if expected == named => collector.passed(),
                (Some(expected), named) => collector.failed(
                    format!("the {what} {}", describe::quoted(expected)),
                    describe::field(named),
                    [ret.request.number],
                ),
            }
        }
    }
    collector.check_verdict("no connection was cut while Ada watched a run")
}
