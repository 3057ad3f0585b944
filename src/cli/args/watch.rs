//! Options of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::suite::positive;
use super::{ColorArg, WireArgs};
use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW};
use crate::watch::Defect;

/// Options of `watch`.
#[derive(Args, Debug)]
#[command(after_help = WATCH)]
pub struct WatchArgs {
    /// The server's workflow WebSocket, such as ws://localhost:7777/workflows/ws, or its HTTP address, such as
    /// http://localhost:7777
    #[arg(long, env = "RECONNECT_ACCEPTANCE_URL", help_heading = "Target")]
    pub url: String,
    #[command(flatten)]
    pub wire: WireArgs,
    /// The environment variable that contains the bearer token [default: RECONNECT_ACCEPTANCE_TOKEN, where that is set]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_TOKEN_ENV",
        value_name = "NAME",
        help_heading = "Target"
    )]
    pub token_env: Option<String>,
    /// Certificate authorities (PEM) to trust besides the machine's own
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_CA_FILE",
        value_name = "FILE",
        help_heading = "Target"
    )]
    pub ca_file: Option<PathBuf>,
    /// A header for the upgrade, or for every request over HTTP (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE", help_heading = "Target")]
    pub headers: Vec<String>,
    /// The workflow (or agent, or team) to start; with --run-id that of the runs, where the server asks for it
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_WORKFLOW_ID",
        value_name = "ID",
        help_heading = "Run"
    )]
    pub workflow_id: Option<String>,
    /// The message that it is started with
    #[arg(long, env = "RECONNECT_ACCEPTANCE_MESSAGE", value_name = "TEXT", default_value = LONG_MESSAGE, help_heading = "Run")]
    pub message: String,
    /// Follow this run instead of starting one, from its first event on (repeatable)
    #[arg(long = "run-id", value_name = "ID", help_heading = "Run")]
    pub run_ids: Vec<String>,
    /// The session to start the run in; with --run-id that of the runs, where the server asks for it
    #[arg(long, value_name = "ID", help_heading = "Run")]
    pub session_id: Option<String>,
    /// How long an answer may take, before the viewer leaves and returns
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub answer_within: Duration,
    /// How long a connection may give no sign of life, before the viewer leaves and returns; over HTTP, which has
    /// no pings, three times as long
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "15s", help_heading = "Timing")]
    pub dead_after: Duration,
    /// How long to try where the server cannot be reached, or does not answer
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "2m", help_heading = "Timing")]
    pub give_up_after: Duration,
    /// Print lines of JSON: {"shown": {"run": …, "event_index": …}} for each event, {"state": …} for each change of state
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Write those lines into this file, besides what is printed
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub shown: Option<PathBuf>,
    /// When to use colors; NO_COLOR is respected
    #[arg(long, value_enum, default_value = "auto", help_heading = "Output")]
    pub color: ColorArg,
    /// Make this mistake on purpose (repeatable), to see who notices; `list defects` shows all
    #[arg(long = "defect", value_name = "NAME", value_parser = defect(), hide_possible_values = true)]
    pub defects: Vec<Defect>,
}

impl WatchArgs {
    /// The workflow to start.
    #[must_use]
    pub fn workflow(&self) -> &str {
        self.workflow_id.as_deref().unwrap_or(LONG_WORKFLOW)
    }
}

fn defect() -> impl TypedValueParser<Value = Defect> {
    let names = Defect::ALL.iter().map(|it| it.name());
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Defect>())
}

const WATCH: &str = "\
The viewer returns whenever the connection is lost, also by a closing handshake, until the run has ended.
While a run is paused it waits. It never starts a run a second time.

Exit codes:
  0  the run completed
  1  the run failed
  2  wrong usage
  3  how the run ends is not known: the server could not be reached, or Ctrl-C
  5  the run was cancelled
  6  the server refused: an unknown run, a wrong token
  7  Ctrl-C while the run waited for a person
With several --run-id the worst: 6, 3, 1, 5, 7, 0.";
