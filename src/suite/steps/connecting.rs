//! Connecting, and asking for signs of life.

use cucumber::{given, then, when};

use crate::protocol::Action;
use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{viewer} has connected")]
#[when(expr = "{viewer} connects")]
async fn connects(world: &mut World, viewer: Name) -> Result<(), StepError> {
    Ok(world.viewer(&viewer.0).connect().await?)
}

#[then(expr = "{viewer} is greeted first, and told whether a token is asked for")]
async fn is_greeted(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("GREETING-1")
}

#[when(expr = "{viewer} pings")]
async fn pings(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ask(&viewer.0, Action::Ping).await?;
    world.pong(&viewer.0).await
}

#[then(expr = "a pong comes back")]
async fn a_pong_comes_back(world: &mut World) -> Result<(), StepError> {
    world.judge("GREETING-2")
}
