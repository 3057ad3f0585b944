//! Runs that are started over HTTP, without a connection that watches them.

use crate::protocol::Part;
use crate::suite::step::{Step, given, then};

/// How many events such a run has had when a viewer returns, where it can be stopped.
const EVENTS: u64 = 20;

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has started a(n) {part} run over HTTP",
        |world, viewer: String, part: Part| world.start_over_http(&viewer, part, EVENTS).await
    ),
    given!(
        "{viewer} has started a(n) {part} run over HTTP, and left",
        |world, viewer: String, part: Part| {
            world.start_over_http(&viewer, part, EVENTS).await?;
            world.hang_up(&viewer).await
        }
    ),
    then!("{viewer} watches the run live", |world, viewer: String| {
        world.to_the_end_if_it_comes(&viewer).await
    }),
];
