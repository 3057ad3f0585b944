//! Connecting to another replica of the server.

use std::sync::Arc;

use crate::suite::step_error::StepError;
use crate::suite::world::World;

impl World {
    /// From here on the viewer connects to the other replica.
    ///
    /// # Errors
    ///
    /// [`StepError::Suite`] where the scenario does not use the replicas of the target.
    pub fn turn_to_the_other_replica(&mut self, name: &str) -> Result<(), StepError> {
        let Some(other) = self.environment.other.clone() else {
            return Err(StepError::Suite("the scenario knows no replica".to_owned()));
        };
        self.viewer(name)
            .turn_to_another_replica(Arc::clone(&other.address));
        Ok(())
    }
}
