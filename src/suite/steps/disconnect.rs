//! Leaving, and staying away.

use cucumber::{given, then, when};

use crate::suite::params::{Name, Part};
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

#[given(expr = "{viewer} has left")]
async fn has_left(world: &mut World, viewer: Name) {
    world.viewer(&viewer.0).leave(Disconnect::Close).await;
}

#[given(expr = "{viewer} left while the run went on")]
async fn left(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.go_away(&viewer.0, Disconnect::Close).await
}

#[given(expr = "{viewer} lost the connection while the run went on")]
async fn lost(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.go_away(&viewer.0, Disconnect::Reset).await
}

#[given(expr = "{viewer} lost the connection while the run stood still")]
async fn lost_standing(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.leave_standing(&viewer.0, Disconnect::Reset).await
}

#[given(expr = "{viewer} has started a {part} run and left at once")]
async fn started_and_left(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start(&viewer.0, part.0, Some(0)).await?;
    world.leave_at_once(&viewer.0).await
}

#[when(expr = "{viewer} leaves")]
async fn leaves(world: &mut World, viewer: Name) -> Result<(), StepError> {
    Ok(world.viewer(&viewer.0).leave_for_good().await?)
}

#[then(expr = "the server says goodbye, too")]
async fn says_goodbye(world: &mut World) -> Result<(), StepError> {
    world.judge("CLOSE-1")
}
