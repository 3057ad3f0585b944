//! Leaving a run, and staying away from it.

use std::sync::Arc;

use super::shared::{LONGER, MISSED, event_of, noticed};
use crate::client::timer;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

/// How many events happen after a viewer has left at once.
const FEW: u64 = 2;

impl World {
    /// Leaves and stays away while the run goes on.
    pub async fn go_away(&mut self, name: &str, disconnect: Disconnect) -> Result<(), StepError> {
        self.leave_before_the_end(name, disconnect).await?;
        self.stay_away(MISSED).await
    }

    /// Leaves a run that has only just begun. Where it can be stopped, it goes on a little before
    /// another viewer connects.
    pub async fn leave_at_once(&mut self, name: &str) -> Result<(), StepError> {
        self.leave_before_the_end(name, Disconnect::Close).await?;
        match self.has_breakpoint() {
            true => self.stay_away(FEW).await,
            false => Ok(()),
        }
    }

    /// Lets the run go on while a viewer is away: for so many events where it can be stopped.
    pub(super) async fn stay_away(&mut self, events: u64) -> Result<(), StepError> {
        let run = self.current_run()?;
        match (&self.environment.breakpoints, run.breakpoint) {
            (Some(_), Some(after)) => {
                self.move_breakpoint(&run, after + events);
                self.reach_breakpoint().await
            }
            _ => {
                timer::away(self.environment.plan.timing.away).await;
                Ok(())
            }
        }
    }

    /// Leaves a run under way, which is stopped where the target can do so.
    ///
    /// # Errors
    ///
    /// [`StepError::Inconclusive`] where the run had ended before the viewer was gone.
    pub async fn leave_before_the_end(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.leave_noticed(name, disconnect).await?;
        match self.has_ended(&run.run_id) {
            true => Err(self.too_soon(name)),
            false => Ok(()),
        }
    }

    /// Leaves the run, and waits until the server knows of it, where the target can say so.
    pub(super) async fn leave_noticed(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        let environment = Arc::clone(&self.environment);
        let leave = self.viewer(name).leave(disconnect);
        noticed(&environment, &run.session_id, leave).await;
        Ok(())
    }

    /// Leaves while the run is stopped; only where the target can stop it.
    pub async fn leave_stopped(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        if self.environment.breakpoints.is_none() {
            return Err(StepError::NotApplicable(
                "the target cannot stop a run after an exact event, as only the bundled server can"
                    .to_owned(),
            ));
        }
        self.leave_before_the_end(name, disconnect).await
    }

    /// Whether any viewer has seen the run end.
    pub(super) fn has_ended(&self, run: &str) -> bool {
        let ended = self
            .recorder
            .look_back(|entry| event_of(entry, run)?.final_ending());
        ended.is_some()
    }

    /// The error for a run that was over too soon.
    pub(super) fn too_soon(&self, name: &str) -> StepError {
        StepError::Inconclusive(format!("the run ended before {name} could leave; {LONGER}"))
    }
}
