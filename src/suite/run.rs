//! All of it together: preflight, cucumber, verdicts.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cucumber::cli::{Empty, Opts};
use cucumber::gherkin::{Feature, Scenario};
use cucumber::runner::basic::ScenarioType;
use cucumber::{Cucumber, Parser, parser, runner};
use futures::FutureExt;

use super::selection::{BREAKPOINT, SERIAL, Scenarios, only, place_of};
use super::world::{ENVIRONMENT, Environment, World};
use super::{dispatch, environment, preflight, shard};
use crate::check::{CheckVerdict, Requirement, registry};
use crate::client::stall::StallMonitor;
use crate::client::{Recorder, wait};
use crate::plan::{Plan, shown_url};
use crate::report::model::run::{
    Limit, LimitUsage, Run, ScenarioReport, ShardReport, TargetKind, TargetReport, Verdict,
};
use crate::report::store::folder;
use crate::report::verdict::of_run;
use crate::report::verdict::of_run::{Circumstances, Judged, judge};
use crate::suite::actions;
use crate::suite::environment::environment_of;
use crate::suite::isolation::{FreeServers, ServerPool};
use crate::suite::schedule::longest_first;
use crate::suite::writer::{ModelWriter, RunState, millis};
use crate::target::{Kind, Target};

pub use crate::suite::writer::Progress;

/// Why a run cannot begin: usage or configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target cannot be used as it is named.
    #[error(transparent)]
    Environment(#[from] environment::Error),
    /// Steps of the features that nobody has written, or that are written twice.
    #[error("match the steps of the features: {}", .0.join("; "))]
    Steps(Vec<String>),
}

/// Checks what can be known to be wrong before the server is asked.
///
/// # Errors
///
/// [`Error`], as [`run`] would give it.
pub fn check(plan: &Plan, target: &dyn Target, scenarios: &Scenarios) -> Result<(), Error> {
    check_steps(&scenarios.features)?;
    environment_of(plan, target)?;
    Ok(())
}

/// Runs the selected scenarios against a target that has been started.
///
/// `stop` ends the run early when it resolves, with the reason; what was seen until then is
/// reported.
///
/// # Errors
///
/// [`Error`] where the run cannot begin. Whatever happens later is in the report.
pub async fn run(
    plan: &Plan,
    target: &dyn Target,
    scenarios: Scenarios,
    mut progress: Progress<'_>,
    stop: impl Future<Output = String>,
) -> Result<Run, Error> {
    check_steps(&scenarios.features)?;
    let environment = Arc::new(environment_of(plan, target)?);
    let began = Instant::now();
    let _pulse = StallMonitor::start();
    let started_at = jiff::Timestamp::now().to_string();
    let own = scenarios.requirements();
    let introductions = scenarios.introductions();
    let unselected = scenarios.unselected;
    let shard = scenarios.shard;
    let expected = shard::expected(&scenarios.reports, plan.selection.shard.as_ref());
    let state = Arc::new(Mutex::new(RunState::new(scenarios.reports)));
    let mut extra = Vec::new();
    let mut stop = pin!(or_deadline(stop, plan.timing.deadline));
    let first = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let flight = tokio::select! {
        biased;
        reason = &mut stop => Err(reason),
        trouble = preflight::fly(&environment, &first) => Ok(trouble),
    };
    let interrupted = match flight {
        Ok(None) => {
            let features = hold_back(scenarios.features, &environment, &state, &mut progress);
            let (together, alone) = apart(features);
            let wanted = alone.iter().map(scenarios_in).sum();
            let pool = ServerPool::start(wanted, target, plan, &environment).await?;
            let actions = Acts {
                together,
                alone,
                pool: pool.as_ref().map(ServerPool::free),
                expected,
            };
            let cut = drive(actions, &environment, &state, progress, stop).await;
            if let Some(pool) = pool {
                pool.stop().await;
            }
            cut
        }
        Ok(Some(trouble)) => {
            let mut state = lock(&state);
            for place in 0..state.unfinished() {
                state.settle(place, Verdict::Inconclusive, &trouble);
            }
            extra.push(first_contact(&first, &trouble));
            None
        }
        Err(reason) => {
            let trouble = format!("the run was cut short while the suite connected: {reason}");
            extra.push(first_contact(&first, &trouble));
            Some(reason)
        }
    };

    let mut state = lock(&state);
    let unfinished = state.unfinished();
    if unfinished > 0 && interrupted.is_none() {
        state
            .suite_errors
            .push(format!("{unfinished} scenarios never finished"));
    }
    let reason = format!(
        "it had not finished when the run was cut short: {}",
        interrupted.as_deref().unwrap_or("by a fault of the suite")
    );
    let mut judged = state.close(&environment, &reason);
    judged.extend(extra);
    name_transcripts(&mut judged);
    let mut suite_errors = std::mem::take(&mut state.suite_errors);
    suite_errors.append(
        &mut environment
            .faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    let about = Circumstances {
        started_at,
        duration_ms: millis(began.elapsed()),
        target: describe(target),
        strict: plan.strict,
        interrupted,
        suite_errors,
    };
    let selected = selected(&own, shard.as_ref(), &judged);
    let mut run = of_run::run(about, judged, &selected);
    run.report.features = introductions;
    for requirement in &mut run.report.requirements {
        requirement.unselected = unselected.get(&requirement.id).copied().unwrap_or(0);
    }
    run.report.shard = shard;
    run.report.time_limits = run.report.worst_time_limits();
    run.report.time_limits.push(LimitUsage {
        limit: Limit::Deadline,
        allowed_ms: millis(plan.timing.deadline),
        worst_ms: run.report.duration_ms,
        scenario: None,
        waiting_for: None,
        repetition: None,
    });
    Ok(run)
}

/// The requirements that are judged: those whose scenarios were run, and of those in other shards what
/// was found broken here. So a run is broken where one of its shards is.
fn selected(
    own: &[&'static str],
    shard: Option<&ShardReport>,
    judged: &[Judged],
) -> Vec<&'static Requirement> {
    let is_failed = |id: &str| {
        let mut all = judged.iter().flat_map(|it| &it.check_verdicts);
        all.any(|(of, check_verdict)| *of == id && matches!(check_verdict, CheckVerdict::Failed(_)))
    };
    let is_elsewhere = |id: &str| shard.is_some_and(|it| it.requirements.contains_key(id));
    registry::all()
        .filter(|it| own.contains(&it.id) || (is_elsewhere(it.id) && is_failed(it.id)))
        .collect()
}

/// The run of a shard that no scenario falls to: no server is asked.
#[must_use]
pub fn idle(plan: &Plan, target: &dyn Target, scenarios: &Scenarios) -> Run {
    let about = Circumstances {
        started_at: jiff::Timestamp::now().to_string(),
        duration_ms: 0,
        target: describe(target),
        strict: plan.strict,
        interrupted: None,
        suite_errors: Vec::new(),
    };
    let mut run = of_run::run(about, Vec::new(), &[]);
    run.report.shard.clone_from(&scenarios.shard);
    run
}

/// Resolves when the run is to end early, with the reason: asked to, or too late.
pub async fn or_deadline(stop: impl Future<Output = String>, deadline: Duration) -> String {
    tokio::select! {
        reason = stop => reason,
        () = wait::away(deadline) => {
            let deadline = humantime::format_duration(deadline);
            format!("the run took longer than {deadline} (--deadline)")
        }
    }
}

/// What is played, and how.
struct Acts {
    /// The features with the scenarios that bear company.
    together: Vec<Feature>,
    /// Those with the ones that do not: what they do would be felt by others.
    alone: Vec<Feature>,
    /// Servers for each of these, so that they have company after all.
    pool: Option<FreeServers>,
    /// How long each scenario may be expected to take, by its place.
    expected: Vec<u64>,
}

/// Hands the features to cucumber, until they are done or the run is cut short; gives the reason.
async fn drive(
    actions: Acts,
    environment: &Arc<Environment>,
    state: &Arc<Mutex<RunState>>,
    progress: Progress<'_>,
    stop: impl Future<Output = String>,
) -> Option<String> {
    let (failed, mut is_failed) = tokio::sync::watch::channel(false);
    let writer = ModelWriter::new(Arc::clone(state), Arc::clone(environment), progress, failed);
    let at_once = environment.plan.timing.concurrency.max(1);
    let playing = async {
        let Acts {
            mut together,
            alone,
            pool,
            expected,
        } = actions;
        let longest_first = |features| {
            longest_first(features, |scenario| {
                let expected = place_of(scenario).and_then(|place| expected.get(place));
                expected.copied().unwrap_or_default()
            })
        };
        match pool {
            Some(pool) => {
                together.extend(alone);
                play(longest_first(together), at_once, pool, writer).await
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
    let cut = tokio::select! {
        _ = ENVIRONMENT.scope(Arc::clone(environment), playing) => None,
        reason = stop => Some(reason),
        Ok(_) = is_failed.wait_for(|failed| *failed && fail_fast) => {
            Some("the first failed requirement ended it (--fail-fast)".to_owned())
        }
    };
    // The runner replaces the hook, and puts it back only when it is not cut short.
    std::panic::set_hook(hook);
    cut
}

/// Runs these features, so many scenarios at once; gives the writer back. Scenarios that would disturb
/// others get a server of their own each, where there are some.
async fn play<'p>(
    features: Vec<Feature>,
    at_once: usize,
    pool: FreeServers,
    writer: ModelWriter<'p>,
) -> ModelWriter<'p> {
    if features.is_empty() {
        return writer;
    }
    let runner = runner::Basic::default()
        .steps(dispatch::collection())
        // Cucumber would let nothing run beside a scenario of this tag, spare server or not.
        .which_scenario(|_, _, _| ScenarioType::Concurrent)
        .before(move |_, _, scenario, world: &mut World| {
            if let Some(place) = place_of(scenario) {
                world.register(place);
            }
            if let Some(environment) = is_alone(scenario).then(|| pool.take()).flatten() {
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

/// The features with the scenarios that bear company, and those with the ones that do not. Where no
/// servers are to spare, these come last, one after the other.
fn apart(features: Vec<Feature>) -> (Vec<Feature>, Vec<Feature>) {
    (
        only(features.clone(), |scenario| !is_alone(scenario)),
        only(features, is_alone),
    )
}

/// Whether what the scenario does would be felt by others.
fn is_alone(scenario: &Scenario) -> bool {
    scenario.tags.iter().any(|tag| tag == SERIAL)
}

fn scenarios_in(feature: &Feature) -> usize {
    let ruled = feature.rules.iter().map(|rule| rule.scenarios.len());
    feature.scenarios.len() + ruled.sum::<usize>()
}

/// After a scenario: asks how the runs stand that somebody waited for in vain, has those replayed
/// that ended, says goodbye, and lets every held run go.
async fn clear_up(world: &mut World) {
    // A server that never stops answering must not keep the scenario: what is left of its time is
    // enough, or one answer's time where nothing is left.
    let timing = world.environment.plan.timing;
    let left = timing.scenario.saturating_sub(world.recorder.age());
    let limit = left.max(timing.step);
    let _ = wait::within(limit, actions::ask_how_it_stands(world)).await;
    let left = timing.scenario.saturating_sub(world.recorder.age());
    let _ = wait::within(left, actions::final_replay::replay_what_ended(world)).await;
    let retiring = world
        .viewers
        .values_mut()
        .map(crate::client::Viewer::retire);
    for retired in futures::future::join_all(retiring).await {
        if let Err(error) = retired {
            let fault = format!("the task of a connection failed: {error}");
            world
                .environment
                .faults
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(fault);
        }
    }
    if let (Some(breakpoints), Some(run)) = (&world.environment.breakpoints, &world.run) {
        breakpoints.clear(&run.session_id);
    }
}

/// Takes out the scenarios that the target cannot play, and says so.
fn hold_back(
    features: Vec<Feature>,
    environment: &Environment,
    state: &Mutex<RunState>,
    progress: &mut Progress<'_>,
) -> Vec<Feature> {
    if environment.breakpoints.is_some() {
        return features;
    }
    only(features, |scenario| {
        if !scenario.tags.iter().any(|tag| tag == BREAKPOINT) {
            return true;
        }
        let reason = "it needs a run that stands still after an exact event, which only the bundled server can do";
        let report = place_of(scenario)
            .and_then(|place| lock(state).settle(place, Verdict::NotApplicable, reason));
        if let Some(report) = report {
            progress(&report, None);
        }
        false
    })
}

/// Gives every record the name of a file.
fn name_transcripts(judged: &mut [Judged]) {
    for (place, one) in judged.iter_mut().enumerate() {
        if one.transcript.is_some() {
            one.scenario.transcript = Some(folder::transcript_name(place, &one.scenario));
        }
    }
}

/// The scenario that stands in the report for the first connection, where that was also the last.
fn first_contact(recorder: &Recorder, trouble: &str) -> Judged {
    let report = ScenarioReport {
        id: "first contact".to_owned(),
        feature: "Before everything else".to_owned(),
        path: String::new(),
        rule: String::new(),
        name: "The suite connects once".to_owned(),
        line: 0,
        tags: Vec::new(),
        verdict: Verdict::Inconclusive,
        requirements: Vec::new(),
        duration_ms: 0,
        reason: Some(trouble.to_owned()),
        by_steps: None,
        outcomes: None,
        repetition: None,
        time_limits: Vec::new(),
        steps: Vec::new(),
        transcript: None,
        findings: Vec::new(),
    };
    let transcript = Some(Arc::new(recorder.snapshot()));
    if preflight::has_spoken(recorder) {
        return judge(report, transcript);
    }
    // Where not a word came, it may be no workflow server at all, and nothing is known to be broken:
    // neither by its silence, nor by what the suite did to find out whether it speaks.
    Judged {
        scenario: report,
        check_verdicts: Vec::new(),
        transcript,
    }
}

/// What reports say about a target.
#[must_use]
pub fn describe(target: &dyn Target) -> TargetReport {
    let description = target.describe();
    TargetReport {
        kind: match description.kind {
            Kind::Url => TargetKind::Url,
            Kind::Reference => TargetKind::Reference,
            Kind::Agentos => TargetKind::Agentos,
        },
        url: shown_url(&target.endpoint().url),
        server: description.server,
        faults: description.faults,
    }
}

/// Every step of the features must be written exactly once, before anything is run.
fn check_steps(features: &[Feature]) -> Result<(), Error> {
    let mut wrong = Vec::new();
    // Most steps stand in several scenarios, and a look at all expressions takes its time.
    let mut known = HashSet::new();
    for feature in features {
        let path = feature
            .path
            .as_deref()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let backgrounds = feature.background.iter().chain(
            feature
                .rules
                .iter()
                .filter_map(|rule| rule.background.as_ref()),
        );
        let scenarios = feature
            .scenarios
            .iter()
            .chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
        let steps = backgrounds
            .flat_map(|it| &it.steps)
            .chain(scenarios.flat_map(|it| &it.steps));
        for step in steps {
            let phrase = (step.ty, step.value.as_str());
            if known.contains(&phrase) {
                continue;
            }
            let reason = match dispatch::written().find(step) {
                Ok(Some(_)) => {
                    known.insert(phrase);
                    continue;
                }
                Ok(None) => "no such step; `reconnect-acceptance list steps` shows all".to_owned(),
                Err(error) => error.to_string(),
            };
            wrong.push(format!(
                "{path}:{}: {:?}: {reason}",
                step.position.line, step.value
            ));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Steps(wrong))
    }
}

fn lock(state: &Mutex<RunState>) -> std::sync::MutexGuard<'_, RunState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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
