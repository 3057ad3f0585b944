//! `watch`: follows a run in the terminal, or for a program, as the exemplary viewer.

mod screen;

use std::cell::{Cell, RefCell};
use std::io;

use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};

use super::args::{ServerArgs, WatchArgs};
use super::{run, signals};
use crate::cli::error::UsageError;
use crate::cli::wires::one_wire;
use crate::client::Server;
use crate::client::http::Place;
use crate::exit;
use crate::protocol::{Outcome, Wire};
use crate::watch::{Defect, Defects, End, Follower, Limits, Wanted, follow};
use screen::{Output, RunScreen};

/// The environment variable that has the token where no other one is named.
const TOKEN: &str = "RECONNECT_ACCEPTANCE_TOKEN";

/// Follows one run or several, each on a connection of its own; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] if the options cannot be used.
pub async fn watch(args: WatchArgs) -> Result<u8, UsageError> {
    let server = server_of(&args)?;
    let target = run::server(&server)?.ok_or_else(|| UsageError::wrong("no server given"))?;
    let wire = one_wire(server.url.as_deref(), &args.wire)?;
    if matches!(wire, Wire::Http(_)) && !args.run_ids.is_empty() && args.workflow_id.is_none() {
        return Err(UsageError::wrong(
            "over HTTP a run is found by what it is a run of: say that with --workflow-id",
        ));
    }
    let environment = run::environment_to_look(&target, wire, args.answer_within)?;
    let output = RefCell::new(Output::new(&args, environment.redactor.clone())?);
    let limits = Limits {
        answer: args.answer_within,
        dead_after: args.dead_after,
        give_up_after: args.give_up_after,
    };
    let defects = Defects::from(args.defects.clone());
    let wanted = wanted(&args);
    let several = wanted.len() > 1;
    let ends: Vec<Cell<Option<End>>> = wanted.iter().map(|_| Cell::new(None)).collect();
    let paused: Vec<Cell<bool>> = wanted.iter().map(|_| Cell::new(false)).collect();
    let stop = signals::stop();
    let place = match environment.server() {
        Server::Http(place) => Server::Http(Place {
            id: args.workflow().to_owned(),
            ..place
        }),
        websocket => websocket,
    };
    let token = &environment.token;
    let watched = wanted.into_iter().enumerate().map(|(number, wanted)| {
        let label = if several {
            format!("{} ", number + 1)
        } else {
            String::new()
        };
        let screen = RunScreen::new(&output, &label, &paused[number]);
        let end = &ends[number];
        let follower = Follower::new(wanted, token.clone(), defects.clone());
        one(&place, token.clone(), follower, limits, screen, end)
    });
    let all = join_all(watched);
    tokio::select! {
        results = all => {
            let broken = results.into_iter().find_map(Result::err);
            if let Some(error) = broken.filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
                return Err(UsageError::Failed(format!("write what is shown: {error}")));
            }
        }
        reason = stop => output.borrow_mut().say(&reason),
    }
    let codes = ends.iter().zip(&paused);
    let codes = codes.map(|(end, paused)| code(end.get(), paused.get()));
    Ok(worst(codes))
}

async fn one(
    place: &Server,
    token: Option<SecretString>,
    follower: Follower,
    limits: Limits,
    mut screen: RunScreen<'_>,
    end: &Cell<Option<End>>,
) -> io::Result<()> {
    end.set(Some(
        follow(place, token, follower, limits, &mut screen).await?,
    ));
    Ok(())
}

/// The options that say where the server is.
fn server_of(args: &WatchArgs) -> Result<ServerArgs, UsageError> {
    let has_token = std::env::var(TOKEN).is_ok_and(|it| !it.trim().is_empty());
    let usual = has_token.then(|| TOKEN.to_owned());
    let token_env = args.token_env.clone().or(usual);
    let mut url = args.url.clone();
    if args.defects.contains(&Defect::TokenInUrl)
        && let Some(name) = &token_env
    {
        let token = run::token(name)?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose_secret())
            .finish();
        url += &format!("?{query}");
    }
    Ok(ServerArgs {
        url: Some(url),
        target: None,
        workflow_id: args.workflow().to_owned(),
        message: args.message.clone(),
        token_env,
        ca_file: args.ca_file.clone(),
        headers: args.headers.clone(),
    })
}

/// The runs to follow.
fn wanted(args: &WatchArgs) -> Vec<Wanted> {
    let session_id = args.session_id.clone();
    if args.run_ids.is_empty() {
        return vec![Wanted::Start {
            workflow_id: args.workflow().to_owned(),
            message: args.message.clone().into(),
            session_id,
        }];
    }
    let run = |run_id: &String| Wanted::Run {
        run_id: run_id.clone(),
        workflow_id: args.workflow_id.clone(),
        session_id: session_id.clone(),
    };
    args.run_ids.iter().map(run).collect()
}

/// The exit code for how one run ended, if it did.
fn code(end: Option<End>, paused: bool) -> u8 {
    match end {
        Some(End::Ended(Outcome::Completed)) => exit::OK,
        Some(End::Ended(Outcome::Failed)) => exit::FAILED,
        Some(End::Ended(Outcome::Cancelled)) => exit::CANCELLED,
        Some(End::Refused) => exit::REFUSED,
        Some(End::Ended(Outcome::Paused)) => exit::PAUSED,
        None if paused => exit::PAUSED,
        Some(End::Unknown | End::Ended(Outcome::Running)) | None => exit::INCONCLUSIVE,
    }
}

/// The one of these codes that a script should know of first.
fn worst(codes: impl Iterator<Item = u8>) -> u8 {
    let order = [
        exit::REFUSED,
        exit::INCONCLUSIVE,
        exit::FAILED,
        exit::CANCELLED,
        exit::PAUSED,
        exit::OK,
    ];
    let codes: Vec<u8> = codes.collect();
    let worst = order.into_iter().find(|code| codes.contains(code));
    worst.unwrap_or(exit::INCONCLUSIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_exit_code_and_the_worst_of_several_counts() {
        let completed = code(Some(End::Ended(Outcome::Completed)), false);
        let failed = code(Some(End::Ended(Outcome::Failed)), false);
        let cancelled = code(Some(End::Ended(Outcome::Cancelled)), false);
        let refused = code(Some(End::Refused), false);
        let unknown = code(Some(End::Unknown), true);
        assert_eq!(
            [completed, failed, cancelled, refused, unknown],
            [0, 1, 5, 6, 3]
        );
        assert_eq!((code(None, true), code(None, false)), (7, 3));
        let all = [completed, cancelled, failed, unknown, refused];
        for (count, expected) in [(1, 0), (2, 5), (3, 1), (4, 3), (5, 6)] {
            assert_eq!(worst(all.into_iter().take(count)), expected);
        }
    }
}
