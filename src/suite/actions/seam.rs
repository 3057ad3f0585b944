//! Returning at an awkward moment: while the run goes on, as it ends, before it has begun.

use crate::client::{Reading, RecvBuffer, ViewerError, wait};
use crate::protocol::{Action, Part, Position};
use crate::suite::actions::flapping::catch_up_in_part;
use crate::suite::actions::slow_consumer::too_many;
use crate::suite::actions::{LONGER, event_of, settled, there_or_over};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World, the_suite};
use crate::transcript::{Disconnect, EntryKind};

/// How many events happen while a viewer misses much of a run.
const MUCH: u64 = 30;

/// How many events may happen while a viewer returns.
const PASSING: u64 = 10;

/// How many of the missed events come before a viewer is cut off who is catching up.
const SOME: u64 = 100;

/// Those who return around the ending, and how many events before it each asks.
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

    /// Comes back to a run that goes on meanwhile, also where it can be held.
    pub async fn come_back_in_passing(
        &mut self,
        name: &str,
        naming: PositionArg,
    ) -> Result<(), StepError> {
        self.viewer(name).connect().await?;
        let run = self.current_run()?;
        if let Some(after) = run.breakpoint {
            // It goes on, but cannot end before the return is answered.
            self.move_hold(&run, after + PASSING);
        }
        let viewer = self.viewer(name);
        let position = naming.position(viewer.position(&run.run_id));
        let asked = viewer.say(return_to(&run, position)).await?;
        let waiting_for = "the answer to `reconnect`, and what it announces";
        self.viewer(name)
            .wait(asked, waiting_for, settled(&run.run_id))
            .await?;
        Ok(())
    }

    /// Starts the short run once more, and lets others return to it around its ending, which is
    /// expected where it was the first time.
    pub async fn return_around_the_ending(&mut self, name: &str) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        self.viewer(name).leave(Disconnect::Close).await;
        for (other, _) in AROUND {
            self.viewer(other).connect().await?;
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
                Err(trouble) => return Err(trouble.into()),
            }
            let viewer = self.viewer(other);
            let asked = viewer.say(return_to(&run, Position::Null)).await?;
            if self
                .run
                .as_ref()
                .is_some_and(|run| run.breakpoint.is_some())
            {
                // The first has returned before the ending; the next asks while it happens.
                if other == AROUND[0].0 {
                    self.settle_hold().await?;
                    self.viewer(other)
                        .wait(asked, "the answer to `reconnect`", settled(&run.run_id))
                        .await?;
                } else {
                    self.let_go(&run);
                }
            }
        }
        Ok(())
    }

    /// Starts a run that stands still before its first event.
    pub async fn start_before_the_first(
        &mut self,
        name: &str,
        part: Part,
    ) -> Result<(), StepError> {
        let Some(breakpoints) = self.environment.breakpoints.clone() else {
            return Err(StepError::NotApplicable(
                "the target cannot be held before the first event, as only the bundled server can"
                    .to_owned(),
            ));
        };
        let workflow = self.workflow(part)?;
        let session = self.environment.new_session();
        breakpoints.set_before_first(&session);
        let plays = EntryKind::Part {
            workflow_id: workflow.workflow_id.clone(),
            part,
        };
        self.recorder.record(&the_suite(), 0, plays);
        self.viewer(name).connect().await?;
        self.viewer(name)
            .say(Action::Start {
                workflow_id: Some(workflow.workflow_id.clone()),
                message: workflow.message,
                session_id: Some(session.clone()),
            })
            .await?;
        let limit = self.environment.plan.timing.step;
        let stands = wait::within(limit, breakpoints.reached_before_first(&session)).await;
        let run_id = breakpoints.run_of(&session);
        let (Ok(Ok(())), Some(run_id)) = (stands, run_id) else {
            return Err(StepError::Inconclusive(
                "the run did not stand still before its first event".to_owned(),
            ));
        };
        self.run = Some(CurrentRun {
            run_id: run_id.into(),
            session_id: session.into(),
            workflow_id: workflow.workflow_id,
            breakpoint: Some(0),
        });
        Ok(())
    }

    /// Loses the connection, and stays away while so many events happen before somebody else's eyes.
    pub async fn go_away_while_seen(
        &mut self,
        name: &str,
        witness: &str,
        events: u64,
    ) -> Result<(), StepError> {
        self.leave_before_the_end(name, Disconnect::Reset).await?;
        let run = self.current_run()?;
        if let Some(after) = run.breakpoint {
            self.move_hold(&run, after + events);
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
        self.settle_hold().await
    }

    /// Returns, and loses the connection once some of what was missed has come, while the server is
    /// still sending the rest.
    pub async fn come_back_in_part(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        let viewer = self.viewer(name);
        viewer.take_line(RecvBuffer::Slow);
        viewer.connect().await?;
        catch_up_in_part(viewer, &run, SOME).await?;
        viewer.take_line(RecvBuffer::Usual);
        self.leave_before_the_end(name, Disconnect::Reset).await
    }

    /// Starts the short run once more, which somebody else joins, and loses the connection as it ends:
    /// its last events are sent there, and never read.
    pub async fn lose_the_ending(&mut self, name: &str, witness: &str) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        let viewer = self.viewer(name);
        viewer.leave(Disconnect::Close).await;
        viewer.take_line(RecvBuffer::Slow);
        let breakpoint = last.saturating_sub(1);
        let run = self.start(name, Part::Short, Some(breakpoint)).await?;
        self.settle_hold().await?;
        self.come_back(witness, PositionArg::Null).await?;
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
        self.let_go(&run);
        self.to_the_end_if_it_comes(witness).await?;
        // Whoever returns from here on returns to a run that has certainly finished.
        self.viewer(witness).watch_quiet().await?;
        self.leave_noticed(name, Disconnect::Reset).await?;
        self.viewer(name).take_line(RecvBuffer::Usual);
        Ok(())
    }

    /// Waits until this many events of the run, or its ending, have come on the present visit.
    pub(crate) async fn watch_a_little(
        &mut self,
        name: &str,
        events: u64,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        let mut seen = 0;
        let last = self.recorder.len();
        self.viewer(name)
            .wait(last, "live events of the run", |entry| {
                let event = event_of(entry, &run.run_id)?;
                seen += 1;
                (seen >= events || event.final_ending().is_some()).then_some(())
            })
            .await?;
        Ok(())
    }

    /// Whether anybody has seen the run end.
    pub(crate) fn has_ended(&self, run: &str) -> bool {
        let ended = self
            .recorder
            .look_back(|entry| event_of(entry, run)?.final_ending());
        ended.is_some()
    }

    /// What is said of a run that was over too soon.
    pub(crate) fn too_soon(&self, name: &str) -> StepError {
        StepError::Inconclusive(format!("the run ended before {name} could leave; {LONGER}"))
    }
}

/// A return to the run with this position.
pub(crate) fn return_to(run: &CurrentRun, position: Position) -> Action {
    Action::Reconnect {
        run_id: Some(run.run_id.to_string()),
        position,
        workflow_id: Some(run.workflow_id.clone()),
        session_id: Some(run.session_id.to_string()),
    }
}
