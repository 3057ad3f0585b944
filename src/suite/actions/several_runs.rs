//! Several runs at once: in one session, on one connection, and so many that the server is busy.

use futures::future::join_all;

use super::shared::{event_of, in_the_record, reconnect, start_of, to_the_end};
use crate::client::Viewer;
use crate::protocol::{Part, Position};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// How many runs keep a server busy.
const BUSY: usize = 6;

/// How many live events a viewer has certainly seen before somebody leaves.
const SOME: u64 = 2;

/// How far a stopped run goes on for these.
const MORE: u64 = 4;

impl World {
    /// Starts another run in the session of the present one, which must not be stopped any more.
    pub async fn start_in_the_same_session(
        &mut self,
        name: &str,
        part: Part,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let session = self.current_run()?.session_id;
        let workflow = self.workflow(part)?;
        if let (Some(breakpoints), Some(after)) = (&self.environment.breakpoints, breakpoint) {
            breakpoints.set(&session, after);
        }
        self.note_part(part, &workflow);
        self.start_in(name, &workflow, session, breakpoint).await
    }

    /// Returns to the run that was started before the present one: on a new connection, or on the one
    /// that is open.
    pub async fn return_to_the_earlier_run(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        let earlier = self.earlier_run()?;
        if !self.viewer(name).is_here() {
            self.connect(name).await?;
        }
        let viewer = self.viewer(name);
        let position = position.position(viewer.position(&earlier.run_id));
        in_the_record(reconnect(viewer, &earlier, position).await)
    }

    /// The run that was started before the present one.
    fn earlier_run(&self) -> Result<CurrentRun, StepError> {
        self.earlier_runs()
            .last()
            .cloned()
            .ok_or_else(|| StepError::Suite("the scenario has started no earlier run".to_owned()))
    }

    /// Everybody who is connected watches every run that they asked for to its ending, if it comes.
    pub async fn all_runs_to_the_end(&mut self) -> Result<(), StepError> {
        let runs: Vec<CurrentRun> = self.earlier_runs().chain(&self.run).cloned().collect();
        for run in &runs {
            self.release(run);
        }
        for run in &runs {
            let watching = self.viewers.values().filter(|it| it.is_here());
            let watching = watching.filter(|it| self.has_asked_for(it, run));
            let ends = join_all(watching.map(|it| to_the_end(it, &run.run_id))).await;
            ends.into_iter().try_for_each(in_the_record)?;
        }
        Ok(())
    }

    /// Whether an event of this run has come to the viewer.
    fn has_asked_for(&self, viewer: &Viewer, run: &CurrentRun) -> bool {
        viewer.position(&run.run_id) != Position::Null
    }

    /// Leaves once everybody else who watches the run has certainly got something live. A stopped run
    /// goes on a little for that.
    pub async fn leave_while_others_watch(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        let before = self.recorder.len();
        if let Some(after) = run.breakpoint {
            self.move_breakpoint(&run, after + MORE);
        }
        for other in self.connected() {
            let mut seen = 0;
            let live = self
                .viewer(&other)
                .wait(before, "live events of the run", |entry| {
                    let event = event_of(entry, &run.run_id)?;
                    seen += 1;
                    (seen >= SOME || event.final_ending().is_some()).then_some(())
                });
            // One who gets none has lost the stream before: other rules are about that.
            in_the_record(live.await)?;
        }
        self.reach_breakpoint().await?;
        self.leave_before_the_end(name, disconnect).await
    }

    /// Starts so many runs on one connection that the server is busy with them.
    pub async fn keep_busy(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        for _ in 0..BUSY {
            self.start(name, part, Some(0)).await?;
        }
        Ok(())
    }

    /// Starts a run while the server is busy, and waits until it is acknowledged, if it is.
    pub async fn start_if_possible(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let workflow = self.workflow(part)?;
        let session = self.new_session(part, &workflow, Some(0))?;
        self.connect(name).await?;
        self.send(name, start_of(&workflow, &session)).await?;
        self.answered(name, "word of the run that was started")
            .await
    }
}
