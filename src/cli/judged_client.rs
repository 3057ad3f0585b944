//! `client`: the suite, against a client, or against several, one after the other.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use super::args::{ClientArgs, ClientLimits, KnownArgs, WireArgs, words};
use super::clients_file;
use super::clients_file::ClientEntry;
use super::run;
use super::run::RunOutcome;
use crate::cli::error::UsageError;
use crate::cli::finish::{Gates, reports_can_be_written};
use crate::cli::progress::say;
use crate::cli::several::Several;
use crate::cli::wires::{Offer, wires};
use crate::plan::ClientPlan;
use crate::protocol::Wire;
use crate::report::combine::matrix::Columns;
use crate::target::judged_client::ClientTarget;

/// How many scenarios run at once: each has a process of its own.
const CONCURRENCY: u16 = 16;

/// Judges a client, or those of a file; returns the exit code, of several the worst.
///
/// # Errors
///
/// [`UsageError`] for everything that is wrong before the first client is started.
pub async fn client(mut args: ClientArgs) -> Result<u8, UsageError> {
    if let Some(file) = args.clients.take() {
        return several(args, &file).await;
    }
    let program = words(std::mem::take(&mut args.program))?;
    let token_env = args.token_env.as_deref();
    let judged = judged(
        &args,
        program,
        token_env,
        &args.suite.wire,
        &args.suite.known,
    )?;
    reports_can_be_written(args.suite.report_dir.as_deref())?;
    if let Some(address) = args.listen {
        can_listen(address)?;
        if args.suite.concurrency.is_some_and(|it| it > 1) {
            return Err(UsageError::wrong(
                "with --listen one scenario follows the other: leave --concurrency out",
            ));
        }
    }
    Ok(judge(&mut args, judged).await?.code)
}

async fn several(mut args: ClientArgs, file: &Path) -> Result<u8, UsageError> {
    let clients = clients_file::read(file)?;
    let all = clients.iter().map(|client| of_entry(&args, client));
    let all: Vec<Judged> = all.collect::<Result<_, _>>()?;
    reports_can_be_written(args.suite.report_dir.as_deref())?;
    let mut several = Several::new(Columns::Clients, args.suite.report_dir.take());
    for (client, judged) in clients.iter().zip(all) {
        if several.leaves_out(&client.name) {
            continue;
        }
        say(&format!("{}: {}", client.name, judged.plan.name()));
        args.suite.report_dir = several.folder(&client.name);
        let outcome = judge(&mut args, judged).await?;
        several.add(&client.name, outcome);
    }
    Ok(several.finish(args.suite.look, None, None))
}

/// What the file says of a client, and where it says nothing, the options.
fn of_entry(args: &ClientArgs, client: &ClientEntry) -> Result<Judged, UsageError> {
    let mut wire = args.suite.wire.clone();
    if client.over.is_some() || client.component.is_some() {
        wire = WireArgs {
            over: Vec::from_iter(client.over),
            component: Vec::from_iter(client.component),
        };
    }
    let known = KnownArgs {
        known_failures: client.known_failures.clone(),
        write_known_failures: None,
    };
    let (program, token_env) = (client.command.clone(), client.token_env.as_deref());
    let judged = judged(args, program, token_env, &wire, &known);
    let mut judged = judged.map_err(|error| error.about(&format!("client {}", client.name)))?;
    judged.plan.notice = client.notice.unwrap_or(args.limits.notice);
    Ok(judged)
}

/// A client, and how it is judged.
struct Judged {
    plan: ClientPlan,
    wires: Vec<Wire>,
    gates: Gates,
}

fn judged(
    args: &ClientArgs,
    program: Vec<String>,
    token_env: Option<&str>,
    wire: &WireArgs,
    known: &KnownArgs,
) -> Result<Judged, UsageError> {
    let plan = ClientPlan {
        listen: args.listen,
        outage: args.outage,
        ..plan(args.limits, program, token_env)?
    };
    Ok(Judged {
        plan,
        wires: wires(None, wire, &Offer::websocket())?,
        gates: Gates::read(known, args.suite.features.as_deref(), &[])?,
    })
}

/// A client with this command and token that is started, and has no outage.
///
/// # Errors
///
/// [`UsageError`] for a variable without a token.
pub fn plan(
    limits: ClientLimits,
    program: Vec<String>,
    token_env: Option<&str>,
) -> Result<ClientPlan, UsageError> {
    Ok(ClientPlan {
        program,
        listen: None,
        token: token_env.map(run::token).transpose()?,
        notice: limits.notice,
        settle: limits.settle,
        outage: Duration::ZERO,
    })
}

async fn judge(args: &mut ClientArgs, judged: Judged) -> Result<RunOutcome, UsageError> {
    let Judged { plan, wires, gates } = judged;
    let target = Box::new(ClientTarget::new(plan.name(), plan.token.clone()));
    let concurrency = match plan.listen {
        None => CONCURRENCY,
        Some(_) => 1,
    };
    args.suite.client = Some(plan);
    let what = args.what.clone();
    run::judge(&args.suite, &wires, what, concurrency, target, gates).await
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
