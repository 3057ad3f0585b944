//! Starting runs, watching them, and letting them go on.

use std::sync::Arc;

use super::super::shared::{self, event_of};
use super::tried;
use crate::client::{Viewer, ViewerError, timer};
use crate::plan::Workflow;
use crate::protocol::Part;
use crate::suite::params::Payload;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::{Disconnect, Entry};

impl World {
    /// Starts a run, which stops after its first event where it can be stopped.
    pub async fn start_run(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        if !self.be_here(name).await? {
            return Ok(());
        }
        let started = self.start(name, part, Some(0)).await;
        self.stopped(started).await
    }

    /// Starts a run that repeats this text. Otherwise as [`World::start_run`].
    pub async fn start_run_of(&mut self, name: &str, payload: Payload) -> Result<(), StepError> {
        if !self.be_here(name).await? {
            return Ok(());
        }
        let started = self.start_repeating(name, payload, Some(0)).await;
        self.stopped(started).await
    }

    /// Starts a run in the session of that run. Neither of them stops from then on: a session has one
    /// breakpoint.
    pub async fn start_run_in_session(
        &mut self,
        name: &str,
        part: Part,
        number: u64,
    ) -> Result<(), StepError> {
        let Some(before) = self.here_for(name, number).await? else {
            return Ok(());
        };
        // Of two runs of one session that both have no event yet nobody can tell which one begins.
        let begun = |entry: &Entry| event_of(entry, &before.run_id).map(drop);
        if self.recorder.look(0, begun).is_none() {
            return Ok(());
        }
        self.release(&before);
        let workflow = self.workflow(part)?;
        self.note_retention(part)?;
        self.note_part(part, &workflow);
        self.start_beside(name, &workflow, &before).await
    }

    async fn start_beside(
        &mut self,
        name: &str,
        workflow: &Workflow,
        before: &CurrentRun,
    ) -> Result<(), StepError> {
        let (known, session) = (self.known_runs(), Arc::clone(&before.session_id));
        let started = shared::start(self.viewer(name), workflow, &session, &known).await;
        if let Ok(run) = &started {
            self.begin(run.clone());
        }
        tried(started.map_err(StepError::from))
    }

    /// Starts a run over HTTP, which stops after its first event where it can be stopped.
    pub async fn start_run_over_http(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let open = self.viewers.values().map(|it| it.open_connections());
        if open.sum::<usize>() >= self.environment.plan.size.viewers {
            return Ok(());
        }
        tried(self.start_over_http(name, part, 1).await)
    }

    /// Starts a run that stops before its first event; only where it can be stopped.
    pub async fn start_unbegun(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        // The action opens a connection of its own.
        self.lose(name, Disconnect::Close).await;
        let open = self.viewers.values().map(|it| it.open_connections());
        if open.sum::<usize>() >= self.environment.plan.size.viewers {
            return Ok(());
        }
        tried(self.start_before_the_first(name, part).await)
    }

    async fn stopped(&mut self, started: Result<CurrentRun, StepError>) -> Result<(), StepError> {
        if let Ok(run) = &started {
            self.reach(run.clone()).await;
        }
        tried(started)
    }

    /// The run goes on for so many events where it can be stopped; elsewhere for a while.
    pub async fn go_on_for(&mut self, number: u64, events: u64) -> Result<(), StepError> {
        if self.turn_to(number) {
            let run = self.current_run()?;
            self.go_on(run, events).await;
        }
        Ok(())
    }

    /// Likewise, for the run that is named. A run that has ended does not go on.
    pub(super) async fn go_on(&mut self, run: CurrentRun, events: u64) {
        if self.ending_of(&run).is_some() {
            return;
        }
        if self.environment.breakpoints.is_none() {
            return timer::away(self.environment.plan.timing.away).await;
        }
        if let Some(after) = self.further(&run, events) {
            let breakpoint = Some(after);
            self.reach(CurrentRun { breakpoint, ..run }).await;
        }
    }

    /// Moves the breakpoint of a run by so many events, and does not wait. Gives where it is then.
    pub(super) fn further(&mut self, run: &CurrentRun, events: u64) -> Option<u64> {
        // What is known of it may be older than the record of the world.
        let place = self.runs.iter().position(|it| it.run_id == run.run_id)?;
        self.turn_to(u64::try_from(place).ok()?.saturating_add(1));
        let after = self.run.as_ref()?.breakpoint?.saturating_add(events);
        self.move_breakpoint(run, after);
        Some(after)
    }

    /// Watches the run for so many more events, or to its end; only a viewer who watches it.
    pub async fn watch_run(
        &mut self,
        name: &str,
        number: u64,
        events: u64,
    ) -> Result<(), StepError> {
        let Some(run) = self.watched_run(name, number)? else {
            return Ok(());
        };
        let before = self.recorder.len();
        let after = self.further(&run, events);
        let mut seen = 0;
        let viewer = self.viewer(name);
        let waiting_for = match after {
            Some(after) => format!("event {after} of the run"),
            None => "live events of the run".to_owned(),
        };
        // Where it can be stopped, what is waited for may have come already.
        let from = after.map_or(before, |_| 0);
        let watched = viewer.wait(from, &waiting_for, |entry| {
            let event = event_of(entry, &run.run_id)?;
            seen += 1;
            let there = match after {
                Some(after) => event.index.at().is_some_and(|at| at >= after),
                None => seen >= events,
            };
            (there || event.ending().is_some()).then_some(())
        });
        tried(watched.await.map_err(StepError::from))?;
        if after.is_some() {
            self.reach_breakpoint().await?;
        }
        Ok(())
    }

    /// The run goes on to its end, or to its pause, with nobody waiting for it on the wire.
    pub async fn let_go(&mut self, number: u64) -> Result<(), StepError> {
        if !self.turn_to(number) {
            return Ok(());
        }
        let run = self.current_run()?;
        self.release(&run);
        // A pause is no end: only a viewer sees it.
        if self.pauses(&run) {
            return Ok(());
        }
        self.while_it_stops().await
    }

    /// Watches the run to its end or its pause; only a viewer who watches it.
    pub async fn watch_out(&mut self, name: &str, number: u64) -> Result<(), StepError> {
        let Some(run) = self.watched_run(name, number)? else {
            return Ok(());
        };
        self.release(&run);
        let ended = to_the_pause(self.viewer(name), &run.run_id).await;
        tried(ended.map_err(StepError::from))
    }

    /// Whether the run's workflow plays the part that asks a person.
    pub(super) fn pauses(&self, run: &CurrentRun) -> bool {
        let pausing = self.environment.casting.get(&Part::Pausing);
        pausing.is_some_and(|it| it.workflow_id == run.workflow_id)
    }
}

/// Waits for the ending of the run, or its pause, on the viewer's present connection.
pub(super) async fn to_the_pause(viewer: &Viewer, run: &str) -> Result<(), ViewerError> {
    let ended = viewer.wait(0, "the ending of the run", |entry| {
        event_of(entry, run)?.ending().map(|_| ())
    });
    ended.await
}
