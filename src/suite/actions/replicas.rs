//! Coming to another replica of the server.

use crate::suite::step_error::StepError;
use crate::suite::world::World;

impl World {
    /// From here on the viewer comes to the other replica.
    ///
    /// # Errors
    ///
    /// [`StepError::Suite`] where the scenario did not come by the door of the replicas.
    pub fn turn_to_the_other_replica(&mut self, name: &str) -> Result<(), StepError> {
        let Some(address) = self.environment.doors.replica.clone() else {
            return Err(StepError::Suite("the scenario knows no replica".to_owned()));
        };
        self.viewer(name).turn_to_another_replica(address);
        Ok(())
    }
}
