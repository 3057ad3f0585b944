//! The text of a run, and whether it arrives unchanged.

use crate::suite::params::Payload;
use crate::suite::step::{Step, given, then, when};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has watched a run that repeats {payload} for {int} event(s)",
        |world, viewer: String, payload: Payload, events: u64| {
            let breakpoint = Some(events.saturating_sub(1));
            let run = world.start_repeating(&viewer, payload, breakpoint).await?;
            world.watch_for(&viewer, &run, events).await
        }
    ),
    given!(
        "{viewer} has watched a run that repeats {payload} to its end",
        |world, viewer: String, payload: Payload| watch(world, &viewer, payload).await
    ),
    when!(
        "{viewer} watches a run that repeats {payload} to its end",
        |world, viewer: String, payload: Payload| watch(world, &viewer, payload).await
    ),
    then!("the text arrives unchanged"),
    then!("{viewer} gets the whole text", |world, viewer: String| {
        world.to_the_end_if_it_comes(&viewer).await
    }),
    then!("every message is strict JSON"),
    then!("every event is the same event in every delivery"),
    then!("nothing that an event said is missing later"),
    then!("every event has the same payload in every delivery"),
];

async fn watch(world: &mut World, viewer: &str, payload: Payload) -> Result<(), StepError> {
    world.start_repeating(viewer, payload, None).await?;
    world.watch_to_the_end(viewer).await?;
    world.watch_quiet(viewer).await
}
