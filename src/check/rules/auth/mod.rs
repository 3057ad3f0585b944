//! AUTH: what a viewer may do who has not shown a token, or not the right one.
//!
//! - `unauthenticated`: what followed a request before authentication
//! - `gate`: whether a server that asks for a token needs one: AUTH-1, AUTH-3, AUTH-4
//! - `token`: wrong tokens: AUTH-2
//! - `expiry`: tokens that expire: AUTH-5

mod expiry;
mod gate;
mod token;
mod unauthenticated;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "AUTH-1",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Where authentication is required, any action but `authenticate` is answered by `auth_required` and has no effect until the viewer has authenticated.",
        why: "A token that the server asks for but does not need protects nothing. Anybody who knows the address could start runs at somebody else's cost, and read them.",
        harm: "A viewer without a token is not asked for one, or is let in.",
        source: "agno-agi/agno #5787",
        good: "\
← {\"event\": \"connected\", \"requires_auth\": true}
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"auth_required\", \"error\": \"Authentication required. …\"}",
        bad: "\
← {\"event\": \"connected\", \"requires_auth\": true}
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}",
        check: check!(gate::new_viewers),
    },
    Requirement {
        id: "AUTH-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A wrong or missing token is answered by `auth_error` and gives access to nothing.",
        why: "A person with an expired token must be told so, and one with a forged token must get nothing.",
        harm: "A viewer with a wrong or missing token is not told so, or is let in.",
        source: "agno-agi/agno #5787",
        good: "\
→ {\"action\": \"authenticate\", \"token\": \"wrong-token\"}
← {\"event\": \"auth_error\", \"error\": \"Invalid token\"}
→ {\"action\": \"ping\"}
← {\"event\": \"auth_required\", …}",
        bad: "\
→ {\"action\": \"authenticate\", \"token\": \"wrong-token\"}
← {\"event\": \"authenticated\", …}
→ {\"action\": \"ping\"}
← {\"event\": \"pong\"}",
        check: check!(token::wrong),
    },
    Requirement {
        id: "AUTH-3",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A new connection starts unauthenticated, even when its viewer returns to their own run.",
        why: "Viewers return all the time. If a run's id alone gave access, every log that contains a run id would be a key.",
        harm: "A viewer who reconnects is not asked for a token again, or is let in without one.",
        source: "users of any resumable stream",
        good: "\
(Ada, who had authenticated, lost the connection and opens another one)
← {\"event\": \"connected\", \"requires_auth\": true}
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"auth_required\", …}",
        bad: "\
(Ada, who had authenticated, lost the connection and opens another one)
← {\"event\": \"connected\", \"requires_auth\": true}
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", \"run_id\": \"r\", \"missed_events\": 5, …}",
        check: check!(gate::returning),
    },
    Requirement {
        id: "AUTH-4",
        level: Level::Must,
        since: "0.1.0",
        sentence: "A server that asks for a token over HTTP also asks for one on the WebSocket.",
        why: "An operator who has switched authorization on believes that the server is protected. One unprotected endpoint makes the protection of the others useless.",
        harm: "The WebSocket does not ask for a token, although the server does over HTTP.",
        source: "users of any resumable stream",
        good: "\
→ GET /workflows, without a token
← 401
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}   without a token
← {\"event\": \"auth_required\", …}",
        bad: "\
→ GET /workflows, without a token
← 401
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}   without a token
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}",
        check: check!(gate::as_over_http),
    },
    Requirement {
        id: "AUTH-5",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A token that expires on an open connection is asked for again before the next action.",
        why: "A connection may stay open for days. If the token counts for as long, a person who was shut out yesterday still starts runs today.",
        harm: "A viewer whose token has expired is not asked for a new one while the connection stays open.",
        source: "users of any resumable stream",
        good: "\
← {\"event\": \"authenticated\", …}
(the token expires)
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"auth_required\", …}",
        bad: "\
← {\"event\": \"authenticated\", …}
(the token expires)
→ {\"action\": \"start-workflow\", \"workflow_id\": \"w\", \"message\": \"…\"}
← {\"event\": \"WorkflowStarted\", \"run_id\": \"r\", \"event_index\": 0, …}",
        check: check!(expiry::asked_again),
    },
];
