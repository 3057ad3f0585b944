//! What a client sends: one JSON object per text frame, told apart by `action`.

use serde_json::{Map, Value, json};

/// What unknown workflow and run ids start with. Requests with such an id must be refused.
pub const NO_SUCH: &str = "no-such-";

/// The wrong token of every scenario, recorded as it is; right ones are recorded masked.
pub const WRONG_TOKEN: &str = "wrong-token";

/// A message from client to server (agno 2.3.17 and later).
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Proves who the client is.
    Authenticate {
        /// The bearer token. Recorded only in its masked form, or as [`WRONG_TOKEN`].
        token: Option<String>,
    },
    /// Asks for `pong`.
    Ping,
    /// Starts a run. There is no answer but its events.
    Start {
        /// The workflow to run; required by the protocol.
        workflow_id: Option<String>,
        /// What the workflow is told.
        message: Value,
        /// The session that the run belongs to.
        session_id: Option<String>,
    },
    /// Returns to a run.
    Reconnect {
        /// The **workflow's** run id; required by the protocol.
        run_id: Option<String>,
        /// The index of the last event that the viewer has seen.
        position: Position,
        /// For the database.
        workflow_id: Option<String>,
        /// For the database.
        session_id: Option<String>,
    },
    /// Lets a paused run go on (agno 2.6.13 and later).
    Continue {
        /// The workflow; required by the protocol.
        workflow_id: Option<String>,
        /// The workflow's run id; required by the protocol.
        run_id: Option<String>,
        /// The session of the run; required by the protocol.
        session_id: Option<String>,
        /// The list of `WorkflowPaused`, with what a person has answered filled in.
        step_requirements: Value,
    },
    /// Anything else: the text as it was sent.
    Other(String),
}

/// The `last_event_index` of a `reconnect`.
#[derive(Clone, Debug, PartialEq)]
pub enum Position {
    /// The index of the last event seen, counted from 0.
    At(u64),
    /// `null`: nothing was seen.
    Null,
    /// The field is left out.
    Absent,
    /// Something else than a whole number from 0: no valid position.
    Odd(Value),
}

impl Position {
    /// The first index that a viewer with this position has not seen; `None` where it is invalid.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        match self {
            Self::At(index) => Some(index.saturating_add(1)),
            Self::Null | Self::Absent => Some(0),
            Self::Odd(_) => None,
        }
    }
}

impl Action {
    /// The text of the frame.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        match self {
            Self::Authenticate { token } => {
                put("action", Some(json!("authenticate")));
                put("token", text(token));
            }
            Self::Ping => put("action", Some(json!("ping"))),
            Self::Start {
                workflow_id,
                message,
                session_id,
            } => {
                put("action", Some(json!("start-workflow")));
                put("workflow_id", text(workflow_id));
                put("message", Some(message.clone()));
                put("session_id", text(session_id));
            }
            Self::Reconnect {
                run_id,
                position,
                workflow_id,
                session_id,
            } => {
                put("action", Some(json!("reconnect")));
                put("run_id", text(run_id));
                let index = match position {
                    Position::At(index) => Some(json!(index)),
                    Position::Null => Some(Value::Null),
                    Position::Absent => None,
                    Position::Odd(value) => Some(value.clone()),
                };
                put("last_event_index", index);
                put("workflow_id", text(workflow_id));
                put("session_id", text(session_id));
            }
            Self::Continue {
                workflow_id,
                run_id,
                session_id,
                step_requirements,
            } => {
                put("action", Some(json!("continue-workflow")));
                put("workflow_id", text(workflow_id));
                put("run_id", text(run_id));
                put("session_id", text(session_id));
                put("step_requirements", Some(step_requirements.clone()));
            }
            Self::Other(text) => return text.clone(),
        }
        Value::Object(fields).to_string()
    }

    /// The action in the text of a frame; [`Action::Other`] where it is no known one.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
            return Self::Other(text.to_owned());
        };
        let word = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        match word("action").as_deref() {
            Some("authenticate") => Self::Authenticate {
                token: word("token"),
            },
            Some("ping") => Self::Ping,
            Some("start-workflow") => Self::Start {
                workflow_id: word("workflow_id"),
                message: fields.get("message").cloned().unwrap_or_else(|| json!("")),
                session_id: word("session_id"),
            },
            Some("reconnect") => Self::Reconnect {
                run_id: word("run_id"),
                position: match fields.get("last_event_index") {
                    None => Position::Absent,
                    Some(Value::Null) => Position::Null,
                    Some(value) => match value.as_u64() {
                        Some(index) => Position::At(index),
                        None => Position::Odd(value.clone()),
                    },
                },
                workflow_id: word("workflow_id"),
                session_id: word("session_id"),
            },
            Some("continue-workflow") => Self::Continue {
                workflow_id: word("workflow_id"),
                run_id: word("run_id"),
                session_id: word("session_id"),
                step_requirements: fields.get("step_requirements").cloned().unwrap_or_default(),
            },
            _ => Self::Other(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for position in [
            Position::At(19),
            Position::Null,
            Position::Absent,
            Position::Odd(json!(-1)),
        ] {
            let action = Action::Reconnect {
                run_id: Some("r".into()),
                position,
                workflow_id: Some("w".into()),
                session_id: None,
            };
            assert_eq!(Action::of(&action.to_text()), action);
        }
        for action in [
            Action::Ping,
            Action::Authenticate {
                token: Some("t".into()),
            },
            Action::Start {
                workflow_id: None,
                message: json!({"a": 1}),
                session_id: Some("s".into()),
            },
            Action::Continue {
                workflow_id: Some("w".into()),
                run_id: Some("r".into()),
                session_id: None,
                step_requirements: json!([{"step_id": "a", "confirmed": true}]),
            },
            Action::Other("[1]".into()),
        ] {
            assert_eq!(Action::of(&action.to_text()), action);
        }
    }
}
