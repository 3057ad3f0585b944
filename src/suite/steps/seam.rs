//! Returning at an awkward moment.

use cucumber::{given, then, when};

use crate::suite::params::{EventCount, Name, Part, PositionArg};
use crate::suite::step_error::StepError;
use crate::suite::world::World;
use crate::transcript::Disconnect;

#[given(expr = "{viewer} lost the connection while much of the run went by")]
async fn lost_for_long(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.go_away_for_long(&viewer.0, Disconnect::Reset).await
}

#[given(expr = "{viewer} lost the connection while {viewer} saw {many} events go by")]
async fn lost_while_seen(
    world: &mut World,
    viewer: Name,
    witness: Name,
    many: EventCount,
) -> Result<(), StepError> {
    let events = many.events();
    world
        .go_away_while_seen(&viewer.0, &witness.0, events)
        .await
}

#[given(expr = "{viewer} has returned, and lost the connection again in the middle of catching up")]
async fn lost_catching_up(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.come_back_in_part(&viewer.0).await
}

#[given(expr = "{viewer} has started it once more, and lost the connection as {viewer} saw it end")]
async fn lost_as_it_ended(world: &mut World, viewer: Name, witness: Name) -> Result<(), StepError> {
    world.lose_the_ending(&viewer.0, &witness.0).await
}

#[when(expr = "{viewer} returns {position} while the run goes on")]
async fn returns_in_passing(
    world: &mut World,
    viewer: Name,
    position: PositionArg,
) -> Result<(), StepError> {
    world.come_back_in_passing(&viewer.0, position).await
}

#[when(expr = "several others return at once, and read slowly while the run goes on")]
async fn return_slowly(world: &mut World) -> Result<(), StepError> {
    world.several_return_slowly().await
}

#[then(expr = "the live events follow on the missed ones")]
async fn no_seam(world: &mut World) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("SEAM-1")
}

#[when(
    expr = "{viewer} starts it once more, and others return at the very moment at which it ends"
)]
async fn around_the_ending(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.return_around_the_ending(&viewer.0).await
}

#[then(expr = "everybody who returned gets the ending")]
async fn gets_the_ending(world: &mut World) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("SEAM-2")
}

#[given(expr = "{viewer} has started a {part} run that has not begun")]
async fn not_begun(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start_before_the_first(&viewer.0, part.0).await
}

#[then(expr = "{viewer} misses nothing")]
async fn misses_nothing(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.all_to_the_end().await?;
    world.judge("SEAM-3")
}
