//! What must follow. Each step waits for what its rule needs, and lets the check of the rule judge.

use cucumber::then;

use crate::suite::params::Name;
use crate::suite::step_error::StepError;
use crate::suite::world::World;

#[then(regex = r"^(?:her|his) run begins with its start, as event 0$")]
async fn begins(world: &mut World) -> Result<(), StepError> {
    world.judge("START-1")
}

#[then(expr = "its events are numbered one by one from 0")]
async fn numbered(world: &mut World) -> Result<(), StepError> {
    world.judge("START-2")
}

#[then(expr = "it ends once, and nothing of it follows")]
async fn ends_once(world: &mut World) -> Result<(), StepError> {
    world.everybody_watches_quiet().await?;
    world.judge("START-3")
}

#[then(expr = "every event names the run that it belongs to")]
async fn assigned(world: &mut World) -> Result<(), StepError> {
    world.judge("START-5")
}

#[then(expr = "the run comes to its end without {viewer}")]
async fn ends_without(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.everybody_to_the_end().await?;
    world.judge("START-6")
}

#[then(regex = r"^each of (?:her|his) runs is numbered from 0 on its own$")]
async fn apart(world: &mut World) -> Result<(), StepError> {
    world.everybody_to_the_end().await?;
    world.judge("START-7")
}

#[then(expr = "{viewer} is told first of all that she missed events")]
async fn told_first(world: &mut World, _viewer: Name) -> Result<(), StepError> {
    world.judge("CATCHUP-1")
}

#[then(expr = "exactly as many missed events follow as she was told")]
async fn as_announced(world: &mut World) -> Result<(), StepError> {
    world.judge("CATCHUP-2")
}

#[then(regex = r"^the missed events start right after (?:her|his) position and ascend one by one$")]
async fn right_after(world: &mut World) -> Result<(), StepError> {
    world.judge("CATCHUP-3")
}

#[then(expr = "{viewer} is subscribed once, between the missed events and the live ones")]
async fn subscribed_once(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.watch_to_the_end(&viewer.0).await?;
    world.judge("CATCHUP-4")
}

#[then(expr = "the run goes on live to its ending, without a gap or a repeat")]
async fn goes_on(world: &mut World) -> Result<(), StepError> {
    world.everybody_to_the_end().await?;
    world.judge("CATCHUP-5")
}

#[then(expr = "{viewer} is subscribed at once, and goes on with the next event")]
async fn subscribed_at_once(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.watch_to_the_end(&viewer.0).await?;
    world.judge("CATCHUP-6")
}

#[then(expr = "the numbers that she is told agree with the events that she gets")]
async fn numbers_agree(world: &mut World) -> Result<(), StepError> {
    world.everybody_to_the_end().await?;
    world.judge("CATCHUP-7")
}

#[then(expr = "{viewer} gets the history from event 0, is subscribed, and goes on live")]
async fn history(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.watch_to_the_end(&viewer.0).await?;
    world.judge("HISTORY-1")
}

#[then(expr = "leaving out the position gives {viewer} the history from event 0")]
async fn history_left_out(world: &mut World, viewer: Name) -> Result<(), StepError> {
    world.watch_to_the_end(&viewer.0).await?;
    world.judge("HISTORY-2")
}

#[then(expr = "the whole run is replayed from event 0")]
async fn replayed(world: &mut World) -> Result<(), StepError> {
    world.judge("REPLAY-1")
}

#[then(expr = "exactly as many events follow as the replay announced")]
async fn replayed_as_announced(world: &mut World) -> Result<(), StepError> {
    world.everybody_watches_quiet().await?;
    world.judge("REPLAY-2")
}

#[then(expr = "the replay tells how the run ended")]
async fn replay_tells(world: &mut World) -> Result<(), StepError> {
    world.judge("REPLAY-3")
}

#[then(regex = r"^[A-Z][a-z]+ was not subscribed, and (?:her|his) connection is still usable$")]
async fn replay_usable(world: &mut World) -> Result<(), StepError> {
    world.judge("REPLAY-4")
}

#[then(expr = "the second replay is the same as the first")]
async fn replay_again(world: &mut World) -> Result<(), StepError> {
    world.judge("REPLAY-5")
}

#[then(expr = "everybody who watches is told that the run failed")]
async fn told_failed(world: &mut World) -> Result<(), StepError> {
    world.everybody_to_the_end().await?;
    world.judge("FAILING-1")
}

#[then(expr = "the run is shown as failed")]
async fn shown_failed(world: &mut World) -> Result<(), StepError> {
    world.judge("FAILING-2")
}

#[then(expr = "every event is the same event in every delivery")]
async fn same_event(world: &mut World) -> Result<(), StepError> {
    world.judge("IDENTITY-1")
}

#[then(expr = "every event has the same payload in every delivery")]
async fn same_payload(world: &mut World) -> Result<(), StepError> {
    world.judge("IDENTITY-2")
}

#[then(expr = "every message is strict JSON")]
async fn strict_json(world: &mut World) -> Result<(), StepError> {
    world.judge("CONTENT-2")
}

#[then(regex = r"^the run has gone on without (?:her|him)$")]
async fn gone_on(world: &mut World) -> Result<(), StepError> {
    world.judge("VIEWERS-5")
}
