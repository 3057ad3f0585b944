//! Returning with positions that no viewer can have, and with the ending's.

use crate::suite::params::InvalidPosition;
use crate::suite::step::{Step, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} returns {invalid_position}",
        |world, viewer: String, position: InvalidPosition| {
            world.return_with_invalid(&viewer, position).await
        }
    ),
    when!(
        "{viewer} returns with the ending as their position, as soon as it comes",
        |world, viewer: String| world.return_at_the_ending(&viewer).await
    ),
    then!(
        "{viewer} is refused a position that no event has",
        // Only the run's end shows for certain that it had not come so far.
        |world, viewer: String| world.others_to_the_end(&viewer).await
    ),
    then!("{viewer} is refused the invalid position"),
    then!(
        "{viewer} is refused, or learns at least how the run ends",
        |world, viewer: String| world.watch_what_is_left(&viewer).await
    ),
    then!(
        "every event that {viewer} gets has an index of its own",
        |world, viewer: String| world.watch_what_is_left(&viewer).await
    ),
    then!(
        "{viewer} is told that the run has finished",
        |world, viewer: String| world.refused_or_told_the_ending(&viewer).await
    ),
];
