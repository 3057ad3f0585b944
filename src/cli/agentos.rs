//! `agentos`: the suite, against released AgentOS servers: one, or several in a matrix.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::args::AgentosArgs;
use super::run;
use super::run::RunOutcome;
use crate::cli::error::UsageError;
use crate::cli::finish::{Gates, reports_can_be_written};
use crate::cli::known_agentos;
use crate::cli::progress::say;
use crate::cli::several::Several;
use crate::cli::wires::{Offer, wires};
use crate::exit;
use crate::protocol::Wire;
use crate::report::combine::matrix::Columns;
use crate::report::model::run::KnownFailure;
use crate::target::agentos::AgentosTarget;
use crate::target::agentos::releases::{self, Release, Wanted};

/// How many scenarios run at once against one AgentOS on this machine.
const CONCURRENCY: u16 = 8;
/// How long a release takes, in minutes.
const MINUTES: (usize, usize) = (2, 5);
/// How many releases' environments need a gigabyte.
const RELEASES_PER_GB: usize = 5;

/// Judges every release, one after another; returns the worst exit code.
///
/// # Errors
///
/// [`UsageError`] for invalid release numbers, an unreachable package index, and everything else that
/// is wrong before the first server is started.
pub async fn agentos(mut args: AgentosArgs) -> Result<u8, UsageError> {
    let home = match args.agentos_dir.take() {
        Some(folder) => folder,
        None => cache_folder()?,
    };
    let (gates, inconclusive) = gates(&args)?;
    let releases = chosen(&args, &home).await?;
    let several = args.since.is_some() || args.releases.len() > 1;
    if several || args.dry_run {
        say(&plan(&releases, &args));
    }
    if args.dry_run {
        return Ok(exit::OK);
    }
    reports_can_be_written(args.suite.report_dir.as_deref())?;
    if !several {
        let Some(release) = releases.first() else {
            return Ok(exit::OK);
        };
        return Ok(judge(&args, release, &home, gates).await?.code);
    }
    let reports = args.suite.report_dir.take();
    let write = gates.write.clone();
    let each = Gates {
        write: None,
        ..gates
    };
    let mut several = Several::new(Columns::Releases, reports);
    for release in &releases {
        let name = &release.text;
        if several.leaves_out(name) {
            continue;
        }
        args.suite.report_dir = several.folder(name);
        let outcome = judge(&args, release, &home, each.clone()).await?;
        several.add(name, outcome);
    }
    let (look, inconclusive) = (args.suite.look, inconclusive.as_deref());
    Ok(several.finish(look, inconclusive, write.as_deref()))
}

/// The lists to judge with.
fn gates(args: &AgentosArgs) -> Result<(Gates, Option<Vec<KnownFailure>>), UsageError> {
    let suite = &args.suite;
    let mut gates = Gates::read(&suite.known, suite.features.as_deref(), &[])?;
    if !args.bundled_known_failures {
        return Ok((gates, None));
    }
    gates.known = Some(known_agentos::failures()?);
    Ok((gates, Some(known_agentos::inconclusive()?)))
}

/// The chosen releases, in the order of their numbers.
async fn chosen(args: &AgentosArgs, home: &Path) -> Result<Vec<Release>, UsageError> {
    let read = |text: &String| Release::of(text).map_err(|error| UsageError::of(&error));
    let Some(since) = &args.since else {
        // clap does not check `requires` for an option that conflicts with a given one.
        for (given, option) in [
            (args.until.is_some(), "--until"),
            (args.newest_per_minor, "--newest-per-minor"),
        ] {
            if given {
                return Err(UsageError::Wrong(format!("{option} needs --since")));
            }
        }
        let mut named = args.releases.iter().map(read).collect::<Result<_, _>>()?;
        releases::sort(&mut named);
        return Ok(named);
    };
    let wanted = Wanted {
        since: read(since)?,
        until: args.until.as_ref().map(read).transpose()?,
        newest_per_minor: args.newest_per_minor,
    };
    let all = releases::index(home, &say)
        .await
        .map_err(|error| UsageError::of(&error))?;
    let number = all.len();
    let chosen = releases::choose(all, &wanted);
    if chosen.is_empty() {
        let until = args.until.iter().map(|it| format!(" until {it}"));
        let until: String = until.collect();
        return Err(UsageError::Wrong(format!(
            "no release since {since}{until}: the package index has {number} releases of agno, none of them in that range"
        )));
    }
    Ok(chosen)
}

/// What the run will take, as a sentence.
fn plan(releases: &[Release], args: &AgentosArgs) -> String {
    let names: Vec<_> = releases.iter().map(|it| it.text.as_str()).collect();
    let number = names.len();
    let (least, most) = (number * MINUTES.0, number * MINUTES.1);
    let time = if least > 120 {
        format!("{} to {} hours", least / 60, most.div_ceil(60))
    } else {
        format!("{least} to {most} minutes")
    };
    let space = number.div_ceil(RELEASES_PER_GB);
    let noun = if number == 1 { "release" } else { "releases" };
    let thin = if args.since.is_some() && !args.newest_per_minor && number > 10 {
        "; --newest-per-minor takes fewer"
    } else {
        ""
    };
    format!(
        "{number} {noun} of agno, about {time} for the whole suite and {space} GB of environments{thin}: {}",
        names.join(" ")
    )
}

/// What this release offers.
pub(super) fn offer_of(release: &Release) -> Offer {
    match release.resumes_over_http() {
        true => Offer::everything(),
        false => Offer::websocket(),
    }
}

/// Checks that viewers can speak with this release in these ways.
///
/// # Errors
///
/// [`UsageError`] for HTTP, where it cannot resume runs over that.
pub(super) fn can_speak(release: &Release, wires: &[Wire]) -> Result<(), UsageError> {
    if release.resumes_over_http() || wires.iter().all(|it| *it == Wire::WebSocket) {
        return Ok(());
    }
    Err(UsageError::Wrong(format!(
        "agno {} cannot resume runs over HTTP, which came with 2.6.0; leave --over and --component out",
        release.text
    )))
}

async fn judge(
    args: &AgentosArgs,
    release: &Release,
    home: &Path,
    gates: Gates,
) -> Result<RunOutcome, UsageError> {
    let target = AgentosTarget::new(&release.text, home.to_owned(), args.ready_within, say);
    let wires = wires(None, &args.suite.wire, &offer_of(release))?;
    can_speak(release, &wires)?;
    run::judge(
        &args.suite,
        &wires,
        Vec::new(),
        CONCURRENCY,
        Box::new(target),
        gates,
    )
    .await
}

/// Where virtual environments are kept by default.
///
/// # Errors
///
/// [`UsageError`] where the user has no cache folder.
pub(super) fn cache_folder() -> Result<PathBuf, UsageError> {
    let folders = etcetera::choose_base_strategy().ok();
    folders
        .map(|of_user| of_user.cache_dir().join("reconnect-acceptance"))
        .filter(|folder| folder.is_absolute())
        .ok_or_else(|| UsageError::wrong("no cache folder found; name one with --agentos-dir"))
}
