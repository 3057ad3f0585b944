//! Returning at an awkward moment.

use crate::protocol::Part;
use crate::suite::params::{EventCount, PositionArg};
use crate::suite::step::{Step, given, then, when};
use crate::transcript::Disconnect;

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} lost the connection while much of the run went by",
        |world, viewer: String| world.go_away_for_long(&viewer, Disconnect::Reset).await
    ),
    given!(
        "{viewer} lost the connection while {viewer} saw {event_count} events go by",
        |world, viewer: String, witness: String, count: EventCount| {
            let events = count.events();
            world.go_away_while_seen(&viewer, &witness, events).await
        }
    ),
    given!(
        "{viewer} has returned, and lost the connection again in the middle of catching up",
        |world, viewer: String| world.return_in_part(&viewer).await
    ),
    given!(
        "{viewer} has started the run again, and lost the connection as {viewer} saw it end",
        |world, viewer: String, witness: String| world.lose_the_ending(&viewer, &witness).await
    ),
    when!(
        "{viewer} returns {position} while the run goes on",
        |world, viewer: String, position: PositionArg| {
            world.return_in_passing(&viewer, position).await
        }
    ),
    when!(
        "several others return at once, and read slowly while the run goes on",
        |world| world.several_return_slowly().await
    ),
    then!(
        "the live events follow directly after the missed ones",
        |world| world.all_to_the_end().await
    ),
    when!(
        "{viewer} starts the run again, and others return at the very moment when it ends",
        |world, viewer: String| world.return_around_the_ending(&viewer).await
    ),
    then!("everybody who returned gets the ending", |world| {
        world.all_to_the_end().await
    }),
    given!(
        "{viewer} has started a(n) {part} run that has not begun",
        |world, viewer: String, part: Part| world.start_before_the_first(&viewer, part).await
    ),
    then!("{viewer} misses nothing", |world| world
        .all_to_the_end()
        .await),
];
