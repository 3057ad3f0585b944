//! Coming to another replica of the server.

use cucumber::{given, then, when};

use super::returning;
use crate::suite::params::{Name, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{viewer} has come to the other replica")]
async fn has_come(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.turn_to_the_other_replica(&viewer.0)?;
    Ok(world.viewer(&viewer.0).connect().await?)
}

#[when(expr = "{viewer} returns to the other replica {position}")]
async fn returns(world: &mut World, viewer: Name, position: PositionArg) -> Result<(), StepError> {
    world.turn_to_the_other_replica(&viewer.0)?;
    returning::returns(world, viewer, position).await
}

#[then(expr = "{viewer} gets what was missed and everything live, as {viewer} does")]
async fn as_the_other_does(world: &mut World, viewer: Name, _other: Name) -> Result<(), StepError> {
    world.see_what_is_left(&viewer.0).await?;
    world.judge("REPLICA-1")
}

#[then(expr = "both replicas tell the run alike")]
async fn alike(world: &mut World) -> Result<(), StepError> {
    world.judge("REPLICA-2")
}
