//! A run that asks a person: what is said to let it go on, and whether that answers the question. No
//! sockets, no clock.

use serde_json::Value;

use crate::reference::model::run::Run;

/// A viewer's wish to let a paused run go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Going {
    /// The workflow's run id.
    pub run_id: String,
    /// The workflow that the viewer names.
    pub workflow_id: String,
    /// The session that the viewer names.
    pub session_id: String,
    /// Who the viewer is, where the server knows its users.
    pub user: Option<String>,
    /// The requirements of `WorkflowPaused`, answered.
    pub step_requirements: Value,
}

/// What a person says to a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The step is done.
    Yes,
    /// The step is left out.
    No,
}

impl Going {
    /// Whether it names the run's own workflow and session, and comes from its owner.
    #[must_use]
    pub fn names(&self, run: &Run) -> bool {
        self.workflow_id == run.workflow_id
            && self.session_id == run.session_id
            && self.user == run.owner
    }

    /// The answer to what the run asks: the question stands in its last event.
    ///
    /// # Errors
    ///
    /// The text of the refusal, as agno 3.1.10 words it, where it is no answer.
    pub fn answer(&self, run: &Run) -> Result<Answer, String> {
        let given = self
            .step_requirements
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        if given.iter().any(|one| one["step_id"].as_str().is_none()) {
            return Err("Invalid step_requirements: 'step_id'".to_owned());
        }
        let asked = run
            .events
            .last()
            .and_then(|it| it.field("step_requirements"));
        let asked = asked
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let mut answer = Answer::Yes;
        for question in asked {
            let same = given
                .iter()
                .find(|one| one["step_id"] == question["step_id"]);
            match same.and_then(|one| one["confirmed"].as_bool()) {
                Some(true) => {}
                Some(false) => answer = Answer::No,
                None => {
                    let name = question["step_name"].as_str().unwrap_or_default();
                    return Err(format!(
                        "Cannot continue run - unresolved step requirements: ['{name}']"
                    ));
                }
            }
        }
        Ok(answer)
    }
}
