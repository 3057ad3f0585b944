//! AUTH: what a viewer may do who has not shown a token, or not the right one.
//!
//! - `unauthenticated`: what followed a request before authentication
//! - `gate`: whether a server that asks for a token needs one: AUTH-1, AUTH-3, AUTH-4
//! - `token`: wrong tokens: AUTH-2

mod gate;
mod token;
mod unauthenticated;

use crate::check::requirement::{Level, Requirement};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "AUTH-1",
        level: Level::Must,
        sentence: "Where authentication is required, any action but `authenticate` is answered by `auth_required` and has no effect until the viewer has authenticated.",
        why: "A token that the server asks for but does not need protects nothing. Anybody who knows the address could start runs at somebody else's cost, and read them.",
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
        sentence: "A wrong or missing token is answered by `auth_error` and gives access to nothing.",
        why: "A person with an expired token must be told so, and one with a forged token must get nothing.",
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
        sentence: "A new connection starts unauthenticated, even when its viewer returns to their own run.",
        why: "Viewers return all the time. If a run's id alone gave access, every log that contains a run id would be a key.",
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
        sentence: "A server that asks for a token over HTTP also asks for one on the WebSocket.",
        why: "An operator who has switched authorization on believes that the server is protected. One unprotected endpoint makes the protection of the others useless.",
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
];
