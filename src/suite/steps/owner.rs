//! Returning to another viewer's run.

use crate::protocol::action::NO_SUCH;
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
    then!("{viewer} is not shown the run"),
];
