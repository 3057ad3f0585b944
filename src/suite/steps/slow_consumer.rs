//! Not reading, and reading slowly.

use cucumber::{then, when};

use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} starts it once more, and {viewer} joins her and stops reading")]
async fn stops_reading(world: &mut World, starter: Name, other: Name) -> Result<(), StepError> {
    world.join_and_stop_reading(&starter.0, &other.0).await
}

#[then(expr = "{viewer} gets the rest of the run, whether or not {viewer} reads")]
async fn all_the_same(world: &mut World, starter: Name, other: Name) -> Result<(), StepError> {
    world.to_the_end_beside(&starter.0, &other.0).await?;
    world.judge("VIEWERS-4")
}
