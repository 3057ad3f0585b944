//! The end of a plan: every run comes to its end, everybody watches until nothing more comes, and the suite
//! asks for each run once more. That is what every delivery is compared with.

use futures::future::join_all;

use super::super::shared::to_the_end;
use super::tried;
use crate::client::{Reading, Viewer};
use crate::protocol::Ending;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World, the_suite};

impl World {
    /// Lets every run come to its end or its pause, waits until everybody has seen what they can see of
    /// it, and asks for each run again.
    pub async fn end_every_run(&mut self) -> Result<(), StepError> {
        for name in self.connected() {
            let reading = self.viewer(&name).read(Reading::Freely).await;
            tried(reading.map_err(StepError::from))?;
        }
        for number in 1..=self.runs.len() as u64 {
            if self.turn_to(number) {
                let run = self.current_run()?;
                self.release(&run);
            }
        }
        self.see_every_ending().await?;
        tried(self.everybody_watches_quiet().await)?;
        let leaving = self.viewers.values_mut().map(leave);
        join_all(leaving)
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        self.show_every_run().await
    }

    /// Everybody sees the runs end that they watch, all at once. One that has paused ends for nobody.
    async fn see_every_ending(&mut self) -> Result<(), StepError> {
        let mut watched: Vec<(String, CurrentRun)> = Vec::new();
        for name in self.connected() {
            let runs = self.watched_by(&name).into_iter();
            watched.extend(runs.map(|run| (name.clone(), run)));
        }
        let watched = watched.iter().filter_map(|(name, run)| {
            let paused = self.ending_of(run) == Some(Ending::Paused);
            let viewer = self.viewers.get(name).filter(|_| !paused)?;
            let pauses = self.pauses(run);
            Some(async move {
                match pauses {
                    false => to_the_end(viewer, &run.run_id).await,
                    true => super::running::to_the_pause(viewer, &run.run_id).await,
                }
            })
        });
        let mut seen = join_all(watched).await.into_iter();
        seen.try_for_each(|it| tried(it.map_err(StepError::from)))
    }

    /// The suite asks for each run on a connection of its own.
    async fn show_every_run(&mut self) -> Result<(), StepError> {
        if self.runs.is_empty() {
            return Ok(());
        }
        let name = the_suite().to_string();
        tried(self.connect(&name).await)?;
        if !self.viewer(&name).is_here() {
            return Ok(());
        }
        for run in self.runs.clone() {
            self.be_shown(&name, &run).await?;
        }
        for run in self.watched_by(&name) {
            if self.ending_of(&run).is_none() {
                let ended = to_the_end(self.viewer(&name), &run.run_id).await;
                tried(ended.map_err(StepError::from))?;
            }
        }
        tried(self.watch_quiet(&name).await)
    }
}

/// Closes the connection and waits for the server's side of it; and every connection that was left open.
async fn leave(viewer: &mut Viewer) -> Result<(), StepError> {
    if viewer.is_here() {
        tried(viewer.leave_for_good().await.map_err(StepError::from))?;
    }
    let retired = viewer.retire().await;
    retired.map_err(|error| StepError::Suite(error.to_string()))
}
