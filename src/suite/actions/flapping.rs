//! Coming and going, often and anywhere.

use std::sync::Arc;

use futures::future::join_all;

use crate::client::{Reading, Recorder, RecvBuffer, Viewer, ViewerError, wait};
use crate::plan::Workflow;
use crate::protocol::{Action, Part};
use crate::suite::actions::many_viewers::{come_back, to_the_end};
use crate::suite::actions::seam::return_to;
use crate::suite::actions::slow_consumer::too_many;
use crate::suite::actions::{first_event, noticed, settled, there_or_over};
use crate::suite::params::{DisconnectArg, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, Environment, World, the_suite};
use crate::transcript::{Disconnect, EntryKind};

/// How often a viewer comes back who comes and goes.
const OFTEN: usize = 6;

/// How many events happen during each absence and each visit of such a viewer.
const FEW: u64 = 3;

/// After which events connections are cut first on a server whose runs cannot be held.
const SAMPLE: [u64; 6] = [0, 1, 2, 5, 12, 25];

/// Up to which event further cuts are spread there: a long run has some more than that.
const SPREAD: u64 = 36;

/// How many events happen between a cut and the return.
const MEANWHILE: u64 = 2;

impl World {
    /// Comes and goes until the run ends, each time with the own position.
    pub async fn come_and_go(&mut self, name: &str) -> Result<(), StepError> {
        let run = self.current_run()?;
        for round in 0..OFTEN {
            if self.has_ended(&run.run_id) {
                break;
            }
            let disconnect = match round % 2 {
                0 => Disconnect::Reset,
                _ => Disconnect::Close,
            };
            self.leave_noticed(name, disconnect).await?;
            if self.held() {
                self.stay_away(FEW).await?;
            }
            self.come_back(name, PositionArg::Own).await?;
            if self.held() {
                self.watch_on_for(name, FEW).await?;
            } else if !self.has_ended(&run.run_id) {
                self.watch_a_little(name, FEW).await?;
            }
        }
        self.watch_to_the_end(name).await
    }

    fn held(&self) -> bool {
        self.run
            .as_ref()
            .is_some_and(|run| run.breakpoint.is_some())
    }

    /// Starts a run for each place where a connection can be cut, cuts it there in this way, returns
    /// and watches to the end; all of them at once.
    ///
    /// On a server that can be held these are short runs, cut after every event but the last (or the
    /// last few, where the run has to be under way on the first return), which the run that was
    /// watched before tells; elsewhere long ones, and some places.
    pub async fn cut_anywhere(&mut self, way: DisconnectArg) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        let (part, cuts) = match self.environment.breakpoints {
            Some(_) if way == DisconnectArg::CatchingUp => {
                (Part::Short, (0..last.saturating_sub(MEANWHILE)).collect())
            }
            Some(_) => (Part::Short, (0..last).collect()),
            None => (Part::Long, sample(self.environment.plan.size.cuts)),
        };
        let workflow = self.workflow(part)?;
        let plays = EntryKind::Part {
            workflow_id: workflow.workflow_id.clone(),
            part,
        };
        self.recorder.record(&the_suite(), 0, plays);
        if self.environment.breakpoints.is_none() {
            let left_out = EntryKind::NotTried(only_these(&cuts));
            self.recorder.record(&the_suite(), 0, left_out);
        }
        let mut viewers: Vec<(u64, Viewer)> = cuts
            .into_iter()
            .map(|cut| {
                let name = format!("Viewer {cut}");
                (cut, self.environment.new_viewer(&name, &self.recorder))
            })
            .collect();
        let (environment, recorder) = (&*self.environment, &*self.recorder);
        let cutting = viewers.iter_mut().map(|(cut, viewer)| {
            let scene = Scene {
                environment,
                recorder,
                workflow: &workflow,
                session: environment.new_session().into(),
                last,
            };
            async move { scene.play(viewer, *cut, way).await }
        });
        let results = join_all(cutting).await;
        for (cut, viewer) in viewers {
            self.viewers.insert(format!("Viewer {cut}"), viewer);
        }
        // What nobody could be told of is in the record; the checks say what it means.
        for trouble in results.into_iter().filter_map(Result::err) {
            if !matches!(
                trouble,
                ViewerError::TimedOut { .. } | ViewerError::Lost { .. }
            ) {
                return Err(trouble.into());
            }
        }
        Ok(())
    }
}

/// After which events so many connections are cut, in order: few early, the others spread.
fn sample(cuts: usize) -> Vec<u64> {
    let count = cuts as u64;
    if let Some(few) = SAMPLE.get(..cuts) {
        few.to_vec()
    } else if count > SPREAD {
        (0..count).collect()
    } else {
        (0..count).map(|at| at * SPREAD / (count - 1)).collect()
    }
}

/// What is said of the places where nothing was cut.
fn only_these(cuts: &[u64]) -> String {
    let cuts: Vec<String> = cuts.iter().map(u64::to_string).collect();
    format!(
        "runs were cut after event {} and nowhere else: --cuts wants more",
        cuts.join(", ")
    )
}

/// One run that is cut at one place.
struct Scene<'a> {
    environment: &'a Environment,
    recorder: &'a Recorder,
    workflow: &'a Workflow,
    session: Arc<str>,
    /// The index of the ending, where such a run has been watched before.
    last: u64,
}

impl Scene<'_> {
    async fn play(
        self,
        viewer: &mut Viewer,
        cut: u64,
        way: DisconnectArg,
    ) -> Result<(), ViewerError> {
        if let Some(breakpoints) = &self.environment.breakpoints {
            breakpoints.set(&self.session, cut);
        }
        if way == DisconnectArg::Unread {
            viewer.take_line(RecvBuffer::Slow);
        }
        let run = self.start(viewer).await?;
        let ended = viewer
            .wait(
                0,
                &format!("event {cut} of the run"),
                there_or_over(&run.run_id, cut),
            )
            .await?;
        if ended {
            return Ok(());
        }
        match way {
            DisconnectArg::Plainly(disconnect) => {
                self.lose(viewer, disconnect).await;
                self.meanwhile(cut + MEANWHILE, way).await;
            }
            DisconnectArg::Unread => {
                let too_many = too_many(self.environment);
                viewer.read(Reading::Not { too_many }).await?;
                self.meanwhile(cut + MEANWHILE, way).await;
                self.lose(viewer, Disconnect::Reset).await;
            }
            DisconnectArg::CatchingUp => {
                self.lose(viewer, Disconnect::Reset).await;
                self.meanwhile(cut + MEANWHILE, way).await;
                viewer.connect().await?;
                catch_up_in_part(viewer, &run, 1).await?;
                self.lose(viewer, Disconnect::Reset).await;
            }
        }
        viewer.take_line(RecvBuffer::Usual);
        viewer.connect().await?;
        come_back(viewer, &run).await?;
        if let Some(breakpoints) = &self.environment.breakpoints {
            self.note(EntryKind::BreakpointCleared {
                session_id: Arc::clone(&self.session),
            });
            breakpoints.clear(&self.session);
        }
        to_the_end(viewer, &run.run_id).await
    }

    /// The viewer leaves. Nobody tells the server of one who does so without a word.
    async fn lose(&self, viewer: &mut Viewer, disconnect: Disconnect) {
        let leave = viewer.leave(disconnect);
        match disconnect {
            Disconnect::Silent => leave.await,
            _ => noticed(self.environment, &self.session, leave).await,
        }
    }

    async fn start(&self, viewer: &mut Viewer) -> Result<CurrentRun, ViewerError> {
        viewer.connect().await?;
        let asked = viewer
            .say(Action::Start {
                workflow_id: Some(self.workflow.workflow_id.clone()),
                message: self.workflow.message.clone(),
                session_id: Some(self.session.to_string()),
            })
            .await?;
        let first = viewer
            .wait(asked, "the first event of the run", |entry| {
                first_event(entry, &self.session, &[])
            })
            .await?;
        let run_id = first.map_err(|error| ViewerError::Refused {
            what: format!("to start the workflow {:?}", self.workflow.workflow_id),
            error,
        })?;
        Ok(CurrentRun {
            run_id,
            session_id: Arc::clone(&self.session),
            workflow_id: self.workflow.workflow_id.clone(),
            breakpoint: None,
        })
    }

    /// The run goes on while the viewer is away: to this event where it can be held.
    async fn meanwhile(&self, after: u64, way: DisconnectArg) {
        let timing = &self.environment.plan.timing;
        let Some(breakpoints) = &self.environment.breakpoints else {
            return wait::away(timing.away).await;
        };
        breakpoints.set(&self.session, after);
        let reached = wait::within(timing.step, breakpoints.reached(&self.session, after)).await;
        // Behind its last event it is over, which only who gets the ending can tell.
        let told = after < self.last || way != DisconnectArg::Unread;
        if matches!(reached, Ok(Ok(()))) && told {
            self.note(EntryKind::BreakpointReached {
                session_id: Arc::clone(&self.session),
                after,
            });
        }
    }

    fn note(&self, what: EntryKind) {
        self.recorder.record(&the_suite(), 0, what);
    }
}

/// Asks for the run with the viewer's own position, and reads no more than so many events of what was
/// missed.
pub(crate) async fn catch_up_in_part(
    viewer: &Viewer,
    run: &CurrentRun,
    events: u64,
) -> Result<(), ViewerError> {
    viewer.read(Reading::Events(events)).await?;
    let asked = viewer
        .say(return_to(run, viewer.position(&run.run_id)))
        .await?;
    let mut seen = 0;
    let mut all = settled(&run.run_id);
    viewer
        .wait(asked, &format!("{events} missed events"), |entry| {
            // Whosever they are: so many are read.
            let event = entry.message().and_then(|message| message.event());
            seen += u64::from(event.is_some());
            (seen >= events || all(entry).is_some()).then_some(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_places_are_cut_as_were_asked_for() {
        assert_eq!(sample(3), [0, 1, 2]);
        assert_eq!(sample(6), SAMPLE);
        assert_eq!(sample(10), [0, 4, 8, 12, 16, 20, 24, 28, 32, 36]);
        for cuts in 3..100 {
            let places = sample(cuts);
            assert_eq!(places.len(), cuts);
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(
            only_these(&[0, 5]),
            "runs were cut after event 0, 5 and nowhere else: --cuts wants more"
        );
    }
}
