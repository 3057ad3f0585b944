//! What the workflows do: each script is a list of steps, and becomes a list of drafts of events.
//!
//! The fields are those that agno 3.1.10 sends; the content is always the same, and no two words of
//! a run are.

use serde_json::{Map, Value, json};

use crate::reference::model::event::Draft;
use crate::reference::model::status::Status;
use crate::reference::model::wire;

/// One workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The id that `start-workflow` names.
    pub workflow_id: String,
    /// The steps, one after the other.
    pub steps: Vec<Step>,
    /// Whether the run fails after the last word, with `WorkflowError`.
    pub fails: bool,
    /// How many events of a run the server keeps, the newest; all of them where it is `None`.
    pub keeps: Option<usize>,
    /// Whether the run asks a person before its last step, with `WorkflowPaused`.
    pub asks: bool,
    /// Whether its events come one after the other without any time between, whatever the server's
    /// pace.
    pub rushes: bool,
}

/// One step of a workflow: an agent that says some words.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its `step_name`.
    pub name: String,
    /// Its `agent_name`; the `agent_id` is the same in lower case.
    pub agent: String,
    /// How many words the agent says. In the first step it says the start message before them, as
    /// one more event.
    pub words: usize,
}

/// The ids of one performance of a script.
#[derive(Clone, Debug)]
pub struct RunIds<'a> {
    /// The workflow's run id.
    pub run_id: &'a str,
    /// The session that the run belongs to.
    pub session_id: &'a str,
    /// What the workflow was told: any JSON. A text is repeated as it is, anything else as JSON.
    pub message: &'a Value,
}

/// How many events of the endless workflow's runs the server keeps.
pub const KEPT: usize = 40;

/// The events of a run outside of its steps: its start, its end, and what it was told.
const AROUND_STEPS: usize = 3;
/// The events of a step besides its words.
const AROUND_WORDS: usize = 5;

/// What a failing run says of its failure.
const GAVE_UP: &str = "the agent of the last step gave up";

/// What a pausing run asks.
const GO_ON: &str = "Go on?";

impl Script {
    /// `content-creation-workflow`, for the part `long`: Research and Writing, some 60 events.
    #[must_use]
    pub fn long() -> Self {
        Self {
            workflow_id: "content-creation-workflow".into(),
            steps: vec![
                Step::new("Research", "Researcher", 23),
                Step::new("Writing", "Writer", 24),
            ],
            fails: false,
            keeps: None,
            asks: false,
            rushes: false,
        }
    }

    /// The same with so many events, in steps of about as many words. It has [`Script::SHORTEST`] at
    /// the least.
    #[must_use]
    pub fn long_of(events: usize) -> Self {
        let events = events.max(Self::SHORTEST);
        let steps = (events / Self::SHORTEST).max(1) * 2;
        let words = events - AROUND_STEPS - AROUND_WORDS * steps;
        let step = |number: usize| {
            let (name, agent) = match number % 2 {
                0 => ("Research", "Researcher"),
                _ => ("Writing", "Writer"),
            };
            Step::new(
                name,
                agent,
                words * (number + 1) / steps - words * number / steps,
            )
        };
        Self {
            steps: (0..steps).map(step).collect(),
            ..Self::long()
        }
    }

    /// How many events [`Script::long`] has.
    pub const SHORTEST: usize = 60;

    /// `short-workflow`, for the part `short`: some ten events.
    #[must_use]
    pub fn short() -> Self {
        Self {
            workflow_id: "short-workflow".into(),
            steps: vec![Step::new("Greeting", "Greeter", 2)],
            fails: false,
            keeps: None,
            asks: false,
            rushes: false,
        }
    }

    /// `failing-workflow`, for the part `failing`: some words, then `WorkflowError`.
    #[must_use]
    pub fn failing() -> Self {
        Self {
            workflow_id: "failing-workflow".into(),
            steps: vec![Step::new("Research", "Researcher", 12)],
            fails: true,
            keeps: None,
            asks: false,
            rushes: false,
        }
    }

    /// `endless-workflow`, for the part `endless`: nearly three times as many events as the server
    /// keeps of it.
    #[must_use]
    pub fn endless() -> Self {
        Self {
            workflow_id: "endless-workflow".into(),
            steps: vec![Step::new("Telling", "Novelist", 110)],
            fails: false,
            keeps: Some(KEPT),
            asks: false,
            rushes: false,
        }
    }

    /// `pausing-workflow`, for the part `pausing`: a step, then `WorkflowPaused`; once a person has
    /// said yes, another step.
    #[must_use]
    pub fn pausing() -> Self {
        Self {
            workflow_id: "pausing-workflow".into(),
            steps: vec![
                Step::new("Draft", "Drafter", 14),
                Step::new("Publish", "Publisher", 5),
            ],
            fails: false,
            keeps: None,
            asks: true,
            rushes: false,
        }
    }

    /// `talkative-workflow`, for the part `talkative`: more than a thousand words, as fast as they come.
    #[must_use]
    pub fn talkative() -> Self {
        Self {
            workflow_id: "talkative-workflow".into(),
            steps: vec![Step::new("Chatting", "Chatterer", 1150)],
            fails: false,
            keeps: None,
            asks: false,
            rushes: true,
        }
    }

    /// The scripts that a server has where nothing else is asked for.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::long(),
            Self::short(),
            Self::failing(),
            Self::pausing(),
            Self::endless(),
            Self::talkative(),
        ]
    }

    /// Everything that happens in one performance, in order. The last draft ends the run.
    #[must_use]
    pub fn drafts(&self, cast: &RunIds<'_>) -> Vec<Draft> {
        let mut drafts = vec![self.workflow_event("WorkflowStarted", cast, &[])];
        let mut said = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            let (last, first) = (number + 1 == self.steps.len(), number == 0);
            let breakpoints = StepOnStage {
                script: self,
                step,
                number,
                cast,
            };
            said.clear();
            if last && self.asks {
                drafts.extend(breakpoints.pause());
            }
            drafts.push(breakpoints.step_event("StepStarted", &[]));
            drafts.push(breakpoints.agent_event("RunStarted", &[("model", json!("scripted"))]));
            let told = first.then(|| match cast.message {
                Value::String(text) => text.clone(),
                other => wire::text(other),
            });
            let words = (1..=step.words).map(|n| format!("{} says {n}. ", step.agent));
            for word in told.into_iter().chain(words) {
                said.push_str(&word);
                let fields = [("content", json!(word)), ("content_type", json!("str"))];
                drafts.push(breakpoints.agent_event("RunContent", &fields));
            }
            // Faults of single events strike at the last word: the continuation has its own.
            if last
                && !self.asks
                && let Some(word) = drafts.last_mut()
            {
                word.last_word = true;
            }
            if last && self.fails {
                drafts.push(breakpoints.agent_event("RunError", &[("content", json!(GAVE_UP))]));
                break;
            }
            let content = [("content", json!(said)), ("content_type", json!("str"))];
            drafts.push(breakpoints.agent_event("RunCompleted", &content));
            drafts.push(breakpoints.step_event("StepOutput", &content));
            drafts.push(breakpoints.step_event("StepCompleted", &content));
        }
        drafts.push(self.ending(cast, said));
        drafts
    }

    fn ending(&self, cast: &RunIds<'_>, said: String) -> Draft {
        if self.fails {
            let error = [("error", json!(GAVE_UP))];
            let mut draft = self.workflow_event("WorkflowError", cast, &error);
            draft.ends = Some(Status::Failed);
            draft
        } else {
            let content = [("content", json!(said)), ("content_type", json!("str"))];
            let mut draft = self.workflow_event("WorkflowCompleted", cast, &content);
            draft.ends = Some(Status::Completed);
            draft
        }
    }

    fn workflow_event(&self, name: &str, cast: &RunIds<'_>, more: &[(&str, Value)]) -> Draft {
        let mut fields = Map::new();
        put(
            &mut fields,
            &[
                ("event", json!(name)),
                ("run_id", json!(cast.run_id)),
                ("session_id", json!(cast.session_id)),
                ("workflow_id", json!(self.workflow_id)),
                ("workflow_name", json!(self.workflow_id)),
            ],
        );
        put(&mut fields, more);
        Draft::new(fields)
    }
}

impl Step {
    fn new(name: &str, agent: &str, words: usize) -> Self {
        Self {
            name: name.into(),
            agent: agent.into(),
            words,
        }
    }
}

struct StepOnStage<'a> {
    script: &'a Script,
    step: &'a Step,
    number: usize,
    cast: &'a RunIds<'a>,
}

impl StepOnStage<'_> {
    fn step_event(&self, name: &str, more: &[(&str, Value)]) -> Draft {
        let mut draft = self.script.workflow_event(name, self.cast, more);
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
            self.cast,
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
                ("workflow_run_id", json!(self.cast.run_id)),
            ],
        );
        draft
    }

    fn derived(&self, what: &str) -> String {
        format!("{}-{what}-{}", self.cast.run_id, self.number)
    }
}

fn put(fields: &mut Map<String, Value>, more: &[(&str, Value)]) {
    for (name, value) in more {
        fields.insert((*name).into(), value.clone());
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
    fn the_scripts_are_as_long_as_their_parts_want() {
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
        for draft in drafts(&Script::long()) {
            let nested = draft.fields.contains_key("agent_id");
            assert_eq!(draft.fields["run_id"] != "r", nested);
            assert_eq!(draft.fields.contains_key("workflow_run_id"), nested);
            assert_eq!(draft.fields["session_id"], "s");
        }
    }
}
