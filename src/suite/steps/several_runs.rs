//! Several runs at once, and those who watch them.

use crate::protocol::Part;
use crate::suite::params::{DisconnectArg, PositionArg};
use crate::suite::step::{Step, given, then, when};
use crate::suite::step_error::StepError;

pub(super) const STEPS: &[Step] = &[
    given!(
        "{viewer} has watched another {part} run of the same session to its end",
        |world, viewer: String, part: Part| {
            world.start_in_the_same_session(&viewer, part, None).await?;
            world.watch_beyond_the_end(&viewer).await
        }
    ),
    given!(
        "{viewer} has watched another {part} run of the same session for {int} event(s)",
        |world, viewer: String, part: Part, events: u64| {
            let breakpoint = Some(events.saturating_sub(1));
            let run = world.start_in_the_same_session(&viewer, part, breakpoint);
            let run = run.await?;
            world.watch_for(&viewer, &run, events).await
        }
    ),
    given!(
        "{viewer} has returned to the earlier run {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_to_the_earlier_run(&viewer, position).await
        }
    ),
    when!(
        "{viewer} returns to the earlier run {position}",
        |world, viewer: String, position: PositionArg| {
            world.return_to_the_earlier_run(&viewer, position).await
        }
    ),
    then!("each run of the session is shown as itself", |world| world
        .all_runs_to_the_end()
        .await),
    given!(
        "{viewer} has asked for the earlier run, too, {position}, on the same connection",
        |world, viewer: String, position: PositionArg| {
            world.return_to_the_earlier_run(&viewer, position).await
        }
    ),
    when!(
        "{viewer} asks for the earlier run, too, {position}, on the same connection",
        |world, viewer: String, position: PositionArg| {
            world.return_to_the_earlier_run(&viewer, position).await
        }
    ),
    then!(
        "{viewer} gets each run to its end",
        |world, _viewer: String| world.all_runs_to_the_end().await
    ),
    when!(
        "{viewer} disconnects {disconnect} while the others watch",
        |world, viewer: String, disconnect: DisconnectArg| {
            let DisconnectArg::Plainly(disconnect) = disconnect else {
                return Err(StepError::Suite(
                    "while others watch, a viewer disconnects with everything read".to_owned(),
                ));
            };
            world.leave_while_others_watch(&viewer, disconnect).await
        }
    ),
    then!("everybody else gets the rest of the run", |world| world
        .all_to_the_end()
        .await),
    given!(
        "{viewer} keeps the server busy with many {part} runs",
        |world, viewer: String, part: Part| world.keep_busy(&viewer, part).await
    ),
    when!(
        "{viewer} starts a(n) {part} run meanwhile",
        |world, viewer: String, part: Part| world.start_if_possible(&viewer, part).await
    ),
    then!("{viewer} learns which run it is"),
];
