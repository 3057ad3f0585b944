//! What the server sends: control messages as agno 3.1.10 words them, and events in two framings.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::{Position, framing};
use crate::reference::model::event::Event;
use crate::reference::model::wire;
use crate::reference::play::Provocation;

/// One message to be sent on a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// A control message: plain JSON.
    Control(Value),
    /// An event for the connection that started the run: wrapped as a server-sent event.
    Wrapped(Arc<Event>),
    /// An event for a viewer who returned: plain JSON.
    Plain(Arc<Event>),
    /// Any other text. Only faults send one.
    Text(String),
    /// A close frame with this code. Only faults close a healthy connection.
    Close(u16),
    /// The connection is dropped without a close frame. Only faults do so.
    Cut,
    /// What is done to a client that is judged.
    Provoked(Provocation),
}

impl Outgoing {
    /// The text of the frame; `None` for the end of the connection.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Control(value) => Some(wire::text(value)),
            Self::Wrapped(event) => Some(framing::wrap_sse(event.name(), event.text())),
            Self::Plain(event) => Some(event.text().to_owned()),
            Self::Text(text) => Some(text.clone()),
            Self::Close(_) | Self::Cut | Self::Provoked(_) => None,
        }
    }

    /// The text of the server-sent event over HTTP, as agno 3.1.10 writes it there: control messages as on
    /// the WebSocket, events without spaces and with every character as it is. `None` for the end of the
    /// connection.
    #[must_use]
    pub fn server_sent(&self) -> Option<String> {
        match self {
            Self::Control(value) => {
                let name = value["event"].as_str().unwrap_or_default();
                Some(framing::wrap_sse(name, &wire::text(value)))
            }
            Self::Wrapped(event) | Self::Plain(event) => {
                Some(framing::wrap_sse(event.name(), &event.compact()))
            }
            Self::Text(text) => Some(block(text)),
            Self::Close(_) | Self::Cut | Self::Provoked(_) => None,
        }
    }

    /// The event, if it is one.
    #[must_use]
    pub fn event(&self) -> Option<&Arc<Event>> {
        match self {
            Self::Wrapped(event) | Self::Plain(event) => Some(event),
            Self::Control(_) | Self::Text(_) | Self::Close(_) | Self::Cut | Self::Provoked(_) => {
                None
            }
        }
    }

    /// Whether it is the control message of this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::Control(value) if value["event"] == name)
    }

    /// The text of a refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Control(value) => value["error"].as_str(),
            _ => None,
        }
    }

    /// Gives a field another value, or takes it out: an event says `null` there then, and one that lacks it
    /// stays as it is. For faults only.
    pub(crate) fn alter(&mut self, field: &str, change: &dyn Fn(&Value) -> Option<Value>) {
        match self {
            Self::Control(Value::Object(fields)) => {
                match change(fields.get(field).unwrap_or(&Value::Null)) {
                    Some(value) => drop(fields.insert(field.to_owned(), value)),
                    None => drop(fields.remove(field)),
                }
            }
            Self::Wrapped(event) | Self::Plain(event) => {
                if let Some(value) = event.field(field) {
                    let value = change(value).unwrap_or_default();
                    *event = Arc::new(event.altered(field, value));
                }
            }
            Self::Control(_) | Self::Text(_) | Self::Close(_) | Self::Cut | Self::Provoked(_) => {}
        }
    }

    /// Sends another event in the place of an event. For faults only.
    pub(crate) fn replace_event(&mut self, change: &dyn Fn(&Event) -> Event) {
        if let Self::Wrapped(event) | Self::Plain(event) = self {
            *event = Arc::new(change(event));
        }
    }
}

/// Any text as one block of a stream: each line that is no field is data.
fn block(text: &str) -> String {
    let is_field = |line: &str| line.starts_with("event: ") || line.starts_with("data: ");
    let lines = text.trim_end_matches('\n').lines();
    let lines = lines.map(|line| match is_field(line) {
        true => format!("{line}\n"),
        false => format!("data: {line}\n"),
    });
    lines.chain(["\n".to_owned()]).collect()
}

/// The greeting.
#[must_use]
pub fn connected(requires_auth: bool) -> Value {
    let message = if requires_auth {
        "Connected to AgentOS. Please authenticate to continue."
    } else {
        "Connected to AgentOS."
    };
    json!({"event": "connected", "message": message, "requires_auth": requires_auth})
}

/// The token was right.
#[must_use]
pub fn authenticated() -> Value {
    json!({"event": "authenticated", "message": "Authentication successful. You can now send commands."})
}

/// The token was this user's: what agno 3.1.10 sends for a JWT, after [`authenticated`].
#[must_use]
pub fn authenticated_as(user: &str) -> Value {
    json!({"event": "authenticated", "message": "JWT authentication successful.", "user_id": user})
}

/// The token was wrong or missing.
#[must_use]
pub fn auth_error(error: &str) -> Value {
    json!({"event": "auth_error", "error": error})
}

/// Something else came before `authenticate`.
#[must_use]
pub fn auth_required() -> Value {
    json!({"event": "auth_required", "error": "Authentication required. Send authenticate action with valid bearer token."})
}

/// The answer to `ping`.
#[must_use]
pub fn pong() -> Value {
    json!({"event": "pong"})
}

/// A refusal, with a text for people.
#[must_use]
pub fn error(error: &str) -> Value {
    json!({"event": "error", "error": error})
}

/// `missed` events follow; the run has had `count`.
#[must_use]
pub fn catch_up(run_id: &str, missed: usize, count: usize) -> Value {
    json!({"event": "catch_up", "run_id": run_id, "status": "running", "missed_events": missed,
        "current_event_count": count, "message": format!("Catching up on {missed} missed events.")})
}

/// Live events follow; the run has had `count`.
#[must_use]
pub fn subscribed(run_id: &str, count: usize) -> Value {
    json!({"event": "subscribed", "run_id": run_id, "status": "running", "current_event_count": count,
        "message": "Subscribed to workflow run. You will receive new events as they occur."})
}

/// All `total` events of a finished run follow; `status` is upper-case.
#[must_use]
pub fn replay(run_id: &str, status: &str, total: usize) -> Value {
    json!({"event": "replay", "run_id": run_id, "status": status, "total_events": total,
        "message": format!("Run {status}. Replaying all events.")})
}

/// The announcement of a replay over HTTP, where only what comes after the position follows: `buffered`
/// events are kept altogether.
#[must_use]
pub fn after_position(mut announcement: Value, buffered: usize, position: &Position) -> Value {
    let requested = match position {
        Position::At(index) => json!(index),
        _ => json!(-1),
    };
    announcement["total_buffered"] = json!(buffered);
    announcement["last_event_index_requested"] = requested;
    announcement
}

/// The same announcement of events, for a viewer who asked for more than is kept: `lost` events
/// before them were dropped. No release sends this; the fields are this server's own.
#[must_use]
pub fn incomplete(mut announcement: Value, lost: u64) -> Value {
    let message = announcement["message"].as_str().unwrap_or_default();
    announcement["message"] = json!(format!("{message} Earlier ones are no longer kept."));
    announcement["dropped_events"] = json!(lost);
    announcement
}
