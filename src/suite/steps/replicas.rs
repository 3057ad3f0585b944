//! Connecting to another replica of the server.

use crate::suite::params::PositionArg;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has connected to the other replica",
        |world, viewer: String| {
            world.turn_to_the_other_replica(&viewer)?;
            world.connect(&viewer).await
        }
    ),
    when!(
        "{viewer} connects to the other replica",
        |world, viewer: String| {
            world.turn_to_the_other_replica(&viewer)?;
            world.connect(&viewer).await
        }
    ),
    when!(
        "{viewer} returns to the other replica {position}",
        |world, viewer: String, position: PositionArg| {
            world.turn_to_the_other_replica(&viewer)?;
            world.return_and_go_on(&viewer, position).await
        }
    ),
    then!(
        "{viewer} gets what was missed and everything live, as {viewer} does",
        |world, viewer: String, _other: String| world.watch_what_is_left(&viewer).await
    ),
    // More may follow what looks like the ending, after a cancellation for one.
    then!("both replicas show the same run", |world| {
        world.everybody_watches_quiet().await
    }),
    when!("the other replica dies", |world| {
        world.kill_the_other_replica().await
    }),
    then!(
        "{viewer} is told what became of the run",
        |world, viewer: String| world.refused_or_told_the_ending(&viewer).await
    ),
];
