//! What happens in a run that is cancelled, as on agno 3.1.10: events of the agent at work say so, then one
//! of the workflow, agent or team, and its `…Completed` is the end of the stream.

use serde_json::{Map, Value, json};

use crate::protocol::Component;
use crate::reference::model::event::Draft;
use crate::reference::model::status::Status;

/// What an agent's own events have that those of a workflow have not.
const NESTED: [&str; 8] = [
    "agent_id",
    "agent_name",
    "workflow_run_id",
    "step_id",
    "step_name",
    "step_index",
    "content",
    "content_type",
];

/// What the event of a pause has, and no other.
const PAUSE: [&str; 7] = [
    "status",
    "paused_step_index",
    "paused_step_name",
    "pause_kind",
    "step_requirements",
    "tools",
    "requirements",
];

/// What still happens in a run that is cancelled after an event with these fields: all of it at once. `own` are
/// the fields of an event of the run's own, which it was not when an inner workflow was at work.
#[must_use]
pub fn closing(latest: &Map<String, Value>, own: &Map<String, Value>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let is_nested = ["workflow_run_id", "parent_run_id"]
        .iter()
        .any(|around| latest.contains_key(*around));
    let at_work = is_nested && latest.contains_key("agent_id") && latest["event"] != "RunCompleted";
    if at_work {
        let agent = latest.get("run_id").and_then(Value::as_str);
        let reason = was_cancelled(agent.unwrap_or_default());
        for name in ["RunCancelled", "RunCompleted"] {
            let mut fields = latest.clone();
            fields.insert("event".into(), json!(name));
            fields.insert("content".into(), json!(reason));
            drafts.push(fields);
        }
    }
    let (prefix, run) = of_run(own);
    let reason = was_cancelled(
        run.get("run_id")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    for (name, field) in [("Cancelled", "reason"), ("Completed", "content")] {
        let mut fields = run.clone();
        fields.insert("event".into(), json!(format!("{prefix}{name}")));
        fields.insert(field.into(), json!(reason));
        drafts.push(fields);
    }
    let mut drafts: Vec<Draft> = drafts
        .into_iter()
        .map(|fields| Draft {
            at_once: true,
            ..Draft::new(fields)
        })
        .collect();
    if let Some(last) = drafts.last_mut() {
        last.ends = Some(Status::Cancelled);
    }
    drafts
}

/// What still happens in a run that nobody carries out any more, after an event of its own with these fields.
#[must_use]
pub fn lost(own: &Map<String, Value>) -> Draft {
    let (prefix, mut fields) = of_run(own);
    fields.insert("event".into(), json!(format!("{prefix}Error")));
    let error = "the replica that carried out the run has died";
    fields.insert("error".into(), json!(error));
    Draft {
        at_once: true,
        ends: Some(Status::Failed),
        ..Draft::new(fields)
    }
}

/// What the names of the run's own events begin with, and the fields of such an event, after one with these.
fn of_run(own: &Map<String, Value>) -> (&'static str, Map<String, Value>) {
    let mut run = own.clone();
    if let Some(run_id) = own.get("workflow_run_id") {
        run.insert("run_id".into(), run_id.clone());
    }
    let component = if own.contains_key("workflow_id") {
        Component::Workflow
    } else if own.contains_key("team_id") {
        Component::Team
    } else {
        Component::Agent
    };
    let foreign = match component {
        Component::Workflow => &NESTED[..],
        Component::Agent | Component::Team => &["content", "content_type", "model"],
    };
    for name in foreign.iter().chain(&PAUSE) {
        run.remove(*name);
    }
    (component.prefix(), run)
}

fn was_cancelled(run_id: &str) -> String {
    format!("Run {run_id} was cancelled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::model::script::{RunIds, Script};

    fn names(script: &Script, after: usize) -> Vec<String> {
        let drafts = script.drafts(&RunIds {
            run_id: "r",
            session_id: "s",
            message: &json!(""),
        });
        let closing = closing(&drafts[after].fields, &drafts[0].fields);
        let last = closing.last().expect("an ending");
        assert_eq!(last.ends, Some(Status::Cancelled));
        for draft in &closing[closing.len() - 2..] {
            assert_eq!(draft.fields["run_id"], "r");
            assert_eq!(draft.fields["workflow_id"], script.id.as_str());
            assert!(!draft.fields.contains_key("step_id"));
            assert!(!draft.fields.contains_key("nested_depth"));
        }
        let names = closing.iter().filter_map(|it| it.fields["event"].as_str());
        names.map(str::to_owned).collect()
    }

    #[test]
    fn the_agent_at_work_says_so_first() {
        let workflow = ["WorkflowCancelled", "WorkflowCompleted"];
        let names = |after| names(&Script::short(), after);
        assert_eq!(names(0), workflow);
        let both = [["RunCancelled", "RunCompleted"], workflow].concat();
        assert_eq!(names(4), both);
        // After `RunCompleted` no agent is at work.
        assert_eq!(names(6), workflow);
    }

    #[test]
    fn a_team_is_cancelled_with_the_member_at_work() {
        let names = |id: &str, after: usize| {
            let script = Script::all().into_iter().find(|it| it.id == id);
            let drafts = script.expect("a script").drafts(&RunIds {
                run_id: "r",
                session_id: "s",
                message: &json!(""),
            });
            let closing = closing(&drafts[after].fields, &drafts[0].fields);
            assert!(closing.iter().all(|it| !it.fields.contains_key("model")));
            let names = closing.iter().filter_map(|it| it.fields["event"].as_str());
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(names("short-agent", 2), ["RunCancelled", "RunCompleted"]);
        let team = ["TeamRunCancelled", "TeamRunCompleted"];
        assert_eq!(names("short-team", 1), team);
        let both = [["RunCancelled", "RunCompleted"], team].concat();
        assert_eq!(names("short-team", 3), both);
    }

    #[test]
    fn the_run_around_an_inner_workflow_is_cancelled() {
        // Before, in and after the inner workflow.
        for after in 0..45 {
            let names = names(&Script::nested(), after);
            assert_eq!(names[names.len() - 2], "WorkflowCancelled");
        }
    }
}
