//! Streams over HTTP: how they end, what they say meanwhile, and runs that go on without a viewer.

use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    when!("{viewer} sees the run pause", |world, viewer: String| {
        world.until_paused(&viewer).await
    }),
    then!("every stream ends", |world| world
        .until_every_stream_ends()
        .await),
    given!(
        "{viewer} has watched a run until nothing happens in it",
        |world, viewer: String| world.watch_until_nothing_happens(&viewer).await
    ),
    given!("{viewer} has joined the run", |world, viewer: String| {
        world.join(&viewer).await
    }),
    when!(
        "{viewer} listens for longer than a stream may say nothing",
        |world, viewer: String| world.listen(&viewer).await
    ),
    then!("the stream was not silent for too long"),
    then!("each event came whole"),
    when!(
        "{viewer} asks what the run waits for",
        |world, viewer: String| world.ask_what_it_waits_for(&viewer).await
    ),
    then!("the question is known"),
    given!(
        "{viewer} has let the run continue without watching it",
        |world, viewer: String| world.let_it_continue_unwatched(&viewer).await
    ),
    given!(
        "{viewer} has let the run continue, and lost the connection",
        |world, viewer: String| world.let_it_continue_and_leave(&viewer).await
    ),
    then!(
        "{viewer} gets what came after the pause",
        |world, viewer: String| world.to_the_end_if_it_comes(&viewer).await
    ),
];
