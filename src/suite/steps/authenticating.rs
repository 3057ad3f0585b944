//! Connecting without a token, with a wrong one, and as another user.

use super::refusals;
use crate::protocol::Part;
use crate::suite::params::{BadToken, TargetVariant};
use crate::suite::step::{Step, given, then, when};

pub(super) const STEPS: &[Step] = &[
    given!("{target_variant}", |world, variant: TargetVariant| world
        .use_variant(variant)),
    given!(
        "{viewer} has connected without a token",
        |world, viewer: String| world.connect_without_a_token(&viewer).await
    ),
    when!("{viewer} pings without a token", |world, viewer: String| {
        world.ping(&viewer).await
    }),
    when!(
        "{viewer} starts a(n) {part} run without a token",
        |world, viewer: String, part: Part| world.start_without_a_token(&viewer, part).await
    ),
    when!(
        "{viewer} asks without a token for a run that does not exist",
        |world, viewer: String| refusals::no_such_run(world, &viewer).await
    ),
    when!(
        "{viewer} lets a run continue without a token",
        |world, viewer: String| world.continue_without_a_token(&viewer).await
    ),
    when!(
        "{viewer} lets the run continue, on a new connection without a token",
        |world, viewer: String| world.continue_own_without_a_token(&viewer).await
    ),
    given!(
        "{viewer} was refused {bad_token}",
        |world, viewer: String, token: BadToken| world.authenticate_wrongly(&viewer, token).await
    ),
    then!(
        "{viewer} is asked for a token, and nothing else happens",
        |world, viewer: String| world.watch_quiet(&viewer).await
    ),
    when!(
        "{viewer} authenticates {bad_token}",
        |world, viewer: String, token: BadToken| world.authenticate_wrongly(&viewer, token).await
    ),
    then!(
        "the token is refused, and {viewer} stays unauthenticated",
        |world, viewer: String| world.stay_unauthenticated(&viewer).await
    ),
    when!(
        "{viewer} returns with their position and without a token",
        |world, viewer: String| world.return_without_a_token(&viewer).await
    ),
    then!(
        "{viewer} is asked for a token again, and gets nothing else",
        |world, viewer: String| world.watch_quiet(&viewer).await
    ),
    given!(
        "{viewer} was refused the list of workflows because they had no token",
        |world, viewer: String| {
            world.be_refused_over_http(&viewer).await?;
            world.connect_unauthenticated(&viewer).await
        }
    ),
    then!(
        "{viewer} is asked for a token on this connection, too",
        |world, viewer: String| world.watch_quiet(&viewer).await
    ),
    given!(
        "{viewer} has connected with a token that has expired since",
        |world, viewer: String| world.let_the_token_expire(&viewer).await
    ),
    when!(
        "{viewer} starts a(n) {part} run with the expired token",
        |world, viewer: String, part: Part| world.start_without_a_token(&viewer, part).await
    ),
    when!(
        "{viewer} asks with the expired token for a run that does not exist",
        |world, viewer: String| refusals::no_such_run(world, &viewer).await
    ),
    given!(
        "{viewer} has every permission, and {viewer} that for short runs alone",
        |world, one: String, other: String| world.become_differently_permitted(&one, &other)
    ),
    given!(
        "{viewer} was refused a {part} run",
        |world, viewer: String, part: Part| world.be_refused_a_start(&viewer, part).await
    ),
    given!(
        "{viewer} and {viewer} are different users",
        |world, one: String, other: String| world.become_two_users(&one, &other).await
    ),
    given!(
        "{viewer} was refused runs that do not exist",
        |world, viewer: String| world.ask_for_unknown_runs(&viewer).await
    ),
    when!("{viewer} asks for the run, too", |world, viewer: String| {
        let run = world.current_run()?;
        world.ask_on_a_new_connection(&viewer, &run).await
    }),
    then!(
        "{viewer} gets the same refusal as for a run that does not exist",
        |world, viewer: String| world.watch_quiet(&viewer).await
    ),
];
