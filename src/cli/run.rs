//! `run`: the suite, against a URL, a target file or the bundled server.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::args::{Over, RunArgs, ServerArgs, SuiteArgs};
use super::jobs::Job;
use super::wires::{Offer, is_http, websocket_of, wires};
use super::{jobs, limits, repeat, signals};
use crate::cli::error::{UsageError, failed_to};
use crate::cli::finish::{Gates, finish, reports_can_be_written, terminal};
use crate::cli::progress::{reachable, show, watched};
use crate::exit;
use crate::plan::{Abilities, Casting, Endpoint, Plan, Timing, Workflow};
use crate::protocol::{Part, Wire};
use crate::reference::{Fault, UnknownFault};
use crate::report::model::run::RunReport;
use crate::report::store::stream::Stream;
use crate::suite::environment::{Environment, environment_of};
use crate::suite::{self, Moment};
use crate::target::admin::TokensByCommand;
use crate::target::bundled::BundledTarget;
use crate::target::file::TargetFile;
use crate::target::url::UrlTarget;
use crate::target::{self, Places, Target, Variant, VariantServer, Variants};
use crate::transcript::spill;

/// How many scenarios run at once: against a server by URL, and against the bundled one.
const CONCURRENCY: u16 = 8;
const CONCURRENCY_BUNDLED: u16 = 64;

/// Runs the suite; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for everything that is wrong before the first connection.
pub async fn run(args: RunArgs) -> Result<u8, UsageError> {
    let foreign = server(&args.server)?;
    let offer = match &foreign {
        None => Offer::everything(),
        Some(target) => offer_of(target),
    };
    let wires = wires(args.server.url.as_deref(), &args.suite.wire, &offer)?;
    if let (Some(target), Some(limit)) = (&foreign, args.wait) {
        reachable(&target.endpoint().url, limit).await;
    }
    let concurrency = if foreign.is_some() {
        CONCURRENCY
    } else {
        CONCURRENCY_BUNDLED
    };
    let target: Box<dyn Target> = match foreign {
        Some(target) => Box::new(target),
        None => Box::new(BundledTarget::new(faults(&args.faults)?)),
    };
    let gates = Gates::read(&args.suite.known, args.suite.features.as_deref(), &[])?;
    reports_can_be_written(args.suite.report_dir.as_deref())?;
    let outcome = judge(&args.suite, &wires, args.what, concurrency, target, gates).await?;
    Ok(outcome.code)
}

/// What this server offers: what its target file names.
pub(super) fn offer_of(target: &UrlTarget) -> Offer {
    let mut offer = Offer::websocket();
    let Some(others) = target.components() else {
        return offer;
    };
    if !others.is_empty() || target.abilities().http_url.is_some() {
        offer.over.push(Over::Http);
    }
    offer.components.extend(others);
    offer
}

/// The outcome of a run against one server, or of one client.
#[derive(Debug)]
pub struct RunOutcome {
    /// The exit code.
    pub code: u8,
    /// The report, or why there is none.
    pub report: Result<Box<RunReport>, String>,
    /// Whether it was interrupted by a signal.
    pub stopped: bool,
}

impl RunOutcome {
    /// For a server that could not be judged; prints the reason.
    fn not_judged(reason: String, code: u8, stopped: bool) -> Self {
        Self {
            code: failed_to(&reason, code),
            report: Err(reason),
            stopped,
        }
    }
}

/// Starts the target, runs the suite against it over these wires, stops it, and reports.
///
/// # Errors
///
/// [`UsageError`] for everything that is wrong before the first connection.
pub async fn judge(
    args: &SuiteArgs,
    wires: &[Wire],
    what: Vec<String>,
    concurrency: u16,
    mut target: Box<dyn Target>,
    gates: Gates,
) -> Result<RunOutcome, UsageError> {
    let mut plan = args.plan(concurrency);
    plan.selection.what = what;
    if let Some(dir) = &args.report_dir {
        spill::spill_into(dir.clone());
    }
    let bundled = target.describe().kind == target::Kind::Reference;
    limits::check(plan.size.viewers, bundled)?;
    let mut jobs = jobs::of(args, &plan, wires)?;
    if jobs.iter().all(|job| job.scenarios.reports.is_empty()) {
        return Ok(idle(args, &jobs, &*target, gates));
    }
    jobs.retain(|job| !job.scenarios.reports.is_empty());
    if target.spare().is_some() {
        // They run side by side.
        jobs::share(&mut jobs);
    }
    target.will_use(&jobs::variants(&jobs));
    let stopped = AtomicBool::new(false);
    let stop = signals::stop().inspect(|_| stopped.store(true, Ordering::Relaxed));
    let mut stop = Box::pin(stop);
    tokio::select! {
        // Biased: a target that needs no start is started even if a signal came first, and its run is cut short.
        biased;
        started = target.start() => match started {
            Ok(()) => {}
            Err(error) => {
                let (reason, code) = match error {
                    target::Error::Setup(reason) => (reason, exit::USAGE),
                    target::Error::NotReady(reason) => (reason, exit::INCONCLUSIVE),
                };
                target.stop().await;
                return Ok(RunOutcome::not_judged(reason, code, false));
            }
        },
        reason = &mut stop => {
            target.stop().await;
            let reason = format!("start the server: {reason}");
            return Ok(RunOutcome::not_judged(reason, exit::INCONCLUSIVE, true));
        }
    }
    for job in &mut jobs {
        if let Err(error) = suite::run::check(&job.plan, &*target, &job.scenarios) {
            target.stop().await;
            return Err(UsageError::of(&error));
        }
        let server = target.describe().server;
        job.plan.known_failures = gates.known_failures(&server, job.plan.wire);
    }
    let mut terminal = terminal(args.look);
    jobs::announce(&jobs, &*target, &mut terminal);
    let person = args.client.as_ref().filter(|it| it.program.is_empty());
    if let Some(address) = person.and_then(|it| it.listen) {
        terminal.asks_for(format!("Let the client start a run at {address}"));
    }
    if !bundled {
        terminal.expect(jobs::expected(&jobs), plan.timing.concurrency);
    }
    let dir = args.report_dir.as_deref();
    let terminal = RefCell::new(terminal);
    let mut ahead = None;
    let (mut run, written) = if args.repeat > 1 {
        let times = usize::from(args.repeat);
        let outcome = repeat::run(&jobs, &*target, times, dir, &terminal, stop);
        let outcome = watched(&terminal, outcome).await;
        target.stop().await;
        outcome?
    } else {
        ahead = dir.and_then(Stream::begin);
        let mut progress = |moment: Moment<'_>| {
            show(&terminal, moment);
            if let (Some(ahead), Moment::Finished(report, Some(record))) = (&ahead, moment) {
                ahead.write(&report.id, record);
            }
        };
        let outcome = jobs::run(&jobs, &*target, &mut progress, stop);
        let outcome = watched(&terminal, outcome).await;
        target.stop().await;
        (outcome.map_err(|error| UsageError::of(&error))?, Ok(()))
    };
    let mut terminal = terminal.into_inner();
    let mut code = finish(&mut run, gates, dir, ahead, &mut terminal);
    if let Err(error) = written {
        code = exit::worse(code, failed_to(&error.with_advice(), exit::SUITE));
    }
    Ok(RunOutcome {
        code,
        report: Ok(Box::new(run.report)),
        stopped: stopped.load(Ordering::Relaxed),
    })
}

/// The outcome where no scenario was selected, or fell to this shard: no server is asked.
fn idle(args: &SuiteArgs, jobs: &[Job], target: &dyn Target, gates: Gates) -> RunOutcome {
    let mut terminal = terminal(args.look);
    let mut run = jobs::idle(jobs, target);
    run.report.shard.iter().for_each(|it| terminal.shard(it));
    let dir = args.report_dir.as_deref();
    let code = finish(&mut run, gates, dir, None, &mut terminal);
    RunOutcome {
        code,
        report: Ok(Box::new(run.report)),
        stopped: false,
    }
}

/// What it takes to look at a server without a run of the suite, with this time for each answer.
///
/// # Errors
///
/// [`UsageError`] for a target that cannot be used.
pub fn environment_to_look(
    target: &UrlTarget,
    wire: Wire,
    step: Duration,
) -> Result<Environment, UsageError> {
    let plan = Plan {
        wire,
        timing: Timing {
            step,
            ..Timing::default()
        },
        ..Plan::default()
    };
    environment_of(&plan, target).map_err(|error| UsageError::of(&error))
}

/// The server that the options name; `None` for the bundled one.
///
/// # Errors
///
/// [`UsageError`] for a target file, a variable or a header that cannot be read.
pub fn server(args: &ServerArgs) -> Result<Option<UrlTarget>, UsageError> {
    let file = args
        .target
        .as_deref()
        .map(TargetFile::read)
        .transpose()
        .map_err(|error| UsageError::of(&error))?;
    let others = file
        .as_ref()
        .filter(|_| args.url.is_none())
        .map(TargetFile::others);
    let (url, casting) = match (&args.url, &file) {
        (Some(url), _) => {
            let long = Workflow::new(&args.workflow_id, &args.message);
            (url.clone(), Casting::from([(Part::Long, long)]))
        }
        (None, Some(file)) => (file.url.clone(), file.casting()),
        (None, None) => return Ok(None),
    };
    if casting.is_empty() && others.as_ref().is_none_or(BTreeMap::is_empty) {
        return Err(UsageError::wrong(
            "the target file names no workflow; it needs at least [parts.long] with a workflow_id",
        ));
    }
    let token_env = args
        .token_env
        .as_deref()
        .or_else(|| file.as_ref().and_then(|file| file.token_env.as_deref()));
    let mut headers = Vec::new();
    for header in &args.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            UsageError::wrong("--header needs a value that looks like 'Name: value'")
        })?;
        headers.push((name.trim().to_owned(), SecretString::from(value.trim())));
    }
    if let Some(file) = &file {
        headers.extend(
            file.headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    let http_url = args.url.clone().filter(|url| is_http(url));
    let endpoint = Endpoint {
        url: http_url.as_deref().map_or(url, websocket_of),
        token: token_env.map(token).transpose()?,
        ca_file: args
            .ca_file
            .clone()
            .or_else(|| file.as_ref().and_then(|file| file.ca_file.clone())),
        headers,
    };
    // A URL on the command line is another server than the file's.
    let file = file.filter(|_| args.url.is_none());
    let variants = match &file {
        Some(file) => variants(file, &endpoint)?,
        None => Variants::new(),
    };
    let places = file.as_ref().map(|file| file.places.clone());
    let abilities = file.map_or_else(Abilities::default, |file| Abilities {
        http_url: file.http_url,
        retention: file.retention,
        forgets_after: file.forgets_after,
        restart: file.restart,
        kill_replica: file.kill_replica,
        ..Abilities::default()
    });
    let http_url = http_url.or(abilities.http_url.clone());
    let target = UrlTarget::new(endpoint, casting, abilities).with_http_url(http_url);
    let target = target
        .with_others(others)
        .with_places(places.unwrap_or_default());
    Ok(Some(target.with_variants(variants)))
}

/// The variants that the file names, with everything else as for the server itself.
fn variants(file: &TargetFile, own: &Endpoint) -> Result<Variants, UsageError> {
    let server = |endpoint: Endpoint, http_url: &Option<String>| VariantServer {
        endpoint,
        http_url: http_url.clone(),
        ..VariantServer::default()
    };
    let at = |url: &str, token_env: &str| {
        Ok::<_, UsageError>(Endpoint {
            url: url.to_owned(),
            token: Some(token(token_env)?),
            ..own.clone()
        })
    };
    let mut variants = Variants::new();
    if let Some(it) = &file.guarded {
        let guarded = server(at(&it.url, &it.token_env)?, &it.http_url);
        variants.insert(Variant::Guarded, Ok(guarded));
    }
    if let Some(it) = &file.users {
        let (url, http_url) = match &it.url {
            Some(url) => (url, &it.http_url),
            None => (&own.url, &file.http_url),
        };
        let [one, other] = it.token_envs.as_slice() else {
            return Err(UsageError::wrong(
                "[users] token_envs must name two variables",
            ));
        };
        let mut users = server(at(url, one)?, http_url);
        users.other = Some(at(url, other)?);
        two_users(&users, &file.places, it.token_envs.as_slice())?;
        variants.insert(Variant::Users, Ok(users.clone()));
        variants.insert(Variant::IsolatedUsers, Ok(users));
    }
    if let Some(it) = &file.expiring {
        let endpoint = Endpoint {
            url: it.url.as_ref().unwrap_or(&own.url).clone(),
            token: None,
            ..own.clone()
        };
        let tokens = TokensByCommand::new(it.token_command.clone(), it.valid_for);
        let mut expiring = server(endpoint, &None);
        expiring.issuer = Some(Arc::new(tokens));
        variants.insert(Variant::Expiring, Ok(expiring));
    }
    if let Some(it) = &file.permissions {
        let url = it.url.as_ref().unwrap_or(&own.url);
        let [all, single] = it.token_envs.as_slice() else {
            return Err(UsageError::wrong(
                "[permissions] token_envs must name two variables",
            ));
        };
        let mut permissions = server(at(url, all)?, &None);
        permissions.other = Some(at(url, single)?);
        variants.insert(Variant::Permissions, Ok(permissions));
    }
    if let Some(url) = &file.replica {
        let mut replica = server(own.clone(), &file.http_url);
        replica.other = Some(Endpoint {
            url: url.clone(),
            ..own.clone()
        });
        variants.insert(Variant::Replica, Ok(replica));
    }
    Ok(variants)
}

/// Checks that two variables hold the tokens of two users: with one user, that one's runs are rightly shown.
fn two_users(
    users: &VariantServer,
    places: &Places,
    variables: &[String],
) -> Result<(), UsageError> {
    let other = users.other.as_ref().and_then(|it| it.token.as_ref());
    let (Some(one), Some(other)) = (&users.endpoint.token, other) else {
        return Ok(());
    };
    if one.expose_secret().trim() != other.expose_secret().trim() {
        return Ok(());
    }
    Err(UsageError::Wrong(format!(
        "{}: {} hold the same token, and so one user's; name the tokens of two users, or leave [users] out",
        places.of_key("[users] token_envs"),
        variables.join(" and ")
    )))
}

/// The faults of these names.
///
/// # Errors
///
/// [`UsageError`] for an unknown name, with the nearest ones.
pub fn faults(names: &[String]) -> Result<Vec<Fault>, UsageError> {
    names
        .iter()
        .map(|name| {
            name.parse().map_err(|error: UnknownFault| {
                UsageError::Wrong(format!("{error}; `list faults` shows all"))
            })
        })
        .collect()
}

/// The token in an environment variable.
///
/// # Errors
///
/// [`UsageError`] if that is no name of a variable, or if it is unset or empty.
pub fn token(variable: &str) -> Result<SecretString, UsageError> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !variable.bytes().all(is_name) {
        // It may be the token itself, so it is not repeated.
        return Err(UsageError::wrong(
            "the name of the token's environment variable is not valid; put the token into a variable, and \
             give the variable's name",
        ));
    }
    match std::env::var(variable) {
        Ok(token) if !token.trim().is_empty() => Ok(SecretString::from(token)),
        _ => Err(UsageError::Wrong(format!(
            "no token: the environment variable {variable} is not set, or empty"
        ))),
    }
}
