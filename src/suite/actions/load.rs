//! Many viewers of several runs, who are cut off and return together.

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;

use super::shared::{LONGER, MISSED, first_error, reconnect, to_the_end};
use crate::client::{Viewer, timer};
use crate::protocol::{Action, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// How often the viewers return.
const TIMES: usize = 3;

/// The most runs that they watch, and the fewest viewers of each.
const RUNS: usize = 4;
const VIEWERS: usize = 5;

/// After which event the runs stop at first, where they can be stopped.
const AT_FIRST: u64 = 4;

/// How many connections are being opened at a time: not more than fit into the queue of a server's
/// listening socket. What does not fit is tried again by the system, seconds later.
const CONNECTING: usize = 256;

/// One of the viewers, and the run that they watch, as an index into the runs.
struct Member {
    viewer: Viewer,
    run: usize,
}

impl World {
    /// Starts several runs, and lets as many viewers as the plan says watch them, be cut off and
    /// return together.
    pub async fn many_come_and_go(&mut self) -> Result<(), StepError> {
        let many = self.environment.plan.size.viewers;
        let mut runs = Vec::new();
        for place in 0..(many / VIEWERS).clamp(1, RUNS) {
            let starter = format!("Starter {}", place + 1);
            let run = self.start(&starter, Part::Long, Some(AT_FIRST)).await?;
            self.reach(run.clone()).await;
            runs.push(run);
        }
        let mut viewers: Vec<Member> = (0..many)
            .map(|number| Member {
                viewer: self
                    .environment
                    .new_viewer(&format!("Viewer {}", number + 1), &self.recorder),
                run: number % runs.len(),
            })
            .collect();
        let came = self.come_and_go_together(&mut viewers, &mut runs).await;
        for Member { viewer, .. } in viewers {
            self.viewers.insert(viewer.name().to_owned(), viewer);
        }
        match came {
            // What did not come is in the record; the check says what it means.
            Ok(()) | Err(StepError::Inconclusive(_)) if self.anybody_returned() => Ok(()),
            other => other,
        }
    }

    async fn come_and_go_together(
        &mut self,
        viewers: &mut [Member],
        runs: &mut [CurrentRun],
    ) -> Result<(), StepError> {
        all_return(viewers, runs).await?;
        for time in 0..TIMES {
            let disconnect = viewers.iter_mut();
            join_all(disconnect.map(|one| one.viewer.leave(Disconnect::Reset))).await;
            if runs.iter().all(|run| self.has_ended(&run.run_id)) {
                if time == 0 {
                    return Err(StepError::Inconclusive(format!(
                        "the runs ended before the viewers could leave; {LONGER}"
                    )));
                }
                break;
            }
            self.go_on_without_them(runs).await;
            all_return(viewers, runs).await?;
        }
        for run in runs.iter() {
            self.release(run);
        }
        let watching = viewers
            .iter()
            .map(|one| to_the_end(&one.viewer, &runs[one.run].run_id));
        first_error(join_all(watching).await)
    }

    /// Lets the runs go on while the viewers are away.
    async fn go_on_without_them(&mut self, runs: &mut [CurrentRun]) {
        let Some(breakpoints) = self.environment.breakpoints.clone() else {
            return timer::away(self.environment.plan.timing.away).await;
        };
        for run in runs {
            let Some(after) = run.breakpoint.map(|after| after + MISSED) else {
                continue;
            };
            self.note_release(run);
            breakpoints.set(&run.session_id, after);
            run.breakpoint = Some(after);
            self.reach(run.clone()).await;
        }
    }

    /// Whether any viewer has returned to a run.
    fn anybody_returned(&self) -> bool {
        let returned = self.recorder.look(0, |entry| {
            matches!(entry.action()?, Action::Reconnect { .. }).then_some(())
        });
        returned.is_some()
    }
}

/// Everybody opens a connection, and then everybody asks for their run, each with what they have seen.
async fn all_return(viewers: &mut [Member], runs: &[CurrentRun]) -> Result<(), StepError> {
    let connecting = stream::iter(viewers.iter_mut().map(|one| one.viewer.connect()));
    first_error(connecting.buffer_unordered(CONNECTING).collect().await)?;
    let returning = viewers.iter_mut().map(|one| {
        let run = &runs[one.run];
        let position = one.viewer.position(&run.run_id);
        reconnect(&mut one.viewer, run, position)
    });
    first_error(join_all(returning).await)
}
