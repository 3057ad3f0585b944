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
    given!(
        "{viewer} has seen the run pause",
        |world, viewer: String| world.until_paused(&viewer).await
    ),
    given!(
        "{viewer} has let the run continue",
        |world, viewer: String| {
            world.let_it_continue(&viewer).await?;
            // What happens at the very moment of the ending is a rule of its own.
            world.watch_quiet(&viewer).await
        }
    ),
    when!("{viewer} lets the run continue", |world, viewer: String| {
        world.let_it_continue(&viewer).await
    }),
    when!(
        "{viewer} and {viewer} let the run continue at the same time",
        |world, one: String, other: String| world.both_let_it_continue(&one, &other).await
    ),
    then!(
        "{viewer} learns that the run is paused, and can let it continue",
        |world, viewer: String| world.let_it_continue(&viewer).await
    ),
    then!("its numbering continues after the pause"),
    then!("everybody who stayed sees it go on", |world| {
        world.everybody_watches_quiet().await
    }),
    then!("only one of the answers counts", |world| {
        world.everybody_watches_quiet().await
    }),
    then!(
        "everybody is told that it was cancelled, and {viewer} cannot let it continue",
        |world, viewer: String| {
            world.everybody_watches_quiet().await?;
            world.let_it_continue(&viewer).await
        }
    ),
];
