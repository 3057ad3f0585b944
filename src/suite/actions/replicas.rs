//! Coming to another replica of the server.

use crate::suite::step_error::Stop;
use crate::suite::world::World;

impl World {
    /// From here on the viewer comes to the other replica.
    ///
    /// # Errors
    ///
    /// [`Stop::Suite`] where the scenario did not come by the door of the replicas.
    pub fn turn_to_the_other_replica(&mut self, name: &str) -> Result<(), Stop> {
        let Some(address) = self.setting.doors.replica.clone() else {
            return Err(Stop::Suite("the scenario knows no replica".to_owned()));
        };
        self.viewer(name).turn_to_another_replica(address);
        Ok(())
    }
}
