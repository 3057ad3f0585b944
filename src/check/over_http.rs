//! What becomes of each requirement over HTTP: the sentences were written for the WebSocket.

use crate::protocol::Component;

/// How a requirement binds over HTTP.
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
const FITS: &str = "over HTTP nothing can be asked for on a stream, so that what nobody reads cannot be made more than the \
     buffers on the way hold";
const PAUSE_ENDS: &str = "over HTTP the stream ends with the pause, so nobody can stay";
const ONE_FRAMING: &str = "over HTTP events have one framing, at the start and after a return";
const ONE_RUN: &str =
    "over HTTP a stream has the events of one run alone, some of which do not name it";

/// How the requirement of this id binds over HTTP.
#[must_use]
pub fn over_http(id: &str) -> OverHttp {
    match id {
        "GREETING-1" | "GREETING-2" => NotApplicable(NO_GREETING),
        "AUTH-1" => Adapted(
            "Where authentication is required, a request without a token is answered by a status (401), and has no \
             effect.",
        ),
        "AUTH-2" => Adapted(
            "A request with a wrong token is answered by a status (401), and gives access to nothing.",
        ),
        "AUTH-3" => {
            Adapted("Each request needs the token, even when its viewer returns to their own run.")
        }
        "AUTH-4" => Adapted(
            "A server that asks for a token for its list of agents, teams or workflows also asks for one for their runs.",
        ),
        "MALFORMED-1" => Adapted(
            "A start whose body is not its form, and a request by another method, are each refused by a status (422, \
             405, or another one from 400 to 499).",
        ),
        "VIEWERS-4" => NotApplicable(FITS),
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
        "CLIENT-LISTEN-1" => NotApplicable(ONE_FRAMING),
        "CLIENT-RETURN-2" => Adapted(
            "A client takes a clean end of the stream before the ending for a lost connection, too.",
        ),
        "CLIENT-RETURN-3" => Adapted(
            "A client notices within the time limit that nothing comes any more, not even a comment.",
        ),
        "CLIENT-NAME-1" => Adapted(
            "A client names the run that it started when it returns, not an agent's inside it.",
        ),
        "CLIENT-NAME-2" => Adapted("A client names the session as well."),
        "CLIENT-POSITION-5" => Adapted("A client's position is a whole number, or left out."),
        "CLIENT-AUTH-1" => {
            Adapted("Where a server asks for a token, a client shows it with every request.")
        }
        "CLIENT-SHOWN-4" => NotApplicable(ONE_RUN),
        _ => Same,
    }
}

/// Why the requirement of this id is about no run of such a component; `None` where it is.
#[must_use]
pub fn not_about(component: Component, id: &str) -> Option<&'static str> {
    match (component, id) {
        (Component::Agent, "CLIENT-NAME-1") => {
            Some("no other run is inside an agent's, whose id could be named instead")
        }
        _ => None,
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
        let id = regex::Regex::new(r#""([A-Z-]+-\d+)""#).expect("a pattern");
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
