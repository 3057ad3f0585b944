//! What every run of the suite takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use regex::Regex;

use super::look::Quiet;
use super::{LookArgs, WireArgs};
use crate::plan::{ClientPlan, Plan, Selection, Size, Timing};
use crate::protocol::{Side, Wire};
use crate::report::model::shard::MOST;
use crate::report::verdict::as_of;

/// What every run of the suite takes.
#[derive(Args, Debug)]
pub struct SuiteArgs {
    /// Only scenarios whose tags match, such as "@CATCHUP-2 or @should"
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_TAGS",
        value_name = "EXPR",
        help_heading = "Selection"
    )]
    pub tags: Option<String>,
    /// Only scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX", help_heading = "Selection")]
    pub name: Option<Regex>,
    /// Only requirements whose id starts with this (repeatable)
    #[arg(long, value_name = "ID-PREFIX", help_heading = "Selection")]
    pub require: Vec<String>,
    /// A folder of your own feature files, to run besides the built-in ones; docs/writing-scenarios.md
    /// says how to write them
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    pub features: Option<PathBuf>,
    /// Only your own scenarios, those of --features
    #[arg(long, requires = "features", help_heading = "Selection")]
    pub only_own: bool,
    /// Also the scenarios with the tag @thorough: whole tables of cases, of which the others try a few.
    /// A list of known failures that such a run writes is for such runs
    #[arg(long, env = "RECONNECT_ACCEPTANCE_THOROUGH", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Selection")]
    pub thorough: bool,
    /// Only the scenarios that failed or were inconclusive in the report.json of a previous run
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub rerun: Option<PathBuf>,
    /// Of the selected scenarios, only those of shard I of N (from 1/N to N/N; an index K that counts from
    /// 0 is written K+1/N); `merge` merges the reports of all shards
    #[arg(long, env = "RECONNECT_ACCEPTANCE_SHARD", value_name = "I/N", value_parser = shard, help_heading = "Selection")]
    pub shard: Option<(usize, usize)>,
    /// Balance the shards by how long the scenarios took in the run of this report folder; name the same
    /// folder for every shard
    #[arg(
        long,
        value_name = "DIR",
        requires = "shard",
        help_heading = "Selection"
    )]
    pub durations: Option<PathBuf>,

    #[command(flatten)]
    pub wire: WireArgs,

    /// How long a viewer stays away from a server without breakpoints
    #[arg(long, env = "RECONNECT_ACCEPTANCE_AWAY", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "1s", help_heading = "Timing")]
    pub away: Duration,
    /// How long nothing may arrive before the suite concludes that nothing more will
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "500ms", help_heading = "Timing")]
    pub silence: Duration,
    /// How long a waiting viewer goes without a message before it times out; time in which this machine
    /// was too busy to run the suite does not count
    #[arg(long, env = "RECONNECT_ACCEPTANCE_STEP_TIMEOUT", value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub step_timeout: Duration,
    /// How long one scenario may take
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "2m", help_heading = "Timing")]
    pub scenario_timeout: Duration,
    /// How long the whole run may take; after that, what was seen so far is reported
    #[arg(long, env = "RECONNECT_ACCEPTANCE_DEADLINE", value_name = "DURATION", value_parser = positive, default_value = "15m", help_heading = "Timing")]
    pub deadline: Duration,
    /// How many scenarios run at once [default: 8; 64 on the bundled server, 16 clients]
    #[arg(long, env = "RECONNECT_ACCEPTANCE_CONCURRENCY", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Timing")]
    pub concurrency: Option<u16>,

    /// How many viewers connect and disconnect at the same time
    #[arg(long, env = "RECONNECT_ACCEPTANCE_VIEWERS", value_name = "N", value_parser = clap::value_parser!(u16).range(5..=10_000), default_value = "12", help_heading = "Size")]
    pub viewers: u16,
    /// After how many different events connections are cut on a server without breakpoints; on the
    /// bundled server they are cut after each event
    #[arg(long, env = "RECONNECT_ACCEPTANCE_CUTS", value_name = "N", value_parser = clap::value_parser!(u16).range(3..=1000), default_value = "6", help_heading = "Size")]
    pub cuts: u16,

    /// Treat SHOULD like MUST
    #[arg(long, env = "RECONNECT_ACCEPTANCE_STRICT", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Judging")]
    pub strict: bool,
    /// Treat requirements that are not applicable to the target like inconclusive ones (exit code 3)
    #[arg(long, env = "RECONNECT_ACCEPTANCE_REQUIRE_ALL", value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Judging")]
    pub require_all: bool,
    /// Score only the requirements that this version of the suite had; newer ones are run and shown as not
    /// scored
    #[arg(long, env = "RECONNECT_ACCEPTANCE_AS_OF", value_name = "VERSION", value_parser = as_of::version, help_heading = "Judging")]
    pub as_of: Option<String>,
    /// End the run at the first failed requirement that counts: a MUST, or with --strict a SHOULD
    #[arg(long, help_heading = "Judging")]
    pub fail_fast: bool,
    /// Run the suite this many times against the same server, and count how often each requirement
    /// passes; one that passes only sometimes is flaky, which never counts as passed. --deadline applies
    /// to all repetitions together
    #[arg(long, env = "RECONNECT_ACCEPTANCE_REPEAT", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), default_value = "1", conflicts_with = "shard", help_heading = "Judging")]
    pub repeat: u16,
    #[command(flatten)]
    pub known: KnownArgs,

    /// Write every report and transcript into this folder
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_REPORT_DIR",
        value_name = "DIR",
        help_heading = "Output"
    )]
    pub report_dir: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
    /// The client that is judged, where it is no server: see `client`
    #[arg(skip)]
    pub client: Option<ClientPlan>,
}

/// The list of known failures.
#[derive(Args, Debug)]
#[command(next_help_heading = "Judging")]
pub struct KnownArgs {
    /// A TOML file of known failures: a listed requirement may fail; if it passes, the list is out of
    /// date (exit code 4)
    #[arg(long, env = "RECONNECT_ACCEPTANCE_KNOWN_FAILURES", value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// Write such a file from the failures of this run; the file must not exist yet
    #[arg(long, value_name = "FILE")]
    pub write_known_failures: Option<PathBuf>,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once('/').and_then(|(number, of)| {
        let number = number.trim();
        // An index that counts from 0, as CI and Kubernetes give it where no shell can add to it.
        let number = match number.strip_suffix("+1") {
            Some(index) => index.trim().parse::<usize>().ok()?.checked_add(1)?,
            None => number.parse::<usize>().ok()?,
        };
        Some((number, of.trim().parse::<usize>().ok()?))
    });
    match numbers {
        None => Err("write it like 2/4: the second of four shards".to_owned()),
        Some((_, 0)) => Err("there is at least one shard, as in 1/1".to_owned()),
        Some((_, of)) if of > MOST => Err(format!("there are at most {MOST} shards")),
        Some((0, of)) => Err(format!("shards are counted from 1: 1/{of} is the first")),
        Some((number, of)) if number > of => Err(format!(
            "there is no shard {number} of {of}: {of}/{of} is the last"
        )),
        Some(numbers) => Ok(numbers),
    }
}

/// A duration that is longer than 0s.
pub(super) fn positive(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() {
        return Err("it must be longer than 0s".to_owned());
    }
    Ok(duration)
}

impl SuiteArgs {
    /// The plan that these options describe; `concurrency` where none is given.
    #[must_use]
    pub fn plan(&self, concurrency: u16) -> Plan {
        Plan {
            selection: Selection {
                thorough: self.thorough,
                tags: self.tags.clone(),
                name: self.name.clone(),
                require: self.require.clone(),
                what: Vec::new(),
                features: self.features.clone(),
                only_own: self.only_own,
                // These come from files: see `crate::cli::previous_run`.
                rerun: None,
                shard: None,
                side: match self.client {
                    Some(_) => Side::Client,
                    None => Side::Server,
                },
            },
            timing: Timing {
                away: self.away,
                quiet: match self.look.quiet {
                    Some(Quiet::Silence(older_name)) => older_name,
                    _ => self.silence,
                },
                step: self.step_timeout,
                scenario: self.scenario_timeout,
                deadline: self.deadline,
                concurrency: usize::from(self.concurrency.unwrap_or(concurrency)),
            },
            size: Size {
                viewers: usize::from(self.viewers),
                cuts: usize::from(self.cuts),
            },
            // The URL has a say in it: see `crate::cli::run`.
            wire: Wire::WebSocket,
            mixed: false,
            strict: self.strict,
            require_all: self.require_all,
            as_of: self.as_of.clone(),
            fail_fast: self.fail_fast,
            known_failures: Vec::new(),
            client: self.client.clone(),
        }
    }
}
