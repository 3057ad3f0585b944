//! What viewers can do, as the steps ask for it: each act brings client and target together.
//!
//! On the bundled server a run can be made to stand still right after an exact event, so a scenario
//! is cut and resumed at the same place every time. On every other server the viewer simply stays
//! away for a while.

mod authenticating;
pub mod final_replay;
mod flapping;
mod http;
mod invalid_input;
mod load;
mod many_viewers;
mod pausing;
mod replicas;
mod retention;
mod seam;
mod slow_consumer;

pub use authenticating::forged;

use std::sync::Arc;

use crate::check::{CheckVerdict, registry};
use crate::client::stall::Stopwatch;
use crate::client::{ViewerError, wait};
use crate::plan::Workflow;
use crate::protocol::{Action, Control, Outcome, Part, Position};
use crate::suite::params::PositionArg;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, Environment, World, the_suite};
use crate::trace::Trace;
use crate::transcript::{Disconnect, Entry, EntryKind};

/// How many events happen while a viewer is away from a server that can be held.
const MISSED: u64 = 15;

/// How many events happen after a viewer has left at once.
const FEW: u64 = 2;

/// How many live events a viewer sees after a return before leaving again, where the server can be
/// held.
const BETWEEN: u64 = 5;

impl World {
    /// Starts a run, and waits for its first event. With `breakpoint`, the run stands still after the
    /// event of this index, where the target can be held.
    pub async fn start(
        &mut self,
        name: &str,
        part: Part,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let workflow = self.workflow(part)?;
        self.start_told(name, part, workflow, breakpoint).await
    }

    /// Like [`World::start`], with a workflow that may be told something else.
    pub async fn start_told(
        &mut self,
        name: &str,
        part: Part,
        workflow: Workflow,
        breakpoint: Option<u64>,
    ) -> Result<CurrentRun, StepError> {
        let keeps = match part {
            Part::Endless => Some(self.retention()?),
            // The bundled server drops events of endless runs alone.
            Part::Talkative if self.environment.breakpoints.is_none() => {
                self.environment.abilities.retention
            }
            _ => None,
        };
        if let Some(events) = keeps {
            let keeps = EntryKind::Retention { events };
            self.recorder.record(&the_suite(), 0, keeps);
        }
        let session: Arc<str> = self.environment.new_session().into();
        let breakpoints = self.environment.breakpoints.clone();
        let breakpoint = breakpoints.as_ref().and(breakpoint);
        if let (Some(breakpoints), Some(after)) = (&breakpoints, breakpoint) {
            breakpoints.set(&session, after);
        }
        self.recorder.record(
            &the_suite(),
            0,
            EntryKind::Part {
                workflow_id: workflow.workflow_id.clone(),
                part,
            },
        );
        if !self.viewer(name).is_here() {
            self.viewer(name).connect().await?;
        }
        let known: Vec<Arc<str>> = self.run.iter().map(|run| Arc::clone(&run.run_id)).collect();
        let viewer = self.viewer(name);
        let asked = viewer
            .say(Action::Start {
                workflow_id: Some(workflow.workflow_id.clone()),
                message: workflow.message,
                session_id: Some(session.to_string()),
            })
            .await?;
        let first = viewer
            .wait(asked, "the first event of the run", |entry| {
                first_event(entry, &session, &known)
            })
            .await?;
        let run_id = first.map_err(|error| ViewerError::Refused {
            what: format!("to start the workflow {:?}", workflow.workflow_id),
            error,
        })?;
        let run = CurrentRun {
            run_id,
            session_id: session,
            workflow_id: workflow.workflow_id,
            breakpoint,
        };
        self.run = Some(run.clone());
        Ok(run)
    }

    /// Starts a run and watches it for this many events.
    pub async fn watch_events(
        &mut self,
        name: &str,
        part: Part,
        events: u64,
    ) -> Result<(), StepError> {
        let run = self
            .start(name, part, Some(events.saturating_sub(1)))
            .await?;
        self.watch_for(name, &run, events).await
    }

    /// Watches a run that the viewer has started until this many events have come.
    pub async fn watch_for(
        &mut self,
        name: &str,
        run: &CurrentRun,
        events: u64,
    ) -> Result<(), StepError> {
        let mut seen = 0;
        let over = self
            .viewer(name)
            .wait(
                0,
                &format!("event {} of the run", events.saturating_sub(1)),
                |entry| {
                    let event = event_of(entry, &run.run_id)?;
                    seen += 1;
                    if seen >= events {
                        return Some(false);
                    }
                    event.ending().is_some().then_some(true)
                },
            )
            .await?;
        if over {
            return Err(StepError::Inconclusive(format!(
                "the run ended after {seen} events, before {name} could leave; {LONGER}"
            )));
        }
        self.settle_hold().await
    }

    /// Waits for the ending of the run on the viewer's present visit.
    pub async fn watch_to_the_end(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.ending(name).await??)
    }

    /// Watches the run to its ending, or until nothing more comes.
    pub async fn to_the_end_if_it_comes(&mut self, name: &str) -> Result<(), StepError> {
        in_the_record(self.ending(name).await?)
    }

    async fn ending(&mut self, name: &str) -> Result<Result<(), ViewerError>, StepError> {
        let run = self.current_run()?;
        self.let_go(&run);
        let viewer = self.viewer(name);
        let ended = viewer.wait(0, "the ending of the run", |entry| {
            event_of(entry, &run.run_id)?.final_ending()
        });
        Ok(ended.await.map(drop))
    }

    /// Everybody who is connected watches the run to its ending.
    pub async fn everybody_to_the_end(&mut self) -> Result<(), StepError> {
        let here: Vec<String> = self.here();
        for name in here {
            self.watch_to_the_end(&name).await?;
        }
        Ok(())
    }

    /// Everybody who is connected watches until nothing more comes.
    pub async fn everybody_watches_quiet(&mut self) -> Result<(), StepError> {
        let here = self.viewers.values().filter(|viewer| viewer.is_here());
        let watched = futures::future::join_all(here.map(crate::client::Viewer::watch_quiet)).await;
        let watched: Result<(), ViewerError> = watched.into_iter().collect();
        Ok(watched?)
    }

    fn here(&self) -> Vec<String> {
        let here = self.viewers.iter().filter(|(_, viewer)| viewer.is_here());
        here.map(|(name, _)| name.clone()).collect()
    }

    /// Leaves and stays away while the run goes on.
    pub async fn go_away(&mut self, name: &str, disconnect: Disconnect) -> Result<(), StepError> {
        self.leave_before_the_end(name, disconnect).await?;
        self.stay_away(MISSED).await
    }

    /// Leaves a run that has only just begun. Where it can be held, it goes on a little before anybody
    /// else comes.
    pub async fn leave_at_once(&mut self, name: &str) -> Result<(), StepError> {
        self.leave_before_the_end(name, Disconnect::Close).await?;
        match self.current_run()?.breakpoint {
            Some(_) => self.stay_away(FEW).await,
            None => Ok(()),
        }
    }

    /// Lets the run go on while somebody is away: for so many events where the target can be held.
    async fn stay_away(&mut self, events: u64) -> Result<(), StepError> {
        let run = self.current_run()?;
        match (&self.environment.breakpoints, run.breakpoint) {
            (Some(_), Some(after)) => {
                self.move_hold(&run, after + events);
                self.settle_hold().await
            }
            _ => {
                wait::away(self.environment.plan.timing.away).await;
                Ok(())
            }
        }
    }

    /// Leaves a run under way, which stands still where the target can be held.
    ///
    /// # Errors
    ///
    /// [`StepError::Inconclusive`] where the run had ended before the viewer was gone.
    pub async fn leave_before_the_end(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        let run = self.current_run()?;
        self.leave_noticed(name, disconnect).await?;
        let ended = self.recorder.look(0, |entry| {
            event_of(entry, &run.run_id)?
                .ending()
                .filter(|ending| ending.is_final())
        });
        match ended {
            Some(_) => Err(StepError::Inconclusive(format!(
                "the run ended before {name} could leave; {LONGER}"
            ))),
            None => Ok(()),
        }
    }

    /// Leaves the run, and waits until the server knows of it, where the target can be held.
    async fn leave_noticed(&mut self, name: &str, disconnect: Disconnect) -> Result<(), StepError> {
        let run = self.current_run()?;
        let environment = Arc::clone(&self.environment);
        let leave = self.viewer(name).leave(disconnect);
        noticed(&environment, &run.session_id, leave).await;
        Ok(())
    }

    /// Leaves while the run stands still; only where the target can be held.
    pub async fn leave_standing(
        &mut self,
        name: &str,
        disconnect: Disconnect,
    ) -> Result<(), StepError> {
        if self.environment.breakpoints.is_none() {
            return Err(StepError::NotApplicable(
                "the target cannot be held at an exact event, as only the bundled server can"
                    .to_owned(),
            ));
        }
        self.leave_before_the_end(name, disconnect).await
    }

    /// Opens a connection, asks for the run, and waits until the return has been answered and what
    /// was missed has come. The run then still stands where it is held.
    pub async fn come_back(&mut self, name: &str, naming: PositionArg) -> Result<(), StepError> {
        self.viewer(name).connect().await?;
        self.ask_again(name, naming).await
    }

    /// Like [`World::come_back`], on the connection that is open.
    pub async fn ask_again(&mut self, name: &str, naming: PositionArg) -> Result<(), StepError> {
        let run = self.current_run()?;
        let viewer = self.viewer(name);
        let asked = viewer
            .say(Action::Reconnect {
                run_id: Some(run.run_id.to_string()),
                position: naming.position(viewer.position(&run.run_id)),
                workflow_id: Some(run.workflow_id.clone()),
                session_id: Some(run.session_id.to_string()),
            })
            .await?;
        viewer
            .wait(
                asked,
                "the answer to `reconnect`, and what it announces",
                settled(&run.run_id),
            )
            .await?;
        Ok(())
    }

    /// Lets a held run go on a little after a return, so that live events come, and holds it again.
    pub async fn watch_on(&mut self, name: &str) -> Result<(), StepError> {
        self.watch_on_for(name, BETWEEN).await
    }

    async fn watch_on_for(&mut self, name: &str, events: u64) -> Result<(), StepError> {
        let run = self.current_run()?;
        let (Some(breakpoints), Some(after)) =
            (self.environment.breakpoints.clone(), run.breakpoint)
        else {
            return Ok(());
        };
        let after = after + events;
        self.record_release(&run);
        breakpoints.set(&run.session_id, after);
        if let Some(run) = &mut self.run {
            run.breakpoint = Some(after);
        }
        self.viewer(name)
            .wait(0, &format!("event {after} of the run"), |entry| {
                let index = event_of(entry, &run.run_id)?.index.at()?;
                (index >= after).then_some(())
            })
            .await?;
        self.settle_hold().await
    }

    /// The index of the latest event of the run that anybody has been sent.
    fn last_index(&self, run: &CurrentRun) -> Option<u64> {
        self.recorder
            .look_back(|entry| event_of(entry, &run.run_id)?.index.at())
    }

    /// Waits until so many events of the run have come to a viewer on the present visit, or its ending:
    /// gives how many came, and whether the ending was the latest of them.
    async fn see_go_by(
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

    /// Lets a held run go on to this event.
    fn move_hold(&mut self, run: &CurrentRun, after: u64) {
        if let Some(breakpoints) = &self.environment.breakpoints {
            self.record_release(run);
            breakpoints.set(&run.session_id, after);
        }
        if let Some(run) = &mut self.run {
            run.breakpoint = Some(after);
        }
    }

    /// Lets a held run go on to its end.
    pub fn let_go(&mut self, run: &CurrentRun) {
        if let (Some(breakpoints), Some(_)) = (&self.environment.breakpoints, run.breakpoint) {
            self.record_release(run);
            breakpoints.clear(&run.session_id);
            if let Some(current) = &mut self.run {
                current.breakpoint = None;
            }
        }
    }

    /// Sends something that is not about the present run.
    pub async fn ask(&mut self, name: &str, action: Action) -> Result<(), StepError> {
        self.viewer(name).say(action).await?;
        Ok(())
    }

    /// Waits for the pong to the ping that the viewer sent last. Waiting in vain is for the checks.
    pub async fn pong(&mut self, name: &str) -> Result<(), StepError> {
        self.heard(name, "the answer to `ping`", |entry| {
            matches!(
                entry.message()?.control()?,
                Control::Pong | Control::AuthRequired
            )
            .then_some(())
        })
        .await
    }

    /// Waits for the answer to the start or the return that the viewer asked for last. An answer is
    /// any message that speaks of runs, or the end of the connection; whether it is the right one is
    /// for the checks.
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

    /// Judges a requirement over the record as it stands.
    ///
    /// # Errors
    ///
    /// [`StepError::Failed`] with the finding, [`StepError::Inconclusive`] where the situation did not come about.
    pub fn judge(&self, id: &str) -> Result<(), StepError> {
        let requirement = registry::find(id)
            .ok_or_else(|| StepError::Suite(format!("the catalogue has no requirement {id}")))?;
        let transcript = self.recorder.snapshot();
        match (requirement.check)(&Trace::of(&transcript)) {
            CheckVerdict::Passed => Ok(()),
            CheckVerdict::Inconclusive(reason) => Err(StepError::Inconclusive(reason)),
            CheckVerdict::Failed(findings) => Err(StepError::Failed(match findings.first() {
                Some(finding) => format!(
                    "{id}: expected {}; observed {}",
                    finding.expected, finding.observed
                ),
                None => id.to_owned(),
            })),
        }
    }

    /// Waits until the run stands where it is to be held, and records that it does, or that it does
    /// not get there: what that means is for the checks, once the viewer has returned.
    async fn settle_hold(&mut self) -> Result<(), StepError> {
        self.settle(self.current_run()?).await;
        Ok(())
    }

    async fn settle(&self, run: CurrentRun) {
        let (Some(breakpoints), Some(after)) = (&self.environment.breakpoints, run.breakpoint)
        else {
            return;
        };
        let limit = self.environment.plan.timing.step;
        let watch = Stopwatch::start();
        let reached = wait::within(limit, breakpoints.reached(&run.session_id, after)).await;
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
        self.recorder.record(&the_suite(), 0, what);
    }

    fn record_release(&self, run: &CurrentRun) {
        self.recorder.record(
            &the_suite(),
            0,
            EntryKind::BreakpointCleared {
                session_id: Arc::clone(&run.session_id),
            },
        );
    }
}

/// Silence, and a close frame, are for the checks: the record shows what happened. Where the connection
/// ended in another way, nobody can tell whether the server or the network did it.
fn in_the_record(waited: Result<(), ViewerError>) -> Result<(), StepError> {
    match waited {
        Ok(()) | Err(ViewerError::TimedOut { .. } | ViewerError::Lost { .. }) => Ok(()),
        Err(trouble) => Err(trouble.into()),
    }
}

/// The advice for runs that are over too soon.
const LONGER: &str = "choose a workflow that lives for 40 events or more with --workflow-id, --message or a target file";

/// The event in an entry, where it is one of this run.
pub(super) fn event_of<'e>(entry: &'e Entry, run: &str) -> Option<&'e crate::protocol::Event> {
    entry
        .message()?
        .event()
        .filter(|event| event.run().is_some_and(|id| &**id == run))
}

/// The run id of the first event of a new run, or the server's words of refusal.
fn first_event(
    entry: &Entry,
    session: &str,
    known: &[Arc<str>],
) -> Option<Result<Arc<str>, String>> {
    let message = entry.message()?;
    if let Some(Control::Error { error }) = message.control() {
        return Some(Err(error
            .as_deref()
            .unwrap_or("without a reason")
            .to_owned()));
    }
    let event = message.event()?;
    let run = event.run()?;
    let ours = event.session_id.as_deref().is_none_or(|id| id == session);
    (ours && !known.contains(run)).then(|| Ok(Arc::clone(run)))
}

/// Whether a message may answer a start or a return: neither a greeting nor a `pong` nor news of a
/// name that nobody knows does.
fn speaks_of_runs(entry: &Entry) -> Option<()> {
    let message = entry.message()?;
    match message.control() {
        Some(
            Control::Connected { .. }
            | Control::Authenticated
            | Control::Pong
            | Control::Other { .. },
        ) => None,
        Some(_) => Some(()),
        None => message.event().map(|_| ()),
    }
}

/// Lets a viewer leave a run of this session, and waits until the server knows of it, where the target
/// can be held: a run that goes on before goes on under the viewer's eyes.
async fn noticed(environment: &Environment, session: &str, leave: impl Future<Output = ()>) {
    let breakpoints = environment.breakpoints.as_ref();
    let before = breakpoints.map(|breakpoints| breakpoints.departures(session));
    leave.await;
    if let (Some(breakpoints), Some(before)) = (breakpoints, before) {
        let known = breakpoints.departed(session, before + 1);
        let _ = wait::within(environment.plan.timing.step, known).await;
    }
}

/// Whether the run's event of this index or a later one has come, or its ending: `true` for that.
fn there_or_over(run: &str, index: u64) -> impl FnMut(&Entry) -> Option<bool> {
    move |entry| {
        let event = event_of(entry, run)?;
        let there = event.index.at().is_some_and(|at| at >= index);
        let ended = event.final_ending().is_some();
        (there || ended).then_some(ended)
    }
}

/// Whether a return has been answered, and what was missed or is replayed has come.
pub(super) fn settled(run: &str) -> impl FnMut(&Entry) -> Option<()> {
    // A paused run is shown up to its pause; in any other answer more comes after it.
    let mut to_the_pause = true;
    move |entry| {
        let message = entry.message()?;
        match message.control() {
            Some(Control::CatchUp { .. }) => to_the_pause = false,
            Some(Control::Replay { status, .. }) => {
                let outcome = status.as_deref().and_then(Outcome::of);
                to_the_pause = outcome == Some(Outcome::Paused);
            }
            _ => {}
        }
        match message.control() {
            Some(Control::Subscribed { .. } | Control::Error { .. } | Control::AuthRequired) => {
                Some(())
            }
            Some(_) => None,
            None => event_of(entry, run)?
                .ending()
                .filter(|ending| ending.is_final() || to_the_pause)
                .map(|_| ()),
        }
    }
}

/// Asks the server, on a connection of the suite's own, how the runs stand that a viewer waited for
/// in vain: only the server's own word tells a slow run from a lost ending. Likewise where somebody said
/// what is no request, and a connection ended: the server may have ended with it, and its runs.
pub async fn ask_how_it_stands(world: &mut World) {
    let Some(run) = world.run.clone() else { return };
    let mut malformed = false;
    let in_vain = world.recorder.look(0, |entry| {
        malformed |= entry.is_malformed();
        let in_vain = matches!(&entry.what, EntryKind::TimedOut { .. } if entry.connection > 0);
        let over = malformed && matches!(&entry.what, EntryKind::Ended(_));
        (in_vain || over).then_some(())
    });
    if in_vain.is_none() {
        return;
    }
    let mut witness = world.environment.new_viewer(&the_suite(), &world.recorder);
    let outcome: Result<(), ViewerError> = async {
        witness.connect().await?;
        let asked = witness
            .say(Action::Reconnect {
                run_id: Some(run.run_id.to_string()),
                position: Position::Null,
                workflow_id: Some(run.workflow_id.clone()),
                session_id: Some(run.session_id.to_string()),
            })
            .await?;
        witness
            .wait(asked, "the answer to `reconnect`", settled(&run.run_id))
            .await
    }
    .await;
    // Whatever came of it is in the record.
    drop(outcome);
    world.viewers.insert(the_suite().to_string(), witness);
}
