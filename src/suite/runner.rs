//! Hands the scenarios to cucumber: which run side by side, and what happens around each.

use std::sync::{Arc, Mutex, PoisonError};

use cucumber::cli::{Empty, Opts};
use cucumber::gherkin::{Feature, Scenario};
use cucumber::runner::basic::ScenarioType;
use cucumber::{Cucumber, Parser, parser, runner};
use futures::FutureExt;

use super::environment::Environment;
use super::selection::{only, place_of};
use super::shard::SERIAL;
use super::world::{ENVIRONMENT, World};
use super::{actions, dispatch};
use crate::client::{Viewer, timer};
use crate::suite::isolation::FreeServers;
use crate::suite::schedule::longest_first;
use crate::suite::step_error::note_panics;
use crate::suite::writer::{ModelWriter, Progress, RunState};

/// The features to run, and how.
pub(super) struct Runnable {
    /// The features with the scenarios that may run side by side.
    together: Vec<Feature>,
    /// Those with the scenarios that would disturb others.
    alone: Vec<Feature>,
    /// A server for each of the latter, so that they may run side by side as well.
    pub servers: Option<FreeServers>,
    /// How long each scenario is expected to take, by its place, in milliseconds.
    expected: Vec<u64>,
}

impl Runnable {
    /// Without servers the scenarios that would disturb others come last, one after the other.
    pub fn new(features: Vec<Feature>, expected: Vec<u64>) -> Self {
        Self {
            together: only(features.clone(), |scenario| !is_alone(scenario)),
            alone: only(features, is_alone),
            servers: None,
            expected,
        }
    }

    /// How many scenarios would disturb others.
    pub fn serial(&self) -> usize {
        self.alone.iter().map(scenarios_in).sum()
    }
}

/// Hands the features to cucumber, until they are done or the run is cut short. Returns the reason for
/// that.
pub(super) async fn drive(
    runnable: Runnable,
    environment: &Arc<Environment>,
    state: &Arc<Mutex<RunState>>,
    progress: Progress<'_>,
    stop: impl Future<Output = String>,
) -> Option<String> {
    let (failed, mut is_failed) = tokio::sync::watch::channel(false);
    let writer = ModelWriter::new(Arc::clone(state), Arc::clone(environment), progress, failed);
    let at_once = environment.plan.timing.concurrency.max(1);
    let playing = async {
        let Runnable {
            mut together,
            alone,
            servers,
            expected,
        } = runnable;
        let longest_first = |features| {
            longest_first(features, |scenario| {
                let expected = place_of(scenario).and_then(|place| expected.get(place));
                expected.copied().unwrap_or_default()
            })
        };
        match servers {
            Some(servers) => {
                together.extend(alone);
                play(longest_first(together), at_once, servers, writer).await
            }
            None => {
                let none = FreeServers::default;
                let together = longest_first(together);
                let writer = play(together, at_once, none(), writer).await;
                play(alone, 1, none(), writer).await
            }
        }
    };
    let hook = std::panic::take_hook();
    let fail_fast = environment.plan.fail_fast;
    let refused = async {
        match &environment.first_start {
            Some(first) => first.refusal().await,
            None => std::future::pending().await,
        }
    };
    let cut = tokio::select! {
        _ = ENVIRONMENT.scope(Arc::clone(environment), playing) => None,
        reason = stop => Some(reason),
        reason = refused => Some(reason),
        Ok(_) = is_failed.wait_for(|failed| *failed && fail_fast) => {
            Some("the first failed requirement ended it (--fail-fast)".to_owned())
        }
    };
    // The runner replaces the hook, and puts it back only when it is not cut short.
    std::panic::set_hook(hook);
    cut
}

/// Runs these features, so many scenarios at once, and returns the writer. Each scenario that would
/// disturb others gets a server of its own, as long as there are some.
async fn play<'p>(
    features: Vec<Feature>,
    at_once: usize,
    servers: FreeServers,
    writer: ModelWriter<'p>,
) -> ModelWriter<'p> {
    if features.is_empty() {
        return writer;
    }
    let runner = runner::Basic::default()
        .steps(dispatch::collection())
        // Cucumber would let nothing run beside a scenario of this tag, whether it has a server or not.
        .which_scenario(|_, _, _| ScenarioType::Concurrent)
        .before(move |_, _, scenario, world: &mut World| {
            // Cucumber has set a panic hook of its own by now.
            note_panics();
            if let Some(place) = place_of(scenario) {
                world.register(place);
            }
            world.name = (!world.environment.hides_names).then(|| scenario.name.clone());
            if let Some(environment) = is_alone(scenario).then(|| servers.take()).flatten() {
                world.environment = environment;
            }
            futures::future::ready(()).boxed_local()
        })
        .after(|_, _, _, _, world| {
            async {
                if let Some(world) = world {
                    clear_up(world).await;
                }
            }
            .boxed_local()
        });
    let options = Opts::<Empty, runner::basic::Cli, Empty, Empty> {
        re_filter: None,
        tags_filter: None,
        parser: Empty,
        runner: runner::basic::Cli {
            concurrency: Some(at_once),
            fail_fast: false,
            retry: None,
            retry_after: None,
            retry_tag_filter: None,
        },
        writer: Empty,
        custom: Empty,
    };
    Cucumber::<_, _, _, _, _, Empty>::custom(Ready(features), runner, writer)
        .with_cli(options)
        .run(())
        .await
}

/// Whether the scenario would disturb others.
fn is_alone(scenario: &Scenario) -> bool {
    scenario.tags.iter().any(|tag| tag == SERIAL)
}

fn scenarios_in(feature: &Feature) -> usize {
    let ruled = feature.rules.iter().map(|rule| rule.scenarios.len());
    feature.scenarios.len() + ruled.sum::<usize>()
}

/// After a scenario: asks for what the checks need, closes every connection, and lets a stopped run go on.
async fn clear_up(world: &mut World) {
    if let Some(client) = world.client.take() {
        client.end().await;
        return;
    }
    // A server that never stops answering must not keep the scenario: what is left of its time is
    // enough, or one answer's time where nothing is left.
    let timing = world.environment.plan.timing;
    let left = || timing.scenario.saturating_sub(world.recorder.age());
    let limit = left().max(timing.step);
    let _ = timer::within(limit, actions::try_again_what_was_cut(world)).await;
    let left = timing.scenario.saturating_sub(world.recorder.age());
    let limit = left.max(timing.step);
    let _ = timer::within(limit, actions::ask_for_the_state(world)).await;
    let left = timing.scenario.saturating_sub(world.recorder.age());
    let _ = timer::within(left, actions::compare_with_another_run(world)).await;
    let left = timing.scenario.saturating_sub(world.recorder.age());
    let _ = timer::within(left, actions::replay_what_ended(world)).await;
    let retiring = world.viewers.values_mut().map(Viewer::retire);
    for retired in futures::future::join_all(retiring).await {
        if let Err(error) = retired {
            let fault = format!("the task of a connection failed: {error}");
            let faults = world.environment.faults.lock();
            faults.unwrap_or_else(PoisonError::into_inner).push(fault);
        }
    }
    if let Some(breakpoints) = &world.environment.breakpoints {
        for run in world.run.iter().chain(world.earlier_runs()) {
            breakpoints.clear(&run.session_id);
        }
    }
}

/// Features that have been parsed already.
struct Ready(Vec<Feature>);

impl Parser<()> for Ready {
    type Cli = Empty;
    type Output = futures::stream::Iter<std::vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: Empty) -> Self::Output {
        futures::stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
