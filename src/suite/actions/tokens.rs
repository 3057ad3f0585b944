//! Tokens that expire, and tokens that are for some workflows only.

use crate::client::timer;
use crate::protocol::Part;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::EntryKind;

impl World {
    /// Connects with a new token that soon expires, and waits until it has.
    pub async fn let_the_token_expire(&mut self, name: &str) -> Result<(), StepError> {
        let Some(issuer) = self.environment.issuer.clone() else {
            return Err(StepError::Suite(
                "the scenario can have no token that expires".to_owned(),
            ));
        };
        let limit = self.environment.plan.timing.step;
        let issued = timer::within(limit, issuer.issue()).await;
        let (token, valid_for) = issued
            .map_err(|late| StepError::Inconclusive(format!("get a token that expires: {late}")))?
            .map_err(|reason| StepError::Inconclusive(self.recorder.mask(&reason).into_owned()))?;
        self.environment.redactor.learn(token.clone());
        let viewer = self
            .environment
            .new_viewer_with(Some(token), name, &self.recorder);
        self.viewers.insert(name.to_owned(), viewer);
        self.connect(name).await?;
        timer::away(valid_for).await;
        self.viewer(name).note(EntryKind::TokenExpired);
        Ok(())
    }

    /// The first viewer has the token for every workflow, the second that for the part `short` alone.
    pub fn become_differently_permitted(
        &mut self,
        one: &str,
        other: &str,
    ) -> Result<(), StepError> {
        let Some(another) = self.environment.other.clone() else {
            return Err(StepError::Suite(
                "the scenario knows no other token".to_owned(),
            ));
        };
        let workflow_id = self.workflow(Part::Long)?.workflow_id;
        let (environment, recorder) = (&self.environment, &self.recorder);
        for (name, token) in [(one, &environment.token), (other, &another.token)] {
            let viewer = environment.new_viewer_with(token.clone(), name, recorder);
            self.viewers.insert(name.to_owned(), viewer);
        }
        let not_permitted = EntryKind::NotPermitted { workflow_id };
        self.recorder.record(&other.into(), 0, not_permitted);
        Ok(())
    }

    /// Tries to start a run that the viewer's token is not for.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where it starts: then there are no such permissions.
    pub async fn be_refused_a_start(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        self.connect(name).await?;
        let before = self.recorder.len();
        self.start_without_a_token(name, part).await?;
        let started = self.recorder.look(before, |entry| {
            let event = entry.message()?.event()?;
            (&*entry.viewer == name && event.run().is_some()).then_some(())
        });
        match started {
            None => Ok(()),
            Some(()) => Err(StepError::NotApplicable(format!(
                "the server gives no permissions for single workflows, or {name}'s token is for all of them: \
                 it lets {name} start the workflow of the part `{}`",
                part.word()
            ))),
        }
    }
}
