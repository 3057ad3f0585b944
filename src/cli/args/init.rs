//! Options of `init`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::suite::positive;

/// Options of `init`.
#[derive(Args, Debug)]
#[command(after_help = INIT)]
pub struct InitArgs {
    /// The server's workflow WebSocket, such as ws://localhost:7777/workflows/ws
    #[arg(long, env = "RECONNECT_ACCEPTANCE_URL", help_heading = "Target")]
    pub url: String,
    /// The server's HTTP address [default: that of --url]
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub http_url: Option<String>,
    /// The environment variable that contains the bearer token
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
    /// A header for every request (repeatable); its value is not written down
    #[arg(long = "header", value_name = "NAME: VALUE", help_heading = "Target")]
    pub headers: Vec<String>,
    /// The file to write; - for stdout
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target.toml",
        help_heading = "Output"
    )]
    pub output: PathBuf,
    /// Overwrite the file
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// How long the server may take for each answer
    #[arg(long, value_name = "DURATION", value_parser = positive, default_value = "10s", help_heading = "Timing")]
    pub step_timeout: Duration,
}

const INIT: &str = "\
No run is started. What the server lists is a remark where it is no more than a guess: which workflow
plays which part is yours to say. docs/target-file.md explains every key.

Exit codes:
  0  the file is written
  2  wrong usage: the file exists, or the server refused the token
  3  the server could not be reached, or did not greet";
