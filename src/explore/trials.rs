//! Many trials: several side by side, each side with a server of its own where the target can provide one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::client::Recorder;
use crate::client::stall::StallMonitor;
use crate::client::timer;
use crate::explore::draw;
use crate::explore::harvest::{Found, Harvest};
use crate::explore::plan::Plan;
use crate::explore::play::{Played, play};
use crate::explore::reach::Reach;
use crate::explore::shrink::{Effort, shrink};
use crate::plan;
use crate::suite::environment::{Environment, Error, environment_of};
use crate::suite::preflight;
use crate::target::Target;

/// How many trials a server of the target's own has before another takes its place: servers keep their runs.
const RENEWED_AFTER: u64 = 200;

/// What to explore.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Everything but the server's timing follows from it.
    pub seed: u64,
    /// How much.
    pub extent: Extent,
    /// How many trials run at once, where each can have a server of its own; elsewhere one does.
    pub together: usize,
    /// How much is tried to shorten a plan in which something failed; none to keep it as it was drawn.
    pub effort: Option<Effort>,
    /// The requirements whose failures are known: their plans are kept as they were drawn.
    pub known: BTreeSet<String>,
    /// Whether the first failed requirement ends it.
    pub first_only: bool,
}

/// How much to explore.
#[derive(Clone, Debug)]
pub enum Extent {
    /// So many trials.
    Trials(u64),
    /// As many trials as begin within this time.
    For(Duration),
    /// This plan, so often.
    Plan(Box<Plan>, u64),
}

/// The result.
#[derive(Debug)]
pub struct Explored {
    /// What the trials showed.
    pub harvest: Harvest,
    /// Why they were cut short, if they were.
    pub interrupted: Option<String>,
    /// Why nothing could be tried at all.
    pub unreachable: Option<String>,
}

/// Called after every trial, with what they showed so far.
pub type Progress<'p> = &'p mut dyn FnMut(&Harvest);

/// Plays trials against a target that has been started, until there have been enough, or `stop` resolves
/// with the reason.
///
/// # Errors
///
/// [`Error`] where the target cannot be used as it is named.
pub async fn explore(
    settings: &Settings,
    plan: &plan::Plan,
    target: &dyn Target,
    progress: Progress<'_>,
    stop: impl Future<Output = String>,
) -> Result<Explored, Error> {
    let _stall_monitor = StallMonitor::start();
    let environment = Arc::new(environment_of(plan, target)?);
    let mut explored = Explored {
        harvest: Harvest::default(),
        interrupted: None,
        unreachable: None,
    };
    let mut stop = pin!(stop);
    let first = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let reached = tokio::select! {
        biased;
        reason = &mut stop => Err(reason),
        problem = preflight::check(&environment, &first) => Ok(problem),
    };
    match reached {
        Err(reason) => {
            explored.interrupted = Some(reason);
            return Ok(explored);
        }
        Ok(Some(problem)) => {
            explored.unreachable = Some(problem);
            return Ok(explored);
        }
        Ok(None) => {}
    }
    // A client is started for each trial, with a server of its own.
    let lanes = match target.spare().is_some() || plan.client.is_some() {
        true => settings.together.max(1),
        false => 1,
    };
    let shared = Shared {
        settings,
        plan,
        target,
        reach: Reach::of(&environment),
        state: RefCell::new(State {
            harvest: Harvest::default(),
            next: 1,
            is_over: false,
            progress,
        }),
    };
    let playing = async {
        let lanes = (0..lanes).map(|_| shared.play(Arc::clone(&environment)));
        join_all(lanes)
            .await
            .into_iter()
            .collect::<Result<(), Error>>()
    };
    let time = async {
        match settings.extent {
            Extent::For(time) => timer::away(time).await,
            Extent::Trials(_) | Extent::Plan(..) => std::future::pending().await,
        }
        shared.state.borrow_mut().is_over = true;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        reason = &mut stop => explored.interrupted = Some(reason),
        played = playing => played?,
        () = time => {}
    }
    explored.harvest = shared.state.into_inner().harvest;
    Ok(explored)
}

struct State<'p> {
    harvest: Harvest,
    /// The number of the next trial, from 1.
    next: u64,
    is_over: bool,
    progress: Progress<'p>,
}

struct Shared<'a> {
    settings: &'a Settings,
    plan: &'a plan::Plan,
    target: &'a dyn Target,
    reach: Reach,
    state: RefCell<State<'a>>,
}

impl Shared<'_> {
    /// Plays one trial after the other, on servers of its own where the target can provide them.
    async fn play(&self, environment: Arc<Environment>) -> Result<(), Error> {
        let mut own = Own {
            environment,
            server: None,
            trials: 0,
        };
        let played = self.play_on(&mut own).await;
        own.stop().await;
        played
    }

    async fn play_on(&self, own: &mut Own) -> Result<(), Error> {
        while let Some(plan) = self.next() {
            if own.trials.is_multiple_of(RENEWED_AFTER) {
                own.renew(self.target, self.plan).await?;
            }
            own.trials += 1;
            let played = play(&own.environment, &plan).await;
            let new = self.note(&played);
            if !new.is_empty() {
                self.find(&own.environment, played, new).await;
            }
        }
        Ok(())
    }

    /// The next plan; `None` where there have been enough.
    fn next(&self) -> Option<Plan> {
        let mut state = self.state.borrow_mut();
        let number = state.next;
        let is_enough = match &self.settings.extent {
            Extent::Trials(most) | Extent::Plan(_, most) => number > *most,
            Extent::For(_) => false,
        };
        if state.is_over || is_enough {
            return None;
        }
        state.next += 1;
        Some(match &self.settings.extent {
            Extent::Plan(plan, _) => (**plan).clone(),
            _ => draw::plan(self.settings.seed, number, &self.reach),
        })
    }

    /// Takes note of a trial. Gives what failed for the first time.
    fn note(&self, played: &Played) -> Vec<&'static str> {
        let mut state = self.state.borrow_mut();
        let new = state.harvest.note(played);
        state.is_over |= self.settings.first_only && !new.is_empty();
        let State {
            harvest, progress, ..
        } = &mut *state;
        progress(harvest);
        new
    }

    /// Keeps the plan in which these requirements failed, as short as it can be made for each.
    async fn find(
        &self,
        environment: &Arc<Environment>,
        played: Played,
        mut new: Vec<&'static str>,
    ) {
        while let Some(id) = new.first().copied() {
            let is_known = |id: &str| self.settings.known.contains(id);
            let effort = self.settings.effort;
            let found = match effort.filter(|_| !is_known(id)) {
                None => Found {
                    played: played.clone(),
                    // What is not known is still to be shortened, each for itself.
                    ids: match effort {
                        None => new.clone(),
                        Some(_) => new.iter().copied().filter(|it| is_known(it)).collect(),
                    },
                    plays: 0,
                    again: true,
                },
                Some(effort) => {
                    let shortened = shrink(environment, played.clone(), id, effort).await;
                    let also = new.iter().filter(|it| shortened.played.has_failed(it));
                    Found {
                        ids: also.copied().collect(),
                        played: shortened.played,
                        plays: shortened.plays,
                        again: shortened.again,
                    }
                }
            };
            new.retain(|it| !found.ids.contains(it) && *it != id);
            self.state.borrow_mut().harvest.keep(found);
        }
    }
}

/// A server that one lane has for itself, where the target can provide one.
struct Own {
    environment: Arc<Environment>,
    server: Option<Box<dyn Target>>,
    trials: u64,
}

impl Own {
    /// Takes another server; stays with the target where it has no spare one, or that does not start.
    async fn renew(&mut self, target: &dyn Target, plan: &plan::Plan) -> Result<(), Error> {
        let Some(mut server) = target.spare() else {
            return Ok(());
        };
        if server.start().await.is_err() {
            return Ok(());
        }
        self.environment = Arc::new(environment_of(plan, &*server)?);
        self.stop().await;
        self.server = Some(server);
        Ok(())
    }

    async fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.stop().await;
        }
    }
}
