//! Bounds every step in time and catches its panics.
//!
//! Steps of cucumber are plain function pointers, so this registers one function under every
//! expression, which finds the real step again and runs it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};

use cucumber::World as _;
use cucumber::codegen::{LocalBoxFuture, Parameter, StepConstructor, WorldInventory, inventory};
use cucumber::step;
use futures::FutureExt;

use super::params::{
    DisconnectArg, EventCount, InvalidMessage, InvalidPosition, Name, Part, Payload, PositionArg,
};
use super::world::World;
use crate::client::stall::Stopwatch;
use crate::client::wait;
use crate::suite::step_error::StepError;

/// Every step of the suite, bounded.
#[must_use]
pub fn collection() -> step::Collection<World> {
    let mut steps = step::Collection::new();
    for given in inventory::iter::<<World as WorldInventory>::Given> {
        let (location, regex, _) = given.inner();
        steps = steps.given(Some(location), regex(), bounded);
    }
    for when in inventory::iter::<<World as WorldInventory>::When> {
        let (location, regex, _) = when.inner();
        steps = steps.when(Some(location), regex(), bounded);
    }
    for then in inventory::iter::<<World as WorldInventory>::Then> {
        let (location, regex, _) = then.inner();
        steps = steps.then(Some(location), regex(), bounded);
    }
    steps
}

/// Every phrase of the features, with its keyword, as a cucumber expression.
#[must_use]
pub fn phrases() -> Vec<(&'static str, String)> {
    fn of<S: StepConstructor<World>>(keyword: &'static str, step: &S) -> (&'static str, String) {
        let (_, regex, _) = step.inner();
        (keyword, phrase(regex().as_str()))
    }
    let mut phrases: Vec<_> = inventory::iter::<<World as WorldInventory>::Given>
        .into_iter()
        .map(|step| of("Given", step))
        .chain(
            inventory::iter::<<World as WorldInventory>::When>
                .into_iter()
                .map(|step| of("When", step)),
        )
        .chain(
            inventory::iter::<<World as WorldInventory>::Then>
                .into_iter()
                .map(|step| of("Then", step)),
        )
        .collect();
    phrases.sort();
    phrases
}

/// A step's regular expression, told in the words of the one that it was made from.
fn phrase(regex: &str) -> String {
    let mut phrase = regex
        .trim_start_matches('^')
        .trim_end_matches('$')
        .to_owned();
    for (pattern, name) in [
        (Name::REGEX, "viewer"),
        (Part::REGEX, "part"),
        (PositionArg::REGEX, "position"),
        (InvalidPosition::REGEX, "invalid_position"),
        (InvalidMessage::REGEX, "invalid_message"),
        (Payload::REGEX, "saying"),
        (DisconnectArg::REGEX, "disconnect"),
        (EventCount::REGEX, "many"),
        ("(?:-?\\d+)|(?:\\d+)", "int"),
    ] {
        for (open, close) in [("((?:", "))"), ("(", ")"), ("", "")] {
            phrase = phrase.replace(&format!("{open}{pattern}{close}"), &format!("{{{name}}}"));
        }
    }
    phrase
        .replace("(?:her|his)", "her")
        .replace("(?:her|him)", "her")
        .replace("(?:a|an)", "a")
}

/// The steps as they were written.
static WRITTEN: LazyLock<step::Collection<World>> = LazyLock::new(World::collection);

/// The steps as they were written, for linting and listing.
#[must_use]
pub fn written() -> &'static step::Collection<World> {
    &WRITTEN
}

fn bounded(world: &mut World, context: step::Context) -> LocalBoxFuture<'_, ()> {
    Box::pin(async move {
        let recorder = Arc::clone(&world.recorder);
        let before = recorder.age();
        let whole = world.environment.plan.timing.scenario;
        let limit = whole.saturating_sub(before);
        let watch = Stopwatch::start();
        let stop = match WRITTEN.find(&context.step) {
            Ok(Some((step, _, _, context))) => {
                let step = AssertUnwindSafe(step(world, context)).catch_unwind();
                let came = wait::within(limit, step).await;
                recorder.used_of_scenario(before + watch.elapsed());
                match came {
                    Ok(Ok(())) => return,
                    Ok(Err(panic)) => StepError::read(&words(&*panic)),
                    Err(_) => StepError::Inconclusive(format!(
                        "the scenario took longer than {}; a slower server wants a longer --scenario-timeout",
                        humantime::format_duration(whole)
                    )),
                }
            }
            Ok(None) => {
                StepError::Suite(format!("no step is written for {:?}", context.step.value))
            }
            Err(error) => StepError::Suite(error.to_string()),
        };
        // Cucumber knows a failed step by its panic.
        std::panic::panic_any(stop.to_string());
    })
}

/// What a panic said.
#[must_use]
pub fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}
