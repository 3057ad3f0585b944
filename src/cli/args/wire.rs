//! How viewers speak with the server, and what they run.

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::protocol::Component;

/// How viewers speak with the server, and what they run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Target")]
pub struct WireArgs {
    /// How viewers speak with the server: over its WebSocket, or by requests over HTTP; several after commas
    /// [default: both for the bundled server, else what --url, --target and --component ask for]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_OVER",
        value_name = "WIRE",
        value_delimiter = ','
    )]
    pub over: Vec<Over>,
    /// What viewers run: workflows, agents or teams, the latter two over HTTP alone; several after commas
    /// [default: all three for the bundled server, else workflows and what the target file names]
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_COMPONENT",
        value_name = "KIND",
        value_delimiter = ','
    )]
    pub component: Vec<ComponentKind>,
}

/// A way to speak with a server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// Its WebSocket.
    Websocket,
    /// HTTP.
    Http,
}

/// A kind of what a server runs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ComponentKind {
    /// A model with instructions and tools.
    Agent,
    /// Agents that work together.
    Team,
    /// Steps, one after the other.
    Workflow,
}

impl From<ComponentKind> for Component {
    fn from(kind: ComponentKind) -> Self {
        match kind {
            ComponentKind::Agent => Self::Agent,
            ComponentKind::Team => Self::Team,
            ComponentKind::Workflow => Self::Workflow,
        }
    }
}
