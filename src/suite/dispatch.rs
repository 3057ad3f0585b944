//! Finds the code of each step that cucumber runs, bounds it in time and catches its panics.
//!
//! Cucumber itself knows one step a keyword, which matches everything.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use cucumber::{gherkin, step};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use regex::Regex;

use super::step::{Arguments, Step};
use super::step_error::{StepError, message};
use super::world::World;
use super::{params, steps};
use crate::client::stall::Stopwatch;
use crate::client::timer;

/// Why a step of a feature has no code of its own.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MatchError {
    /// No phrase is like this.
    #[error("undefined step; `reconnect-acceptance list steps` shows all")]
    Undefined,
    /// Several phrases are like this.
    #[error("ambiguous step: {}", .0.join(", "))]
    Ambiguous(Vec<String>),
}

/// What cucumber runs for every step.
#[must_use]
pub fn collection() -> step::Collection<World> {
    let any = Regex::new("").unwrap_or_else(|error| unreachable!("{error}"));
    step::Collection::new()
        .given(None, any.clone(), bounded)
        .when(None, any.clone(), bounded)
        .then(None, any, bounded)
}

/// The step that a step of a feature means.
///
/// # Errors
///
/// [`MatchError`] where there is none, or more than one.
pub fn find(step: &gherkin::Step) -> Result<&'static Step, MatchError> {
    find_with_arguments(step.ty, &step.value).map(|(found, _)| found)
}

fn find_with_arguments(
    keyword: gherkin::StepType,
    text: &str,
) -> Result<(&'static Step, Arguments), MatchError> {
    let mut found: Vec<_> = steps::all()
        .filter_map(|it| Some((it, it.matches(keyword, text)?)))
        .collect();
    match (found.pop(), found.as_slice()) {
        (None, _) => Err(MatchError::Undefined),
        (Some(only), []) => Ok(only),
        (Some((last, _)), others) => {
            let all = others.iter().map(|(it, _)| *it).chain([last]);
            let all = all.map(|it| format!("{:?} ({}:{})", it.phrase, it.file, it.line));
            Err(MatchError::Ambiguous(all.collect()))
        }
    }
}

/// The three phrases that are most like this text, with their keywords, those of this keyword first where they are
/// alike.
#[must_use]
pub fn nearest(keyword: gherkin::StepType, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let likeness = |step: &Step| {
        let of_text = strsim::normalized_levenshtein(&params::example(step.phrase), &text);
        let same = if step.keyword == keyword { 0.1 } else { 0.0 };
        of_text + same
    };
    let mut all: Vec<(f64, &Step)> = steps::all().map(|it| (likeness(it), it)).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    let nearest = all.into_iter().take(3);
    nearest
        .map(|(_, step)| format!("{:?} {}", step.keyword, step.phrase))
        .collect()
}

/// Finds the code of every step of these features, before anything is run.
///
/// # Errors
///
/// One sentence for each step that is undefined or ambiguous.
pub fn check(features: &[gherkin::Feature]) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    // Most steps are in several scenarios.
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
            match find(step) {
                Ok(_) => {
                    known.insert(phrase);
                }
                Err(error) => wrong.push(format!(
                    "{path}:{}: {:?}: {error}",
                    step.position.line, step.value
                )),
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Every phrase of the features, with its keyword, as a cucumber expression.
#[must_use]
pub fn phrases() -> Vec<(&'static str, String)> {
    let keyword = |step: &Step| match step.keyword {
        gherkin::StepType::Given => "Given",
        gherkin::StepType::When => "When",
        gherkin::StepType::Then => "Then",
    };
    let mut phrases: Vec<_> = steps::all()
        .map(|step| (keyword(step), step.phrase.to_owned()))
        .collect();
    phrases.sort();
    phrases
}

/// The phrase of the `Given` that says this, with the texts of its parameters; `None` where there is none.
#[must_use]
pub fn given(text: &str) -> Option<(&'static str, Vec<String>)> {
    let (found, arguments) = find_with_arguments(gherkin::StepType::Given, text).ok()?;
    Some((found.phrase, arguments.into_texts()))
}

/// The steps that no feature has: those of drawn plans.
pub fn for_plans() -> impl Iterator<Item = &'static Step> {
    steps::for_plans()
}

fn bounded(world: &mut World, context: step::Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let step = &context.step;
        if let Err(error) = carry_out(world, step.ty, &step.value).await {
            error.throw();
        }
    })
}

/// Runs a step, for no longer than its scenario may still take.
///
/// # Errors
///
/// [`StepError`], as the step gives it; [`StepError::Suite`] for a text that is no step, and for a panic.
pub async fn carry_out(
    world: &mut World,
    keyword: gherkin::StepType,
    text: &str,
) -> Result<(), StepError> {
    let (found, arguments) = find_with_arguments(keyword, text)
        .map_err(|error| StepError::Suite(format!("{text:?}: {error}")))?;
    let recorder = Arc::clone(&world.recorder);
    let before = recorder.age();
    let whole = world.environment.plan.timing.scenario;
    let limit = whole.saturating_sub(before);
    let watch = Stopwatch::start();
    let done = AssertUnwindSafe((found.run)(world, arguments)).catch_unwind();
    let done = timer::within(limit, done).await;
    recorder.used_of_scenario(before + watch.elapsed());
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => Err(StepError::Suite(message(&*panic))),
        Err(_) => Err(StepError::Inconclusive(format!(
            "the scenario took longer than {}; for a slower server, use a longer --scenario-timeout",
            humantime::format_duration(whole)
        ))),
    }
}
