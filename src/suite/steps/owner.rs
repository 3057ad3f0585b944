//! Returning to somebody else's run.

use cucumber::{then, when};

use crate::protocol::Position;
use crate::protocol::action::NO_SUCH;
use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::{CurrentRun, World};

#[when(expr = "{viewer} returns and names another session")]
async fn another_session(world: &mut World, viewer: Name) -> Result<(), StepError> {
    let run = world.current_run()?;
    let theirs = CurrentRun {
        session_id: world.environment.new_session().into(),
        ..run
    };
    come_back(world, &viewer.0, &theirs).await
}

#[when(expr = "{viewer} returns and names another workflow")]
async fn another_workflow(world: &mut World, viewer: Name) -> Result<(), StepError> {
    let run = world.current_run()?;
    let theirs = CurrentRun {
        workflow_id: format!("{NO_SUCH}workflow"),
        ..run
    };
    come_back(world, &viewer.0, &theirs).await
}

#[then(expr = "{viewer} is not shown the run")]
async fn not_shown(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("OWNER-1")
}

async fn come_back(world: &mut World, viewer: &str, run: &CurrentRun) -> Result<(), StepError> {
    world.viewer(viewer).connect().await?;
    world.ask_for(viewer, run, Position::Null).await?;
    let run = world.current_run()?;
    world.let_go(&run);
    Ok(())
}
