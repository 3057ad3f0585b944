//! Watching runs, and waiting for answers.

use super::shared::{LONGER, event_of, in_the_record, speaks_of_runs, to_the_end};
use crate::client::{Viewer, ViewerError, timer};
use crate::plan::QUIET;
use crate::protocol::{Action, Control, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Entry;

/// How many live events a viewer sees after a return before leaving again, where the run can be
/// stopped.
const BETWEEN: u64 = 5;

impl World {
    /// Watches a run that the viewer has started until this many events have come.
    pub async fn watch_for(
        &mut self,
        name: &str,
        run: &CurrentRun,
        events: u64,
    ) -> Result<(), StepError> {
        let mut seen = 0;
        let last = events.saturating_sub(1);
        let over = self
            .viewer(name)
            .wait(0, &format!("event {last} of the run"), |entry| {
                let event = event_of(entry, &run.run_id)?;
                seen += 1;
                if seen >= events {
                    return Some(false);
                }
                event.ending().is_some().then_some(true)
            })
            .await?;
        if over {
            return Err(StepError::Inconclusive(format!(
                "the run ended after {seen} events, before {name} could leave; {LONGER}"
            )));
        }
        self.reach_breakpoint().await
    }

    /// Waits for the ending of the run on the viewer's present connection.
    pub async fn watch_to_the_end(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.ending(name).await??)
    }

    /// Waits for the ending, and then until nothing more comes: what happens at the very moment of the ending is a rule
    /// of its own.
    pub async fn watch_beyond_the_end(&mut self, name: &str) -> Result<(), StepError> {
        self.watch_to_the_end(name).await?;
        if self.viewer(name).is_over_http() {
            // Its stream has ended, and so nothing more is waited for there.
            timer::away(self.environment.plan.timing.quiet).await;
        }
        self.watch_quiet(name).await
    }

    /// Watches the run to its ending, or until nothing more comes.
    pub async fn to_the_end_if_it_comes(&mut self, name: &str) -> Result<(), StepError> {
        in_the_record(self.ending(name).await?)
    }

    async fn ending(&mut self, name: &str) -> Result<Result<(), ViewerError>, StepError> {
        let run = self.current_run()?;
        self.release(&run);
        Ok(to_the_end(self.viewer(name), &run.run_id).await)
    }

    /// Starts a run. One of the part `quiet` goes on in [`World::through_the_quiet`]: others return first, and
    /// may be slow.
    pub async fn watch(&mut self, name: &str, part: Part) -> Result<(), StepError> {
        let breakpoint = (part == Part::Quiet).then_some(1);
        self.start(name, part, breakpoint).await.map(drop)
    }

    /// Everybody who is connected watches the run to its ending, through the time in which a run of the part
    /// `quiet` says nothing.
    pub async fn through_the_quiet(&mut self) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.release(&run);
        let lasts = 2 * self.environment.abilities.quiet.unwrap_or(QUIET);
        let here = self.viewers.values().filter(|viewer| viewer.is_here());
        let watching = here.map(|viewer| {
            viewer.wait_through(lasts, 0, "the ending of the run", |entry| {
                event_of(entry, &run.run_id)?.final_ending().map(|_| ())
            })
        });
        for watched in futures::future::join_all(watching).await {
            in_the_record(watched)?;
        }
        Ok(())
    }

    /// Everybody who is connected watches the run to its ending, one after the other.
    pub async fn everybody_to_the_end(&mut self) -> Result<(), StepError> {
        for name in self.connected() {
            self.watch_to_the_end(&name).await?;
        }
        Ok(())
    }

    /// Watches until nothing more comes.
    pub async fn watch_quiet(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.viewer(name).watch_quiet().await?)
    }

    /// Everybody who is connected watches until nothing more comes.
    pub async fn everybody_watches_quiet(&mut self) -> Result<(), StepError> {
        let here = self.viewers.values().filter(|viewer| viewer.is_here());
        let watched = futures::future::join_all(here.map(Viewer::watch_quiet)).await;
        let watched: Result<(), ViewerError> = watched.into_iter().collect();
        Ok(watched?)
    }

    /// The names of the viewers who are connected.
    pub fn connected(&self) -> Vec<String> {
        let here = self.viewers.iter().filter(|(_, viewer)| viewer.is_here());
        here.map(|(name, _)| name.clone()).collect()
    }

    /// Lets a stopped run go on a little after a return, so that live events come, and stops it again.
    pub async fn watch_on(&mut self, name: &str) -> Result<(), StepError> {
        self.watch_on_for(name, BETWEEN).await
    }

    /// Watches on until so many live events have come.
    pub async fn watch_further(&mut self, name: &str, events: u64) -> Result<(), StepError> {
        match self.has_breakpoint() {
            true => self.watch_on_for(name, events).await,
            false => self.watch_a_little(name, events).await,
        }
    }

    pub(super) async fn watch_on_for(&mut self, name: &str, events: u64) -> Result<(), StepError> {
        let run = self.current_run()?;
        let (Some(_), Some(after)) = (&self.environment.breakpoints, run.breakpoint) else {
            return Ok(());
        };
        let after = after + events;
        self.move_breakpoint(&run, after);
        self.viewer(name)
            .wait(0, &format!("event {after} of the run"), |entry| {
                let index = event_of(entry, &run.run_id)?.index.at()?;
                (index >= after).then_some(())
            })
            .await?;
        self.reach_breakpoint().await
    }

    /// Waits until this many events of the run, or its ending, have come from now on.
    pub(super) async fn watch_a_little(
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

    /// The index of the latest event of the run that any viewer has been sent.
    pub(super) fn last_index(&self, run: &CurrentRun) -> Option<u64> {
        self.recorder
            .look_back(|entry| event_of(entry, &run.run_id)?.index.at())
    }

    /// Waits until so many events of the run have come to a viewer on the present connection, or its
    /// ending. Returns how many came, and whether the ending was the latest of them.
    pub(super) async fn see_go_by(
        &mut self,
        name: &str,
        run: &CurrentRun,
        events: u64,
    ) -> Result<(u64, bool), StepError> {
        // Counted, not read off the index: a server may give an index twice.
        let mut seen = 0;
        let came = self
            .viewer(name)
            .wait(0, &format!("{events} events of the run"), |entry| {
                let event = event_of(entry, &run.run_id)?;
                seen += 1;
                let ended = event.final_ending().is_some();
                (ended || seen >= events).then_some((seen, ended))
            })
            .await?;
        Ok(came)
    }

    /// Pings, and waits for the answer. Silence is for the checks.
    pub async fn ping(&mut self, name: &str) -> Result<(), StepError> {
        self.send(name, Action::Ping).await?;
        self.heard(name, "the answer to `ping`", |entry| {
            let control = entry.message()?.control()?;
            matches!(control, Control::Pong | Control::AuthRequired).then_some(())
        })
        .await
    }

    /// Waits for the answer to the start or the return that the viewer asked for last. An answer is
    /// any message about runs, or the end of the connection; whether it is the right one is for the
    /// checks.
    pub async fn answered(&mut self, name: &str, waiting_for: &str) -> Result<(), StepError> {
        self.heard(name, waiting_for, speaks_of_runs).await
    }

    async fn heard(
        &mut self,
        name: &str,
        waiting_for: &str,
        look: impl FnMut(&Entry) -> Option<()>,
    ) -> Result<(), StepError> {
        let asked = self.recorder.look_back(|entry| {
            (&*entry.viewer == name && entry.action().is_some()).then_some(entry.number)
        });
        let asked = asked.unwrap_or_default();
        in_the_record(self.viewer(name).wait(asked, waiting_for, look).await)
    }
}
