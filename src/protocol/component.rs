//! What a server runs: agents, teams of them, and workflows. The WebSocket serves workflows; the requests over
//! HTTP are the same for all three (agno 2.6.0 and later).

use serde_json::{Value, json};

/// A kind of what a server runs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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

/// The field with a person's answer to a question: `null` until there is one.
const CONFIRMED: &str = "confirmed";
/// A team asks about a tool of one of its members: the question is inside of this field (agno 2.6.0 to 3.1.10).
const TOOL: &str = "tool_execution";

/// The part of a question that asks for a person's answer.
#[must_use]
pub fn asked(question: &Value) -> &Value {
    match question.get(TOOL) {
        Some(tool) if tool.is_object() => tool,
        _ => question,
    }
}

/// What a person decided about a question: `None` where it is not answered.
#[must_use]
pub fn decided(question: &Value) -> Option<bool> {
    asked(question).get(CONFIRMED)?.as_bool()
}

/// Answers a question with this.
pub fn decide(question: &mut Value, yes: bool) {
    let place = match question.get(TOOL) {
        Some(tool) if tool.is_object() => &mut question[TOOL],
        _ => question,
    };
    if let Some(fields) = place.as_object_mut() {
        fields.insert(CONFIRMED.to_owned(), json!(yes));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_where_it_is_asked() {
        let own = json!({"step_id": "a", "confirmed": null});
        let of_a_team = json!({"id": "a", "tool_execution": {"confirmed": null}});
        for mut question in [own, of_a_team.clone()] {
            assert_eq!(decided(&question), None);
            decide(&mut question, false);
            assert_eq!(decided(&question), Some(false));
        }
        let mut answered = of_a_team;
        decide(&mut answered, true);
        let expected = json!({"id": "a", "tool_execution": {"confirmed": true}});
        assert_eq!(answered, expected);
        let mut none = json!("text");
        decide(&mut none, true);
        assert_eq!((none, decided(&json!(7))), (json!("text"), None));
    }
}
