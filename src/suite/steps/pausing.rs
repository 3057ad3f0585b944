//! Runs that wait for a person.

use cucumber::{given, then, when};

use crate::suite::params::{Name, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{viewer} has watched a {part} run until it paused")]
async fn watched_to_the_pause(
    world: &mut World,
    viewer: Name,
    part: Part,
) -> Result<(), StepError> {
    world.watch_to_the_pause(&viewer.0, part.0).await
}

#[given(expr = "{viewer} lost the connection, and {viewer} saw the run pause")]
async fn lost_before_the_pause(
    world: &mut World,
    viewer: Name,
    other: Name,
) -> Result<(), StepError> {
    world.leave_before_the_pause(&viewer.0, &other.0).await
}

#[when(expr = "{viewer} lets it go on")]
async fn lets_it_go_on(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.let_it_go_on(&viewer.0).await
}

#[then(expr = "{viewer} learns that the run is paused, and can let it go on")]
async fn learns_and_continues(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.let_it_go_on(&viewer.0).await?;
    world.judge("PAUSE-1")
}

#[then(expr = "its events are numbered on from the pause")]
async fn numbered_on(world: &mut World) -> Result<(), StepError> {
    world.judge("PAUSE-2")
}
