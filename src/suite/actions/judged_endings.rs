//! How runs end for a client that is judged, and what it shows of them.

use serde_json::json;

use super::judged_client::{FIRST, MISSED, WATCHED, no_further_loss};
use crate::client_mode::{Cut, Provocation, ReturnAnswer, Waited};
use crate::protocol::{Component, Ending, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::ClientEntry;

/// The index of another run's event, which no event of the watched run has.
pub(super) const STRANGE: u64 = 1000;

impl World {
    /// The client watches a run of this part that stands after its first events.
    pub async fn client_watches_the_beginning(&mut self, part: Part) -> Result<(), StepError> {
        let setup = self.setup(part, Some(2))?;
        self.start_client(setup).await?;
        self.run_stands(2).await
    }

    /// The run goes on to its end; waits until the client shows it as over, or ends.
    pub async fn client_sees_the_end(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let session = self.session()?;
        session.go_on();
        if !session.run_ends(limit).await {
            return Err(StepError::Suite(
                "the run of the bundled server did not end".to_owned(),
            ));
        }
        self.client_shows_the_end().await
    }

    async fn client_shows_the_end(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let recorder = std::sync::Arc::clone(&self.recorder);
        let session = self.session()?;
        let is_over = || {
            recorder.look(0, |entry| match entry.of_client() {
                Some(ClientEntry::State { state, .. }) if state == "ended" => Some(()),
                _ => None,
            })
        };
        if session.until(limit, is_over).await == Waited::Late {
            session.timed_out("that Ada shows the end of the run", limit);
        }
        // The lines that follow at once belong to it.
        let quiet = self.environment.plan.timing.quiet;
        let session = self.session()?;
        session.until(quiet, || None::<()>).await;
        session.watched(quiet);
        Ok(())
    }

    /// The connection is reset, and the run ends before the client is back.
    pub async fn client_misses_the_end(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let session = self.session()?;
        session.settle(limit).await;
        session.hold_arrivals(true);
        let cut = session.cut(Cut::Reset, limit).await;
        session.go_on();
        let ends = session.run_ends(limit).await;
        session.hold_arrivals(false);
        let Some(cut) = cut.filter(|_| ends) else {
            return Err(StepError::Inconclusive(
                "Ada had no connection any more that could be cut".to_owned(),
            ));
        };
        match self.client_returns(cut, limit).await? {
            true => self.client_shows_the_end().await,
            false => Err(no_further_loss(1)),
        }
    }

    /// Likewise, and the server has forgotten what the client has seen: as over the WebSocket, and as over HTTP where a run
    /// is replayed from the database.
    pub async fn client_misses_the_end_and_gets_all(&mut self) -> Result<(), StepError> {
        self.session()?.answer(ReturnAnswer::FromTheBeginning);
        self.client_misses_the_end().await
    }

    /// The run is cancelled.
    pub async fn client_run_is_cancelled(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let session = self.session()?;
        session.cancel();
        session.go_on();
        if !session.run_ends(limit).await {
            return Err(StepError::Suite(
                "the run of the bundled server did not end".to_owned(),
            ));
        }
        self.client_shows_the_end().await
    }

    /// The run pauses, and the client is watched for a while.
    pub async fn client_run_pauses(&mut self) -> Result<(), StepError> {
        let limit = self.limit();
        let watched = self.environment.plan.timing.quiet * WATCHED;
        let recorder = std::sync::Arc::clone(&self.recorder);
        let session = self.session()?;
        session.go_on();
        let pauses = || {
            recorder.look(0, |entry| {
                let event = entry.message()?.event()?;
                (event.ending() == Some(Ending::Paused)).then_some(())
            })
        };
        if session.until(limit, pauses).await == Waited::Late {
            return Err(StepError::Inconclusive(
                "the pause of the run was not sent to Ada".to_owned(),
            ));
        }
        if session.until(watched, || None::<()>).await == Waited::Late {
            session.watched(watched);
        }
        Ok(())
    }

    /// The client lost the connection three times, and the run went on to its end.
    pub async fn client_loses_and_sees_the_end(&mut self, times: u64) -> Result<(), StepError> {
        let limit = self.limit();
        for time in 1..=times {
            let number = self.break_connection(Cut::Reset, MISSED).await?;
            if !self.client_returns(number, limit).await? {
                return Err(no_further_loss(time));
            }
        }
        self.client_sees_the_end().await
    }

    /// An event of another run comes.
    pub async fn client_gets_another_runs_event(&mut self) -> Result<(), StepError> {
        self.say_event("another-run", STRANGE)?;
        self.client_sees_the_end().await
    }

    /// Two events of the run come in the wrong order.
    pub async fn client_gets_swapped_events(&mut self) -> Result<(), StepError> {
        let run = self.session()?.first_run().unwrap_or_default();
        for index in [FIRST + 2, FIRST + 1] {
            self.say_event(&run, index)?;
        }
        self.client_sees_the_end().await
    }

    pub(super) fn say_event(&mut self, run: &str, index: u64) -> Result<(), StepError> {
        let mut event = json!({
            "event": "RunContent", "event_index": index, "run_id": format!("{run}-agent-0"),
            "session_id": format!("session of {run}"), "content": "a word", "created_at": 0,
        });
        match self.environment.plan.wire.component() {
            Component::Workflow => {
                event["workflow_run_id"] = json!(run);
                event["workflow_id"] = json!("w");
            }
            Component::Team => event["parent_run_id"] = json!(run),
            Component::Agent => event["run_id"] = json!(run),
        }
        self.session()?
            .provoke(&Provocation::Say(event.to_string()));
        Ok(())
    }
}
