//! Disconnecting and returning, often and anywhere.

use std::sync::Arc;

use futures::future::join_all;

use super::shared::{
    self, catch_up_in_part, noticed, reconnect, there_or_over, to_the_end, too_many,
};
use crate::client::{Reading, Recorder, RecvBuffer, Viewer, ViewerError, timer};
use crate::plan::Workflow;
use crate::protocol::Part;
use crate::suite::environment::Environment;
use crate::suite::params::{DisconnectArg, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::{World, the_suite};
use crate::transcript::{Disconnect, EntryKind};

/// How often a viewer returns who comes and goes.
const OFTEN: usize = 6;

/// How many events happen during each absence and each connection of such a viewer.
const FEW: u64 = 3;

/// After which events connections are cut first on a server whose runs cannot be stopped.
const SAMPLE: [u64; 6] = [0, 1, 2, 5, 12, 25];

/// Up to which event further cuts are spread there: a long run has some more than that.
const SPREAD: u64 = 36;

/// How many events happen between a cut and the return.
const MEANWHILE: u64 = 2;

impl World {
    /// Disconnects and returns until the run ends, each time with the own position.
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
            if self.has_breakpoint() {
                self.stay_away(FEW).await?;
            }
            self.return_to_run(name, PositionArg::Own).await?;
            if self.has_breakpoint() {
                self.watch_on_for(name, FEW).await?;
            } else if !self.has_ended(&run.run_id) {
                self.watch_a_little(name, FEW).await?;
            }
        }
        self.watch_to_the_end(name).await
    }

    /// Starts a run for each place where a connection can be cut, cuts it there in this way, returns
    /// and watches to the end; all of them at once.
    ///
    /// On a server that can stop its runs these are short runs, cut after every event but the last (or
    /// the last few, where the run has to be under way on the first return), as the run that was watched
    /// before shows; elsewhere long ones, and some places.
    pub async fn cut_anywhere(&mut self, how: DisconnectArg) -> Result<(), StepError> {
        let before = self.current_run()?;
        let last = self.last_index(&before).unwrap_or_default();
        let (part, cuts) = match self.environment.breakpoints {
            Some(_) if how == DisconnectArg::CatchingUp => {
                (Part::Short, (0..last.saturating_sub(MEANWHILE)).collect())
            }
            Some(_) => (Part::Short, (0..last).collect()),
            None => (Part::Long, sample(self.environment.plan.size.cuts)),
        };
        let workflow = self.workflow(part)?;
        self.note_part(part, &workflow);
        if self.environment.breakpoints.is_none() {
            self.note(EntryKind::NotTried(only_these(&cuts)));
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
            async move { scene.play(viewer, *cut, how).await }
        });
        let results = join_all(cutting).await;
        for (cut, viewer) in viewers {
            self.viewers.insert(format!("Viewer {cut}"), viewer);
        }
        results.into_iter().try_for_each(shared::in_the_record)
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

/// The text about the places where nothing was cut.
fn only_these(cuts: &[u64]) -> String {
    let cuts: Vec<String> = cuts.iter().map(u64::to_string).collect();
    format!(
        "runs were cut after event {} and nowhere else: a higher --cuts tries more",
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
        how: DisconnectArg,
    ) -> Result<(), ViewerError> {
        if let Some(breakpoints) = &self.environment.breakpoints {
            breakpoints.set(&self.session, cut);
        }
        if how == DisconnectArg::Unread {
            viewer.take_line(RecvBuffer::Slow);
        }
        viewer.connect().await?;
        let run = shared::start(viewer, self.workflow, &self.session, &[]).await?;
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
        match how {
            DisconnectArg::Plainly(disconnect) => {
                self.lose(viewer, disconnect).await;
                self.meanwhile(cut + MEANWHILE, how).await;
            }
            DisconnectArg::Unread => {
                let too_many = too_many(self.environment);
                viewer.read(Reading::Not { too_many }).await?;
                self.meanwhile(cut + MEANWHILE, how).await;
                self.lose(viewer, Disconnect::Reset).await;
            }
            DisconnectArg::CatchingUp => {
                self.lose(viewer, Disconnect::Reset).await;
                self.meanwhile(cut + MEANWHILE, how).await;
                viewer.connect().await?;
                catch_up_in_part(viewer, &run, 1).await?;
                self.lose(viewer, Disconnect::Reset).await;
            }
        }
        viewer.take_line(RecvBuffer::Usual);
        viewer.connect().await?;
        reconnect(viewer, &run, viewer.position(&run.run_id)).await?;
        if let Some(breakpoints) = &self.environment.breakpoints {
            self.note(EntryKind::BreakpointCleared {
                session_id: Arc::clone(&self.session),
            });
            breakpoints.clear(&self.session);
        }
        to_the_end(viewer, &run.run_id).await
    }

    /// The viewer leaves. The server does not learn of one who leaves silently.
    async fn lose(&self, viewer: &mut Viewer, disconnect: Disconnect) {
        let leave = viewer.leave(disconnect);
        match disconnect {
            Disconnect::Silent => leave.await,
            _ => noticed(self.environment, &self.session, leave).await,
        }
    }

    /// The run goes on while the viewer is away: to this event where it can be stopped.
    async fn meanwhile(&self, after: u64, how: DisconnectArg) {
        let timing = &self.environment.plan.timing;
        let Some(breakpoints) = &self.environment.breakpoints else {
            return timer::away(timing.away).await;
        };
        breakpoints.set(&self.session, after);
        let reached = timer::within(timing.step, breakpoints.reached(&self.session, after)).await;
        // After its last event it is over, which only a viewer who gets the ending can tell.
        let told = after < self.last || how != DisconnectArg::Unread;
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
            "runs were cut after event 0, 5 and nowhere else: a higher --cuts tries more"
        );
    }
}
