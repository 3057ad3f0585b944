//! What the workflows, agents and teams do: each script is a list of steps. `drafts` turns them into events:
//! those of a workflow in `workflow`, of an agent or a team in `agents`; `fields` has what both have in common.

mod agents;
mod drafts;
mod fields;
mod workflow;

use std::time::Duration;

pub use fields::RunIds;

use crate::protocol::Component;

/// One workflow, agent or team. In an agent's or a team's, each step has the words of one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// What it is.
    pub component: Component,
    /// The id that starts it.
    pub id: String,
    /// The steps, one after the other.
    pub steps: Vec<ScriptStep>,
    /// Whether the run fails after the last word, with `WorkflowError`.
    pub fails: bool,
    /// How many events of a run the server keeps, the newest; all of them where it is `None`.
    pub keeps: Option<usize>,
    /// Whether the run asks a person before its last step, with `WorkflowPaused`.
    pub asks: bool,
    /// Whether its events come one after the other without any time between, whatever the server's
    /// pace.
    pub rushes: bool,
    /// For how long nothing happens before its last step.
    pub rests: Duration,
}

/// One step of a workflow: an agent that writes some words.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptStep {
    /// Its `step_name`.
    pub name: String,
    /// Its `agent_name`; the `agent_id` is the same in lower case.
    pub agent: String,
    /// How many words the agent writes. In the first step it repeats the start message before them, as
    /// one more event.
    pub words: usize,
    /// The workflow that runs in the agent's stead, where the step is one.
    pub inner: Option<Script>,
}

/// How many events of the endless workflow's runs the server keeps.
pub const KEPT: usize = 40;

/// For how long nothing happens in a run of the quiet workflow before its last step.
pub const RESTS: Duration = Duration::from_millis(900);

/// The events of a run outside of its steps: its start, its end, and the message repeated.
const AROUND_STEPS: usize = 3;
/// The events of a step besides its words.
const AROUND_WORDS: usize = 5;

impl Script {
    /// A workflow that does nothing special.
    fn of(id: &str, steps: Vec<ScriptStep>) -> Self {
        Self {
            component: Component::Workflow,
            id: id.into(),
            steps,
            fails: false,
            keeps: None,
            asks: false,
            rushes: false,
            rests: Duration::ZERO,
        }
    }

    /// The ids of the workflows among these.
    pub fn workflow_ids(scripts: &[Self]) -> impl Iterator<Item = String> {
        let workflows = scripts
            .iter()
            .filter(|it| it.component == Component::Workflow);
        workflows.map(|it| it.id.clone())
    }

    /// `content-creation-workflow`, for the part `long`: Research and Writing, some 60 events.
    #[must_use]
    pub fn long() -> Self {
        Self::of(
            "content-creation-workflow",
            vec![
                ScriptStep::new("Research", "Researcher", 23),
                ScriptStep::new("Writing", "Writer", 24),
            ],
        )
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
            ScriptStep::new(
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
        let step = ScriptStep::new("Greeting", "Greeter", 2);
        Self::of("short-workflow", vec![step])
    }

    /// `failing-workflow`, for the part `failing`: some words, then `WorkflowError`.
    #[must_use]
    pub fn failing() -> Self {
        let step = ScriptStep::new("Research", "Researcher", 12);
        Self {
            fails: true,
            ..Self::of("failing-workflow", vec![step])
        }
    }

    /// `endless-workflow`, for the part `endless`: nearly three times as many events as the server
    /// keeps of it.
    #[must_use]
    pub fn endless() -> Self {
        let step = ScriptStep::new("Narrating", "Novelist", 110);
        Self {
            keeps: Some(KEPT),
            ..Self::of("endless-workflow", vec![step])
        }
    }

    /// `pausing-workflow`, for the part `pausing`: a step, then `WorkflowPaused`; once a person has
    /// confirmed, another step.
    #[must_use]
    pub fn pausing() -> Self {
        let steps = vec![
            ScriptStep::new("Draft", "Drafter", 14),
            ScriptStep::new("Publish", "Publisher", 5),
        ];
        Self {
            asks: true,
            ..Self::of("pausing-workflow", steps)
        }
    }

    /// `talkative-workflow`, for the part `talkative`: more than a thousand words, as fast as they come.
    #[must_use]
    pub fn talkative() -> Self {
        let step = ScriptStep::new("Chatting", "Chatterer", 1150);
        Self {
            rushes: true,
            ..Self::of("talkative-workflow", vec![step])
        }
    }

    /// `quiet-workflow`, for the part `quiet`: some words, nothing for a while, and some more.
    #[must_use]
    pub fn quiet() -> Self {
        let steps = vec![
            ScriptStep::new("Asking", "Caller", 2),
            ScriptStep::new("Answering", "Answerer", 2),
        ];
        Self {
            rests: RESTS,
            ..Self::of("quiet-workflow", steps)
        }
    }

    /// `nested-workflow`, for the part `nested`: a step, then another workflow as a step, then a step.
    #[must_use]
    pub fn nested() -> Self {
        let inner = Self::of(
            "committee-workflow",
            vec![
                ScriptStep::new("Hearing", "Witness", 8),
                ScriptStep::new("Voting", "Chair", 8),
            ],
        );
        let committee = ScriptStep {
            inner: Some(inner),
            ..ScriptStep::new("Committee", "", 0)
        };
        let steps = vec![
            ScriptStep::new("Question", "Asker", 6),
            committee,
            ScriptStep::new("Answer", "Speaker", 6),
        ];
        Self::of("nested-workflow", steps)
    }
}

impl ScriptStep {
    fn new(name: &str, agent: &str, words: usize) -> Self {
        Self {
            name: name.into(),
            agent: agent.into(),
            words,
            inner: None,
        }
    }
}
