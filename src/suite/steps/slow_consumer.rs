//! Not reading, and reading slowly.

use crate::suite::step::{Step, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} starts the run again, and {viewer} joins and stops reading",
        |world, starter: String, other: String| {
            world.join_and_stop_reading(&starter, &other).await
        }
    ),
    when!(
        "{viewer} starts the run again and stops reading, and {viewer} joins",
        |world, starter: String, other: String| {
            world.start_and_stop_reading(&starter, &other).await
        }
    ),
    then!(
        "{viewer} gets the rest of the run, whether or not {viewer} reads",
        |world, starter: String, other: String| world.to_the_end_beside(&starter, &other).await
    ),
];
