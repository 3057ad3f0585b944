//! The events of a workflow's script, before they happen.
//!
//! The fields are those that agno 3.1.10 sends; the content is always the same, and no two words of
//! a run are.

use serde_json::{Map, Value, json};

use crate::reference::model::event::Draft;
use crate::reference::model::script::fields::{GAVE_UP, GO_ON, RunIds, put};
use crate::reference::model::script::{Script, ScriptStep};
use crate::reference::model::status::Status;

impl Script {
    /// Everything that happens in one run of a workflow, in order. The last draft ends the run.
    pub(super) fn of_workflow(&self, ids: &RunIds<'_>) -> Vec<Draft> {
        let mut drafts = vec![self.workflow_event("WorkflowStarted", ids, &[])];
        let mut said = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            let (last, first) = (number + 1 == self.steps.len(), number == 0);
            let events = StepEvents {
                script: self,
                step,
                number,
                ids,
            };
            said.clear();
            if last && self.asks {
                drafts.extend(events.pause());
            }
            let mut started = events.step_event("StepStarted", &[]);
            if last {
                started.rests = self.rests;
            }
            drafts.push(started);
            if let Some(inner) = &step.inner {
                drafts.extend(events.inner(inner));
                drafts.push(events.step_event("StepCompleted", &[]));
                continue;
            }
            drafts.push(events.agent_event("RunStarted", &[("model", json!("scripted"))]));
            let repeated = first.then(|| ids.said());
            let words = (1..=step.words).map(|n| format!("{} says {n}. ", step.agent));
            for word in repeated.into_iter().chain(words) {
                said.push_str(&word);
                let fields = [("content", json!(word)), ("content_type", json!("str"))];
                drafts.push(events.agent_event("RunContent", &fields));
            }
            // Faults of single events strike at the last word: the continuation has its own.
            if last
                && !self.asks
                && let Some(word) = drafts.last_mut()
            {
                word.last_word = true;
            }
            if last && self.fails {
                drafts.push(events.agent_event("RunError", &[("content", json!(GAVE_UP))]));
                break;
            }
            let content = [("content", json!(said)), ("content_type", json!("str"))];
            drafts.push(events.agent_event("RunCompleted", &content));
            drafts.push(events.step_event("StepOutput", &content));
            drafts.push(events.step_event("StepCompleted", &content));
        }
        drafts.push(self.ending(ids, said));
        drafts
    }

    fn ending(&self, ids: &RunIds<'_>, said: String) -> Draft {
        if self.fails {
            let error = [("error", json!(GAVE_UP))];
            let mut draft = self.workflow_event("WorkflowError", ids, &error);
            draft.ends = Some(Status::Failed);
            draft
        } else {
            let content = [("content", json!(said)), ("content_type", json!("str"))];
            let mut draft = self.workflow_event("WorkflowCompleted", ids, &content);
            draft.ends = Some(Status::Completed);
            draft
        }
    }

    fn workflow_event(&self, name: &str, ids: &RunIds<'_>, more: &[(&str, Value)]) -> Draft {
        let mut fields = Map::new();
        put(
            &mut fields,
            &[
                ("event", json!(name)),
                ("run_id", json!(ids.run_id)),
                ("session_id", json!(ids.session_id)),
                ("workflow_id", json!(self.id)),
                ("workflow_name", json!(self.id)),
            ],
        );
        put(&mut fields, more);
        Draft::new(fields)
    }
}

struct StepEvents<'a> {
    script: &'a Script,
    step: &'a ScriptStep,
    number: usize,
    ids: &'a RunIds<'a>,
}

impl StepEvents<'_> {
    fn step_event(&self, name: &str, more: &[(&str, Value)]) -> Draft {
        let mut draft = self.script.workflow_event(name, self.ids, more);
        put(
            &mut draft.fields,
            &[
                ("step_id", json!(self.derived("step"))),
                ("step_name", json!(self.step.name)),
                ("step_index", json!(self.number)),
            ],
        );
        draft
    }

    /// The run asks a person whether to go on with the step. What follows `WorkflowPaused` happens
    /// once it is continued.
    fn pause(&self) -> [Draft; 3] {
        let question = [
            ("requires_confirmation", json!(true)),
            ("confirmation_message", json!(GO_ON)),
            ("requires_user_input", json!(false)),
        ];
        let mut requirement = Map::new();
        put(&mut requirement, &question);
        put(
            &mut requirement,
            &[
                ("step_id", json!(self.derived("step"))),
                ("step_name", json!(self.step.name)),
                ("step_index", json!(self.number)),
                ("step_type", json!("Step")),
                ("confirmed", Value::Null),
                ("on_reject", json!("skip")),
            ],
        );
        let mut paused = self.script.workflow_event(
            "WorkflowPaused",
            self.ids,
            &[
                ("status", json!(Status::Paused.word())),
                ("paused_step_index", json!(self.number)),
                ("paused_step_name", json!(self.step.name)),
                ("pause_kind", json!("step")),
                ("step_requirements", json!([requirement])),
            ],
        );
        paused.ends = Some(Status::Paused);
        [
            self.step_event("StepPaused", &question),
            paused,
            self.step_event("StepContinued", &[]),
        ]
    }

    /// All that happens in the run of the workflow that is the step: its events name that run, and the one
    /// around it as their `workflow_run_id`.
    fn inner(&self, script: &Script) -> Vec<Draft> {
        let (run_id, message) = (self.derived("inner"), json!(self.step.name));
        let mut drafts = script.drafts(&RunIds {
            run_id: &run_id,
            session_id: self.ids.session_id,
            message: &message,
        });
        for draft in &mut drafts {
            let depth = draft.fields.get("nested_depth").and_then(Value::as_u64);
            put(
                &mut draft.fields,
                &[
                    ("nested_depth", json!(depth.unwrap_or_default() + 1)),
                    ("workflow_run_id", json!(self.ids.run_id)),
                ],
            );
            (draft.ends, draft.last_word) = (None, false);
        }
        drafts
    }

    /// A nested event: its `run_id` is the agent's.
    fn agent_event(&self, name: &str, more: &[(&str, Value)]) -> Draft {
        let mut draft = self.step_event(name, more);
        draft.fields.remove("workflow_name");
        put(
            &mut draft.fields,
            &[
                ("agent_id", json!(self.step.agent.to_lowercase())),
                ("agent_name", json!(self.step.agent)),
                ("run_id", json!(self.derived("agent"))),
                ("workflow_run_id", json!(self.ids.run_id)),
            ],
        );
        draft
    }

    fn derived(&self, what: &str) -> String {
        format!("{}-{what}-{}", self.ids.run_id, self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn drafts(script: &Script) -> Vec<Draft> {
        script.drafts(&RunIds {
            run_id: "r",
            session_id: "s",
            message: &json!("hello"),
        })
    }

    fn names(drafts: &[Draft]) -> Vec<&str> {
        drafts
            .iter()
            .filter_map(|d| d.fields["event"].as_str())
            .collect()
    }

    #[test]
    fn the_scripts_are_as_long_as_their_parts_need() {
        assert_eq!(drafts(&Script::long()).len(), Script::SHORTEST);
        assert_eq!(Script::long_of(0), Script::long());
        for events in [60, 61, 100, 119, 120, 1_000, 12_345] {
            assert_eq!(drafts(&Script::long_of(events)).len(), events);
        }
        assert_eq!(drafts(&Script::failing()).len(), 18);
        assert_eq!(drafts(&Script::endless()).len(), 118);
        assert_eq!(drafts(&Script::talkative()).len(), 1158);
        assert_eq!(
            names(&drafts(&Script::short())),
            [
                "WorkflowStarted",
                "StepStarted",
                "RunStarted",
                "RunContent",
                "RunContent",
                "RunContent",
                "RunCompleted",
                "StepOutput",
                "StepCompleted",
                "WorkflowCompleted"
            ]
        );
    }

    #[test]
    fn only_the_last_event_ends_the_run() {
        for script in Script::all() {
            let mut drafts = drafts(&script);
            let last = drafts.pop().expect("an ending");
            assert_eq!(last.ends == Some(Status::Failed), script.fails);
            assert!(last.ends.is_some_and(|it| it != Status::Paused));
            let earlier: Vec<_> = drafts.iter().filter_map(|d| d.ends).collect();
            assert_eq!(earlier, vec![Status::Paused; usize::from(script.asks)]);
            let last_words = drafts.iter().filter(|d| d.last_word).count();
            assert_eq!(last_words, usize::from(!script.asks));
        }
    }

    #[test]
    fn an_inner_workflow_begins_and_ends_inside_the_run() {
        let drafts = drafts(&Script::nested());
        let inner = |draft: &&Draft| draft.fields.contains_key("nested_depth");
        let first = drafts.iter().position(|it| inner(&it));
        let first = first.expect("an inner event");
        let inside: Vec<&Draft> = drafts.iter().filter(inner).collect();
        let own: Vec<&&Draft> = inside
            .iter()
            .filter(|it| !it.fields.contains_key("agent_id"))
            .collect();
        assert_eq!(own[0].fields["event"], "WorkflowStarted");
        assert_eq!(own[own.len() - 1].fields["event"], "WorkflowCompleted");
        assert!(own.iter().all(|it| it.fields["run_id"] == "r-inner-1"));
        assert!(first < 20 && first + inside.len() > 35, "{first}");
        assert!(drafts.len() >= 40, "{}", drafts.len());
    }

    #[test]
    fn a_pausing_run_asks_before_its_last_step() {
        let drafts = drafts(&Script::pausing());
        let at = drafts.iter().position(|d| d.ends == Some(Status::Paused));
        let at = at.expect("a pause");
        assert_eq!(
            names(&drafts)[at - 2..at + 3],
            [
                "StepCompleted",
                "StepPaused",
                "WorkflowPaused",
                "StepContinued",
                "StepStarted"
            ]
        );
        let asked = &drafts[at].fields["step_requirements"][0];
        assert_eq!(asked["step_id"], drafts[at + 1].fields["step_id"]);
        assert_eq!(asked["confirmed"], Value::Null);
    }

    #[test]
    fn each_word_is_another() {
        let drafts = drafts(&Script::long());
        let words: Vec<&Value> = drafts
            .iter()
            .filter(|d| d.fields["event"] == "RunContent")
            .map(|d| &d.fields["content"])
            .collect();
        assert_eq!(words.len(), words.iter().collect::<HashSet<_>>().len());
        assert_eq!(words[0], "hello");
    }

    #[test]
    fn nested_events_name_both_runs() {
        for draft in [Script::long(), Script::nested()].iter().flat_map(drafts) {
            let nested = ["agent_id", "nested_depth"];
            let nested = nested.iter().any(|it| draft.fields.contains_key(*it));
            assert_eq!(draft.fields["run_id"] != "r", nested);
            let around = draft.fields.get("workflow_run_id");
            assert_eq!(around, nested.then_some(&json!("r")));
            assert_eq!(draft.fields["session_id"], "s");
        }
    }
}
