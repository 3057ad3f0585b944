//! What is done to a client that is judged, where it is refused: a token, a connection, a return.

use std::time::Duration;

use super::judged_client::{FIRST, GROWING, MISSED, WATCHED, no_further_loss};
use crate::client::timer;
use crate::client_mode::{Cut, ReturnAnswer, Session, TurnedAway, Waited};
use crate::protocol::Part;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::{ClientEntry, EntryKind, Number};

/// So many tries to connect are turned away one after the other.
const REFUSALS: u32 = 6;
/// More returns than any client should make are refused.
const MANY: usize = 50;
/// The missed event that does not come, counted from 0.
const LEFT_OUT: usize = 2;

impl World {
    /// The client watches a run on a server that asks for its token.
    pub async fn client_watches_guarded(&mut self) -> Result<(), StepError> {
        if self.client_plan()?.token.is_none() {
            return Err(StepError::NotApplicable(
                "Ada has no token; --token-env names the variable with one".to_owned(),
            ));
        }
        let mut setup = self.setup(Part::Long, Some(FIRST))?;
        setup.guarded = true;
        self.start_client(setup).await?;
        self.run_stands(FIRST).await
    }

    /// The connection is reset, and the server takes no token any more.
    pub async fn client_token_is_refused(&mut self) -> Result<(), StepError> {
        self.session()?.refuse_tokens();
        self.break_connection(Cut::Reset, MISSED).await?;
        let limit = self.limit();
        self.watch_client(limit).await
    }

    /// Watches what the client does for this long, unless it ends before.
    async fn watch_client(&mut self, limit: Duration) -> Result<(), StepError> {
        let session = self.session()?;
        if session.until(limit, || None::<()>).await == Waited::Late {
            session.watched(limit);
        }
        Ok(())
    }

    /// The connection is reset, and the next tries to connect are turned away.
    pub async fn client_is_turned_away(&mut self, how: TurnedAway) -> Result<(), StepError> {
        let limit = self.limit() * GROWING;
        self.session()?.turn_away(how, REFUSALS);
        let number = self.break_connection(Cut::Reset, MISSED).await?;
        self.client_returns(number, limit).await.map(drop)
    }

    /// The connection is reset, and the server is away for a while.
    pub async fn client_has_an_outage(&mut self) -> Result<(), StepError> {
        self.session()?.turn_away(TurnedAway::Closed, u32::MAX);
        let over = |session: &Session| {
            session.turn_away(TurnedAway::Closed, 0);
            Ok(())
        };
        self.client_returns_after_an_outage(over).await
    }

    /// The connection is reset, and nothing listens at the server's port for a while.
    pub async fn client_meets_a_closed_port(&mut self) -> Result<(), StepError> {
        let closed = self.session()?.close_port().await;
        closed.map_err(StepError::Inconclusive)?;
        self.client_returns_after_an_outage(Session::open_port)
            .await
    }

    /// The connection is reset while the server is away, until this brings it back; then the client may return.
    async fn client_returns_after_an_outage(
        &mut self,
        over: impl FnOnce(&Session) -> Result<(), String>,
    ) -> Result<(), StepError> {
        let outage = self.client_plan()?.outage;
        self.break_connection(Cut::Reset, MISSED).await?;
        timer::away(outage).await;
        let from = self.recorder.len();
        let session = self.session()?;
        session.note(ClientEntry::Outage(outage));
        over(session).map_err(StepError::Inconclusive)?;
        let limit = self.limit() * GROWING;
        self.client_returns(from, limit).await.map(drop)
    }

    /// The connection is reset, and every return is refused.
    pub async fn client_return_is_refused(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let session = self.session()?;
        for _ in 0..MANY {
            session.answer(ReturnAnswer::Error(
                "Run not found in buffer or database".to_owned(),
            ));
        }
        let number = self.break_connection(Cut::Reset, MISSED).await?;
        match self.client_returns(number, limit).await? {
            true => self.watch_client(limit).await,
            false => Err(no_further_loss(1)),
        }
    }

    /// The connection is lost so many times; all returns are answered well but the last one, which is refused, and every
    /// one after it.
    pub async fn client_last_return_is_refused(&mut self, times: u64) -> Result<(), StepError> {
        if let Some(before @ 1..) = times.checked_sub(1) {
            self.client_loses_several_times(before).await?;
            self.client_watches_on().await?;
        }
        self.client_return_is_refused().await
    }

    /// The connection is reset, and the return is met by silence.
    pub async fn client_return_is_unanswered(&mut self) -> Result<(), StepError> {
        let (limit, notice) = (self.limit(), self.client_plan()?.notice);
        self.session()?.answer(ReturnAnswer::Silence);
        let number = self.break_connection(Cut::Reset, MISSED).await?;
        if !self.client_returns(number, limit).await? {
            return Err(no_further_loss(1));
        }
        let recorder = std::sync::Arc::clone(&self.recorder);
        let from = self.recorder.len();
        let session = self.session()?;
        let gives_up = || {
            recorder.look(from, |entry| {
                let left = matches!(entry.what, EntryKind::Disconnected(_));
                (left || entry.action().is_some()).then_some(())
            })
        };
        if session.until(notice, gives_up).await == Waited::Late {
            session.timed_out("that Ada gives up, or asks again", notice);
        }
        Ok(())
    }

    /// The connection is reset, and one of the missed events does not come.
    pub async fn client_misses_an_event(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let watched = self.environment.plan.timing.quiet * WATCHED;
        self.session()?.answer(ReturnAnswer::Without(LEFT_OUT));
        let number = self.break_connection(Cut::Reset, MISSED).await?;
        let asked = self.client_returns(number, limit).await?;
        if !asked {
            return Err(no_further_loss(1));
        }
        self.client_watches_on().await?;
        self.session()?.settle(limit).await;
        self.watch_for_another_return(watched).await
    }

    /// Watches whether the client asks again.
    async fn watch_for_another_return(&mut self, limit: Duration) -> Result<(), StepError> {
        let from: Number = self.recorder.len();
        let session = self.session()?;
        if session.asks(from, limit).await == Waited::Late {
            session.watched(limit);
        }
        Ok(())
    }
}
