//! Starting runs and watching them.

use cucumber::{given, when};

use crate::suite::params::{Name, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} starts a {part} run")]
#[given(expr = "{viewer} is watching a {part} run")]
async fn starts(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start(&viewer.0, part.0, None).await.map(|_| ())
}

#[when(expr = "{viewer} starts a {part} run and a {part} run on one connection")]
async fn starts_two(
    world: &mut World,
    viewer: Name,
    one: Part,
    other: Part,
) -> Result<(), StepError> {
    world.start(&viewer.0, one.0, None).await?;
    world.start(&viewer.0, other.0, None).await.map(|_| ())
}

#[given(expr = "{viewer} has watched a/an {part} run for {int} event(s)")]
async fn has_watched(
    world: &mut World,
    viewer: Name,
    part: Part,
    events: u64,
) -> Result<(), StepError> {
    world.watch_events(&viewer.0, part.0, events).await
}

#[given(expr = "{viewer} has watched a/an {part} run to its end")]
async fn has_watched_to_the_end(
    world: &mut World,
    viewer: Name,
    part: Part,
) -> Result<(), StepError> {
    world.start(&viewer.0, part.0, None).await?;
    world.watch_to_the_end(&viewer.0).await?;
    // What happens at the very moment of the ending is a rule of its own.
    world.viewer(&viewer.0).watch_quiet().await?;
    Ok(())
}

#[when(expr = "{viewer} watches a {part} run to its end")]
async fn watches_to_the_end(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start(&viewer.0, part.0, None).await?;
    world.watch_to_the_end(&viewer.0).await
}
