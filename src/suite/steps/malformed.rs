//! Saying what no server can understand.

use cucumber::{then, when};

use crate::suite::params::{InvalidMessage, Name};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} says {invalid_message}")]
async fn says(
    world: &mut World,
    viewer: Name,
    invalid_message: InvalidMessage,
) -> Result<(), StepError> {
    world.say_gibberish(&viewer.0, invalid_message).await
}

#[then(expr = "{viewer} is refused, or the server says goodbye")]
async fn refused_or_goodbye(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("MALFORMED-1")
}

#[then(regex = r"^([A-Z][a-z]+) watches (?:her|his) run to its end, undisturbed$")]
async fn undisturbed(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.to_the_end_if_it_comes(&viewer.0).await?;
    world.judge("MALFORMED-2")
}
