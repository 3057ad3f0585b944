//! Subcommands and options.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use regex::Regex;

use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW, Plan, Selection, Size, Timing};
use crate::report::model::shard::MOST;
use crate::report::render::terminal::Format;

/// Tells whether a server that streams workflow events over a WebSocket keeps its promise to
/// viewers who lose the connection and come back: nothing lost, doubled, reordered or changed.
///
/// Without a subcommand it means `run`: the whole suite, against the bundled server.
#[derive(Debug, Parser)]
#[command(name = "reconnect-acceptance", version, max_term_width = 100, after_help = AFTER)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Exit codes:
  0   every MUST holds, or fails as listed
  1   a requirement is broken
  2   usage or configuration
  3   nothing is broken, but something could not be told (an unreachable server included)
  4   the list of known failures is out of date
  70  the suite's own fault";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the suite, against a URL, a target file or (without either) the bundled server
    Run(Box<RunArgs>),
    /// Install, start and judge released AgentOS servers from PyPI
    Agentos(Box<AgentosArgs>),
    /// Run the bundled server alone until interrupted; its URL is the first line of stdout
    Serve(ServeArgs),
    /// Judge a stored run again, without any server
    Judge(JudgeArgs),
    /// Put the reports of a run's shards together (see `run --shard`)
    Merge(MergeArgs),
    /// Compare two stored runs: newly broken, mended, newly untold, slower
    Diff(DiffArgs),
    /// List requirements, scenarios, faults or steps
    List(ListArgs),
    /// Explain a requirement: sentence, reason, good and bad exchange, faults that break it
    Explain(ExplainArgs),
    /// Check what a run needs, one line a precondition
    Doctor(DoctorArgs),
}

/// Options of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Make the bundled server misbehave in this way (repeatable); `list faults` shows all
    #[arg(long = "fault", value_name = "NAME", conflicts_with_all = ["url", "target"], help_heading = "Target")]
    pub faults: Vec<String>,
}

/// Where the server is.
#[derive(Args, Debug)]
pub struct ServerArgs {
    /// The server's workflow WebSocket, such as ws://localhost:7777/workflows/ws
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_URL",
        conflicts_with = "target",
        help_heading = "Target"
    )]
    pub url: Option<String>,
    /// A TOML file that says where the server is and which of its workflows plays which part
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_TARGET",
        value_name = "FILE",
        help_heading = "Target"
    )]
    pub target: Option<PathBuf>,
    /// The workflow that plays the `long` part: one that lives for 40 events or more
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_WORKFLOW_ID", value_name = "ID", default_value = LONG_WORKFLOW, conflicts_with = "target", help_heading = "Target")]
    pub workflow_id: String,
    /// What that workflow is told
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_MESSAGE", value_name = "TEXT", default_value = LONG_MESSAGE, conflicts_with = "target", help_heading = "Target")]
    pub message: String,
    /// The environment variable that holds the bearer token
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_TOKEN_ENV",
        value_name = "NAME",
        help_heading = "Target"
    )]
    pub token_env: Option<String>,
    /// Certificate authorities (PEM) to trust besides the machine's own
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_CA_FILE",
        value_name = "FILE",
        help_heading = "Target"
    )]
    pub ca_file: Option<PathBuf>,
    /// A header for the upgrade (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE", help_heading = "Target")]
    pub headers: Vec<String>,
}

/// What every run of the suite takes.
#[derive(Args, Debug)]
pub struct SuiteArgs {
    /// Only scenarios whose tags match, such as "@CATCHUP-2 or @should"
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_TAGS",
        value_name = "EXPR",
        help_heading = "Selection"
    )]
    pub tags: Option<String>,
    /// Only scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX", help_heading = "Selection")]
    pub name: Option<Regex>,
    /// Only requirements whose id begins so (repeatable)
    #[arg(long, value_name = "ID-PREFIX", help_heading = "Selection")]
    pub require: Vec<String>,
    /// A folder of feature files to run instead of the embedded ones
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    pub features: Option<PathBuf>,
    /// Only the scenarios that a former run's report.json shows as broken or untold
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub rerun: Option<PathBuf>,
    /// Of all that, only the scenarios that fall to shard I of N (from 1/N to N/N; an index K that counts
    /// from 0 is written K+1/N); `merge` puts the reports of all shards together
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_SHARD",
        value_name = "I/N",
        value_parser = shard,
        help_heading = "Selection"
    )]
    pub shard: Option<(usize, usize)>,
    /// Balance the shards by how long scenarios took in the run of this report folder; it must be the same
    /// for every shard
    #[arg(
        long,
        value_name = "DIR",
        requires = "shard",
        help_heading = "Selection"
    )]
    pub durations: Option<PathBuf>,

    /// How long a viewer stays away from a server that cannot be held
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_AWAY", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "1s", help_heading = "Timing")]
    pub away: Duration,
    /// How long silence must last to count as "nothing more comes"
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "500ms", help_heading = "Timing")]
    pub quiet: Duration,
    /// How long nothing may arrive before a viewer who waits gives up; time in which this machine was too
    /// busy to run the suite does not count
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_STEP_TIMEOUT", value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub step_timeout: Duration,
    /// How long one scenario may take
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "2m", help_heading = "Timing")]
    pub scenario_timeout: Duration,
    /// How long the whole run may take; then what was seen is reported
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_DEADLINE", value_name = "DURATION", value_parser = positive, default_value = "15m", help_heading = "Timing")]
    pub deadline: Duration,
    /// How many scenarios run at once [default: 8; 64 on the bundled server]
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_CONCURRENCY", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Timing")]
    pub concurrency: Option<u16>,

    /// How many viewers come and go together
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_VIEWERS", value_name = "N", value_parser = clap::value_parser!(u16).range(5..=10_000), default_value = "12", help_heading = "Size")]
    pub viewers: u16,
    /// After how many events connections are cut on a server that cannot be held; the bundled one is
    /// cut after each
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_CUTS", value_name = "N", value_parser = clap::value_parser!(u16).range(3..=1000), default_value = "6", help_heading = "Size")]
    pub cuts: u16,

    /// SHOULD counts like MUST
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_STRICT",
        value_parser = clap::builder::FalseyValueParser::new(),
        help_heading = "Judging"
    )]
    pub strict: bool,
    /// End the run at the first broken requirement
    #[arg(long, help_heading = "Judging")]
    pub fail_fast: bool,
    /// Run the suite so many times against the same server, and count how often each requirement
    /// holds; one that holds now and then is flaky, which is never green. --deadline is that of all
    /// repetitions together
    #[arg(long, hide_env_values = true, env = "RECONNECT_ACCEPTANCE_REPEAT", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), default_value = "1", conflicts_with = "shard", help_heading = "Judging")]
    pub repeat: u16,
    #[command(flatten)]
    pub known: KnownArgs,

    /// Write every report and transcript into this folder
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_REPORT_DIR",
        value_name = "DIR",
        help_heading = "Output"
    )]
    pub report_dir: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value = "terminal", help_heading = "Output")]
    pub format: FormatArg,
    /// When to colour; NO_COLOR is heeded
    #[arg(long, value_enum, default_value = "auto", help_heading = "Output")]
    pub color: ColorArg,
}

/// The list of known failures.
#[derive(Args, Debug)]
pub struct KnownArgs {
    /// A TOML file of requirements that are known to be broken: listed and broken passes, listed and
    /// holding gives exit code 4
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_KNOWN_FAILURES",
        value_name = "FILE",
        help_heading = "Judging"
    )]
    pub known_failures: Option<PathBuf>,
    /// Write such a file from what this run finds broken; it must not be there yet
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub write_known_failures: Option<PathBuf>,
}

/// Options of `judge`.
#[derive(Args, Debug)]
#[command(after_help = JUDGE)]
pub struct JudgeArgs {
    /// The folder that `--report-dir` named when the run was made
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Write every report and transcript into this folder, which is not the stored run's
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub report_dir: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value = "terminal", help_heading = "Output")]
    pub format: FormatArg,
    /// When to colour; NO_COLOR is heeded
    #[arg(long, value_enum, default_value = "auto", help_heading = "Output")]
    pub color: ColorArg,
}

const JUDGE: &str = "\
The verdicts come from the transcripts and the checks of this release; --strict and the list of known
failures are those of the run, unless another list is named. What changed since is told at the end.
The exit code is that of the verdict, as after `run`.";

/// Options of `merge`.
#[derive(Args, Debug)]
#[command(after_help = MERGE)]
pub struct MergeArgs {
    /// The report folders of the shards
    #[arg(value_name = "DIR", required = true)]
    pub dirs: Vec<PathBuf>,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Write every report and transcript into this folder, which is none of the shards'
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub report_dir: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value = "terminal", help_heading = "Output")]
    pub format: FormatArg,
    /// When to colour; NO_COLOR is heeded
    #[arg(long, value_enum, default_value = "auto", help_heading = "Output")]
    pub color: ColorArg,
}

const MERGE: &str = "\
Every scenario is judged again from its transcript with the checks of this release; --strict and
the list of known failures are those of the shards, unless another list is named. A shard that is
missing is never green: what its scenarios would have told is \"cannot tell\". The exit code is that
of the whole, as after `run`; 2, with nothing written, where these are not shards of one run.";

/// Options of `diff`.
#[derive(Args, Debug)]
#[command(after_help = DIFF)]
pub struct DiffArgs {
    /// The report folder of the older run
    #[arg(value_name = "OLDER")]
    pub older: PathBuf,
    /// The report folder of the newer run
    #[arg(value_name = "NEWER")]
    pub newer: PathBuf,
}

const DIFF: &str = "\
Exit codes:
  0  no regression
  1  a requirement that counts is newly broken
  2  a folder cannot be read";

/// What to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatArg {
    /// A line a scenario, every requirement, and each finding with its evidence.
    Terminal,
    /// Only what is broken, and the verdict.
    Quiet,
}

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorArg {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Options of `agentos`.
#[derive(Args, Debug)]
#[command(after_help = AGENTOS)]
pub struct AgentosArgs {
    /// The releases of agno to judge, one after another, the oldest first
    #[arg(value_name = "RELEASE", default_value = "3.1.10")]
    pub releases: Vec<String>,
    /// Every release from this one on that the package index has, as pip is configured; none that is
    /// a pre-release or yanked
    #[arg(
        long,
        value_name = "RELEASE",
        conflicts_with = "releases",
        help_heading = "Target"
    )]
    pub since: Option<String>,
    /// With --since: none after this one
    #[arg(long, value_name = "RELEASE", help_heading = "Target")]
    pub until: Option<String>,
    /// With --since: only the newest release of each minor series
    #[arg(long, help_heading = "Target")]
    pub newest_per_minor: bool,
    /// Only say which releases would be judged
    #[arg(long, help_heading = "Target")]
    pub dry_run: bool,
    /// Judge with the list of what releases are known to break that comes with the suite; `list
    /// known-failures` shows it
    #[arg(long, conflicts_with = "known_failures", help_heading = "Judging")]
    pub bundled_known_failures: bool,
    /// Where virtual environments and logs are kept [default: reconnect-acceptance in the user's cache folder]
    #[arg(
        long,
        hide_env_values = true,
        env = "RECONNECT_ACCEPTANCE_AGENTOS_DIR",
        value_name = "DIR",
        help_heading = "Target"
    )]
    pub agentos_dir: Option<PathBuf>,
    /// How long a server may take until it is ready
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "90s", help_heading = "Timing")]
    pub ready_within: Duration,
    #[command(flatten)]
    pub suite: SuiteArgs,
}

const AGENTOS: &str = "\
Several releases, and --since, give a matrix: requirements by releases, with the first release
that breaks each and the first that mends it, of those judged. --report-dir then holds matrix.html,
matrix.json and a folder for each release. A release takes some 2 to 5 minutes, and some 200 MB
below --agentos-dir. One that cannot be installed or started does not keep the others. The exit
code is the worst of all.";

/// Options of `serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The address to listen at
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7777")]
    pub bind: std::net::SocketAddr,
    /// Misbehave in this way (repeatable); `list faults` shows all
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// The time between two events of a run
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "100ms")]
    pub pace: Duration,
    /// How many events the long workflow has; with `--pace 0s` they come as fast as they can
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(60..=10_000_000))]
    pub events: u32,
    /// The environment variable that holds a token; every connection must bring it
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
}

/// Options of `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// Ids, levels and sentences.
    Requirements,
    /// What is run for which requirement.
    Scenarios,
    /// Ways in which the bundled server can be made to misbehave, and what each breaks.
    Faults,
    /// The phrases that features are written in.
    Steps,
    /// What released AgentOS servers are known to break, and what cannot be told on them.
    KnownFailures,
}

/// Options of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The requirement's id, such as CATCHUP-2
    pub id: String,
}

/// Options of `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// How long each precondition may take
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub step_timeout: Duration,
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
        None => Err("it looks like 2/4: the second of four shards".to_owned()),
        Some((_, 0)) => Err("there is at least one shard, as in 1/1".to_owned()),
        Some((_, of)) if of > MOST => Err(format!("there are at most {MOST} shards")),
        Some((0, of)) => Err(format!("shards are counted from 1: 1/{of} is the first")),
        Some((number, of)) if number > of => Err(format!(
            "there is no shard {number} of {of}: {of}/{of} is the last"
        )),
        Some(numbers) => Ok(numbers),
    }
}

fn positive(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() {
        return Err("it must be longer than nothing".to_owned());
    }
    Ok(duration)
}

impl SuiteArgs {
    /// The plan that these options ask for.
    #[must_use]
    pub fn plan(&self, concurrency: u16) -> Plan {
        Plan {
            selection: Selection {
                tags: self.tags.clone(),
                name: self.name.clone(),
                require: self.require.clone(),
                features: self.features.clone(),
                // What stands in files is read apart: see `crate::cli::previous_run`.
                rerun: None,
                shard: None,
            },
            timing: Timing {
                away: self.away,
                quiet: self.quiet,
                step: self.step_timeout,
                scenario: self.scenario_timeout,
                deadline: self.deadline,
                concurrency: usize::from(self.concurrency.unwrap_or(concurrency)),
            },
            size: Size {
                viewers: usize::from(self.viewers),
                cuts: usize::from(self.cuts),
            },
            strict: self.strict,
            fail_fast: self.fail_fast,
            excused: Vec::new(),
        }
    }
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Terminal => Self::Terminal,
            FormatArg::Quiet => Self::Quiet,
        }
    }
}

impl From<ColorArg> for anstream::ColorChoice {
    fn from(color: ColorArg) -> Self {
        match color {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}
