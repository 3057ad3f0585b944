//! What a server no longer has in its memory: dropped events, dropped runs, and restarts.

use crate::suite::step::{Step, given, then};

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has watched an endless run until the server had dropped its beginning",
        |world, viewer: String| world.watch_until_dropped(&viewer).await
    ),
    given!(
        "{viewer} lost the connection until the server had dropped what came next",
        |world, viewer: String| world.stay_away_until_dropped(&viewer).await
    ),
    then!(
        "every event that {viewer} gets is the one that came live under its index",
        |world, viewer: String| world.watch_what_is_left(&viewer).await
    ),
    then!(
        "{viewer} is told that some events are lost",
        |world, viewer: String| world.watch_what_is_left(&viewer).await
    ),
    given!("the server has dropped the run from its memory", |world| {
        world.be_forgotten().await
    }),
    then!("the run is replayed as if it were still in memory"),
    given!("the server was restarted", |world| world.restart().await),
    then!("the run is replayed as it came live"),
    then!("its numbering continues as if the server had never stopped"),
    then!(
        "{viewer} is not left waiting for the rest of the run",
        |world, viewer: String| world.refused_or_told_the_ending(&viewer).await
    ),
];
