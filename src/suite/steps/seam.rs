//! Returning at an awkward moment.

use cucumber::{given, then, when};

use crate::suite::params::{Many, Name, Naming, Part};
use crate::suite::step_error::Stop;
use crate::suite::world::World;
use crate::transcript::Leaving;

#[given(expr = "{viewer} lost the connection while much of the run went by")]
async fn lost_for_long(world: &mut World, viewer: Name) -> Result<(), Stop> {
    world.go_away_for_long(&viewer.0, Leaving::Abruptly).await
}

#[given(expr = "{viewer} lost the connection while {viewer} saw {many} events go by")]
async fn lost_while_seen(
    world: &mut World,
    viewer: Name,
    witness: Name,
    many: Many,
) -> Result<(), Stop> {
    let events = many.events();
    world
        .go_away_while_seen(&viewer.0, &witness.0, events)
        .await
}

#[given(expr = "{viewer} has returned, and lost the connection again in the middle of catching up")]
async fn lost_catching_up(world: &mut World, viewer: Name) -> Result<(), Stop> {
    world.come_back_in_part(&viewer.0).await
}

#[given(expr = "{viewer} has started it once more, and lost the connection as {viewer} saw it end")]
async fn lost_as_it_ended(world: &mut World, viewer: Name, witness: Name) -> Result<(), Stop> {
    world.lose_the_ending(&viewer.0, &witness.0).await
}

#[when(expr = "{viewer} returns {position} while the run goes on")]
async fn returns_in_passing(world: &mut World, viewer: Name, position: Naming) -> Result<(), Stop> {
    world.come_back_in_passing(&viewer.0, position).await
}

#[when(expr = "several others return at once, and read slowly while the run goes on")]
async fn return_slowly(world: &mut World) -> Result<(), Stop> {
    world.several_return_slowly().await
}

#[then(expr = "the live events follow on the missed ones")]
async fn no_seam(world: &mut World) -> Result<(), Stop> {
    world.all_to_the_end().await?;
    world.judge("SEAM-1")
}

#[when(
    expr = "{viewer} starts it once more, and others return at the very moment at which it ends"
)]
async fn around_the_ending(world: &mut World, viewer: Name) -> Result<(), Stop> {
    world.return_around_the_ending(&viewer.0).await
}

#[then(expr = "everybody who returned gets the ending")]
async fn gets_the_ending(world: &mut World) -> Result<(), Stop> {
    world.all_to_the_end().await?;
    world.judge("SEAM-2")
}

#[given(expr = "{viewer} has started a {part} run that has not begun")]
async fn not_begun(world: &mut World, viewer: Name, part: Part) -> Result<(), Stop> {
    world.start_before_the_first(&viewer.0, part.0).await
}

#[then(expr = "{viewer} misses nothing")]
async fn misses_nothing(world: &mut World, _viewer: Name) -> Result<(), Stop> {
    world.all_to_the_end().await?;
    world.judge("SEAM-3")
}
