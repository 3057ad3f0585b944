//! Sub-commands and their options.
//!
//! - [`server`]: where the server is
//! - [`explore`]: random plans
//! - `judged_client`: a client that is judged
//! - [`suite`]: what every run of the suite takes
//! - [`stored`]: the sub-commands that read stored runs
//! - [`init`]: a target file from what a server shows
//! - [`look`]: how results are printed
//! - [`watch`]: following a run

pub mod explore;
mod init;
mod judged_client;
mod look;
mod server;
mod stored;
mod suite;
mod watch;
mod wire;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::protocol::Side;

pub use explore::ExploreArgs;
pub use init::InitArgs;
pub use judged_client::{ClientArgs, ClientLimits, words};
pub use look::{ColorArg, LookArgs};
pub use server::ServerArgs;
pub use stored::{DiffArgs, JudgeArgs, MergeArgs};
use suite::positive;
pub use suite::{KnownArgs, SuiteArgs};
pub use watch::WatchArgs;
pub use wire::{ComponentKind, Over, WireArgs};

/// Checks whether a server that streams workflow events over a WebSocket keeps its promise to
/// viewers who lose the connection and come back: nothing lost, doubled, reordered or changed.
///
/// Without a sub-command, `run` is meant: the whole suite, against the bundled server.
#[derive(Debug, Parser)]
#[command(name = "reconnect-acceptance", version, max_term_width = 100, after_help = AFTER)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Exit codes:
  0   passed: every MUST requirement passed, or is a known failure
  1   failed: a requirement failed
  2   wrong usage or configuration
  3   inconclusive: nothing failed, but something could not be tested, or no server was reached
  4   the list of known failures is out of date
  70  an error of the suite itself";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the suite against a URL, a target file or (without either) the bundled server
    Run(Box<RunArgs>),
    /// Judge a client: start it once for each scenario, break its connections, and look at what it does
    Client(Box<ClientArgs>),
    /// Install and start released AgentOS servers from PyPI, and run the suite against them
    Agentos(Box<AgentosArgs>),
    /// Play random plans against a server, and judge each by every requirement
    Explore(Box<ExploreArgs>),
    /// Run only the bundled server, until interrupted; the first two lines of stdout are its URLs
    Serve(ServeArgs),
    /// Follow a run in the terminal, whatever happens to the connection: the exemplary viewer
    Watch(Box<WatchArgs>),
    /// Judge a stored run again, without a server
    Judge(JudgeArgs),
    /// Merge the reports of a run's shards (see `run --shard`)
    Merge(MergeArgs),
    /// Compare two stored runs: regressed, fixed, newly inconclusive, slower
    Diff(DiffArgs),
    /// List requirements, scenarios, faults, defects, steps or known failures
    List(ListArgs),
    /// Explain a requirement: why it matters, good and bad exchange, faults, and where it lives
    Explain(ExplainArgs),
    /// Look at a server, and write a target file with what is found there and what is missing
    Init(InitArgs),
    /// Check a server for everything that a run needs, one line per check
    Doctor(DoctorArgs),
    /// Print the completions of a shell; in bash: source <(reconnect-acceptance completions bash)
    Completions(CompletionsArgs),
    /// Write a manual page for each sub-command
    #[command(hide = true)]
    Man(ManArgs),
}

/// Options of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// The folder to write into, such as /usr/local/share/man/man1
    pub dir: PathBuf,
}

/// An address to listen at: `HOST:PORT`, or a port of 127.0.0.1.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    let found = text.to_socket_addrs();
    let mut found = found.map_err(|error| format!("{error}; an example: localhost:7777"))?;
    found
        .next()
        .ok_or_else(|| "this name has no address; an example: localhost:7777".to_owned())
}

/// Options of `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Requirements (CATCHUP-2), families of them (CATCHUP), or parts of scenarios' names ('drops twice');
    /// without any, everything
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// Wait so long until the server can be reached, before anything else
    #[arg(long, env = "RECONNECT_ACCEPTANCE_WAIT", value_name = "DURATION", value_parser = positive, help_heading = "Timing")]
    pub wait: Option<Duration>,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// Switch on this fault of the bundled server (repeatable); `list faults` shows all
    #[arg(long = "fault", value_name = "NAME", conflicts_with_all = ["url", "target"], help_heading = "Target")]
    pub faults: Vec<String>,
}

/// Options of `agentos`.
#[derive(Args, Debug)]
#[command(after_help = AGENTOS)]
pub struct AgentosArgs {
    /// The releases of agno to judge, one after another, the oldest first
    #[arg(value_name = "RELEASE", default_value = "3.1.10")]
    pub releases: Vec<String>,
    /// Every release from this one on that the package index has (as pip is configured), except
    /// pre-releases and yanked ones
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
    /// Only print which releases would be judged
    #[arg(long, help_heading = "Target")]
    pub dry_run: bool,
    /// Use the list of known failures of AgentOS releases that comes with the suite; `list
    /// known-failures` shows it
    #[arg(long, conflicts_with = "known_failures", help_heading = "Judging")]
    pub bundled_known_failures: bool,
    /// Where virtual environments and logs are kept [default: reconnect-acceptance in the user's cache folder]
    #[arg(
        long,
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
Several releases, or --since, give a matrix of requirements and releases. It names the first
judged release that fails each requirement and the first that fixes it. --report-dir then has
index.html, matrix.html, matrix.json and a folder for each release. Each release takes about 2 to
5 minutes, and about 200 MB below --agentos-dir. If one cannot be installed or started, the others
are still judged. The exit code is the worst of all.";

/// Options of `serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The address to listen at: 127.0.0.1:7777, localhost:7777, or a port of this machine alone
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7777", value_parser = address)]
    pub bind: SocketAddr,
    /// Switch on this fault (repeatable); `list faults` shows all
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// The time between two events of a run
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "100ms")]
    pub pace: Duration,
    /// How many events the long workflow has; with `--pace 0s` they come as fast as possible
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(60..=10_000_000))]
    pub events: u32,
    /// The environment variable with the token that every connection must authenticate with
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
}

/// Options of `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
    /// With `requirements`, `scenarios`: those for whom
    #[arg(long, value_enum, value_name = "WHOM", default_value = "server")]
    pub of: Of,
    /// With `schema`: of which file
    #[arg(value_enum, required_if_eq("what", "schema"))]
    pub file: Option<SchemaOf>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Whom requirements bind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Of {
    /// Servers.
    Server,
    /// Clients.
    Client,
}

impl From<Of> for Side {
    fn from(of: Of) -> Self {
        match of {
            Of::Server => Self::Server,
            Of::Client => Self::Client,
        }
    }
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// Ids, levels and sentences.
    Requirements,
    /// The scenarios of each requirement.
    Scenarios,
    /// The faults of the bundled server, and the requirements that fail with each.
    Faults,
    /// The defects of the exemplary viewer, and the requirements of a client that fail with each.
    Defects,
    /// The phrases that features are written in.
    Steps,
    /// Known failures of released AgentOS servers, and what is inconclusive on them.
    KnownFailures,
    /// The JSON Schema of a file that the suite reads or writes.
    Schema,
}

/// A file that has a JSON Schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaOf {
    /// `report.json`.
    Report,
    /// The target file of `--target`.
    Target,
    /// The list of `--known-failures`.
    KnownFailures,
    /// The clients of `client --clients`.
    Clients,
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
    #[command(flatten)]
    pub wire: WireArgs,
    /// How long each check may take
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub step_timeout: Duration,
}
