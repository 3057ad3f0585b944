//! Returning at an awkward moment: while the run goes on, as it ends, before it has begun.

use super::shared::{
    catch_up_in_part, caught_up, event_of, in_the_record, reconnect, return_to, there_or_over,
    too_many,
};
use crate::client::{Reading, RecvBuffer, ViewerError};
use crate::protocol::{Part, Position};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

/// How many events happen while a viewer misses much of a run.
const MUCH: u64 = 30;

/// How many events may happen while a viewer returns.
const PASSING: u64 = 10;

/// How many of the missed events come before a viewer who is catching up is cut off.
const SOME: u64 = 100;

/// The viewers who return around the ending, and how many events before it each asks.
const AROUND: [(&str, u64); 3] = [("Ben", 1), ("Cleo", 1), ("Dan", 0)];

impl World {
    /// Leaves and stays away for much of the run.
    pub async fn go_away_for_long(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        self.leave_before_the_end(name, disconnect).await?;
        self.stay_away(MUCH).await
    }

    /// Returns to a run that goes on meanwhile, also where it can be stopped.
    pub async fn return_in_passing(
        &mut self,
        name: &str,
        position: PositionArg,
    ) -> Result<(), StepError> {
        self.connect(name).await?;
        let run = self.current_run()?;
        if let Some(after) = run.breakpoint {
            // It goes on, but cannot end before the return is answered.
            self.move_breakpoint(&run, after + PASSING);
        }
        let viewer = self.viewer(name);
        let position = position.position(viewer.position(&run.run_id));
        Ok(reconnect(viewer, &run, position).await?)
    }

    /// Starts the short run again, and lets others return to it around its ending, which is expected
    /// where it was the first time.
    pub async fn return_around_the_ending(&mut self, name: &str) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        self.viewer(name).leave(Disconnect::Close).await;
        for (other, _) in AROUND {
            self.connect(other).await?;
        }
        let run = self.start(name, Part::Short, last.checked_sub(1)).await?;
        for (other, earlier) in AROUND {
            let index = last.saturating_sub(earlier);
            let ended = self
                .viewer(name)
                .wait(0, &format!("event {index} of the run"), |entry| {
                    let event = event_of(entry, &run.run_id)?;
                    let there = event.index.at()? >= index;
                    (there || event.final_ending().is_some()).then_some(())
                })
                .await;
            match ended {
                Ok(()) => {}
                // The record shows what happened; the checks say what it means.
                Err(ViewerError::TimedOut { .. } | ViewerError::Lost { .. }) => break,
                Err(error) => return Err(error.into()),
            }
            let viewer = self.viewer(other);
            let asked = viewer.say(return_to(&run, Position::Null)).await?;
            if self.has_breakpoint() {
                // The first has returned before the ending; the next asks while it happens.
                if other == AROUND[0].0 {
                    self.reach_breakpoint().await?;
                    caught_up(self.viewer(other), &run, asked).await?;
                } else {
                    self.release(&run);
                }
            }
        }
        Ok(())
    }

    /// Loses the connection, and stays away while another viewer sees so many events.
    pub async fn go_away_while_seen(
        &mut self,
        name: &str,
        witness: &str,
        events: u64,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        if let Some(after) = run.breakpoint {
            // On a slow line what the others have seen comes later.
            let seen = there_or_over(&run.run_id, after);
            let waiting_for = format!("event {after} of the run");
            let waited = self.viewer(name).wait(0, &waiting_for, seen).await;
            in_the_record(waited.map(drop))?;
        }
        self.leave_before_the_end(name, Disconnect::Reset).await?;
        if let Some(after) = run.breakpoint {
            self.move_breakpoint(&run, after + events);
        }
        let position = self.viewer(name).position(&run.run_id);
        let wanted = position.next().unwrap_or(0).saturating_add(events);
        let (seen, ended) = self.see_go_by(witness, &run, wanted).await?;
        if ended {
            return Err(StepError::Inconclusive(format!(
                "the run ended after {seen} events, before {name} had missed {events}: choose a \
                 workflow with more events for the part `talkative`"
            )));
        }
        self.reach_breakpoint().await
    }

    /// Returns, and loses the connection once some of what was missed has come, while the server is
    /// still sending the rest.
    pub async fn return_in_part(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let viewer = self.viewer(name);
        viewer.take_line(RecvBuffer::Slow);
        viewer.connect().await?;
        catch_up_in_part(viewer, &run, SOME).await?;
        viewer.take_line(RecvBuffer::Usual);
        self.leave_before_the_end(name, Disconnect::Reset).await
    }

    /// Starts the short run again, which another viewer joins, and loses the connection as it ends: its
    /// last events are sent there, and never read.
    pub async fn lose_the_ending(&mut self, name: &str, witness: &str) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        let viewer = self.viewer(name);
        viewer.leave(Disconnect::Close).await;
        viewer.take_line(RecvBuffer::Slow);
        let breakpoint = last.saturating_sub(1);
        let run = self.start(name, Part::Short, Some(breakpoint)).await?;
        self.reach_breakpoint().await?;
        self.return_to_run(witness, PositionArg::Null).await?;
        let viewer = self.viewer(name);
        let ended = viewer
            .wait(
                0,
                &format!("event {breakpoint} of the run"),
                there_or_over(&run.run_id, breakpoint),
            )
            .await?;
        if ended {
            return Err(self.too_soon(name));
        }
        let too_many = too_many(&self.environment);
        self.viewer(name).read(Reading::Not { too_many }).await?;
        self.release(&run);
        self.to_the_end_if_it_comes(witness).await?;
        // From here on the run has certainly finished.
        self.watch_quiet(witness).await?;
        self.leave_noticed(name, Disconnect::Reset).await?;
        self.viewer(name).take_line(RecvBuffer::Usual);
        Ok(())
    }
}
