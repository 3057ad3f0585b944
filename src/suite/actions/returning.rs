//! Returning to a run.

use super::shared::{in_the_record, reconnect};
use crate::protocol::Position;
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};

impl World {
    /// Opens a connection, asks for the run, and waits until that is answered and what was missed has
    /// come. A stopped run stays stopped.
    pub async fn return_to_run(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        self.connect(name).await?;
        self.ask_again(name, position).await
    }

    /// Likewise, and lets a stopped run go on to its end.
    pub async fn return_and_go_on(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        self.return_to_run(name, position).await?;
        let run = self.current_run()?;
        self.release(&run);
        Ok(())
    }

    /// Like [`World::return_to_run`], on the connection that is open.
    pub async fn ask_again(&mut self, name: &str, position: PositionArg) -> Result<(), StepError> {
        let run = self.current_run()?;
        let viewer = self.viewer(name);
        let position = position.position(viewer.position(&run.run_id));
        Ok(reconnect(viewer, &run, position).await?)
    }

    /// Asks for a run on the connection that is open, and waits for whatever the server does.
    pub async fn ask_for(
        &mut self,
        name: &str,
        run: &CurrentRun,
        position: Position,
    ) -> Result<(), StepError> {
        in_the_record(reconnect(self.viewer(name), run, position).await)
    }

    /// Asks for this run on a new connection, without a position, and waits for whatever the server
    /// does. A stopped run then goes on to its end.
    pub async fn ask_on_a_new_connection(
        &mut self,
        name: &str,
        named: &CurrentRun,
    ) -> Result<(), StepError> {
        self.connect(name).await?;
        self.ask_for(name, named, Position::Null).await?;
        let run = self.current_run()?;
        self.release(&run);
        Ok(())
    }
}
