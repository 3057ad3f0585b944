//! `serve`: the bundled server alone, until interrupted.

use std::io::Write;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::args::ServeArgs;
use super::{limits, run, signals};
use crate::cli::error::UsageError;
use crate::exit;
use crate::reference::{Config, Script, Server};

/// The server's workflows; the long one has this many events.
fn scripts(events: usize) -> Vec<Script> {
    let mut all = Script::all();
    for script in &mut all {
        if *script == Script::long() {
            *script = Script::long_of(events);
        }
    }
    all
}

/// Serves until interrupted; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for an unknown fault, an unset variable, or an address that cannot be bound.
pub async fn serve(args: ServeArgs) -> Result<u8, UsageError> {
    let config = Config {
        pace: args.pace,
        faults: run::faults(&args.faults)?,
        token: args
            .token_env
            .as_deref()
            .map(run::token)
            .transpose()?
            .map(|token| token.expose_secret().to_owned()),
        scripts: scripts(args.events as usize),
        ..Config::default()
    };
    limits::raise_to_the_most();
    let listener = TcpListener::bind(args.bind).await.map_err(|error| {
        UsageError::Failed(format!(
            "listen at {}: {error}; choose another address with --bind",
            args.bind
        ))
    })?;
    let server = Server::start(config, listener)
        .map_err(|error| UsageError::Failed(format!("serve at {}: {error}", args.bind)))?;
    // A script may send a signal as soon as it has read the URL.
    let stop = signals::stop();
    // The first two lines are for scripts; a closed pipe is no reason to stop.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}\n{}", server.url(), server.http_url());
    let _ = out.flush();
    drop(out);
    let _ = stop.await;
    server.stop().await;
    Ok(exit::OK)
}
