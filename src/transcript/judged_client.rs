//! What a transcript has besides, where a client is judged: what the suite did to it, and what it showed.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{Cut, TurnedAway};
use crate::transcript::codec;

/// What happens only where a client is judged. Sent and received are seen from the client, as in every transcript:
/// what was received is what the server wrote.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientEntry {
    /// The client was started: its command line.
    Started(String),
    /// The client asked for a WebSocket, or sent a request over HTTP, at this path, with its query; secrets masked.
    Asked {
        /// The path and query.
        path: String,
        /// Whether the client's token was a part of it.
        with_token: bool,
    },
    /// The client answered a WebSocket ping after everything that it had been sent on this connection, and has had
    /// this long since; stored in microseconds.
    #[serde(rename = "settled_us", with = "codec::micros")]
    Settled(Duration),
    /// The suite ends the connection on purpose.
    Cut(Cut),
    /// A try to connect was turned away on purpose.
    TurnedAway(TurnedAway),
    /// What has happened in a run by the end of the scenario, whatever was sent of it.
    RunWas {
        /// The workflow's run id.
        run_id: String,
        /// How many events it has had, whose indices count from 0.
        events: u64,
        /// Its status on the server, in upper case.
        status: String,
    },
    /// The client says that it shows this event.
    Shown {
        /// The workflow's run id.
        run: String,
        /// The event's index.
        event_index: u64,
    },
    /// The client says in what state it shows the run.
    State {
        /// `live`, `away`, `catching_up`, `ended`, `paused`, `refused`, or any other word.
        state: String,
        /// The run's status, where the client names one.
        status: Option<String>,
    },
    /// The client says that these events did not come.
    Gap {
        /// The index of the first one.
        first: u64,
        /// The index of the last one.
        last: u64,
    },
    /// The server was away for this long: every try to connect was turned away, or met a closed port, where the suite
    /// sees nobody; stored in microseconds.
    #[serde(rename = "outage_us", with = "codec::micros")]
    Outage(Duration),
    /// The client has ended.
    Exited {
        /// Its exit code; `None` where a signal ended it.
        code: Option<i32>,
        /// The last line that it wrote to stderr, secrets masked.
        last_line: String,
    },
}

impl fmt::Display for ClientEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(program) => write!(f, "the client was started: {program}"),
            Self::Asked { path, .. } => write!(f, "asks at {path}"),
            Self::Settled(after) => write!(
                f,
                "has read everything: it answered a ping, {:.1} s ago",
                after.as_secs_f64()
            ),
            Self::Cut(cut) => write!(f, "the suite: the connection is {cut}"),
            Self::TurnedAway(how) => write!(f, "the suite: the try to connect is {how}"),
            Self::RunWas { events, status, .. } => {
                write!(f, "the run has had {events} events, and is {status}")
            }
            Self::Shown { event_index, .. } => write!(f, "shows event {event_index}"),
            Self::State {
                state,
                status: Some(status),
            } => write!(f, "shows the run as {state} ({status})"),
            Self::State { state, .. } => write!(f, "shows the run as {state}"),
            Self::Gap { first, last } => {
                write!(f, "shows that the events {first} to {last} did not come")
            }
            Self::Outage(lasted) => write!(
                f,
                "the suite: the server was away for {:.1} s",
                lasted.as_secs_f64()
            ),
            Self::Exited {
                code: Some(code), ..
            } => write!(f, "the client ended with exit code {code}"),
            Self::Exited { .. } => f.write_str("the client was ended by a signal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again() {
        for (entry, stored) in [
            (ClientEntry::Cut(Cut::Reset), r#"{"cut":"reset"}"#),
            (
                ClientEntry::Cut(Cut::Close(1000)),
                r#"{"cut":{"close":1000}}"#,
            ),
            (
                ClientEntry::TurnedAway(TurnedAway::Status(503)),
                r#"{"turned_away":{"status":503}}"#,
            ),
            (
                ClientEntry::Settled(Duration::from_millis(500)),
                r#"{"settled_us":500000}"#,
            ),
            (
                ClientEntry::Exited {
                    code: Some(77),
                    last_line: "no".to_owned(),
                },
                r#"{"exited":{"code":77,"last_line":"no"}}"#,
            ),
        ] {
            let text = serde_json::to_string(&entry).expect("JSON");
            assert_eq!(text, stored);
            assert_eq!(
                serde_json::from_str::<ClientEntry>(stored).expect("an entry"),
                entry
            );
        }
    }
}
