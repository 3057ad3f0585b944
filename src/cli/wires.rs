//! How viewers speak with the server, and what they run, as the options and the server say it.

use crate::cli::args::{ComponentKind, Over, WireArgs};
use crate::cli::error::UsageError;
use crate::protocol::{Component, Wire};

/// What a server offers, where the options name nothing.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The ways to speak with it.
    pub over: Vec<Over>,
    /// What it runs.
    pub components: Vec<Component>,
}

impl Offer {
    /// All that there is: the bundled server's.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            over: vec![Over::Websocket, Over::Http],
            components: Component::ALL.to_vec(),
        }
    }

    /// Workflows over the WebSocket.
    #[must_use]
    pub fn websocket() -> Self {
        Self {
            over: vec![Over::Websocket],
            components: vec![Component::Workflow],
        }
    }
}

/// What is judged: over each wire that is asked for, or offered where none is, each component that it serves.
///
/// # Errors
///
/// [`UsageError`] where the options contradict each other.
pub fn wires(url: Option<&str>, args: &WireArgs, offer: &Offer) -> Result<Vec<Wire>, UsageError> {
    let wants_http = url.is_some_and(is_http);
    let asks_for = |over| args.over.contains(&over);
    if asks_for(Over::Websocket) && wants_http {
        return Err(UsageError::wrong(
            "the --url is an HTTP address, and --over says websocket; leave --over out",
        ));
    }
    let components: Vec<Component> = match args.component.as_slice() {
        [] => offer.components.clone(),
        named => named.iter().map(|it| (*it).into()).collect(),
    };
    let workflows = components.contains(&Component::Workflow);
    let names_others = args
        .component
        .iter()
        .any(|it| *it != ComponentKind::Workflow);
    if !args.over.is_empty() && !asks_for(Over::Http) && names_others {
        return Err(UsageError::wrong(
            "agents and teams are served over HTTP alone; leave --over out, or use --over http",
        ));
    }
    let over = match args.over.as_slice() {
        [] if wants_http => vec![Over::Http],
        // Agents and teams are served over HTTP alone.
        [] if components.iter().any(|it| *it != Component::Workflow) => {
            let offered = offer.over.iter().copied();
            let others = offered.filter(|it| *it != Over::Http);
            others.chain([Over::Http]).collect()
        }
        [] => offer.over.clone(),
        named => named.to_vec(),
    };
    let is_chosen = |wire: &Wire| match wire {
        Wire::WebSocket => over.contains(&Over::Websocket) && workflows,
        Wire::Http(component) => over.contains(&Over::Http) && components.contains(component),
    };
    Ok(Wire::ALL.into_iter().filter(is_chosen).collect())
}

/// The only wire that a command looks at: the WebSocket where neither URL nor options say anything else.
///
/// # Errors
///
/// [`UsageError`] where the options contradict each other, or name several.
pub fn one_wire(url: Option<&str>, args: &WireArgs) -> Result<Wire, UsageError> {
    match wires(url, args, &Offer::websocket())?.as_slice() {
        [one] => Ok(*one),
        _ => Err(UsageError::wrong(
            "this looks at one wire and one kind of component; name one with --over and --component",
        )),
    }
}

/// Whether a server is named by its HTTP address, and not by its WebSocket with another scheme.
#[must_use]
pub fn is_http(url: &str) -> bool {
    let has_scheme = url.starts_with("http://") || url.starts_with("https://");
    has_scheme && !url.contains("/workflows/ws")
}

/// The workflow WebSocket of AgentOS at this HTTP address.
#[must_use]
pub fn websocket_of(http_url: &str) -> String {
    let rest = http_url.trim_start_matches("http").trim_end_matches('/');
    format!("ws{rest}/workflows/ws")
}
