//! What becomes of each requirement over HTTP: the sentences were written for the WebSocket.

/// How a requirement binds a server whose viewers speak over HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OverHttp {
    /// As its sentence says.
    Same,
    /// In these words instead.
    Adapted(&'static str),
    /// Not at all, for this reason.
    NotApplicable(&'static str),
}

use OverHttp::{Adapted, NotApplicable, Same};

const NO_GREETING: &str = "HTTP has no greeting and no `ping`";
const ONE_REQUEST: &str =
    "over HTTP each request has a connection of its own, and a stream takes no further one";
const NOT_YET: &str = "the suite does not judge this over HTTP yet";
const PAUSE_ENDS: &str = "over HTTP the stream ends with the pause, so nobody can stay";

/// How the requirement of this id binds over HTTP.
#[must_use]
pub fn over_http(id: &str) -> OverHttp {
    match id {
        "GREETING-1" | "GREETING-2" => NotApplicable(NO_GREETING),
        "AUTH-1" | "AUTH-2" | "AUTH-3" | "AUTH-4" | "OWNER-2" | "OWNER-3" | "MALFORMED-1"
        | "MALFORMED-2" | "VIEWERS-4" => NotApplicable(NOT_YET),
        "AUTH-5" => NotApplicable("over HTTP the token goes with each request (AUTH-2)"),
        "START-7" | "VIEWERS-7" | "VIEWERS-9" | "REFUSAL-3" => NotApplicable(ONE_REQUEST),
        "REFUSAL-2" => NotApplicable("over HTTP the run is a part of the path"),
        "CLOSE-1" => NotApplicable("HTTP has no closing handshake"),
        "PAUSE-3" => NotApplicable(PAUSE_ENDS),
        "START-4" => Adapted(
            "A start of a workflow that does not exist is refused by a status (404), and starts nothing.",
        ),
        "POSITION-2" => Adapted(
            "A position that is not a whole number from 0 is refused by a status (422) or by `error`.",
        ),
        "REPLAY-1" => Adapted(
            "A viewer who returns to a finished run gets `replay` and then every event after the position that \
             they name, or all from index 0 where they name none.",
        ),
        "REPLAY-4" => Adapted("After a replay the stream ends; nothing else follows."),
        "REPLAY-5" => {
            Adapted("A replay from one position can be requested again, and is the same as before.")
        }
        "CANCEL-3" => Adapted(
            "A paused run that is cancelled is replayed as cancelled, and refuses to be continued.",
        ),
        "HTTP-1" => Adapted(
            "A viewer can return to a run whose start they did not watch, and gets its live events.",
        ),
        "HISTORY-3" => {
            Adapted("A return whose form names no session is answered like one that names it.")
        }
        _ => Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::registry;

    #[test]
    fn every_id_of_the_table_is_a_requirement() {
        let text = include_str!("over_http.rs");
        let table = text.split("match id {").nth(1).expect("the table");
        let table = table.split("_ => Same").next().expect("the table");
        let id = regex::Regex::new(r#""([A-Z]+-\d+)""#).expect("a pattern");
        let ids: Vec<&str> = id
            .captures_iter(table)
            .map(|it| it.extract::<1>().1[0])
            .collect();
        assert!(ids.len() > 20, "{ids:?}");
        for id in ids {
            assert!(registry::find(id).is_some(), "{id}");
            assert_ne!(over_http(id), Same, "{id}");
        }
    }
}
