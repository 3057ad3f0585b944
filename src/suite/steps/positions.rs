//! Returning with positions that no viewer can have, and with the ending's.

use cucumber::{then, when};

use crate::suite::params::{InvalidPosition, Name};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} returns {invalid_position}")]
async fn returns_oddly(
    world: &mut World,
    viewer: Name,
    invalid_position: InvalidPosition,
) -> Result<(), StepError> {
    world.come_back_oddly(&viewer.0, invalid_position).await
}

#[when(
    regex = r"^([A-Z][a-z]+) returns with its ending as (?:her|his) position, as soon as it comes$"
)]
async fn returns_at_the_ending(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.come_back_at_the_ending(&viewer.0).await
}

#[then(expr = "{viewer} is refused a position that no event has")]
async fn refused_beyond(world: &mut World, viewer: Name) -> Result<(), StepError> {
    // Only the run's end shows for certain that it had not come so far.
    world.others_to_the_end(&viewer.0).await?;
    world.judge("POSITION-1")
}

#[then(expr = "{viewer} is refused a position that is none")]
async fn refused_odd(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("POSITION-2")
}

#[then(expr = "{viewer} is refused, or learns at least how the run ends")]
async fn not_silenced(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.others_to_the_end(&viewer.0).await?;
    world.refused_or_told_the_ending(&viewer.0).await?;
    world.judge("POSITION-3")
}

#[then(expr = "every event that {viewer} gets has an index of its own")]
async fn own_indices(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.others_to_the_end(&viewer.0).await?;
    world.refused_or_told_the_ending(&viewer.0).await?;
    world.judge("POSITION-4")
}

#[then(expr = "{viewer} is told that the run has finished")]
async fn told_finished(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.refused_or_told_the_ending(&viewer.0).await?;
    world.judge("POSITION-5")
}
