//! Runs that are started by a plain request, without a connection that watches them.

use cucumber::{given, then};

use crate::suite::params::{Name, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

/// How many events such a run has had when somebody returns, where it can be held.
const EVENTS: u64 = 20;

#[given(expr = "{viewer} has started a {part} run by a plain request")]
async fn started(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start_beside(&viewer.0, part.0, EVENTS).await
}

#[given(expr = "{viewer} has started a {part} run by a plain request, and left")]
async fn started_and_left(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start_beside(&viewer.0, part.0, EVENTS).await?;
    world.hang_up(&viewer.0).await
}

#[then(expr = "{viewer} watches the run live")]
async fn watches_live(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.to_the_end_if_it_comes(&viewer.0).await?;
    world.judge("HTTP-1")
}
