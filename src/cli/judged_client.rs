//! `client`: the suite, against a client.

use std::net::{SocketAddr, TcpListener};

use super::args::ClientArgs;
use super::run;
use crate::cli::error::UsageError;
use crate::cli::finish::{Gates, reports_can_be_written};
use crate::cli::wires::{Offer, wires};
use crate::plan::ClientPlan;
use crate::target::judged_client::ClientTarget;

/// How many scenarios run at once: each has a process of its own.
const CONCURRENCY: u16 = 16;

/// Judges a client; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for everything that is wrong before the first client is started.
pub async fn client(mut args: ClientArgs) -> Result<u8, UsageError> {
    let wires = wires(None, &args.suite.wire, &Offer::websocket())?;
    let program = args.program.into_iter().map(|word| {
        word.into_string().map_err(|word| {
            UsageError::Wrong(format!("the command has a word that is no text: {word:?}"))
        })
    });
    let plan = ClientPlan {
        program: program.collect::<Result<_, _>>()?,
        listen: args.listen,
        token: args.token_env.as_deref().map(run::token).transpose()?,
        notice: args.notice,
        settle: args.settle,
        outage: args.outage,
    };
    let target = Box::new(ClientTarget::new(plan.name(), plan.token.clone()));
    let gates = Gates::read(&args.suite.known, args.suite.features.as_deref(), &[])?;
    reports_can_be_written(args.suite.report_dir.as_deref())?;
    let concurrency = match plan.listen {
        None => CONCURRENCY,
        Some(address) => {
            can_listen(address)?;
            if args.suite.concurrency.is_some_and(|it| it > 1) {
                return Err(UsageError::wrong(
                    "with --listen one scenario follows the other: leave --concurrency out",
                ));
            }
            1
        }
    };
    args.suite.client = Some(plan);
    let what = args.what;
    let outcome = run::judge(&args.suite, &wires, what, concurrency, target, gates).await?;
    Ok(outcome.code)
}

/// Checks that servers can listen there, one after the other.
fn can_listen(address: SocketAddr) -> Result<(), UsageError> {
    if address.port() == 0 {
        return Err(UsageError::Wrong(format!(
            "--listen {address} names no port, and the client has to know one: 127.0.0.1:7777"
        )));
    }
    TcpListener::bind(address).map(drop).map_err(|error| {
        UsageError::Wrong(format!(
            "nothing can listen at {address}: {error}; end what listens there, or name another address"
        ))
    })
}
