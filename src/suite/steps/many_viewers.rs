//! Several viewers of one run, and of several.

use cucumber::{given, then, when};

use crate::suite::params::{Name, Part, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "many others have joined the run")]
async fn others_join(world: &mut World) -> Result<(), StepError> {
    world.others_return().await
}

#[given(expr = "the others lost the connection while the run went on")]
async fn others_lost(world: &mut World) -> Result<(), StepError> {
    world.others_go_away().await
}

#[when(expr = "the others return all at once")]
async fn others_return(world: &mut World) -> Result<(), StepError> {
    world.others_return().await
}

#[then(expr = "each of them gets exactly what they missed")]
async fn exactly_missed(world: &mut World) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("VIEWERS-3")
}

#[when(expr = "a crowd watches long runs, is cut off and returns together, three times")]
async fn crowd(world: &mut World) -> Result<(), StepError> {
    world.crowd_comes_and_goes().await
}

#[then(expr = "everybody in the crowd gets exactly what they missed")]
async fn crowd_missed(world: &mut World) -> Result<(), StepError> {
    world.judge("VIEWERS-3")
}

#[then(expr = "everybody gets all later events, or is told why not")]
async fn all_later(world: &mut World) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("VIEWERS-1")
}

#[when(expr = "{viewer} watches a {part} run to its end meanwhile")]
async fn watches_meanwhile(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.watch_meanwhile(&viewer.0, part.0).await
}

#[then(expr = "nobody gets an event of a run that is not theirs")]
async fn own_events(world: &mut World) -> Result<(), StepError> {
    world.everybody_watches_quiet().await?;
    world.judge("VIEWERS-2")
}

#[then(expr = "{viewer} watches on to the end as if nothing had happened")]
async fn undisturbed(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("VIEWERS-6")
}

#[when(expr = "{viewer} asks for the run {position}, where she is watching it")]
async fn asks(world: &mut World, viewer: Name, position: PositionArg) -> Result<(), StepError> {
    world.ask_again(&viewer.0, position).await
}

#[then(expr = "no later event comes to {viewer} twice")]
async fn not_twice(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.everybody_watches_quiet().await?;
    world.judge("VIEWERS-7")
}
