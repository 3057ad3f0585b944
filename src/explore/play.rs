//! Plays one plan against a server, and has every check judge the transcript.

use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;

use crate::client::Viewer;
use crate::explore::plan::Plan;
use crate::report::model::run::{ScenarioReport, StepOutcome, StepReport, Verdict};
use crate::report::verdict::of_run::{Judged, judge};
use crate::suite::StepType;
use crate::suite::dispatch::carry_out;
use crate::suite::environment::Environment;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::suite::writer::{millis, time_limits};

/// The feature in which reports show what was explored.
pub const FEATURE: &str = "Exploration";

/// A plan that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// The plan.
    pub plan: Plan,
    /// The result of every check. The scenario has no requirements of its own yet.
    pub judged: Judged,
    /// What the suite itself did wrong.
    pub suite_error: Option<String>,
}

impl Played {
    /// Whether the check of this requirement failed.
    #[must_use]
    pub fn has_failed(&self, id: &str) -> bool {
        self.failed().any(|it| it == id)
    }

    /// The ids of the requirements whose checks failed, in the order of the catalogue.
    pub fn failed(&self) -> impl Iterator<Item = &'static str> {
        use crate::check::CheckVerdict;
        let verdicts = self.judged.check_verdicts.iter();
        let failed = verdicts.filter(|(_, it)| matches!(it, CheckVerdict::Failed(_)));
        failed.map(|(id, _)| *id)
    }
}

/// Plays the plan. Whatever the server does is in the transcript.
pub async fn play(environment: &Arc<Environment>, plan: &Plan) -> Played {
    let began = Instant::now();
    let mut world = World::of(Arc::clone(environment));
    world.name = Some(plan.name());
    let mut suite_error = None;
    let mut steps = Vec::with_capacity(plan.lines.len() + 2);
    for (keyword, text) in plan.steps() {
        let step_began = Instant::now();
        let done = carry_out(&mut world, keyword, &text).await;
        let (outcome, reason) = match done {
            Ok(()) => (StepOutcome::Passed, None),
            Err(StepError::NotApplicable(reason)) => (StepOutcome::NotApplicable, Some(reason)),
            Err(StepError::Inconclusive(reason)) => (StepOutcome::Inconclusive, Some(reason)),
            Err(StepError::Suite(reason)) => {
                let error = format!("trial {} of seed {}: {reason}", plan.trial, plan.seed);
                suite_error.get_or_insert(error);
                (StepOutcome::Skipped, Some(reason))
            }
        };
        steps.push(StepReport {
            keyword: word(keyword, steps.len()).to_owned(),
            line: 0,
            text,
            outcome,
            duration_ms: millis(step_began.elapsed()),
            reason,
            requirements: Vec::new(),
        });
    }
    clear_up(&mut world, &mut suite_error).await;
    let report = ScenarioReport {
        duration_ms: millis(began.elapsed()),
        time_limits: time_limits(&world.recorder, &environment.plan.timing),
        ..scenario(plan, steps)
    };
    let transcript = Arc::new(world.recorder.snapshot());
    drop(world);
    let judging = tokio::task::spawn_blocking(move || judge(report, Some(transcript)));
    let judged = match judging.await {
        Ok(judged) => judged,
        Err(error) => {
            suite_error.get_or_insert(format!("a check failed: {error}"));
            Judged {
                scenario: scenario(plan, Vec::new()),
                check_verdicts: Vec::new(),
                transcript: None,
            }
        }
    };
    Played {
        plan: plan.clone(),
        judged,
        suite_error,
    }
}

/// The keyword before a step in this place, counted from 0.
pub(super) fn word(keyword: StepType, place: usize) -> &'static str {
    match keyword {
        StepType::Given if place > 0 => "And",
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    }
}

/// Closes every connection, and lets every stopped run go on.
async fn clear_up(world: &mut World, suite_error: &mut Option<String>) {
    if let Some(client) = world.client.take() {
        client.end().await;
        return;
    }
    let retiring = world.viewers.values_mut().map(Viewer::retire);
    for retired in join_all(retiring).await {
        if let Err(error) = retired {
            suite_error.get_or_insert(format!("the task of a connection failed: {error}"));
        }
    }
    if let Some(breakpoints) = &world.environment.breakpoints {
        for run in &world.runs {
            breakpoints.clear(&run.session_id);
        }
    }
}

/// The plan as a scenario of a report, before any check has judged it.
fn scenario(plan: &Plan, steps: Vec<StepReport>) -> ScenarioReport {
    let name = plan.name();
    let path = format!("explored/{}-{}.feature", plan.seed, plan.trial);
    let stopped = steps.iter().find(|step| step.reason.is_some());
    let (verdict, reason) = match stopped {
        None => (Verdict::Passed, None),
        Some(step) => (Verdict::Inconclusive, step.reason.clone()),
    };
    ScenarioReport {
        id: format!("{path} › {name}"),
        feature: FEATURE.to_owned(),
        path,
        rule: String::new(),
        name,
        line: 0,
        tags: Vec::new(),
        verdict,
        requirements: Vec::new(),
        judged_by: Vec::new(),
        duration_ms: 0,
        reason,
        by_steps: None,
        outcomes: None,
        repetition: None,
        time_limits: Vec::new(),
        steps,
        transcript: None,
        findings: Vec::new(),
    }
}
