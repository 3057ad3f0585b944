//! A run that waits for a person: seeing it pause, and letting it continue.

use hyper::Method;
use serde_json::{Value, json};

use super::shared::{event_of, in_the_record};
use crate::client::Viewer;
use crate::client::http::Ask;
use crate::protocol::component::{asked as asked_in, decide};
use crate::protocol::{Action, Control, Ending, Route, RunRequest, framing, json as lenient};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::{Disconnect, EntryKind, Number};

/// What a requirement may ask for beside a yes or no, which the suite cannot know.
const MORE_THAN_YES: [&str; 3] = [
    "requires_user_input",
    "requires_route_selection",
    "requires_output_review",
];

/// How often a run is let go on that pauses again and again.
const MOST_PAUSES: usize = 10;

impl World {
    /// Waits until the viewer, who watches the run, sees it pause.
    pub async fn until_paused(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.release(&run);
        let ending = self
            .viewer(name)
            .wait(0, "the pause of the run", |entry| match entry.what {
                // Over HTTP the stream may end with the event of a step: it is known as the pause only now.
                EntryKind::StreamEnded { .. } => Some(Ending::Paused),
                _ => event_of(entry, &run.run_id)?.ending(),
            })
            .await?;
        match ending {
            Ending::Paused => Ok(()),
            _ => Err(StepError::Inconclusive(
                "the part `pausing` is miscast: its run ended without a pause; name a workflow that asks a person, [parts.pausing]"
                    .to_owned(),
            )),
        }
    }

    /// Leaves a run before it pauses, while another viewer sees it pause.
    pub async fn leave_before_the_pause(
        &mut self,
        name: &str,
        other: &str,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.leave_before_the_end(name, Disconnect::Reset).await?;
        let seen = self.recorder.look(0, |entry| {
            let paused = event_of(entry, &run.run_id)?.ending() == Some(Ending::Paused);
            (paused && &*entry.viewer == name).then_some(())
        });
        if seen.is_some() {
            return Err(StepError::Inconclusive(format!(
                "the run paused before {name} could leave: choose one that says more before, \
                 [parts.pausing]"
            )));
        }
        self.until_paused(other).await
    }

    /// Confirms what the run asks for, as often as it asks, and waits until it ends, or nothing more comes.
    pub async fn let_it_continue(&mut self, name: &str) -> Result<(), StepError> {
        for _ in 0..MOST_PAUSES {
            let mut confirmed = self.continue_once(name).await;
            // Some servers close the connection after a replay.
            if !matches!(confirmed, Ok(Some(_))) && self.viewer(name).was_dismissed() {
                self.connect(name).await?;
                confirmed = self.continue_once(name).await;
            }
            if confirmed? != Some(Ending::Paused) {
                break;
            }
        }
        Ok(())
    }

    /// Likewise two viewers, once, so that each asks before the other is answered.
    pub async fn both_let_it_continue(&mut self, one: &str, other: &str) -> Result<(), StepError> {
        for name in [one, other] {
            if !self.viewer(name).is_here() {
                self.connect(name).await?;
            }
        }
        let first = self.confirm(one).await?;
        let second = self.confirm(other).await?;
        self.went_on(one, first).await?;
        self.went_on(other, second).await.map(drop)
    }

    async fn continue_once(&mut self, name: &str) -> Result<Option<Ending>, StepError> {
        let asked = self.confirm(name).await?;
        self.went_on(name, asked).await
    }

    /// Confirms what the run asks for. Returns the number of the request.
    pub(super) async fn confirm(&mut self, name: &str) -> Result<Number, StepError> {
        let run = self.current_run()?;
        let step_requirements = self.answered_requirements(name).await?;
        if !self.viewer(name).is_here() {
            self.connect(name).await?;
        }
        let action = Action::Continue {
            workflow_id: Some(run.workflow_id.clone()),
            run_id: Some(run.run_id.to_string()),
            session_id: Some(run.session_id.to_string()),
            step_requirements,
        };
        Ok(self.viewer(name).say(action).await?)
    }

    /// Waits until this answer is refused, the run ends or pauses, or nothing more comes. Returns how it
    /// ended.
    async fn went_on(&mut self, name: &str, asked: Number) -> Result<Option<Ending>, StepError> {
        let run = self.current_run()?;
        let mut ending = None;
        let over =
            self.viewer(name)
                .wait(asked, "the run to go on to its end", |entry| {
                    match entry.message()?.control() {
                        Some(Control::Error { .. } | Control::AuthRequired) => Some(()),
                        Some(_) => None,
                        None => {
                            ending = event_of(entry, &run.run_id)?.ending();
                            ending.map(|_| ())
                        }
                    }
                });
        in_the_record(over.await)?;
        Ok(ending)
    }

    /// What the run asked for last, each confirmed.
    pub(super) async fn answered_requirements(&mut self, name: &str) -> Result<Value, StepError> {
        let run = self.current_run()?;
        let question = self.environment.plan.wire.component().question();
        let paused = self.recorder.look_back(|entry| {
            let event = event_of(entry, &run.run_id)?;
            match &entry.what {
                EntryKind::Received { text, .. } if event.ending() == Some(Ending::Paused) => {
                    Some(text.read())
                }
                _ => None,
            }
        });
        let nothing = || {
            StepError::Inconclusive("no viewer was told what the paused run asks for".to_owned())
        };
        let paused = paused.ok_or_else(nothing)?;
        let (fields, _) = lenient::parse(&framing::unwrap(&paused).1).map_err(|_| nothing())?;
        let asked = fields.get(question.list).and_then(Value::as_array).cloned();
        let asked = match asked {
            // Over HTTP the event of a pause may not say it.
            None if self.viewers.values().any(Viewer::is_over_http) => {
                self.asked_of_the_server(name, &run).await
            }
            asked => asked,
        };
        let mut asked = asked.unwrap_or_default();
        for requirement in &mut asked {
            let wanted = |what: &&&str| asked_in(requirement).get(**what) == Some(&json!(true));
            if let Some(more) = MORE_THAN_YES.iter().find(wanted) {
                return Err(StepError::NotApplicable(format!(
                    "the paused run asks for more than a yes ({more}), which the suite cannot know: \
                     name a workflow that asks for a confirmation, [parts.pausing]"
                )));
            }
            decide(requirement, true);
        }
        Ok(Value::Array(asked))
    }

    /// What a paused run asks for, as its state says.
    async fn asked_of_the_server(&mut self, name: &str, run: &CurrentRun) -> Option<Vec<Value>> {
        let site = self.site().ok()?;
        let component = self.environment.plan.wire.component();
        let request = RunRequest::State((&*run.run_id).into());
        let route = Route::about(component, &run.workflow_id, request);
        let viewer = self.viewer(name);
        let ask = Ask {
            method: Method::GET,
            path: format!("{}?session_id={}", route.path(), run.session_id),
            form: Vec::new(),
            token: viewer.token().cloned(),
        };
        let answer = viewer.ask(&site, &ask).await?;
        let (state, _) = lenient::parse(&answer.text).ok()?;
        let list = state.get(component.question().list)?;
        list.as_array().cloned()
    }
}
