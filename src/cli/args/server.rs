//! Where the server is.

use std::path::PathBuf;

use clap::Args;

use crate::plan::{LONG_MESSAGE, LONG_WORKFLOW};

/// Where the server is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Target")]
pub struct ServerArgs {
    /// The server's workflow WebSocket, such as ws://localhost:7777/workflows/ws, or its HTTP address, such as
    /// http://localhost:7777
    #[arg(long, env = "RECONNECT_ACCEPTANCE_URL", conflicts_with = "target")]
    pub url: Option<String>,
    /// A TOML file that says where the server is and which of its workflows plays which part
    #[arg(long, env = "RECONNECT_ACCEPTANCE_TARGET", value_name = "FILE")]
    pub target: Option<PathBuf>,
    /// The workflow (or agent, or team) for the part `long`: its runs have 40 events or more
    #[arg(long, env = "RECONNECT_ACCEPTANCE_WORKFLOW_ID", value_name = "ID", default_value = LONG_WORKFLOW, conflicts_with = "target")]
    pub workflow_id: String,
    /// The message that this workflow is started with
    #[arg(long, env = "RECONNECT_ACCEPTANCE_MESSAGE", value_name = "TEXT", default_value = LONG_MESSAGE, conflicts_with = "target")]
    pub message: String,
    /// The environment variable that contains the bearer token
    #[arg(long, env = "RECONNECT_ACCEPTANCE_TOKEN_ENV", value_name = "NAME")]
    pub token_env: Option<String>,
    /// Certificate authorities (PEM) to trust besides the machine's own
    #[arg(long, env = "RECONNECT_ACCEPTANCE_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// A header for the upgrade request (repeatable)
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
}
