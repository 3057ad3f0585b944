//! Returning to runs.

use futures::future::join_all;

use super::super::shared::{caught_up, reconnect, return_to};
use super::tried;
use crate::client::{RecvBuffer, timer};
use crate::protocol::Position;
use crate::suite::params::{InvalidPosition, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

impl World {
    /// Opens a connection, asks for the run, and waits for whatever the server does.
    pub async fn return_to_number(
        &mut self,
        name: &str,
        number: u64,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let Some(run) = self.anew_for(name, number).await? else {
            return Ok(());
        };
        self.ask_with(name, &run, position).await
    }

    /// Asks for the run on the connection that is open; only over the WebSocket.
    pub async fn ask_for_number(
        &mut self,
        name: &str,
        number: u64,
        position: PositionArg,
    ) -> Result<(), StepError> {
        if self.viewer(name).is_over_http() {
            return Ok(());
        }
        let Some(run) = self.here_for(name, number).await? else {
            return Ok(());
        };
        self.ask_with(name, &run, position).await
    }

    pub(super) async fn ask_with(
        &mut self,
        name: &str,
        run: &CurrentRun,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let viewer = self.viewer(name);
        let position = position.position(viewer.position(&run.run_id));
        let asked = reconnect(viewer, run, position).await;
        tried(asked.map_err(StepError::from))
    }

    /// Opens a connection and asks for the run, which goes on for so many events meanwhile.
    pub async fn return_meanwhile(
        &mut self,
        name: &str,
        number: u64,
        position: PositionArg,
        events: u64,
    ) -> Result<(), StepError> {
        let Some(run) = self.anew_for(name, number).await? else {
            return Ok(());
        };
        let after = match self.ending_of(&run) {
            None => self.further(&run, events),
            Some(_) => None,
        };
        self.ask_with(name, &run, position).await?;
        if after.is_some() {
            self.reach_breakpoint().await?;
        }
        Ok(())
    }

    /// Two viewers open a connection and ask for the run, both at once.
    pub async fn return_together(
        &mut self,
        name: &str,
        other: &str,
        number: u64,
        position: PositionArg,
    ) -> Result<(), StepError> {
        if name == other || !self.turn_to(number) {
            return Ok(());
        }
        let run = self.current_run()?;
        for it in [name, other] {
            self.come_anew(it).await?;
        }
        let here = self.viewers.values_mut().filter(|viewer| {
            let is_one = viewer.name() == name || viewer.name() == other;
            is_one && viewer.is_here()
        });
        let returns = here.map(|viewer| {
            let position = position.position(viewer.position(&run.run_id));
            reconnect(viewer, &run, position)
        });
        let mut returned = join_all(returns).await.into_iter();
        returned.try_for_each(|it| tried(it.map_err(StepError::from)))
    }

    /// Opens a connection and asks for the run with a position that no viewer can have; over HTTP not with one that
    /// would be right there.
    pub async fn return_wrongly(
        &mut self,
        name: &str,
        number: u64,
        invalid_position: InvalidPosition,
    ) -> Result<(), StepError> {
        let Some(run) = self.anew_for(name, number).await? else {
            return Ok(());
        };
        let over_http = self.viewer(name).is_over_http();
        if over_http && matches!(invalid_position, InvalidPosition::NumberAsText) {
            return Ok(());
        }
        let last = self.last_index(&run).unwrap_or_default();
        let asked = self.ask_for(name, &run, invalid_position.position(last));
        tried(asked.await)
    }

    /// Opens a connection and asks for the run under other names.
    pub async fn return_as(
        &mut self,
        name: &str,
        number: u64,
        rename: impl FnOnce(&World, CurrentRun) -> CurrentRun,
    ) -> Result<(), StepError> {
        let Some(run) = self.anew_for(name, number).await? else {
            return Ok(());
        };
        let named = rename(self, run);
        tried(self.ask_for(name, &named, Position::Null).await)
    }

    /// Opens a connection and asks for the run, but reads nothing of it before it has gone on for so many
    /// events.
    pub async fn return_slowly(
        &mut self,
        name: &str,
        number: u64,
        position: PositionArg,
        events: u64,
    ) -> Result<(), StepError> {
        if !self.turn_to(number) {
            return Ok(());
        }
        self.viewer(name).take_line(RecvBuffer::Slow);
        let here = self.come_anew(name).await?;
        self.viewer(name).take_line(RecvBuffer::Usual);
        if !here {
            return Ok(());
        }
        let run = self.current_run()?;
        self.stop_reading(name).await?;
        let breakpoints = self.environment.breakpoints.clone();
        let before = breakpoints.as_ref().map(|it| it.returns(&run.session_id));
        let position = position.position(self.viewer(name).position(&run.run_id));
        let asked = match self.viewer(name).say(return_to(&run, position)).await {
            Ok(asked) => asked,
            Err(error) => return tried(Err::<(), _>(error.into())),
        };
        if let (Some(breakpoints), Some(before)) = (breakpoints, before) {
            let answered = breakpoints.returned(&run.session_id, before + 1);
            // A server that never answers shows later.
            let limit = self.environment.plan.timing.step;
            let _: Result<(), _> = timer::within(limit, answered).await;
        }
        self.go_on(run.clone(), events).await;
        self.read_on(name).await?;
        let caught_up = caught_up(self.viewer(name), &run, asked).await;
        tried(caught_up.map_err(StepError::from))
    }

    /// Returns to the run at the other replica.
    pub async fn return_elsewhere(
        &mut self,
        name: &str,
        number: u64,
        position: PositionArg,
    ) -> Result<(), StepError> {
        self.lose(name, Disconnect::Close).await;
        self.turn_to_the_other_replica(name)?;
        self.return_to_number(name, number, position).await
    }

    /// Shows the run to the suite itself, for as long as it is under way.
    pub(super) async fn be_shown(&mut self, name: &str, run: &CurrentRun) -> Result<(), StepError> {
        let viewer = self.viewer(name);
        let asked = match viewer.say(return_to(run, Position::Null)).await {
            Ok(asked) => asked,
            Err(error) => return tried(Err::<(), _>(error.into())),
        };
        tried(caught_up(viewer, run, asked).await.map_err(StepError::from))
    }
}
