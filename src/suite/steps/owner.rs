//! Returning to another viewer's run.

use crate::protocol::action::NO_SUCH;
use crate::suite::params::PositionArg;
use crate::suite::step::{Step, then, when};
use crate::suite::world::CurrentRun;

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} returns and names another session",
        |world, viewer: String| {
            let run = CurrentRun {
                session_id: world.environment.new_session().into(),
                ..world.current_run()?
            };
            world.ask_on_a_new_connection(&viewer, &run).await
        }
    ),
    when!(
        "{viewer} returns and names another workflow",
        |world, viewer: String| {
            let run = CurrentRun {
                workflow_id: format!("{NO_SUCH}workflow"),
                ..world.current_run()?
            };
            world.ask_on_a_new_connection(&viewer, &run).await
        }
    ),
    when!(
        "{viewer} returns {position} and names another session",
        |world, viewer: String, position: PositionArg| {
            let run = CurrentRun {
                session_id: world.environment.new_session().into(),
                ..world.current_run()?
            };
            world.ask_with_position(&viewer, &run, position).await
        }
    ),
    when!(
        "{viewer} returns {position} and names another workflow",
        |world, viewer: String, position: PositionArg| {
            let run = CurrentRun {
                workflow_id: format!("{NO_SUCH}workflow"),
                ..world.current_run()?
            };
            world.ask_with_position(&viewer, &run, position).await
        }
    ),
    then!("{viewer} is not shown the run"),
    when!(
        "{viewer} asks for the run, too, {position}",
        |world, viewer: String, position: PositionArg| {
            let run = world.current_run()?;
            world.ask_with_position(&viewer, &run, position).await
        }
    ),
    when!(
        "{viewer} tries to cancel the run",
        |world, viewer: String| world.try_to_cancel(&viewer).await
    ),
    when!(
        "{viewer} tries to let the run continue",
        |world, viewer: String| world.let_it_continue(&viewer).await
    ),
    then!(
        "the run stays as it is, since it is not {viewer}'s",
        |world, _viewer: String| world.everybody_watches_quiet().await
    ),
    then!(
        "the run comes to its own end, since it is not {viewer}'s",
        |world, viewer: String| world.others_to_the_end(&viewer).await
    ),
];
