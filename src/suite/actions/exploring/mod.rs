//! What a drawn plan does: its steps say by number which run they are about.
//!
//! A plan is drawn and shortened without a look at the server, so every action here can be done at any
//! moment: a viewer who is not connected connects first, and what is not possible is left out. Whatever the
//! server does is in the record. No action opens more connections than the plan allows: over HTTP, where each
//! request has a connection of its own, a viewer who asks for something else leaves the former one.
//!
//! - `returning`: returns; `asking`: other requests
//! - `leaving`: disconnects
//! - `running`: starting runs, watching them, letting them go on
//! - `ending`: the end of a plan: every run comes to its end, and is shown once more

mod asking;
mod ending;
mod leaving;
mod returning;
mod running;

use super::shared::event_of;
use crate::protocol::{Control, Ending};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// What could not be done is in the record, and ends no plan.
fn tried<T>(result: Result<T, StepError>) -> Result<(), StepError> {
    match result {
        Ok(_) | Err(StepError::Inconclusive(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

impl World {
    /// Connects the viewer, unless they are connected and can ask for something there, or as many connections are
    /// open as may be. Gives whether they are connected.
    pub async fn be_here(&mut self, name: &str) -> Result<bool, StepError> {
        if self.viewer(name).can_ask() {
            return Ok(true);
        }
        self.come_anew(name).await
    }

    /// Likewise, for what only a WebSocket has: a viewer over HTTP does not connect.
    pub async fn be_on_a_websocket(&mut self, name: &str) -> Result<bool, StepError> {
        match self.viewer(name).is_over_http() {
            true => Ok(false),
            false => self.be_here(name).await,
        }
    }

    /// Opens another connection, on which the viewer has asked for nothing. Gives whether it is open.
    async fn come_anew(&mut self, name: &str) -> Result<bool, StepError> {
        if self.viewer(name).is_here() {
            self.lose(name, Disconnect::Close).await;
        }
        let open = self.viewers.values().map(|it| it.open_connections());
        if open.sum::<usize>() >= self.environment.plan.size.viewers {
            return Ok(false);
        }
        tried(self.connect(name).await)?;
        Ok(self.viewer(name).is_here())
    }

    /// The run of this number, for a viewer on another connection, on which they have asked for nothing; `None` where
    /// there is no such run or no such connection.
    async fn anew_for(&mut self, name: &str, number: u64) -> Result<Option<CurrentRun>, StepError> {
        if !self.turn_to(number) || !self.come_anew(name).await? {
            return Ok(None);
        }
        self.current_run().map(Some)
    }

    /// The run of this number, for a viewer who is connected; `None` where there is no such run or connection.
    async fn here_for(&mut self, name: &str, number: u64) -> Result<Option<CurrentRun>, StepError> {
        if !self.turn_to(number) || !self.be_here(name).await? {
            return Ok(None);
        }
        self.current_run().map(Some)
    }

    /// The run of this number, where the viewer watches it live and it goes on.
    fn watched_run(&mut self, name: &str, number: u64) -> Result<Option<CurrentRun>, StepError> {
        if !self.turn_to(number) {
            return Ok(None);
        }
        let run = self.current_run()?;
        let watches = |it: &CurrentRun| it.run_id == run.run_id;
        let goes_on = self.watched_by(name).iter().any(watches) && self.ending_of(&run).is_none();
        Ok(goes_on.then_some(run))
    }

    /// The runs that the viewer watches live on the present connection, as far as the record shows.
    fn watched_by(&mut self, name: &str) -> Vec<CurrentRun> {
        let viewer = self.viewer(name);
        if !viewer.is_here() {
            return Vec::new();
        }
        let connection = viewer.latest_connection();
        let runs = self.runs.iter();
        let watched = runs.filter(|run| {
            let mut watches = false;
            self.recorder.look(0, |entry| {
                if entry.connection != connection || &*entry.viewer != name {
                    return None;
                }
                watches |= event_of(entry, &run.run_id).is_some();
                match entry.message()?.control()? {
                    Control::Subscribed { run_id, .. } => {
                        watches |= run_id.as_ref() == Some(&run.run_id);
                        None
                    }
                    Control::Replay { run_id, .. } => {
                        (run_id.as_ref() == Some(&run.run_id)).then(|| watches = false)
                    }
                    _ => None,
                }
            });
            watches
        });
        watched.cloned().collect()
    }

    /// How the run has ended so far, or that it has paused, as any viewer has seen it last.
    fn ending_of(&self, run: &CurrentRun) -> Option<Ending> {
        self.recorder
            .look_back(|entry| event_of(entry, &run.run_id)?.ending())
    }
}
