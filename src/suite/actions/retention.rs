//! What a server no longer has in its memory: events and runs that it dropped, and everything from
//! before a restart.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::shared::is_answered;
use crate::client::{Recorder, Viewer, timer};
use crate::protocol::{Part, Position};
use crate::suite::step_error::StepError;
use crate::suite::world::{World, the_suite};
use crate::transcript::{Disconnect, EntryKind};

/// How many events happen beyond those that a server keeps, so that something was certainly dropped.
const BEYOND: u64 = 12;

/// Watches another run to its end, for servers that drop runs only then.
const ANOTHER: &str = "Zoe";

/// How long a connection is kept open while the server restarts.
const DRAINING: Duration = Duration::from_secs(5);

/// How long a connection that survived a restart may take to answer. One that is cut off is known at once, unless the
/// network swallows what says so.
const STILL_THERE: Duration = Duration::from_secs(2);

impl World {
    /// How many events of a run the server keeps.
    ///
    /// # Errors
    ///
    /// [`StepError::NotApplicable`] where the target does not say.
    pub fn retention(&self) -> Result<u64, StepError> {
        self.environment.abilities.retention.ok_or_else(|| {
            StepError::NotApplicable(
                "the target does not say how many events of a run it keeps; a target file can: retention"
                    .to_owned(),
            )
        })
    }

    /// Starts an endless run and watches it until the server had to drop its first events.
    pub async fn watch_until_dropped(&mut self, name: &str) -> Result<(), StepError> {
        self.start(name, Part::Endless, Some(0)).await?;
        self.until_dropped(0).await
    }

    /// Leaves, and stays away until the server had to drop the events that came next.
    pub async fn stay_away_until_dropped(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.leave_before_the_end(name, Disconnect::Reset).await?;
        let next = match self.viewer(name).position(&run.run_id) {
            Position::At(seen) => seen.saturating_add(1),
            _ => 0,
        };
        self.until_dropped(next).await
    }

    /// Lets the run go on, watched by a viewer, until the server had to drop this event and some more.
    async fn until_dropped(&mut self, first: u64) -> Result<(), StepError> {
        let keeps = self.retention()?;
        let events = first.saturating_add(keeps).saturating_add(BEYOND);
        let run = self.current_run()?;
        if run.breakpoint.is_some() {
            self.move_breakpoint(&run, events - 1);
        }
        let Some(witness) = self.connected().into_iter().next() else {
            return Err(StepError::Suite("nobody watches the run".to_owned()));
        };
        let (seen, ended) = self.see_go_by(&witness, &run, events).await?;
        if ended {
            return Err(StepError::Inconclusive(format!(
                "the run ended after {seen} events, and the server keeps {keeps}: choose a longer \
                 workflow for the part `endless`"
            )));
        }
        self.reach_breakpoint().await
    }

    /// Waits for everything that may still come: the others watch to the end, this viewer until they
    /// are refused or see it, too.
    pub async fn watch_what_is_left(&mut self, name: &str) -> Result<(), StepError> {
        self.others_to_the_end(name).await?;
        self.refused_or_told_the_ending(name).await
    }

    /// The server drops the finished run from its memory: at once where the target can make it, else
    /// after the time that the target names and another run.
    pub async fn be_forgotten(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        let timing = self.environment.plan.timing;
        match (
            &self.environment.forget,
            self.environment.abilities.forgets_after,
        ) {
            (Some(forget), _) => timer::within(timing.step, forget.forget(&run.run_id))
                .await
                .map_err(|late| {
                    StepError::Inconclusive(format!("drop a run from the memory: {late}"))
                })?
                .map_err(StepError::Inconclusive)?,
            (None, Some(after)) => {
                let left = timing.scenario.saturating_sub(self.recorder.age());
                if after >= left {
                    return Err(StepError::NotApplicable(format!(
                        "the server drops a finished run from its memory after {}, and a scenario may \
                         take {} (--scenario-timeout)",
                        humantime::format_duration(after),
                        humantime::format_duration(timing.scenario)
                    )));
                }
                timer::away(after).await;
                self.start(ANOTHER, Part::Short, None).await?;
                self.watch_to_the_end(ANOTHER).await?;
                self.run = Some(run.clone());
            }
            (None, None) => {
                return Err(StepError::NotApplicable(
                    "the target does not say when it drops a finished run from its memory; a target \
                     file can: forgets_after"
                        .to_owned(),
                ));
            }
        }
        let run_id = run.run_id;
        self.note(EntryKind::RunDropped { run_id });
        Ok(())
    }

    /// Restarts the server, after everybody has left.
    pub async fn restart(&mut self) -> Result<(), StepError> {
        let Some(restart) = self.environment.restart.clone() else {
            return Err(StepError::NotApplicable(
                "the target cannot be restarted; a target file can say how: restart".to_owned(),
            ));
        };
        // What the server cuts off by going down, closing handshakes included, is not its fault.
        let retiring = self.viewers.values_mut().map(Viewer::retire);
        for retired in join_all(retiring).await {
            retired.map_err(|error| StepError::Suite(error.to_string()))?;
        }
        // Beside the record: what becomes of it says nothing about the server but that it was restarted.
        let aside = Arc::new(Recorder::new(Arc::clone(&self.environment.redactor)));
        let mut control = self.environment.new_viewer(&the_suite(), &aside);
        let mut is_open = control.connect().await.is_ok();
        let timing = self.environment.plan.timing;
        let left = timing.scenario.saturating_sub(self.recorder.age());
        let restarting = async {
            let mut restarting = restart.restart();
            tokio::select! {
                restarted = &mut restarting => return restarted,
                () = timer::away(DRAINING) => {}
            }
            // A server may wait for its viewers to leave before it goes down.
            is_open = false;
            let _ = control.retire().await;
            restarting.await
        };
        timer::within(left, restarting)
            .await
            .map_err(|late| StepError::Inconclusive(format!("the server was not back: {late}")))?
            .map_err(|reason| StepError::Inconclusive(self.recorder.mask(&reason).into_owned()))?;
        let survived = is_open
            && matches!(
                timer::within(STILL_THERE, is_answered(&mut control)).await,
                Ok(true)
            );
        // It was cut off by the restart, as it should be, or is not needed any more.
        let _ = control.retire().await;
        if survived {
            return Err(self.misconfigured(
                "restart",
                "does not restart the server: a connection that was open before the command answered `ping` after \
                 it; name a command that stops the server, starts it again, and ends when it is back",
            ));
        }
        self.note(EntryKind::Restarted);
        Ok(())
    }
}
