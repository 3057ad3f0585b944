//! Asking for what does not exist.

use crate::protocol::action::NO_SUCH;
use crate::protocol::{Action, Part, Position};
use crate::suite::step::{Step, given, then, when};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

pub(super) const STEPS: &[Step] = &[
    when!(
        "{viewer} starts a workflow that does not exist",
        |world, viewer: String| start(world, &viewer, Some(format!("{NO_SUCH}workflow"))).await
    ),
    when!(
        "{viewer} starts a run without naming a workflow",
        |world, viewer: String| start(world, &viewer, None).await
    ),
    given!(
        "{viewer} has asked for a run that does not exist",
        |world, viewer: String| no_such_run(world, &viewer).await
    ),
    when!(
        "{viewer} asks for a run that does not exist",
        |world, viewer: String| no_such_run(world, &viewer).await
    ),
    when!(
        "{viewer} asks for a run without naming it",
        |world, viewer: String| reconnect(world, &viewer, None).await
    ),
    then!(
        "{viewer} is refused, and no run starts",
        |world, viewer: String| world.watch_quiet(&viewer).await
    ),
    then!("{viewer} is refused the unknown run"),
    then!("{viewer} is refused the run without a name"),
    then!("the connection still works"),
    then!("{viewer} is not left in silence"),
];

/// Asks for a run that does not exist, and waits for the answer.
pub(super) async fn no_such_run(world: &mut World, viewer: &str) -> Result<(), StepError> {
    let run_id = format!("{NO_SUCH}run-{}", world.environment.new_session());
    reconnect(world, viewer, Some(run_id)).await
}

/// Asks for a run without naming it, and waits for the answer.
pub(super) async fn nameless_run(world: &mut World, viewer: &str) -> Result<(), StepError> {
    reconnect(world, viewer, None).await
}

/// Asks to start a workflow that does not exist, and waits for the answer.
pub(super) async fn no_such_workflow(world: &mut World, viewer: &str) -> Result<(), StepError> {
    start(world, viewer, Some(format!("{NO_SUCH}workflow"))).await
}

async fn start(
    world: &mut World,
    viewer: &str,
    workflow_id: Option<String>,
) -> Result<(), StepError> {
    let action = Action::Start {
        workflow_id,
        message: "".into(),
        session_id: Some(world.environment.new_session()),
    };
    world.send(viewer, action).await?;
    world
        .answered(viewer, "the answer to `start-workflow`")
        .await
}

async fn reconnect(
    world: &mut World,
    viewer: &str,
    run_id: Option<String>,
) -> Result<(), StepError> {
    let workflow = world.workflow(Part::Long).ok();
    let action = Action::Reconnect {
        run_id,
        position: Position::Null,
        workflow_id: workflow.map(|workflow| workflow.workflow_id),
        session_id: Some(world.environment.new_session()),
    };
    world.send(viewer, action).await?;
    world.answered(viewer, "the answer to `reconnect`").await
}
