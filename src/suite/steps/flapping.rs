//! Coming and going, often and anywhere.

use cucumber::{given, then, when};

use crate::suite::params::{DisconnectArg, Name};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{viewer} has come and gone until the run ended")]
async fn come_and_gone(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.come_and_go(&viewer.0).await
}

#[then(expr = "the visits of {viewer}, put together, are the run that {viewer} sees")]
async fn put_together(world: &mut World, _many: Name, _one: Name) -> Result<(), StepError> {
    world.judge("FLAPPING-1")
}

#[when(expr = "such runs are cut {disconnect}, each after another event, and returned to")]
async fn cut_anywhere(world: &mut World, way: DisconnectArg) -> Result<(), StepError> {
    world.cut_anywhere(way).await
}

#[then(expr = "each viewer has seen a whole run")]
async fn whole_runs(world: &mut World) -> Result<(), StepError> {
    world.judge("FLAPPING-2")
}
