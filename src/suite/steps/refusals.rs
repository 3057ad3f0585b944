//! Asking for what cannot be had.

use cucumber::{given, then, when};

use crate::protocol::action::NO_SUCH;
use crate::protocol::{Action, Position};
use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[when(expr = "{viewer} starts a workflow that does not exist")]
async fn starts_no_such(world: &mut World, viewer: Name) -> Result<(), StepError> {
    start(world, &viewer.0, Some(format!("{NO_SUCH}workflow"))).await
}

#[when(expr = "{viewer} starts a run without naming a workflow")]
async fn starts_nothing(world: &mut World, viewer: Name) -> Result<(), StepError> {
    start(world, &viewer.0, None).await
}

#[given(expr = "{viewer} has asked for a run that does not exist")]
#[when(expr = "{viewer} asks for a run that does not exist")]
async fn asks_for_no_such(world: &mut World, viewer: Name) -> Result<(), StepError> {
    no_such_run(world, &viewer.0).await
}

/// Asks for a run that does not exist, and waits for the answer.
pub(super) async fn no_such_run(world: &mut World, viewer: &str) -> Result<(), StepError> {
    let run_id = format!("{NO_SUCH}run-{}", world.environment.new_session());
    reconnect(world, viewer, Some(run_id)).await
}

#[when(expr = "{viewer} asks for a run without naming it")]
async fn asks_for_nothing(world: &mut World, viewer: Name) -> Result<(), StepError> {
    reconnect(world, &viewer.0, None).await
}

#[then(expr = "{viewer} is refused, and no run starts")]
async fn no_run_starts(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.viewer(&viewer.0).watch_quiet().await?;
    world.judge("START-4")
}

#[then(expr = "{viewer} is refused the unknown run")]
async fn refused_unknown(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("REFUSAL-1")
}

#[then(expr = "{viewer} is refused the nameless run")]
async fn refused_nameless(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("REFUSAL-2")
}

#[then(regex = r"^(?:her|his) connection still works$")]
async fn still_works(world: &mut World) -> Result<(), StepError> {
    world.judge("REFUSAL-3")
}

#[then(expr = "{viewer} is not left in silence")]
async fn not_left_in_silence(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("LIVENESS-1")
}

async fn start(
    world: &mut World,
    viewer: &str,
    workflow_id: Option<String>,
) -> Result<(), StepError> {
    let session_id = Some(world.environment.new_session());
    let action = Action::Start {
        workflow_id,
        message: "".into(),
        session_id,
    };
    world.ask(viewer, action).await?;
    world
        .answered(viewer, "the answer to `start-workflow`")
        .await
}

async fn reconnect(
    world: &mut World,
    viewer: &str,
    run_id: Option<String>,
) -> Result<(), StepError> {
    let action = Action::Reconnect {
        run_id,
        position: Position::Null,
        workflow_id: world
            .workflow(crate::protocol::Part::Long)
            .ok()
            .map(|workflow| workflow.workflow_id),
        session_id: Some(world.environment.new_session()),
    };
    world.ask(viewer, action).await?;
    world.answered(viewer, "the answer to `reconnect`").await
}
