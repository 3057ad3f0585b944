//! Stopping a run after an exact event, and letting it go on, where the target can do so.

use std::sync::Arc;

use crate::client::stall::Stopwatch;
use crate::client::timer;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::EntryKind;

impl World {
    /// Whether the present run stops at a breakpoint.
    pub(super) fn has_breakpoint(&self) -> bool {
        let run = self.run.as_ref();
        run.is_some_and(|run| run.breakpoint.is_some())
    }

    /// Lets a stopped run go on to this event.
    pub(super) fn move_breakpoint(&mut self, run: &CurrentRun, after: u64) {
        if let Some(breakpoints) = &self.environment.breakpoints {
            self.note_release(run);
            breakpoints.set(&run.session_id, after);
        }
        if let Some(run) = &mut self.run {
            run.breakpoint = Some(after);
        }
    }

    /// Lets a stopped run go on to its end.
    pub fn release(&mut self, run: &CurrentRun) {
        if let (Some(breakpoints), Some(_)) = (&self.environment.breakpoints, run.breakpoint) {
            self.note_release(run);
            breakpoints.clear(&run.session_id);
            if let Some(current) = &mut self.run {
                current.breakpoint = None;
            }
        }
    }

    /// Waits until the present run has stopped at its breakpoint, and records that it has, or that it
    /// does not get there: what that means is for the checks, once the viewer has returned.
    pub(super) async fn reach_breakpoint(&mut self) -> Result<(), StepError> {
        self.reach(self.current_run()?).await;
        Ok(())
    }

    pub(super) async fn reach(&self, run: CurrentRun) {
        let (Some(breakpoints), Some(after)) = (&self.environment.breakpoints, run.breakpoint)
        else {
            return;
        };
        let limit = self.environment.plan.timing.step;
        let watch = Stopwatch::start();
        let reached = timer::within(limit, breakpoints.reached(&run.session_id, after)).await;
        if !matches!(reached, Ok(Err(_))) {
            let waiting_for = format!("the run to reach event {after}");
            self.recorder.used(watch.elapsed(), &waiting_for);
        }
        let what = match reached {
            Ok(Ok(())) => EntryKind::BreakpointReached {
                session_id: run.session_id,
                after,
            },
            // It ended before: the return will show how.
            Ok(Err(_)) => return,
            Err(_) => EntryKind::TimedOut {
                waiting_for: format!("the run of {} to reach event {after}", run.session_id),
                after: limit,
            },
        };
        self.note(what);
    }

    pub(super) fn note_release(&self, run: &CurrentRun) {
        let session_id = Arc::clone(&run.session_id);
        self.note(EntryKind::BreakpointCleared { session_id });
    }
}
