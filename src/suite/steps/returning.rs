//! Returning to a run, and what follows.

use crate::suite::params::PositionArg;
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} returns {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_and_go_on(&viewer, position).await
        }
    ),
    given!(
        "{viewer} has returned {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_to_run(&viewer, position).await?;
            world.watch_on(&viewer).await
        }
    ),
    when!(
        "{viewer} returns {position} and names only the run",
        |world, viewer: String, position: PositionArg| {
            world.return_by_the_run_alone(&viewer, position).await
        }
    ),
    then!(
        "{viewer} is answered like {viewer}",
        |world, viewer: String, _other: String| world.to_the_end_if_it_comes(&viewer).await
    ),
    given!(
        "{viewer} has returned {position} and watched to the end",
        |world, viewer: String, position: PositionArg| {
            world.return_to_run(&viewer, position).await?;
            world.watch_beyond_the_end(&viewer).await
        }
    ),
    given!(
        "{viewer} has asked for the replay again",
        |world, viewer: String| world.ask_again(&viewer, PositionArg::Null).await
    ),
    when!(
        "{viewer} returns {position}, and asks once more before the answer",
        |world, viewer: String, position: PositionArg| {
            world.return_twice_at_once(&viewer, position).await
        }
    ),
    when!(
        "{viewer} asks for the replay again",
        |world, viewer: String| world.ask_for_the_replay_again(&viewer).await
    ),
    then!("{viewer} is told first of all that events were missed"),
    then!("exactly as many missed events follow as were announced"),
    then!("the missed events start right after {viewer}'s position and ascend one by one"),
    then!(
        "{viewer} is subscribed once, between the missed events and the live ones",
        |world, viewer: String| world.watch_to_the_end(&viewer).await
    ),
    then!(
        "the run goes on live to its ending, without a gap or a repeat",
        |world| world.everybody_to_the_end().await
    ),
    then!(
        "{viewer} is subscribed at once, and goes on with the next event",
        |world, viewer: String| world.watch_to_the_end(&viewer).await
    ),
    then!(
        "the announced numbers agree with the events that {viewer} gets",
        |world| world.everybody_to_the_end().await
    ),
    then!(
        "{viewer} gets the history from event 0, is subscribed, and goes on live",
        |world, viewer: String| world.watch_to_the_end(&viewer).await
    ),
    then!(
        "leaving out the position gives {viewer} the history from event 0",
        |world, viewer: String| world.watch_to_the_end(&viewer).await
    ),
    then!("the whole run is replayed from event 0"),
    then!(
        "exactly as many events follow as the replay announced",
        |world| world.everybody_watches_quiet().await
    ),
    then!("the replay tells how the run ended"),
    then!("{viewer} was not subscribed, and their connection is still usable"),
    then!("the second replay is the same as the first"),
    then!("the run is shown as failed"),
];
