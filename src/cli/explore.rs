//! `explore`: random plans, against a URL, a target file, the bundled server or a released AgentOS.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;

use super::args::explore::{REPLAYS, TRIALS};
use super::args::{ExploreArgs, words};
use super::wires::{Offer, wires};
use super::{agentos, judged_client, known_agentos, run, signals};
use crate::cli::error::{UsageError, failed_to};
use crate::cli::finish::{Gates, finish, reports_can_be_written, terminal};
use crate::cli::progress::say;
use crate::exit;
use crate::explore::harvest::Harvest;
use crate::explore::plan::Plan;
use crate::explore::report;
use crate::explore::shrink::Effort;
use crate::explore::trials::{Explored, Extent, Settings, explore as play};
use crate::plan;
use crate::plan::ClientPlan;
use crate::protocol::{Component, Side, Wire};
use crate::report::text::escape::escape_visible;
use crate::report::verdict::known;
use crate::report::verdict::of_run::Circumstances;
use crate::suite;
use crate::suite::Scenarios;
use crate::suite::writer::millis;
use crate::target::agentos::AgentosTarget;
use crate::target::agentos::releases::Release;
use crate::target::bundled::BundledTarget;
use crate::target::judged_client::ClientTarget;
use crate::target::{self, Target};
use crate::transcript::spill;

/// How much is tried to shorten a plan: on the bundled server, where a play takes milliseconds, and on any
/// other.
const EFFORT: Effort = Effort {
    plays: 400,
    tries: 3,
};
const EFFORT_ELSEWHERE: Effort = Effort {
    plays: 24,
    tries: 2,
};

/// The longest reason that is printed, in characters.
const LONGEST: usize = 400;

/// Explores the server; returns the exit code.
///
/// # Errors
///
/// [`UsageError`] for everything that is wrong before the first connection.
pub async fn explore(args: ExploreArgs) -> Result<u8, UsageError> {
    let stored = args.replay.as_deref().map(stored).transpose()?;
    if let Some(plan) = &stored {
        fits(plan, !args.program.is_empty())?;
    }
    let client = client(&args)?;
    let (mut target, drawn) = target(&args, client.as_ref())?;
    let spoken = stored.as_ref().map_or(drawn, Spoken::of);
    let gates = gates(&args, spoken)?;
    let about = target.describe();
    let bundled = about.kind == target::Kind::Reference;
    reports_can_be_written(args.report_dir.as_deref())?;
    let listed = gates.known.iter();
    let listed = listed.flat_map(|it| known::about(&it.entries, &about.server, spoken.wire));
    let known = listed.map(|it| it.requirement().0.to_owned()).collect();
    let settings = settings(&args, stored, bundled, known);
    let mut limits = args.plan(bundled);
    (limits.wire, limits.mixed) = (spoken.wire, spoken.mixed);
    limits.client = client;
    if let Extent::Plan(plan, _) = &settings.extent {
        limits.size.viewers = plan.viewers.max(1);
    }
    if let Some(dir) = &args.report_dir {
        spill::spill_into(dir.clone());
    }
    let stopped = AtomicBool::new(false);
    let stop = signals::stop().inspect(|_| stopped.store(true, Ordering::Relaxed));
    let mut stop = Box::pin(stop);
    let started = tokio::select! {
        biased;
        started = target.start() => started,
        reason = &mut stop => {
            target.stop().await;
            return Ok(failed_to(&format!("start the server: {reason}"), exit::INCONCLUSIVE));
        }
    };
    if let Err(error) = started {
        target.stop().await;
        let (reason, code) = match error {
            target::Error::Setup(reason) => (reason, exit::USAGE),
            target::Error::NotReady(reason) => (reason, exit::INCONCLUSIVE),
        };
        return Ok(failed_to(&reason, code));
    }
    let began = (Instant::now(), jiff::Timestamp::now().to_string());
    let mut terminal = terminal(args.look);
    let (todo, most) = todo(&settings, spoken);
    terminal.exploring(&suite::run::describe(&*target, spoken.wire), &todo, most);
    let outcome = {
        let mut progress = |harvest: &Harvest| {
            terminal.trial_finished(harvest.trials, harvest.failed.len());
        };
        play(&settings, &limits, &*target, &mut progress, stop).await
    };
    target.stop().await;
    let explored = outcome.map_err(|error| UsageError::of(&error))?;
    if let Some(problem) = explored.unreachable {
        return Ok(failed_to(
            &format!("explore the server: {problem}"),
            exit::INCONCLUSIVE,
        ));
    }
    let run = judged(&explored, &*target, &limits, began)?;
    conclude(&args, limits.side(), gates, run, &explored, terminal)
}

/// The client that the options name.
fn client(args: &ExploreArgs) -> Result<Option<ClientPlan>, UsageError> {
    if args.program.is_empty() {
        return Ok(None);
    }
    let program = words(args.program.clone())?;
    let token_env = args.server.token_env.as_deref();
    judged_client::plan(args.limits, program, token_env).map(Some)
}

/// The run model of what was explored.
fn judged(
    explored: &Explored,
    target: &dyn Target,
    limits: &plan::Plan,
    (began, started_at): (Instant, String),
) -> Result<crate::report::model::run::Run, UsageError> {
    let harvest = &explored.harvest;
    let about = Circumstances {
        started_at,
        duration_ms: millis(began.elapsed()),
        target: suite::run::describe(target, limits.wire),
        strict: limits.strict,
        interrupted: explored.interrupted.clone(),
        suite_errors: harvest.suite_errors.clone(),
    };
    let mut run = report::run(about, harvest);
    // Its scenarios in the features were not run: a known failure that does not show here is not stale.
    let all = Scenarios::select(&plan::Selection {
        side: limits.side(),
        ..plan::Selection::default()
    });
    let all = all.map_err(|error| UsageError::of(&error))?;
    for requirement in &mut run.report.requirements {
        let scenarios = all.reports.iter();
        let own = scenarios.filter(|it| it.requirements.contains(&requirement.id));
        requirement.unselected = own.count();
    }
    Ok(run)
}

/// Writes and prints everything; returns the exit code.
fn conclude(
    args: &ExploreArgs,
    side: Side,
    gates: Gates,
    mut run: crate::report::model::run::Run,
    explored: &Explored,
    mut terminal: crate::report::render::terminal::Terminal<std::io::Stdout>,
) -> Result<u8, UsageError> {
    let harvest = &explored.harvest;
    let dir = args.report_dir.as_deref();
    for scenario in &run.report.scenarios {
        if !scenario.findings.is_empty() {
            terminal.scenario_finished(scenario);
        }
    }
    let mut code = finish(&mut run, gates, dir, None, &mut terminal);
    terminal.explored(&said(harvest, side));
    for found in &harvest.found {
        terminal.pasted(&crate::explore::gherkin::scenario(&found.played.plan));
    }
    if let Some(dir) = dir
        && let Err(error) = write(dir, harvest)
    {
        let error = format!("write the plans into {}: {error}", dir.display());
        code = exit::worse(code, failed_to(&error, exit::SUITE));
    }
    Ok(code)
}

/// What the trials showed, in sentences.
fn said(harvest: &Harvest, side: Side) -> Vec<String> {
    let mut said = vec![format!("{} trials were played.", harvest.trials)];
    for (id, times) in &harvest.failed {
        said.push(format!("{id} failed in {times} of them."));
    }
    if harvest.failed.is_empty()
        && harvest.passed.is_empty()
        && let Some(reason) = &harvest.stopped
    {
        said.push(format!(
            "Nothing was judged: {}.",
            escape_visible(reason, LONGEST)
        ));
    }
    let not_judged = harvest.not_judged(side);
    if !not_judged.is_empty() {
        said.push(format!("No trial judged {}.", not_judged.join(", ")));
    }
    said
}

/// Writes each plan in which something failed, as a feature and as JSON; those of a former call go.
fn write(dir: &Path, harvest: &Harvest) -> std::io::Result<()> {
    let folder = dir.join(report::FOLDER);
    if folder.is_dir() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let ending = path.extension().and_then(|it| it.to_str());
            if matches!(ending, Some("feature" | "json")) {
                fs::remove_file(path)?;
            }
        }
    }
    let files = report::files(harvest);
    if !files.is_empty() {
        fs::create_dir_all(&folder)?;
    }
    for (path, text) in files {
        fs::write(dir.join(path), text)?;
    }
    Ok(())
}

/// How viewers speak with the server.
#[derive(Clone, Copy, Debug)]
struct Spoken {
    /// Where a plan says nothing else.
    wire: Wire,
    /// Whether some speak over HTTP, beside those over the WebSocket.
    mixed: bool,
}

impl Spoken {
    /// As a stored plan says.
    fn of(plan: &Plan) -> Self {
        Self {
            wire: plan.wire,
            mixed: plan.is_mixed(),
        }
    }

    fn wires(self) -> Vec<Wire> {
        let http = Wire::Http(Component::Workflow);
        let other = self.mixed.then_some(http);
        [self.wire].into_iter().chain(other).collect()
    }

    /// As the options say, with a server that offers this.
    fn with(args: &ExploreArgs, offer: Offer) -> Result<Self, UsageError> {
        let offer = Offer {
            components: vec![Component::Workflow],
            ..offer
        };
        let url = args.server.url.as_deref();
        match wires(url, &args.wire(), &offer)?.as_slice() {
            [Wire::WebSocket, Wire::Http(_)] => Ok(Self {
                wire: Wire::WebSocket,
                mixed: true,
            }),
            [only] => Ok(Self {
                wire: *only,
                mixed: false,
            }),
            _ => Err(UsageError::wrong(
                "the server offers no such wire; leave --over and --component out",
            )),
        }
    }
}

/// The list of known failures. Where viewers speak over both wires, a failure that is known over HTTP is one here, too.
fn gates(args: &ExploreArgs, spoken: Spoken) -> Result<Gates, UsageError> {
    let mut gates = Gates::read(&args.known, None, &[])?;
    if args.bundled_known_failures {
        if args.agentos.is_empty() {
            return Err(UsageError::wrong(
                "--bundled-known-failures is about released AgentOS servers: name one, as in `explore agentos 3.1.10`",
            ));
        }
        gates.known = Some(known_agentos::failures()?);
    }
    if let Some(list) = gates.known.as_mut().filter(|_| spoken.mixed) {
        for entry in &mut list.entries {
            if let (id, Wire::Http(Component::Workflow)) = entry.requirement() {
                entry.id = id.to_owned();
            }
        }
    }
    Ok(gates)
}

/// This client, or the server that the options name, and how they speak.
fn target(
    args: &ExploreArgs,
    client: Option<&ClientPlan>,
) -> Result<(Box<dyn Target>, Spoken), UsageError> {
    if let Some(client) = client {
        let spoken = Spoken::with(args, Offer::websocket())?;
        let target = ClientTarget::new(client.name(), client.token.clone());
        return Ok((Box::new(target), spoken));
    }
    if let [word, release] = args.agentos.as_slice() {
        if word != "agentos" {
            return Err(UsageError::Wrong(format!(
                "{word:?} is no target; write `explore agentos {release}`, or name a server with --url or --target"
            )));
        }
        let release = Release::of(release).map_err(|error| UsageError::of(&error))?;
        let spoken = Spoken::with(args, agentos::offer_of(&release))?;
        agentos::can_speak(&release, &spoken.wires())?;
        let home = match &args.agentos_dir {
            Some(folder) => folder.clone(),
            None => agentos::cache_folder()?,
        };
        let (text, ready) = (&release.text, args.ready_within);
        let target = AgentosTarget::new(text, home, ready, say);
        return Ok((Box::new(target), spoken));
    }
    Ok(match run::server(&args.server)? {
        Some(target) => {
            let spoken = Spoken::with(args, run::offer_of(&target))?;
            (Box::new(target), spoken)
        }
        None => {
            let spoken = Spoken::with(args, Offer::everything())?;
            // Runs stop where a plan says so; nothing is gained by time between their events.
            let target = BundledTarget::new(run::faults(&args.faults)?).pace(Duration::ZERO);
            (Box::new(target), spoken)
        }
    })
}

fn settings(
    args: &ExploreArgs,
    stored: Option<Plan>,
    bundled: bool,
    known: BTreeSet<String>,
) -> Settings {
    let usual = if bundled { TRIALS.0 } else { TRIALS.1 };
    let extent = match (stored, args.time) {
        (Some(plan), _) => Extent::Plan(Box::new(plan), args.trials.unwrap_or(REPLAYS)),
        (None, Some(time)) => Extent::For(time),
        (None, None) => Extent::Trials(args.trials.unwrap_or(usual)),
    };
    let effort = if bundled { EFFORT } else { EFFORT_ELSEWHERE };
    let is_replay = matches!(extent, Extent::Plan(..));
    Settings {
        seed: args.seed.unwrap_or_else(any_seed),
        extent,
        together: usize::from(args.concurrency),
        effort: (!args.no_shrink && !is_replay).then_some(effort),
        known,
        first_only: args.fail_fast,
    }
}

/// Checks that a stored plan tries what is named: a client, or else a server.
fn fits(plan: &Plan, client: bool) -> Result<(), UsageError> {
    match (plan.side, client) {
        (Side::Client, false) => Err(UsageError::wrong(
            "the plan of --replay tries a client; name its command after --",
        )),
        (Side::Server, true) => Err(UsageError::wrong(
            "the plan of --replay tries a server; leave the command after -- out",
        )),
        _ => Ok(()),
    }
}

/// The plan in a file.
fn stored(path: &Path) -> Result<Plan, UsageError> {
    let failed = |error: &dyn std::fmt::Display| {
        UsageError::Failed(format!("read the plan {}: {error}", path.display()))
    };
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    Plan::of_json(&text).map_err(|error| failed(&error))
}

/// Another one every time, short enough to be typed.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| u64::from(now.subsec_nanos()) % 1_000_000)
}

/// What will be done, and how many trials that are, if that is known.
fn todo(settings: &Settings, spoken: Spoken) -> (String, Option<u64>) {
    let (what, trials) = match &settings.extent {
        Extent::Trials(trials) => (
            format!("{trials} trials of seed {}", settings.seed),
            Some(*trials),
        ),
        Extent::For(time) => {
            let time = humantime::format_duration(*time);
            (format!("trials of seed {} for {time}", settings.seed), None)
        }
        Extent::Plan(plan, times) => (
            format!("trial {} of seed {}, {times} times", plan.trial, plan.seed),
            Some(*times),
        ),
    };
    let over_both = match spoken.mixed {
        true => ", over the WebSocket and over HTTP",
        false => "",
    };
    (format!("{what}{over_both}"), trials)
}
