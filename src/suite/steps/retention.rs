//! What a server no longer has in its memory: dropped events, dropped runs, and restarts.

use cucumber::{given, then};

use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{viewer} has watched an endless run until the server had dropped its beginning")]
async fn beginning_dropped(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.watch_past_the_memory(&viewer.0).await
}

#[given(expr = "{viewer} lost the connection until the server had dropped what came next")]
async fn next_dropped(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.stay_away_past_the_memory(&viewer.0).await
}

#[then(expr = "every event that {viewer} gets is the one that came live under its index")]
async fn own_index(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.see_what_is_left(&viewer.0).await?;
    world.judge("RETENTION-1")
}

#[then(expr = "{viewer} is told that some of it is lost")]
async fn told_of_loss(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.see_what_is_left(&viewer.0).await?;
    world.judge("RETENTION-2")
}

#[given(expr = "the server has dropped the run from its memory")]
async fn forgotten(world: &mut World) -> Result<(), StepError> {
    world.be_forgotten().await
}

#[then(expr = "the run is replayed as if it were still in memory")]
async fn still_replayed(world: &mut World) -> Result<(), StepError> {
    world.judge("RETENTION-3")
}

#[given(expr = "the server was restarted")]
async fn restarted(world: &mut World) -> Result<(), StepError> {
    world.restart().await
}

#[then(expr = "the run is replayed as it came live")]
async fn replayed_as_live(world: &mut World) -> Result<(), StepError> {
    world.judge("RESTART-1")
}

#[then(expr = "its events are numbered on as if the server had never stopped")]
async fn numbered_on(world: &mut World) -> Result<(), StepError> {
    world.judge("RESTART-2")
}
