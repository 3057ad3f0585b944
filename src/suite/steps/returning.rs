//! Returning to a run.

use cucumber::{given, when};

use crate::suite::params::{Name, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} returns {position}")]
pub(super) async fn returns(
    world: &mut World,
    viewer: Name,
    position: PositionArg,
) -> Result<(), StepError> {
    world.come_back(&viewer.0, position).await?;
    let run = world.current_run()?;
    world.let_go(&run);
    Ok(())
}

#[given(expr = "{viewer} has returned {position}")]
async fn has_returned(
    world: &mut World,
    viewer: Name,
    position: PositionArg,
) -> Result<(), StepError> {
    world.come_back(&viewer.0, position).await?;
    world.watch_on(&viewer.0).await
}

#[given(expr = "{viewer} has returned {position} and watched to the end")]
async fn has_returned_to_the_end(
    world: &mut World,
    viewer: Name,
    position: PositionArg,
) -> Result<(), StepError> {
    world.come_back(&viewer.0, position).await?;
    world.watch_to_the_end(&viewer.0).await
}

#[when(expr = "{viewer} asks for the replay again")]
async fn asks_again(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ask_again(&viewer.0, PositionArg::Null).await
}
