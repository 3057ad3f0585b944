//! What a viewer asks of a run that exists: to return to it, or to let it go on after a pause.

use serde_json::Value;

use crate::protocol::component::{Question, decided};
use crate::protocol::{Component, Position};
use crate::reference::model::run::Run;

/// A viewer asks to return to a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnRequest {
    /// The workflow's run id.
    pub run_id: String,
    /// Where the viewer left off.
    pub position: Position,
    /// The workflow that the viewer names, if any.
    pub workflow_id: Option<String>,
    /// The session that the viewer names, if any.
    pub session_id: Option<String>,
    /// Who the viewer is, where users are kept apart.
    pub user: Option<String>,
    /// The workflows that the viewer's token is for, where permissions are given for single ones.
    pub permitted: Option<Vec<String>>,
    /// Whether the viewer came to the other replica.
    pub at_replica: bool,
    /// Whether the answer goes over HTTP: then of a finished run only what the viewer has not seen.
    pub over_http: bool,
}

impl ReturnRequest {
    /// Whether the viewer came to another replica than the one where the run was started.
    #[must_use]
    pub fn comes_elsewhere(&self, run: &Run) -> bool {
        self.at_replica && !run.at_replica
    }

    /// Whether the run belongs to the viewer, where users are kept apart.
    #[must_use]
    pub fn owns(&self, run: &Run) -> bool {
        self.user == run.owner
    }

    /// Whether the viewer has the permission for the run's workflow, where they are given for single ones.
    #[must_use]
    pub fn is_permitted(&self, run: &Run) -> bool {
        let permitted = self.permitted.as_ref();
        permitted.is_none_or(|permitted| permitted.contains(&run.workflow_id))
    }

    /// Whether the viewer names neither a workflow nor a session.
    #[must_use]
    pub fn names_only_the_run(&self) -> bool {
        // Over HTTP the workflow is a part of the path.
        (self.workflow_id.is_none() || self.over_http) && self.session_id.is_none()
    }

    /// Whether the viewer names the run's own workflow and session, or none.
    #[must_use]
    pub fn names(&self, run: &Run) -> bool {
        let same = |named: &Option<String>, own: &str| named.as_deref().is_none_or(|n| n == own);
        same(&self.workflow_id, &run.workflow_id) && same(&self.session_id, &run.session_id)
    }
}

/// A viewer asks to let a paused run go on.
#[derive(Clone, Debug, PartialEq)]
pub struct ContinueRequest {
    /// The workflow's run id.
    pub run_id: String,
    /// What the viewer takes it for.
    pub component: Component,
    /// The workflow that the viewer names.
    pub workflow_id: String,
    /// The session that the viewer names.
    pub session_id: String,
    /// Who the viewer is, where the server knows its users.
    pub user: Option<String>,
    /// The questions of the event that paused the run, answered.
    pub answers: Value,
    /// Whether the answer goes over HTTP.
    pub over_http: bool,
    /// Whether it brings the events.
    pub streams: bool,
}

/// What a person decides about a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The step is done.
    Confirmed,
    /// The step is left out.
    Rejected,
}

impl ContinueRequest {
    /// Whether it names the run's own workflow and session.
    #[must_use]
    pub fn names(&self, run: &Run) -> bool {
        self.workflow_id == run.workflow_id && self.session_id == run.session_id
    }

    /// Whether the run belongs to the viewer, where users are kept apart.
    #[must_use]
    pub fn owns(&self, run: &Run) -> bool {
        self.user == run.owner
    }

    /// The answer to what the run asks: the question is in its last event.
    ///
    /// # Errors
    ///
    /// The text of the refusal, as agno 3.1.10 words it, where it is no answer.
    pub fn decision(&self, run: &Run) -> Result<Decision, String> {
        let Question { list: field, id } = self.component.question();
        let given = list(Some(&self.answers));
        if given.iter().any(|one| one[id].as_str().is_none()) {
            return Err(format!("Invalid {field}: '{id}'"));
        }
        let mut decision = Decision::Confirmed;
        let last = run.events.last();
        for question in list(last.and_then(|it| it.field(field))) {
            let mut given = given.iter();
            let same = given.find(|one| one[id] == question[id]);
            match same.and_then(decided) {
                Some(true) => {}
                Some(false) => decision = Decision::Rejected,
                None => {
                    let name = question["step_name"].as_str().or(question[id].as_str());
                    let field = field.replace('_', " ");
                    return Err(format!(
                        "Cannot continue run - unresolved {field}: ['{}']",
                        name.unwrap_or_default()
                    ));
                }
            }
        }
        Ok(decision)
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
