//! Options of `client`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::SuiteArgs;
use super::suite::positive;
use crate::cli::error::UsageError;

/// How long a client is given.
#[derive(Args, Clone, Copy, Debug)]
pub struct ClientLimits {
    /// Within which time the client must have noticed that a line is dead
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "60s", help_heading = "Timing")]
    pub notice: Duration,
    /// How long after it answered a ping the client has surely handled what came before; over HTTP, which has no pings,
    /// how long it is left alone before its connection is cut
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "500ms", help_heading = "Timing")]
    pub settle: Duration,
}

/// The words of a command, as texts.
///
/// # Errors
///
/// [`UsageError`] for a word that is no text.
pub fn words(program: Vec<OsString>) -> Result<Vec<String>, UsageError> {
    let words = program.into_iter().map(|word| {
        word.into_string().map_err(|word| {
            UsageError::Wrong(format!("the command has a word that is no text: {word:?}"))
        })
    });
    words.collect()
}

/// Options of `client`.
#[derive(Args, Debug)]
#[command(after_help = AFTER)]
pub struct ClientArgs {
    /// Requirements (CLIENT-RETURN-1), families of them (CLIENT-RETURN), or parts of scenarios' names; without
    /// any, everything
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// The environment variable with the token that the client shows where a server asks for one; the client gets
    /// it as RECONNECT_ACCEPTANCE_TOKEN
    #[arg(long, value_name = "NAME", help_heading = "Client")]
    pub token_env: Option<String>,
    #[command(flatten)]
    pub limits: ClientLimits,
    /// How long an outage of the server lasts
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "15s", help_heading = "Timing")]
    pub outage: Duration,
    /// Wait at this address for a client that nobody starts, a page in a browser for example: 127.0.0.1:7777. One
    /// scenario follows the other, each with a server of its own there; a command after `--` is what makes the client
    /// start a run, and without one a person is asked to
    #[arg(long, value_name = "ADDRESS", help_heading = "Client")]
    pub listen: Option<SocketAddr>,
    /// Judge the clients of this TOML file, one after the other, and write a matrix of requirements by clients: each has
    /// a `name`, a `command`, and its own `over`, `component`, `token_env`, `notice` and `known_failures`
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Client",
        conflicts_with_all = ["program", "listen", "token_env", "known_failures", "write_known_failures", "rerun"]
    )]
    pub clients: Option<PathBuf>,
    #[command(flatten)]
    pub suite: SuiteArgs,
    /// The client's command, after `--`: `{url}` in one of its words becomes the address of the server, which
    /// comes last where no word has it
    #[arg(last = true, required_unless_present_any = ["listen", "clients"], value_name = "CMD")]
    pub program: Vec<OsString>,
}

const AFTER: &str = "\
Each scenario starts the command once, without a shell, and a server for it alone. The client gets
RECONNECT_ACCEPTANCE_URL, RECONNECT_ACCEPTANCE_SCENARIO and, with --token-env, RECONNECT_ACCEPTANCE_TOKEN.
Whatever workflow it starts plays the part of the scenario. With --over http the address is an HTTP one
(http://127.0.0.1:40213), and what it starts is a workflow, or with --component an agent or a team:
RECONNECT_ACCEPTANCE_COMPONENT says which. It may print what it shows, as JSON lines:
  {\"shown\": {\"run\": \"…\", \"event_index\": 12}}
  {\"state\": \"live|away|catching_up|ended|paused|refused\", \"status\": \"…\"}
With exit code 77 it says that a scenario is not for it; the last line on stderr is the reason. One scenario of each
reason is tried once more without RECONNECT_ACCEPTANCE_SCENARIO; a client that passes it then is noted, and no verdict
changes.

With --listen nobody ends the client: each scenario begins with the start of a run, and what other pages ask for,
those of earlier scenarios too, is answered and not judged. The command after -- gets what a client gets, and what
it prints counts as the client's; it may end at once, or stay until the scenario is over.

The file of --clients, of which `list schema clients` has the form:
  [[client]]
  name = \"viewer-py\"
  command = [\"python3\", \"viewer.py\", \"{url}\"]
  [[client]]
  name = \"viewer-agent\"
  command = [\"node\", \"viewer.mjs\"]
  component = \"agent\"";
