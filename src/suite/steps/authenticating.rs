//! Coming without a token, with a wrong one, and as another user.

use cucumber::{given, then, when};

use super::refusals;
use crate::suite::params::{BadToken, Name, Part, TargetVariant};
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[given(expr = "{target_variant}")]
async fn comes_by(world: &mut World, target_variant: TargetVariant) -> Result<(), StepError> {
    world.come_by(target_variant)
}

#[given(expr = "{viewer} has come without a token")]
async fn came_without(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.come_without_a_token(&viewer.0).await
}

#[when(expr = "{viewer} pings without a token")]
async fn pings_without(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ping_without_a_token(&viewer.0).await
}

#[when(expr = "{viewer} starts a {part} run without a token")]
async fn starts_without(world: &mut World, viewer: Name, part: Part) -> Result<(), StepError> {
    world.start_without_a_token(&viewer.0, part.0).await
}

#[when(expr = "{viewer} asks without a token for a run that does not exist")]
async fn asks_without(world: &mut World, viewer: Name) -> Result<(), StepError> {
    refusals::no_such_run(world, &viewer.0).await
}

#[then(expr = "{viewer} is asked for a token, and nothing else happens")]
async fn is_asked(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.viewer(&viewer.0).watch_quiet().await?;
    world.judge("AUTH-1")
}

#[when(expr = "{viewer} authenticates {proof}")]
async fn authenticates(world: &mut World, viewer: Name, proof: BadToken) -> Result<(), StepError> {
    world.authenticate_wrongly(&viewer.0, proof).await
}

#[then(expr = "{viewer} is refused the token, and nothing is opened")]
async fn nothing_opened(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ping_without_a_token(&viewer.0).await?;
    world.judge("AUTH-2")
}

#[when(expr = "{viewer} returns with her position and without a token")]
async fn returns_without(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.come_back_without_a_token(&viewer.0).await
}

#[then(expr = "{viewer} is asked for a token again, and is shown nothing")]
async fn is_asked_again(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.viewer(&viewer.0).watch_quiet().await?;
    world.judge("AUTH-3")
}

#[given(expr = "{viewer} was refused the list of workflows for want of a token")]
async fn was_refused(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.be_refused_over_http(&viewer.0).await?;
    world.come_anyway(&viewer.0).await
}

#[then(expr = "{viewer} is asked for a token here, too")]
async fn is_asked_here(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.viewer(&viewer.0).watch_quiet().await?;
    world.judge("AUTH-4")
}

#[given(expr = "{viewer} and {viewer} are different users")]
async fn are_users(world: &mut World, one: Name, other: Name) -> Result<(), StepError> {
    world.come_as_two_users(&one.0, &other.0)
}

#[given(expr = "{viewer} was refused runs that do not exist")]
async fn was_refused_nobodys(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ask_for_nobodys(&viewer.0).await
}

#[when(expr = "{viewer} asks for the run, too")]
async fn asks_for_anothers(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.ask_for_anothers(&viewer.0).await
}

#[then(expr = "{viewer} is refused it in the same words")]
async fn in_the_same_words(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.viewer(&viewer.0).watch_quiet().await?;
    world.judge("OWNER-2")
}
