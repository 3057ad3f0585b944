//! Ending a run before its time.

use cucumber::{given, then, when};

use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

#[when(expr = "{viewer} cancels the run")]
async fn cancels(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.cancel(&viewer.0).await
}

#[given(expr = "{viewer} lost the connection, and {viewer} cancelled the run meanwhile")]
async fn lost_and_cancelled(world: &mut World, viewer: Name, other: Name) -> Result<(), StepError> {
    world
        .leave_before_the_end(&viewer.0, Disconnect::Reset)
        .await?;
    world.cancel(&other.0).await?;
    world.while_it_stops().await
}

#[then(expr = "everybody who watches is told that it was cancelled, and nothing follows")]
async fn told_cancelled(world: &mut World) -> Result<(), StepError> {
    let here: Vec<String> = world.viewers.keys().cloned().collect();
    for name in here {
        if world.viewer(&name).is_here() {
            world.to_the_end_if_it_comes(&name).await?;
        }
    }
    world.everybody_watches_quiet().await?;
    world.judge("CANCEL-1")
}

#[then(expr = "{viewer} is shown the run as cancelled")]
async fn shown_cancelled(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.until_it_is_over(&viewer.0).await?;
    world.everybody_watches_quiet().await?;
    world.judge("CANCEL-2")
}
