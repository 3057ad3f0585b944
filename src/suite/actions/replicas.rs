//! Connecting to another replica of the server.

use futures::future::join_all;

use crate::client::{Viewer, timer};
use crate::suite::step_error::StepError;
use crate::suite::world::{NO_HTTP_ADDRESS, World};
use crate::transcript::EntryKind;

impl World {
    /// Kills the other replica, after everybody who is connected to it has left: what breaks off there is
    /// not the fault of the one that stays.
    pub async fn kill_the_other_replica(&mut self) -> Result<(), StepError> {
        let Some(kill) = self.environment.kill_replica.clone() else {
            return Err(StepError::NotApplicable(
                "the target cannot kill its other replica; a target file can say how: kill_replica"
                    .to_owned(),
            ));
        };
        let there = self.viewers.values_mut().filter(|it| it.is_at_another());
        for retired in join_all(there.map(Viewer::retire)).await {
            retired.map_err(|error| StepError::Suite(error.to_string()))?;
        }
        let timing = self.environment.plan.timing;
        timer::within(timing.step, kill.kill_replica())
            .await
            .map_err(|late| StepError::Inconclusive(format!("kill the other replica: {late}")))?
            .map_err(|reason| StepError::Inconclusive(self.recorder.mask(&reason).into_owned()))?;
        self.note(EntryKind::ReplicaKilled);
        Ok(())
    }

    /// From here on the viewer connects to the other replica.
    ///
    /// # Errors
    ///
    /// [`StepError::Suite`] where the scenario does not use the replicas of the target.
    pub fn turn_to_the_other_replica(&mut self, name: &str) -> Result<(), StepError> {
        let Some(other) = self.environment.other.clone() else {
            return Err(StepError::Suite("the scenario knows no replica".to_owned()));
        };
        let server = match self.viewer(name).is_over_http() {
            true => other.server_over_http(),
            false => Some(other.server()),
        };
        let server = server.ok_or_else(|| StepError::NotApplicable(NO_HTTP_ADDRESS.to_owned()))?;
        self.viewer(name).turn_to_another_replica(server);
        Ok(())
    }
}
