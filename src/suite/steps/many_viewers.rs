//! Several viewers of one run, and of several.

use crate::protocol::Part;
use crate::suite::params::PositionArg;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!("many others have joined the run", |world| {
        world.others_return().await
    }),
    given!(
        "the others lost the connection while the run went on",
        |world| world.others_go_away().await
    ),
    when!("the others return all at once", |world| {
        world.others_return().await
    }),
    then!("each of them gets exactly what they missed", |world| {
        world.all_to_the_end().await
    }),
    when!(
        "many viewers watch long runs, are cut off and return together, three times",
        |world| world.many_come_and_go().await
    ),
    then!("every viewer gets exactly what they missed"),
    then!(
        "everybody gets all later events, or is told why not",
        |world| world.all_to_the_end().await
    ),
    when!(
        "{viewer} watches a(n) {part} run to its end meanwhile",
        |world, viewer: String, part: Part| world.watch_meanwhile(&viewer, part).await
    ),
    then!(
        "nobody gets an event of a run that is not theirs",
        |world| world.everybody_watches_quiet().await
    ),
    then!(
        "{viewer} watches on to the end as if nothing had happened",
        |world| world.all_to_the_end().await
    ),
    when!(
        "{viewer} asks for the run again {position}, on the same connection",
        |world, viewer: String, position: PositionArg| world.ask_again(&viewer, position).await
    ),
    then!("no later event comes to {viewer} twice", |world| {
        world.all_to_the_end().await?;
        world.everybody_watches_quiet().await
    }),
    given!(
        "{viewer} has watched on for {int} event(s)",
        |world, viewer: String, events: u64| world.watch_further(&viewer, events).await
    ),
    then!(
        "the run has gone on without {viewer}",
        |world, viewer: String| world.to_the_end_if_it_comes(&viewer).await
    ),
];
