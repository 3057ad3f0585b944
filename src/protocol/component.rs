//! What a server runs: agents, teams of them, and workflows. The WebSocket serves workflows; the requests over
//! HTTP are the same for all three (agno 2.6.0 and later).

/// A kind of what a server runs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Component {
    /// A model with instructions and tools.
    Agent,
    /// Agents that work on one task together.
    Team,
    /// Steps, one after the other.
    Workflow,
}

/// Where a paused run says what it waits for, and where an answer says it again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Question {
    /// The list of questions: a field of the event that pauses the run, and of the form that continues it.
    pub list: &'static str,
    /// The field that tells a question from the others.
    pub id: &'static str,
}

impl Component {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Team, Self::Workflow];

    /// The first part of the paths of its requests.
    #[must_use]
    pub fn segment(self) -> &'static str {
        match self {
            Self::Agent => "agents",
            Self::Team => "teams",
            Self::Workflow => "workflows",
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Team => "team",
            Self::Workflow => "workflow",
        }
    }

    /// What the names of a run's own events begin with, before `RunStarted` and the like. A workflow's are called
    /// `WorkflowStarted`, without `Run`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "Run",
            Self::Team => "TeamRun",
            Self::Workflow => "Workflow",
        }
    }

    /// The name of a run's first event.
    #[must_use]
    pub fn started(self) -> &'static str {
        match self {
            Self::Agent => "RunStarted",
            Self::Team => "TeamRunStarted",
            Self::Workflow => "WorkflowStarted",
        }
    }

    /// Where a paused run of it says what it waits for.
    #[must_use]
    pub fn question(self) -> Question {
        let (list, id) = match self {
            Self::Agent => ("tools", "tool_call_id"),
            Self::Team => ("requirements", "id"),
            Self::Workflow => ("step_requirements", "step_id"),
        };
        Question { list, id }
    }
}
