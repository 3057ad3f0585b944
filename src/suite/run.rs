//! A whole run: preflight, scenarios, verdicts.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cucumber::gherkin::Feature;
use futures::FutureExt;

use super::selection::{BREAKPOINT, Scenarios, only, place_of};
use super::{dispatch, environment, preflight, probe, runner, shard, wire_tags};
use crate::check::over_http::{OverHttp, not_about, over_http};
use crate::check::over_websocket::{needs_both, not_over_websocket};
use crate::check::{CheckVerdict, Requirement, registry};
use crate::client::stall::StallMonitor;
use crate::client::{Recorder, timer};
use crate::plan::{Plan, http_url_of, shown_url};
use crate::protocol::Wire;
use crate::report::model::run::{
    Limit, LimitUsage, Run, ScenarioReport, ShardReport, TargetKind, TargetReport, Verdict,
};
use crate::report::model::target::only as only_wire;
use crate::report::store::folder;
use crate::report::verdict::of_run::{Circumstances, Judged, judge};
use crate::report::verdict::{as_of, of_run};
use crate::suite::environment::{Environment, environment_of};
use crate::suite::isolation::ServerPool;
use crate::suite::runner::Runnable;
use crate::suite::writer::{RunState, millis};
use crate::target::{Kind, Target};

pub use crate::suite::writer::{Moment, Progress};

/// Why a run cannot begin: usage or configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target cannot be used as it is named.
    #[error(transparent)]
    Environment(#[from] environment::Error),
    /// The server does not do what the target says of it.
    #[error("use the target: {0}")]
    Misconfigured(String),
    /// Steps of the features that are undefined or ambiguous.
    #[error("match the steps of the features: {}", .0.join("; "))]
    Steps(Vec<String>),
}

/// Checks what can be known to be wrong before the server is asked.
///
/// # Errors
///
/// [`Error`], as [`run`] would give it.
pub fn check(plan: &Plan, target: &dyn Target, scenarios: &Scenarios) -> Result<(), Error> {
    dispatch::check(&scenarios.features).map_err(Error::Steps)?;
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
    dispatch::check(&scenarios.features).map_err(Error::Steps)?;
    let environment = Arc::new(environment_of(plan, target)?);
    let began = Instant::now();
    let _stall_monitor = StallMonitor::start();
    let started_at = jiff::Timestamp::now().to_string();
    let again = probe::Again::of(plan, &scenarios);
    let own = scenarios.requirements();
    let variants = scenarios.variants();
    let introductions = scenarios.introductions();
    let unselected = scenarios.unselected;
    let shard = scenarios.shard;
    let expected = shard::expected(&scenarios.reports, plan.selection.shard.as_ref());
    let state = Arc::new(Mutex::new(RunState::new(scenarios.reports)));
    let mut extra = Vec::new();
    let mut stop = pin!(or_deadline(stop, plan.timing.deadline));
    let first = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let judges_client = plan.client.is_some();
    let (mut notes, mut judged_after) = (Vec::new(), None);
    let mut preflight = tokio::select! {
        biased;
        reason = &mut stop => Err(reason),
        error = preflight::check(&environment, &first) => Ok(error),
    };
    if let Ok(None) = preflight {
        let wrong = tokio::select! {
            biased;
            reason = &mut stop => Err(reason),
            wrong = preflight::tokens(&environment, &variants) => Ok(wrong),
        };
        match wrong {
            Ok(None) => {}
            Ok(Some(wrong)) => return Err(Error::Misconfigured(wrong)),
            Err(reason) => preflight = Err(reason),
        }
    }
    let interrupted = match preflight {
        Ok(None) => {
            let features = without_wire(scenarios.features, &environment, &state, &mut progress);
            let features = match judges_client {
                true => features,
                false => without_breakpoints(features, &environment, &state, &mut progress),
            };
            let mut runnable = Runnable::new(features, expected);
            let pool = ServerPool::start(runnable.serial(), target, plan, &environment).await?;
            runnable.servers = pool.as_ref().map(ServerPool::free);
            let during = Box::new(|moment: Moment<'_>| progress(moment));
            let cut = runner::drive(runnable, &environment, &state, during, stop.as_mut()).await;
            if let Some(pool) = pool {
                pool.stop().await;
            }
            match again.filter(|_| cut.is_none()) {
                Some(again) => {
                    let took = *judged_after.insert(began.elapsed());
                    let left = plan.timing.deadline.saturating_sub(took);
                    let probes = probe::needed(&lock(&state));
                    let cut;
                    (notes, cut) = again
                        .probe(probes, &environment, &mut progress, left, stop)
                        .await;
                    cut
                }
                None => cut,
            }
        }
        Ok(Some(problem)) => {
            let mut state = lock(&state);
            for place in 0..state.unfinished() {
                state.settle(place, Verdict::Inconclusive, &problem);
            }
            extra.push(first_contact(&first, &problem));
            None
        }
        Err(reason) => {
            let problem = format!("the run was cut short while the suite connected: {reason}");
            extra.push(first_contact(&first, &problem));
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
    let refusal = environment.first_start.as_ref();
    let refusal = refusal.and_then(|first| first.refusal().now_or_never());
    let reason = match refusal {
        Some(refusal) if interrupted.as_ref() == Some(&refusal) => refusal,
        _ => format!(
            "it had not finished when the run was cut short: {}",
            interrupted.as_deref().unwrap_or("by a fault of the suite")
        ),
    };
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
        target: describe(target, plan.wire),
        strict: plan.strict,
        interrupted,
        suite_errors,
    };
    let selected = selected(&own, shard.as_ref(), &judged);
    let mut run = of_run::run(about, judged, &selected);
    scoring(plan, &mut run);
    run.report.features = introductions;
    run.report.notes = notes;
    let misconfigured = environment.misconfigured.lock();
    let misconfigured = misconfigured.unwrap_or_else(PoisonError::into_inner);
    run.report.misconfigured = misconfigured.values().cloned().collect();
    for requirement in &mut run.report.requirements {
        requirement.unselected = unselected.get(&requirement.id).copied().unwrap_or(0);
    }
    run.report.shard = shard;
    run.report.time_limits = run.report.worst_time_limits();
    run.report.time_limits.push(LimitUsage {
        limit: Limit::Deadline,
        allowed_ms: millis(plan.timing.deadline),
        worst_ms: judged_after.map_or(run.report.duration_ms, millis),
        scenario: None,
        waiting_for: None,
        repetition: None,
    });
    Ok(run)
}

/// The requirements that are judged: those whose scenarios were run, and those of other shards that failed
/// here. So a run fails where one of its shards does.
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
    registry::both()
        .filter(|it| own.contains(&it.id) || (is_elsewhere(it.id) && is_failed(it.id)))
        .collect()
}

/// The run of a shard without scenarios: no server is asked.
#[must_use]
pub fn idle(plan: &Plan, target: &dyn Target, shard: Option<&ShardReport>) -> Run {
    let about = Circumstances {
        started_at: jiff::Timestamp::now().to_string(),
        duration_ms: 0,
        target: describe(target, plan.wire),
        strict: plan.strict,
        interrupted: None,
        suite_errors: Vec::new(),
    };
    let mut run = of_run::run(about, Vec::new(), &[]);
    scoring(plan, &mut run);
    run.report.shard = shard.cloned();
    run
}

/// Sets which of its requirements count, and whether all must apply.
fn scoring(plan: &Plan, run: &mut Run) {
    run.report.require_all = plan.require_all;
    as_of::apply(&mut run.report, plan.as_of.as_deref());
}

/// Resolves when the run is to end early, with the reason: asked to, or too late.
pub async fn or_deadline(stop: impl Future<Output = String>, deadline: Duration) -> String {
    tokio::select! {
        reason = stop => reason,
        () = timer::away(deadline) => {
            let deadline = humantime::format_duration(deadline);
            format!("the run took longer than {deadline} (--deadline)")
        }
    }
}

/// Takes out the scenarios whose requirements do not apply to how the viewers speak, and reports them.
fn without_wire(
    features: Vec<Feature>,
    environment: &Environment,
    state: &Mutex<RunState>,
    progress: &mut Progress<'_>,
) -> Vec<Feature> {
    only(features, |scenario| {
        let Some(place) = place_of(scenario) else {
            return true;
        };
        let ids = lock(state).requirements(place);
        let alone = environment.abilities.not_over_http.as_deref();
        let reasons = ids
            .iter()
            .map(|id| match (environment.plan.wire, over_http(id)) {
                (Wire::WebSocket, _) => not_over_websocket(id).or(alone.filter(|_| needs_both(id))),
                (_, OverHttp::NotApplicable(reason)) => Some(reason),
                (wire, OverHttp::Same | OverHttp::Adapted(_)) => not_about(wire.component(), id),
            });
        let reasons: Option<Vec<&str>> = reasons.collect();
        let reason = match reasons.as_deref() {
            Some([reason, ..]) => reason,
            _ => match wire_tags::is_of_another(scenario, environment.plan.wire) {
                Some(reason) => reason,
                None => return true,
            },
        };
        let report = lock(state).settle(place, Verdict::NotApplicable, reason);
        if let Some(report) = report {
            progress(Moment::Finished(&report, None));
        }
        false
    })
}

/// Takes out the scenarios that need a breakpoint where the target has none, and reports them.
fn without_breakpoints(
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
        let reason =
            "it needs a run that stops after an exact event, which only the bundled server can do";
        let report = place_of(scenario)
            .and_then(|place| lock(state).settle(place, Verdict::NotApplicable, reason));
        if let Some(report) = report {
            progress(Moment::Finished(&report, None));
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

/// The scenario in the report for the first connection, where that was also the last.
fn first_contact(recorder: &Recorder, problem: &str) -> Judged {
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
        judged_by: Vec::new(),
        duration_ms: 0,
        reason: Some(problem.to_owned()),
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
    // Where nothing came it may be no workflow server at all, and nothing is known to have failed:
    // neither by its silence, nor by what the suite did to find out whether it answers.
    Judged {
        scenario: report,
        check_verdicts: Vec::new(),
        transcript,
    }
}

/// What reports say about a target.
#[must_use]
pub fn describe(target: &dyn Target, wire: Wire) -> TargetReport {
    let description = target.describe();
    if description.kind == Kind::Client {
        return TargetReport {
            kind: TargetKind::Client,
            url: description.server.clone(),
            server: description.server,
            http_url: None,
            wires: only_wire(wire),
            faults: description.faults,
        };
    }
    let websocket = &target.endpoint().url;
    let http = target
        .abilities()
        .http_url
        .or_else(|| http_url_of(websocket));
    let url = match wire {
        Wire::WebSocket => websocket.clone(),
        Wire::Http(_) => http.unwrap_or_else(|| websocket.clone()),
    };
    TargetReport {
        kind: match description.kind {
            Kind::Url => TargetKind::Url,
            Kind::Reference => TargetKind::Reference,
            Kind::Agentos => TargetKind::Agentos,
            Kind::Client => TargetKind::Client,
        },
        url: shown_url(&url),
        http_url: None,
        server: description.server,
        wires: only_wire(wire),
        faults: description.faults,
    }
}

fn lock(state: &Mutex<RunState>) -> std::sync::MutexGuard<'_, RunState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
