//! Runs that wait for a person.

use crate::protocol::Part;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has watched a(n) {part} run until it paused",
        |world, viewer: String, part: Part| {
            world.start(&viewer, part, None).await?;
            world.until_paused(&viewer).await
        }
    ),
    given!(
        "{viewer} lost the connection, and {viewer} saw the run pause",
        |world, viewer: String, other: String| {
            world.leave_before_the_pause(&viewer, &other).await
        }
    ),
    when!("{viewer} lets the run continue", |world, viewer: String| {
        world.let_it_continue(&viewer).await
    }),
    then!(
        "{viewer} learns that the run is paused, and can let it continue",
        |world, viewer: String| world.let_it_continue(&viewer).await
    ),
    then!("its numbering continues after the pause"),
];
