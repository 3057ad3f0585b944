//! The steps of drawn plans: each says by number which run it is about, and can be done at any moment.

use crate::protocol::Part;
use crate::protocol::action::NO_SUCH;
use crate::suite::params::{
    BadToken, DisconnectArg, InvalidMessage, InvalidPosition, Payload, PositionArg,
};
use crate::suite::step::{Step, given, then, when};
use crate::suite::step_error::StepError;
use crate::suite::steps::refusals;
use crate::suite::world::{CurrentRun, World};

pub(super) const STEPS: &[Step] = &[
    given!("{viewer} speaks over HTTP", |world, viewer: String| {
        world.speak_over_http(&viewer)
    }),
    given!(
        "{viewer} has started a(n) {part} run",
        |world, viewer: String, part: Part| world.start_run(&viewer, part).await
    ),
    given!(
        "{viewer} has started a run that repeats {payload}",
        |world, viewer: String, payload: Payload| world.start_run_of(&viewer, payload).await
    ),
    given!(
        "{viewer} has started a(n) {part} run in the session of run {int}",
        |world, viewer: String, part: Part, run: u64| {
            world.start_run_in_session(&viewer, part, run).await
        }
    ),
    given!(
        "{viewer} has started a(n) {part} run over HTTP, which stops at once",
        |world, viewer: String, part: Part| world.start_run_over_http(&viewer, part).await
    ),
    given!("{viewer} has hung up over HTTP", |world, viewer: String| {
        world.viewer(&viewer).hang_up();
        Ok(())
    }),
    given!(
        "{viewer} has started a(n) {part} run that stops before its first event",
        |world, viewer: String, part: Part| world.start_unbegun(&viewer, part).await
    ),
    given!(
        "{viewer} has watched run {int} for {int} more event(s)",
        |world, viewer: String, run: u64, events: u64| world.watch_run(&viewer, run, events).await
    ),
    given!(
        "{viewer} has watched run {int} to its end or its pause",
        |world, viewer: String, run: u64| world.watch_out(&viewer, run).await
    ),
    given!(
        "run {int} has gone on for {int} event(s)",
        |world, run: u64, events: u64| world.go_on_for(run, events).await
    ),
    given!("run {int} has gone on to its end", |world, run: u64| {
        world.let_go(run).await
    }),
    given!(
        "{viewer} has disconnected {disconnect}",
        |world, viewer: String, how: DisconnectArg| world.disconnect(&viewer, how).await
    ),
    given!(
        "{viewer} has returned to run {int} {position}",
        |world, viewer: String, run: u64, position: PositionArg| {
            world.return_to_number(&viewer, run, position).await
        }
    ),
    given!(
        "{viewer} has asked for run {int} {position} on the same connection",
        |world, viewer: String, run: u64, position: PositionArg| {
            world.ask_for_number(&viewer, run, position).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} {position} while it went on for {int} event(s)",
        |world, viewer: String, run: u64, position: PositionArg, events: u64| {
            world.return_meanwhile(&viewer, run, position, events).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} {position}, and read nothing before {int} more event(s)",
        |world, viewer: String, run: u64, position: PositionArg, events: u64| {
            world.return_slowly(&viewer, run, position, events).await
        }
    ),
    given!(
        "{viewer} and {viewer} have returned to run {int} {position}, both at once",
        |world, viewer: String, other: String, run: u64, position: PositionArg| {
            world.return_together(&viewer, &other, run, position).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} {invalid_position}",
        |world, viewer: String, run: u64, position: InvalidPosition| {
            world.return_wrongly(&viewer, run, position).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} and named another session",
        |world, viewer: String, run: u64| {
            let rename = |world: &_, run| renamed_session(world, run);
            world.return_as(&viewer, run, rename).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} and named another workflow",
        |world, viewer: String, run: u64| {
            let rename = |_: &_, run| CurrentRun {
                workflow_id: format!("{NO_SUCH}workflow"),
                ..run
            };
            world.return_as(&viewer, run, rename).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} at the other replica {position}",
        |world, viewer: String, run: u64, position: PositionArg| {
            world.return_elsewhere(&viewer, run, position).await
        }
    ),
    given!(
        "{viewer} has returned to run {int} without a token",
        |world, viewer: String, run: u64| world.return_unauthenticated(&viewer, run).await
    ),
    given!(
        "{viewer} has connected, and shown no token",
        |world, viewer: String| world.come_unauthenticated(&viewer).await.map(drop)
    ),
    given!(
        "{viewer} has asked for a(n) {part} run without a token",
        |world, viewer: String, part: Part| world.ask_to_start(&viewer, part).await
    ),
    given!(
        "{viewer} has asked for runs that look like run {int}",
        |world, viewer: String, run: u64| world.ask_for_lookalikes(&viewer, run).await
    ),
    given!(
        "{viewer} has authenticated {bad_token}",
        |world, viewer: String, token: BadToken| world.show_token(&viewer, token).await
    ),
    given!(
        "{viewer} has asked for a run that exists nowhere",
        |world, viewer: String| match world.be_here(&viewer).await? {
            true => ended_early(refusals::no_such_run(world, &viewer).await),
            false => Ok(()),
        }
    ),
    given!(
        "{viewer} has asked for a run without naming it",
        |world, viewer: String| match world.be_on_a_websocket(&viewer).await? {
            true => ended_early(refusals::nameless_run(world, &viewer).await),
            false => Ok(()),
        }
    ),
    given!(
        "{viewer} has asked for a workflow that does not exist",
        |world, viewer: String| match world.be_here(&viewer).await? {
            true => ended_early(refusals::no_such_workflow(world, &viewer).await),
            false => Ok(()),
        }
    ),
    given!("{viewer} has pinged", |world, viewer: String| {
        world.ping_here(&viewer).await
    }),
    given!(
        "{viewer} has sent {invalid_message}",
        |world, viewer: String, message: InvalidMessage| world.say_invalid(&viewer, message).await
    ),
    given!("{viewer} has stopped reading", |world, viewer: String| {
        world.stop_reading(&viewer).await
    }),
    given!("{viewer} reads on", |world, viewer: String| {
        world.read_on(&viewer).await
    }),
    given!(
        "{viewer} has returned to run {int}, and reads no more while run {int} is replayed again and again",
        |world, viewer: String, run: u64, finished: u64| {
            world.fill_the_buffers(&viewer, run, finished).await
        }
    ),
    given!(
        "{viewer} has cancelled run {int}",
        |world, viewer: String, run: u64| world.cancel_number(&viewer, run).await
    ),
    given!(
        "{viewer} has let run {int} continue",
        |world, viewer: String, run: u64| world.continue_number(&viewer, run).await
    ),
    given!(
        "the server has dropped run {int} from its memory",
        |world, run: u64| world.forget_number(run).await
    ),
    when!(
        "every run comes to its end, and is shown once more",
        |world| world.end_every_run().await
    ),
    then!("nobody has missed anything that was theirs, or got anything that was not"),
];

/// What could not be done is in the record, and ends no plan.
fn ended_early(result: Result<(), StepError>) -> Result<(), StepError> {
    match result {
        Err(StepError::Inconclusive(_)) => Ok(()),
        other => other,
    }
}

fn renamed_session(world: &World, run: CurrentRun) -> CurrentRun {
    CurrentRun {
        session_id: world.environment.new_session().into(),
        ..run
    }
}
