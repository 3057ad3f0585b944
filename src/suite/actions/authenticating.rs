//! What viewers do who have no token, a wrong one, or another user's.
//!
//! Whatever the server does, silence and a reset included, is in the record, and the checks say what it
//! means.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::shared::{in_the_record, start_of};
use crate::client::http::Ask;
use crate::protocol::Wire;
use crate::protocol::action::{NO_SUCH, WRONG_TOKEN};
use crate::protocol::{Action, Control, Part, Position};
use crate::suite::altered::{forged, truncated, unknown_like};
use crate::suite::params::{BadToken, TargetVariant};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::EntryKind;

/// How many unknown runs are asked for, to know what all such answers have in common.
const UNKNOWN: usize = 2;

impl World {
    /// From here on the scenario uses this variant of the target.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target has no such variant.
    pub fn use_variant(&mut self, target_variant: TargetVariant) -> Result<(), StepError> {
        let Some(variant) = target_variant.variant() else {
            return Ok(());
        };
        self.environment = match self.environment.variants.get(&variant) {
            Some(Ok(environment)) => Arc::clone(environment),
            Some(Err(reason)) => return Err(StepError::NotApplicable(reason.clone())),
            None => {
                return Err(StepError::Suite(
                    "the scenario uses two variants of the target".to_owned(),
                ));
            }
        };
        Ok(())
    }

    /// The first viewer uses the token of one user, the second that of another.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where viewers speak over HTTP, and the server asks for no token there.
    pub async fn become_two_users(&mut self, one: &str, other: &str) -> Result<(), StepError> {
        let Some(another) = self.environment.other.clone() else {
            return Err(StepError::Suite(
                "the scenario knows no other user".to_owned(),
            ));
        };
        let (environment, recorder) = (&self.environment, &self.recorder);
        let viewers = [
            (one, environment.token.clone(), "one user"),
            (other, another.token.clone(), "another user"),
        ];
        for (name, token, user) in viewers {
            let viewer = environment.new_viewer_with(token, name, recorder);
            self.viewers.insert(name.to_owned(), viewer);
            let user = user.to_owned();
            recorder.record(&name.into(), 0, EntryKind::User { user });
        }
        match self.speaks_http() {
            true => self.be_refused_over_http(one).await,
            false => Ok(()),
        }
    }

    fn speaks_http(&self) -> bool {
        self.environment.plan.wire != Wire::WebSocket
    }

    /// Opens a connection and is greeted, and does not authenticate. Over HTTP, the refusal of another request shows
    /// that a token is asked for.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the greeting, or that answer, asks for no token.
    pub async fn connect_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        if self.speaks_http() {
            self.be_refused_over_http(name).await?;
            return self.connect_unauthenticated(name).await;
        }
        match self.viewer(name).come().await? {
            Some(true) => Ok(()),
            Some(false) => Err(StepError::NotApplicable(
                "the server's greeting asks for no token".to_owned(),
            )),
            None => Err(StepError::Inconclusive(
                "the server's greeting does not say whether it asks for a token".to_owned(),
            )),
        }
    }

    /// Asks to start a run, and waits for the answer.
    pub async fn start_without_a_token(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let workflow = self.workflow(part)?;
        let session = self.environment.new_session();
        self.send(name, start_of(&workflow, &session)).await?;
        self.answered(name, "the answer to `start-workflow`").await
    }

    /// Authenticates with a token that is not the right one, and waits for the answer. Over HTTP, that is a start of a
    /// run.
    pub async fn authenticate_wrongly(
        &mut self,
        name: &str,
        proof: BadToken,
    ) -> Result<(), StepError> {
        let token = match proof {
            BadToken::None => None,
            BadToken::Empty => Some(SecretString::from("")),
            BadToken::Wrong => Some(SecretString::from(WRONG_TOKEN)),
            BadToken::NearlyRight => Some(forged(self.right_token()?)),
            BadToken::Truncated => Some(truncated(self.right_token()?)),
            BadToken::Changed(change) => {
                let changed = change.of(self.right_token()?).ok_or_else(|| {
                    StepError::NotApplicable(
                        "the target's token is no JWT, so that nothing in it can be changed"
                            .to_owned(),
                    )
                })?;
                Some(changed)
            }
        };
        if self.viewer(name).is_over_http() {
            let Some(token) = token else {
                return Err(StepError::NotApplicable(
                    "over HTTP a request without a token is a matter of AUTH-1".to_owned(),
                ));
            };
            self.viewer(name).show_instead(token).await?;
            self.start_without_a_token(name, Part::Long).await?;
            self.watch_quiet(name).await?;
            return self.connect_unauthenticated(name).await;
        }
        let token = token.map(|token| token.expose_secret().to_owned());
        let viewer = self.viewer(name);
        let asked = viewer.say(Action::Authenticate { token }).await?;
        let answer = viewer.wait(asked, "the answer to `authenticate`", |entry| {
            matches!(
                entry.message()?.control()?,
                Control::Authenticated | Control::AuthError | Control::Error { .. }
            )
            .then_some(())
        });
        in_the_record(answer.await)
    }

    /// Pings, and waits for the answer. Over HTTP the token counted for one request alone.
    pub async fn stay_unauthenticated(&mut self, name: &str) -> Result<(), StepError> {
        match self.speaks_http() {
            true => Ok(()),
            false => self.ping(name).await,
        }
    }

    fn right_token(&self) -> Result<&SecretString, StepError> {
        let right = self.environment.token.as_ref();
        right.ok_or_else(|| {
            StepError::Suite("the scenario has no token that could be changed".to_owned())
        })
    }

    /// Asks to let a run go on that does not exist, without authenticating, and waits for the answer.
    pub async fn continue_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        let workflow = self.workflow(Part::Long)?;
        let session = self.environment.new_session();
        let action = Action::Continue {
            workflow_id: Some(workflow.workflow_id),
            run_id: Some(format!("{NO_SUCH}run-{session}")),
            session_id: Some(session),
            step_requirements: json!([]),
        };
        self.send(name, action).await?;
        self.answered(name, "the answer to `continue-workflow`")
            .await
    }

    /// Opens a connection and asks to let the own paused run go on, without authenticating; waits for
    /// whatever the server does.
    pub async fn continue_own_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        self.connect_without_a_token(name).await?;
        self.let_it_continue(name).await
    }

    /// Asks for the run with the viewer's own position and without authenticating, and waits for
    /// whatever the server does.
    pub async fn return_without_a_token(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let position = self.viewer(name).position(&run.run_id);
        self.connect_without_a_token(name).await?;
        self.ask_for(name, &run, position).await?;
        self.release(&run);
        Ok(())
    }

    /// Asks for the list of workflows, or of what is run instead, over HTTP, without a token, and is refused.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where it is not refused, and [`StepError::Inconclusive`] where the answer
    /// does not tell.
    pub async fn be_refused_over_http(&mut self, name: &str) -> Result<(), StepError> {
        let site = self.site()?;
        let ask = Ask::list(self.environment.plan.wire.component(), None);
        let answer = self.viewer(name).ask(&site, &ask).await;
        match answer.map(|answer| answer.status) {
            Some(401 | 403) => Ok(()),
            Some(200..=299) => Err(StepError::NotApplicable(format!(
                "the server asks for no token over HTTP: it lists its {} to everybody",
                ask.path.trim_start_matches('/')
            ))),
            Some(status) => Err(StepError::Inconclusive(format!(
                "`GET {}` was answered by {status}, which does not say whether a token is asked for: is http_url \
                 right?",
                ask.path
            ))),
            None => Err(StepError::Inconclusive(format!(
                "`GET {}` was not answered: is http_url right?",
                ask.path
            ))),
        }
    }

    /// Opens a connection without authenticating, whatever the greeting asks for.
    pub async fn connect_unauthenticated(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.viewer(name).come().await.map(drop)?)
    }

    /// Asks for some runs that do not exist and whose ids look like the present one's, each on a
    /// connection of its own.
    pub async fn ask_for_unknown_runs(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let mut run_id = run.run_id.to_string();
        for turn in 0..UNKNOWN {
            run_id = unknown_like(&run_id, turn);
            let run = CurrentRun {
                run_id: run_id.as_str().into(),
                ..run.clone()
            };
            self.connect(name).await?;
            self.ask_for(name, &run, Position::Null).await?;
        }
        Ok(())
    }
}
