//! What is said in a run, and whether it arrives as it was.

use cucumber::{given, then, when};
use serde_json::Value;

use crate::plan::Workflow;
use crate::protocol::Part;
use crate::suite::params::{Name, Payload};
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};

#[given(expr = "{viewer} has watched a run that repeats {saying} for {int} event(s)")]
async fn has_watched(
    world: &mut World,
    viewer: Name,
    saying: Payload,
    events: u64,
) -> Result<(), StepError> {
    let breakpoint = Some(events.saturating_sub(1));
    let run = start(world, &viewer.0, saying, breakpoint).await?;
    world.watch_for(&viewer.0, &run, events).await
}

#[given(expr = "{viewer} has watched a run that repeats {saying} to its end")]
#[when(expr = "{viewer} watches a run that repeats {saying} to its end")]
async fn watches(world: &mut World, viewer: Name, saying: Payload) -> Result<(), StepError> {
    start(world, &viewer.0, saying, None).await?;
    world.watch_to_the_end(&viewer.0).await?;
    world.viewer(&viewer.0).watch_quiet().await?;
    Ok(())
}

#[then(expr = "what the run was told arrives as it was")]
async fn as_it_was(world: &mut World) -> Result<(), StepError> {
    world.judge("CONTENT-1")
}

#[then(expr = "{viewer} gets everything that was said")]
async fn everything(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.to_the_end_if_it_comes(&viewer.0).await?;
    world.judge("CONTENT-3")
}

async fn start(
    world: &mut World,
    viewer: &str,
    saying: Payload,
    breakpoint: Option<u64>,
) -> Result<CurrentRun, StepError> {
    let workflow = world.workflow(Part::Echoing)?;
    let told = Workflow {
        message: Value::from(saying.text().into_owned()),
        ..workflow
    };
    world
        .start_told(viewer, Part::Echoing, told, breakpoint)
        .await
}
