//! Returning to a run.

use super::shared::{caught_up, in_the_record, reconnect, return_to};
use crate::protocol::{Action, Position};
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

    /// Opens a connection, and asks for the run without its session and its workflow.
    pub async fn return_by_the_run_alone(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.connect(name).await?;
        // Over HTTP it is a part of the path.
        let viewer = self.viewer(name);
        let over_http = viewer.is_over_http();
        let asked = viewer
            .say(Action::Reconnect {
                run_id: Some(run.run_id.to_string()),
                position: position.position(viewer.position(&run.run_id)),
                workflow_id: over_http.then(|| run.workflow_id.clone()),
                session_id: None,
            })
            .await?;
        in_the_record(caught_up(self.viewer(name), &run, asked).await)
    }

    /// Opens a connection, and asks for the run twice without waiting for an answer in between.
    pub async fn return_twice_at_once(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.connect(name).await?;
        let viewer = self.viewer(name);
        let position = position.position(viewer.position(&run.run_id));
        viewer.say(return_to(&run, position.clone())).await?;
        in_the_record(reconnect(viewer, &run, position).await)
    }

    /// Asks for the replay of the run again: on the connection that is open, or on a new one where the server has
    /// closed that after the last replay, as some do.
    pub async fn ask_for_the_replay_again(&mut self, name: &str) -> Result<(), StepError> {
        let asked = self.ask_again(name, PositionArg::Null).await;
        if asked.is_err() && self.viewer(name).was_dismissed() {
            return self.return_to_run(name, PositionArg::Null).await;
        }
        asked
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
        self.ask_with_position(name, named, PositionArg::Null).await
    }

    /// Likewise, with this position.
    pub async fn ask_with_position(
        &mut self,
        name: &str,
        named: &CurrentRun,
        position: PositionArg,
    ) -> Result<(), StepError> {
        self.connect(name).await?;
        let own = self.viewer(name).position(&named.run_id);
        self.ask_for(name, named, position.position(own)).await?;
        let run = self.current_run()?;
        self.release(&run);
        Ok(())
    }
}
