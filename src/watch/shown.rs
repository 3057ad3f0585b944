//! What a viewer shows, as values, and as lines of JSON for programs.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::Outcome;

/// One thing that is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// An event of the run.
    Event {
        /// The workflow's run id.
        run: Arc<str>,
        /// Its index.
        index: u64,
        /// Its name.
        name: Arc<str>,
    },
    /// From now on the run is in this state.
    State(State),
    /// Events that did not come, although they were asked for again.
    Gap {
        /// The index of the first one.
        first: u64,
        /// The index of the last one.
        last: u64,
    },
    /// Something else that a person should know.
    Note(String),
}

/// What a viewer says about its run. Only changes are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Every event is shown as it happens.
    Live,
    /// The connection was lost, for this reason.
    Away(String),
    /// What was missed is coming: so many events, where that is known.
    CatchingUp(Option<u64>),
    /// The run waits for a person.
    Paused,
    /// The run is over.
    Ended(Outcome),
    /// The server refuses what was asked for, with this text.
    Refused(String),
}

/// How it ended for the viewer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// The run is over.
    Ended(Outcome),
    /// The server has refused.
    Refused,
    /// How the run ends is not known: the viewer has given up.
    Unknown,
}

impl State {
    /// The word for it in lines of JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Away(_) => "away",
            Self::CatchingUp(_) => "catching_up",
            Self::Paused => "paused",
            Self::Ended(_) => "ended",
            Self::Refused(_) => "refused",
        }
    }
}

impl Shown {
    /// One line of JSON, without its end; `None` for what only people read. `run` is the run's id, once it is
    /// known.
    #[must_use]
    pub fn to_json(&self, run: Option<&str>) -> Option<String> {
        let mut line = match self {
            Self::Event { run, index, name } => {
                return Some(
                    json!({"shown": {"run": **run, "event_index": index, "event": **name}})
                        .to_string(),
                );
            }
            Self::Gap { first, last } => json!({"gap": {"first": first, "last": last}}),
            Self::State(state) => {
                let mut line = json!({"state": state.word()});
                let (name, value) = match state {
                    State::Ended(outcome) => ("status", Value::from(outcome.to_string())),
                    State::Away(why) | State::Refused(why) => ("reason", Value::from(&**why)),
                    State::CatchingUp(Some(missed)) => ("missed", Value::from(*missed)),
                    State::Paused => ("status", Value::from("paused")),
                    State::Live | State::CatchingUp(None) => return with_run(line, run),
                };
                line[name] = value;
                line
            }
            Self::Note(_) => return None,
        };
        with_run(line.take(), run)
    }
}

fn with_run(mut line: Value, run: Option<&str>) -> Option<String> {
    if let Some(run) = run {
        line["run"] = Value::from(run);
    }
    Some(line.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_one_line_of_json_each() {
        let event = Shown::Event {
            run: "r\n\u{1b}".into(),
            index: 12,
            name: "RunContent".into(),
        };
        let line = |shown: &Shown| {
            let line = shown.to_json(Some("r")).expect("a line");
            assert!(!line.contains(char::is_control), "{line}");
            serde_json::from_str::<Value>(&line).expect("JSON")
        };
        assert_eq!(
            line(&event),
            json!({"shown": {"run": "r\n\u{1b}", "event_index": 12, "event": "RunContent"}})
        );
        for (state, expected) in [
            (State::Live, json!({"state": "live", "run": "r"})),
            (
                State::Away("reset\n".into()),
                json!({"state": "away", "reason": "reset\n", "run": "r"}),
            ),
            (
                State::CatchingUp(Some(3)),
                json!({"state": "catching_up", "missed": 3, "run": "r"}),
            ),
            (
                State::Paused,
                json!({"state": "paused", "status": "paused", "run": "r"}),
            ),
            (
                State::Ended(Outcome::Failed),
                json!({"state": "ended", "status": "failed", "run": "r"}),
            ),
            (
                State::Refused("no".into()),
                json!({"state": "refused", "reason": "no", "run": "r"}),
            ),
        ] {
            assert_eq!(line(&Shown::State(state)), expected);
        }
        assert_eq!(
            line(&Shown::Gap { first: 3, last: 4 }),
            json!({"gap": {"first": 3, "last": 4}, "run": "r"})
        );
        assert_eq!(Shown::Note("hello".into()).to_json(None), None);
        let bare = Shown::State(State::Live).to_json(None);
        assert_eq!(bare.as_deref(), Some(r#"{"state":"live"}"#));
    }
}
