//! Starting runs and watching them.

use crate::protocol::Part;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} starts a(n) {part} run",
        |world, viewer: String, part: Part| world.start(&viewer, part, None).await.map(drop)
    ),
    given!(
        "{viewer} is watching a(n) {part} run",
        |world, viewer: String, part: Part| match world.judges_client() {
            true => world.client_watches(part).await,
            false => world.watch(&viewer, part).await,
        }
    ),
    when!(
        "{viewer} starts a(n) {part} run and a(n) {part} run on one connection",
        |world, viewer: String, one: Part, other: Part| {
            world.start(&viewer, one, None).await?;
            world.start(&viewer, other, None).await.map(drop)
        }
    ),
    when!(
        "{viewer} starts four {part} runs on one connection",
        |world, viewer: String, part: Part| {
            for _ in 0..4 {
                world.start(&viewer, part, None).await?;
            }
            Ok(())
        }
    ),
    given!(
        "{viewer} has watched a(n) {part} run for {int} event(s)",
        |world, viewer: String, part: Part, events: u64| {
            let breakpoint = Some(events.saturating_sub(1));
            let run = world.start(&viewer, part, breakpoint).await?;
            world.watch_for(&viewer, &run, events).await
        }
    ),
    given!(
        "{viewer} has watched a(n) {part} run to its end",
        |world, viewer: String, part: Part| {
            if world.judges_client() {
                return world.client_watches_to_the_end(part).await;
            }
            world.start(&viewer, part, None).await?;
            world.watch_beyond_the_end(&viewer).await
        }
    ),
    when!(
        "{viewer} watches a(n) {part} run to its end",
        |world, viewer: String, part: Part| {
            world.start(&viewer, part, None).await?;
            world.watch_to_the_end(&viewer).await
        }
    ),
    when!("nothing happens in the run for long", |world| {
        world.through_the_quiet().await
    }),
    then!("the stream goes on for everybody who watches", |world| {
        world.everybody_watches_quiet().await
    }),
    then!("the run begins with its start, as event 0"),
    then!("its events are numbered one by one from 0"),
    then!("it ends once, and no event of it follows", |world| {
        world.everybody_watches_quiet().await
    }),
    then!("every event names the run that it belongs to"),
    then!("the run comes to its end without {viewer}", |world| {
        world.everybody_to_the_end().await
    }),
    then!("each run is numbered from 0 on its own", |world| {
        world.everybody_to_the_end().await
    }),
    then!(
        "everybody who watches is told that the run failed",
        |world| world.everybody_to_the_end().await
    ),
];
