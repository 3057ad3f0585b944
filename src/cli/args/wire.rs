//! How viewers speak with the server, and what they run.

use clap::{Args, ValueEnum};

use crate::protocol::Component;

/// How viewers speak with the server, and what they run.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Target")]
pub struct WireArgs {
    /// How viewers speak with the server: over its WebSocket, or by requests over HTTP [default: what the
    /// --url and the --component ask for]
    #[arg(long, env = "RECONNECT_ACCEPTANCE_OVER", value_name = "WIRE")]
    pub over: Option<Over>,
    /// What viewers run: a workflow, an agent or a team; the latter two are served over HTTP alone
    #[arg(
        long,
        env = "RECONNECT_ACCEPTANCE_COMPONENT",
        value_name = "KIND",
        default_value = "workflow"
    )]
    pub component: ComponentKind,
}

/// A way to speak with a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Over {
    /// Its WebSocket.
    Websocket,
    /// HTTP.
    Http,
}

/// A kind of what a server runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
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
