//! A crowd that comes and goes: many viewers of several runs, cut off and back together.

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;

use crate::client::{Viewer, ViewerError, wait};
use crate::protocol::Part;
use crate::suite::actions::many_viewers::{come_back, to_the_end};
use crate::suite::actions::{LONGER, MISSED};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};
use crate::transcript::Disconnect;

/// How often the crowd comes back.
const TIMES: usize = 3;

/// The most runs that the crowd watches, and the fewest viewers of each.
const RUNS: usize = 4;
const VIEWERS: usize = 5;

/// After which event the runs stand still at first, where they can be held.
const AT_FIRST: u64 = 4;

/// How many connections are being opened at a time: not more than fit into the queue of a server's
/// listening socket. What does not fit is tried again by the system, seconds later.
const AT_THE_DOOR: usize = 256;

/// One in the crowd, and the run that they watch, as a place among the runs.
struct One {
    viewer: Viewer,
    run: usize,
}

impl World {
    /// Starts several runs, and lets as many viewers as the plan says watch them, be cut off and
    /// return together.
    pub async fn crowd_comes_and_goes(&mut self) -> Result<(), StepError> {
        let many = self.environment.plan.size.viewers;
        let mut runs = Vec::new();
        for place in 0..(many / VIEWERS).clamp(1, RUNS) {
            let starter = format!("Starter {}", place + 1);
            let run = self.start(&starter, Part::Long, Some(AT_FIRST)).await?;
            self.settle(run.clone()).await;
            runs.push(run);
        }
        let mut crowd: Vec<One> = (0..many)
            .map(|number| One {
                viewer: self
                    .environment
                    .new_viewer(&format!("Viewer {}", number + 1), &self.recorder),
                run: number % runs.len(),
            })
            .collect();
        let came = self.come_and_go_together(&mut crowd, &mut runs).await;
        for One { viewer, .. } in crowd {
            self.viewers.insert(viewer.name().to_owned(), viewer);
        }
        match came {
            // What nobody could be told of is in the record; the check says what it means.
            Ok(()) | Err(StepError::Inconclusive(_)) if self.has_met() => Ok(()),
            other => other,
        }
    }

    async fn come_and_go_together(
        &mut self,
        crowd: &mut [One],
        runs: &mut [CurrentRun],
    ) -> Result<(), StepError> {
        all_return(crowd, runs).await?;
        for time in 0..TIMES {
            let disconnect = crowd.iter_mut();
            join_all(disconnect.map(|one| one.viewer.leave(Disconnect::Reset))).await;
            if runs.iter().all(|run| self.has_ended(&run.run_id)) {
                if time == 0 {
                    return Err(StepError::Inconclusive(format!(
                        "the runs ended before the crowd could leave; {LONGER}"
                    )));
                }
                break;
            }
            self.go_on_without_them(runs).await;
            all_return(crowd, runs).await?;
        }
        for run in runs.iter() {
            self.let_go(run);
        }
        let watching = crowd
            .iter()
            .map(|one| to_the_end(&one.viewer, &runs[one.run].run_id));
        first_trouble(join_all(watching).await)
    }

    /// Lets the runs go on while the crowd is away.
    async fn go_on_without_them(&mut self, runs: &mut [CurrentRun]) {
        let Some(breakpoints) = self.environment.breakpoints.clone() else {
            return wait::away(self.environment.plan.timing.away).await;
        };
        for run in runs {
            let Some(after) = run.breakpoint.map(|after| after + MISSED) else {
                continue;
            };
            self.record_release(run);
            breakpoints.set(&run.session_id, after);
            run.breakpoint = Some(after);
            self.settle(run.clone()).await;
        }
    }

    /// Whether anybody of the crowd has returned to a run.
    fn has_met(&self) -> bool {
        let returned = self.recorder.look(0, |entry| {
            matches!(entry.action()?, crate::protocol::Action::Reconnect { .. }).then_some(())
        });
        returned.is_some()
    }
}

/// Everybody opens a connection, and then everybody asks for their run, each with what they have seen.
async fn all_return(crowd: &mut [One], runs: &[CurrentRun]) -> Result<(), StepError> {
    let connecting = stream::iter(crowd.iter_mut().map(|one| one.viewer.connect()));
    first_trouble(connecting.buffer_unordered(AT_THE_DOOR).collect().await)?;
    let returning = crowd
        .iter()
        .map(|one| come_back(&one.viewer, &runs[one.run]));
    first_trouble(join_all(returning).await)
}

fn first_trouble(results: Vec<Result<(), ViewerError>>) -> Result<(), StepError> {
    let outcome: Result<(), ViewerError> = results.into_iter().collect();
    outcome.map_err(StepError::from)
}
