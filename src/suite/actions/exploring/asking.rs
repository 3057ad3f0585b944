//! Every request but plain returns.

use std::time::Duration;

use super::super::shared::{return_to, too_many};
use super::running::to_the_pause;
use super::tried;
use crate::client::{Reading, RecvBuffer, timer};
use crate::protocol::{Part, Position};
use crate::suite::params::{BadToken, InvalidMessage, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// How often a replay is asked for at the most, to fill the buffers.
const REPLAYS: u64 = 200;

/// How long they fill at least: longer than VIEWERS-4 asks for.
const FILLING: Duration = Duration::from_millis(300);

/// How many bytes a replay of the bundled server has at least.
const SHORTEST_REPLAY: u64 = 4 << 10;

impl World {
    /// Opens a connection without the token that is asked for, and asks for the run.
    pub async fn return_unauthenticated(
        &mut self,
        name: &str,
        number: u64,
    ) -> Result<(), StepError> {
        if !self.turn_to(number) {
            return Ok(());
        }
        let run = self.current_run()?;
        let position = self.viewer(name).position(&run.run_id);
        if !self.come_unauthenticated(name).await? {
            return Ok(());
        }
        tried(self.ask_for(name, &run, position).await)
    }

    /// Opens a connection and sends no token. Gives whether it is open.
    pub async fn come_unauthenticated(&mut self, name: &str) -> Result<bool, StepError> {
        self.lose(name, Disconnect::Close).await;
        let open = self.viewers.values().map(|it| it.open_connections());
        if open.sum::<usize>() >= self.environment.plan.size.viewers {
            return Ok(false);
        }
        tried(self.connect_unauthenticated(name).await)?;
        Ok(self.viewer(name).is_here())
    }

    /// Opens a connection, sends no token, and asks to start a run.
    pub async fn ask_to_start(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        match self.come_unauthenticated(name).await? {
            true => tried(self.start_without_a_token(name, part).await),
            false => Ok(()),
        }
    }

    /// Asks for runs that do not exist, whose ids look like that run's.
    pub async fn ask_for_lookalikes(&mut self, name: &str, number: u64) -> Result<(), StepError> {
        match self.turn_to(number) && self.come_anew(name).await? {
            true => tried(self.ask_for_unknown_runs(name).await),
            false => Ok(()),
        }
    }

    /// Sends a wrong token on the connection that is open; over HTTP with a request of its own, where it is one.
    pub async fn show_token(&mut self, name: &str, token: BadToken) -> Result<(), StepError> {
        let is_none = matches!(token, BadToken::None);
        if is_none && self.viewer(name).is_over_http() {
            return Ok(());
        }
        match self.be_here(name).await? {
            true => tried(self.authenticate_wrongly(name, token).await),
            false => Ok(()),
        }
    }

    /// Sends a message that is no request of the protocol.
    pub async fn say_invalid(
        &mut self,
        name: &str,
        message: InvalidMessage,
    ) -> Result<(), StepError> {
        match self.be_here(name).await? {
            true => tried(self.send_invalid(name, message).await),
            false => Ok(()),
        }
    }

    /// Pings, and waits for the answer; only over the WebSocket.
    pub async fn ping_here(&mut self, name: &str) -> Result<(), StepError> {
        match self.be_on_a_websocket(name).await? {
            true => tried(self.ping(name).await),
            false => Ok(()),
        }
    }

    /// Stops reading; only where the viewer is connected.
    pub async fn stop_reading(&mut self, name: &str) -> Result<(), StepError> {
        let too_many = too_many(&self.environment);
        self.set_reading(name, Reading::Not { too_many }).await
    }

    /// Reads on; only where the viewer is connected.
    pub async fn read_on(&mut self, name: &str) -> Result<(), StepError> {
        self.set_reading(name, Reading::Freely).await
    }

    async fn set_reading(&mut self, name: &str, reading: Reading) -> Result<(), StepError> {
        let viewer = self.viewer(name);
        if !viewer.is_here() {
            return Ok(());
        }
        tried(viewer.read(reading).await.map_err(StepError::from))
    }

    /// Returns to a run, stops reading, and asks for a finished one so often that the answers do not fit
    /// into the buffers; only over the WebSocket. The run under way then goes on to its end.
    pub async fn fill_the_buffers(
        &mut self,
        name: &str,
        number: u64,
        finished: u64,
    ) -> Result<(), StepError> {
        if self.viewer(name).is_over_http() || !self.turn_to(finished) {
            return Ok(());
        }
        let before = self.current_run()?;
        if self.ending_of(&before).is_none() || !self.turn_to(number) {
            return Ok(());
        }
        let run = self.current_run()?;
        self.viewer(name).take_line(RecvBuffer::Slow);
        let here = self.come_anew(name).await?;
        self.viewer(name).take_line(RecvBuffer::Usual);
        if !here {
            return Ok(());
        }
        self.ask_with(name, &run, PositionArg::Null).await?;
        self.stop_reading(name).await?;
        let times = (too_many(&self.environment) / SHORTEST_REPLAY).min(REPLAYS);
        for _ in 0..times {
            let asked = self.viewer(name).say(return_to(&before, Position::Null));
            if asked.await.is_err() {
                break;
            }
        }
        timer::away(self.environment.plan.timing.quiet.max(FILLING)).await;
        self.release(&run);
        for other in self.connected() {
            let watches = |it: &CurrentRun| it.run_id == run.run_id;
            if other != name && self.watched_by(&other).iter().any(watches) {
                let ended = to_the_pause(self.viewer(&other), &run.run_id).await;
                tried(ended.map_err(StepError::from))?;
            }
        }
        Ok(())
    }

    /// Asks the server to end the run early.
    pub async fn cancel_number(&mut self, name: &str, number: u64) -> Result<(), StepError> {
        if !self.turn_to(number) {
            return Ok(());
        }
        tried(self.cancel(name).await)?;
        tried(self.while_it_stops().await)
    }

    /// Lets the run continue that has paused; only where somebody saw it pause.
    pub async fn continue_number(&mut self, name: &str, number: u64) -> Result<(), StepError> {
        if !self.turn_to(number) || !self.be_here(name).await? {
            return Ok(());
        }
        let run = self.current_run()?;
        self.release(&run);
        tried(self.let_it_continue(name).await)
    }

    /// The server drops the run from its memory; only where it can be made to, and the run is over.
    pub async fn forget_number(&mut self, number: u64) -> Result<(), StepError> {
        if !self.turn_to(number) || self.environment.forget.is_none() {
            return Ok(());
        }
        let run = self.current_run()?;
        match self.ending_of(&run) {
            Some(ending) if ending.is_final() => tried(self.be_forgotten().await),
            _ => Ok(()),
        }
    }
}
