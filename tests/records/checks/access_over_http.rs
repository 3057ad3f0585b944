//! Who is let in over HTTP, and what is no request there: AUTH, OWNER, MALFORMED.

use reconnect_acceptance::protocol::Component::{Agent, Workflow};
use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::{Action, Component, Form, InvalidRequest, Position};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, ShownToken, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use super::over_http::posts;
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

fn start(session: &str) -> Action {
    Action::Start {
        workflow_id: Some("w".to_owned()),
        message: json!("go"),
        session_id: Some(session.to_owned()),
    }
}

fn return_to(run_id: &str, position: Position) -> Action {
    Action::Reconnect {
        run_id: Some(run_id.to_owned()),
        position,
        workflow_id: Some("w".to_owned()),
        session_id: Some(run().session),
    }
}

/// A viewer sends a request about a workflow, with this token.
fn asks(record: &mut Record, viewer: &str, shown: ShownToken, action: &Action) {
    asks_about(record, viewer, Workflow, shown, action);
}

fn asks_about(
    record: &mut Record,
    viewer: &str,
    component: Component,
    shown: ShownToken,
    action: &Action,
) {
    record.begins_another(viewer);
    record.tells(viewer, EntryKind::ShowsToken(shown));
    let form = Form::of(action, component, "w").expect("a request");
    record.tells(viewer, EntryKind::sent(form.to_text()));
}

fn refused(record: &mut Record, viewer: &str, status: u16, text: &str) {
    record.tells(viewer, EntryKind::refused(status, text));
    record.tells(viewer, EntryKind::Ended(None));
}

/// The run's events come in a stream.
fn streams(record: &mut Record, viewer: &str) {
    record.tells(viewer, EntryKind::Opened);
    record.first(viewer, &run(), 0..6);
    record.tells(viewer, EntryKind::StreamEnded { unfinished: 0 });
}

/// Ada asks for the list without a token, and gets this answer.
fn listed(record: &mut Record, list: &str, status: u16) {
    let asked = EntryKind::HttpRequest {
        method: "GET".to_owned(),
        path: list.to_owned(),
        with_token: false,
    };
    record.note("Ada", 0, asked);
    let text = String::new();
    record.note("Ada", 0, EntryKind::HttpResponse { status, text });
}

/// The server asks for a token; Ada starts an agent's run with this one, or none.
fn stranger(shown: ShownToken, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    listed(&mut record, "/agents", 401);
    asks_about(&mut record, "Ada", Agent, shown, &start(&run().session));
    make(&mut record);
    record.done()
}

/// Ada has watched her run with her token, and comes back without it.
fn returning(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    asks(&mut record, "Ada", ShownToken::Own, &start(&run().session));
    record.tells("Ada", EntryKind::Opened);
    record.first("Ada", &run(), 0..3);
    record.leaves("Ada", Disconnect::Close);
    listed(&mut record, "/workflows", 401);
    asks(&mut record, "Ada", ShownToken::None, &return_to("r", At(2)));
    make(&mut record);
    record.done()
}

/// Ada and Ben are different users of a server that answers a list without a token by this status; she has watched a
/// run to its end.
fn two_users(status: u16, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.comes_as("Ada", "one").comes_as("Ben", "other");
    listed(&mut record, "/workflows", status);
    asks(&mut record, "Ada", ShownToken::Own, &start(&run().session));
    streams(&mut record, "Ada");
    make(&mut record);
    record.done()
}

/// Likewise; Ben was refused runs that do not exist, and asks for hers.
fn another_user(make: impl FnOnce(&mut Record)) -> Transcript {
    two_users(401, |record| {
        for unknown in ["q1", "q2"] {
            asks(record, "Ben", ShownToken::Own, &return_to(unknown, Null));
            refused(
                record,
                "Ben",
                404,
                &format!(r#"{{"detail": "No {unknown}"}}"#),
            );
        }
        asks(record, "Ben", ShownToken::Own, &return_to("r", Null));
        make(record);
    })
}

/// Ben's token is not for the workflow of Ada's run, whose start he was refused by this status.
fn forbidden(status: u16, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    let workflow_id = "w".to_owned();
    record.note("Ben", 0, EntryKind::NotPermitted { workflow_id });
    asks(&mut record, "Ada", ShownToken::Own, &start(&run().session));
    streams(&mut record, "Ada");
    asks(&mut record, "Ben", ShownToken::Own, &start("his own"));
    refused(&mut record, "Ben", status, "");
    asks(&mut record, "Ben", ShownToken::Own, &return_to("r", Null));
    make(&mut record);
    record.done()
}

/// Ben sends a start whose body is no form.
fn sends_json(record: &mut Record) {
    let invalid = InvalidRequest {
        method: "POST",
        path: "/workflows/w/runs",
        body: Some(("application/json", "[1, 2, 3]")),
    };
    record.begins_another("Ben");
    record.tells("Ben", EntryKind::sent(invalid.to_text()));
}

fn invalid(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    sends_json(&mut record);
    make(&mut record);
    record.done()
}

/// Ada watches a run, and Ben sends what is no request.
fn beside(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    posts(&mut record, "Ada", Workflow, &start(&run().session));
    record.tells("Ada", EntryKind::Opened);
    record.first("Ada", &run(), 0..2);
    sends_json(&mut record);
    refused(&mut record, "Ben", 422, "");
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    ("401 without a token", Passed("AUTH-1"), || {
        stranger(ShownToken::None, |r| refused(r, "Ada", 401, ""))
    }),
    ("and so it is over HTTP alone", Passed("AUTH-4"), || {
        stranger(ShownToken::None, |r| refused(r, "Ada", 401, ""))
    }),
    (
        "another status without a token",
        Breaks(&["AUTH-1"]),
        || stranger(ShownToken::None, |r| refused(r, "Ada", 403, "")),
    ),
    (
        "a run starts without a token",
        Breaks(&["AUTH-1", "AUTH-4"]),
        || {
            let mut record = Record::new();
            listed(&mut record, "/workflows", 401);
            asks(&mut record, "Ada", ShownToken::None, &start(&run().session));
            streams(&mut record, "Ada");
            record.done()
        },
    ),
    (
        "a list that everybody gets",
        Nothing("AUTH-1", "nothing shows that the server asks"),
        || {
            let mut record = Record::new();
            listed(&mut record, "/workflows", 200);
            asks(&mut record, "Ada", ShownToken::None, &start(&run().session));
            streams(&mut record, "Ada");
            record.done()
        },
    ),
    (
        "the own token is none that is missing",
        Nothing("AUTH-4", "no viewer sent a request without a token"),
        || {
            let mut record = Record::new();
            listed(&mut record, "/workflows", 401);
            asks(&mut record, "Ada", ShownToken::Own, &start(&run().session));
            streams(&mut record, "Ada");
            record.done()
        },
    ),
    ("401 with a wrong token", Passed("AUTH-2"), || {
        stranger(ShownToken::Wrong, |r| refused(r, "Ada", 401, ""))
    }),
    ("a wrong token is told apart", Breaks(&["AUTH-2"]), || {
        stranger(ShownToken::Wrong, |r| refused(r, "Ada", 404, ""))
    }),
    ("a wrong token opens", Breaks(&["AUTH-2"]), || {
        let mut record = Record::new();
        listed(&mut record, "/workflows", 401);
        asks(
            &mut record,
            "Ada",
            ShownToken::Wrong,
            &start(&run().session),
        );
        streams(&mut record, "Ada");
        record.done()
    }),
    (
        "a wrong token, and the connection breaks",
        Nothing("AUTH-2", "lost the connection"),
        || {
            stranger(ShownToken::Wrong, |r| {
                r.ends("Ada");
            })
        },
    ),
    ("401 to who returns without", Passed("AUTH-3"), || {
        returning(|r| refused(r, "Ada", 401, ""))
    }),
    (
        "the run's id alone gives access",
        Breaks(&["AUTH-3", "AUTH-4"]),
        || {
            returning(|r| {
                r.tells("Ada", EntryKind::Opened);
                r.catch_up("Ada", "r", 3, 6).events("Ada", &run(), 3..6);
                r.tells("Ada", EntryKind::StreamEnded { unfinished: 0 });
            })
        },
    ),
    (
        "another user's run is as unknown",
        Passed("OWNER-2"),
        || another_user(|r| refused(r, "Ben", 404, r#"{"detail": "No r"}"#)),
    ),
    (
        "another user's run has another status",
        Breaks(&["OWNER-2"]),
        || another_user(|r| refused(r, "Ben", 403, r#"{"detail": "No r"}"#)),
    ),
    ("another user's run is shown", Breaks(&["OWNER-2"]), || {
        another_user(|r| {
            r.tells("Ben", EntryKind::Opened);
            r.replay("Ben", "r", "COMPLETED", 6);
            r.events("Ben", &run(), 0..6);
            r.tells("Ben", EntryKind::StreamEnded { unfinished: 0 });
        })
    }),
    (
        "a server that asks nobody for a token",
        Nothing("OWNER-2", "did not ask"),
        || {
            two_users(200, |r| {
                asks(r, "Ben", ShownToken::Own, &return_to("r", Null));
                refused(r, "Ben", 404, "");
            })
        },
    ),
    (
        "another user cancels, without success",
        Passed("OWNER-2"),
        || {
            let mut record = Record::new();
            record.comes_as("Ada", "one").comes_as("Ben", "other");
            listed(&mut record, "/workflows", 401);
            asks(&mut record, "Ada", ShownToken::Own, &start(&run().session));
            record.tells("Ada", EntryKind::Opened);
            record.first("Ada", &run(), 0..3);
            record.cancels("Ben", &run(), 404);
            record.first("Ada", &run(), 3..6);
            record.tells("Ada", EntryKind::StreamEnded { unfinished: 0 });
            record.done()
        },
    ),
    ("403 without the permission", Passed("OWNER-3"), || {
        forbidden(403, |r| refused(r, "Ben", 403, ""))
    }),
    (
        "a run is shown without the permission",
        Breaks(&["OWNER-3"]),
        || {
            forbidden(403, |r| {
                r.tells("Ben", EntryKind::Opened);
                r.replay("Ben", "r", "COMPLETED", 6);
                r.events("Ben", &run(), 0..6);
                r.tells("Ben", EntryKind::StreamEnded { unfinished: 0 });
            })
        },
    ),
    (
        "a token that is not taken at all",
        Nothing("OWNER-3", "was not refused a run"),
        || forbidden(401, |r| refused(r, "Ben", 401, "")),
    ),
    ("422 for what is no form", Passed("MALFORMED-1"), || {
        invalid(|r| refused(r, "Ben", 422, ""))
    }),
    (
        "a server error for what is no form",
        Breaks(&["MALFORMED-1"]),
        || invalid(|r| refused(r, "Ben", 500, "")),
    ),
    (
        "what is no form starts a run",
        Breaks(&["MALFORMED-1"]),
        || {
            invalid(|r| {
                r.tells("Ben", EntryKind::Opened);
                r.gives_up("Ben");
            })
        },
    ),
    (
        "no answer to what is no form",
        Breaks(&["MALFORMED-1"]),
        || {
            invalid(|r| {
                r.ends("Ben");
            })
        },
    ),
    (
        "a server that asks for a token first",
        Nothing("MALFORMED-1", "asked to authenticate"),
        || invalid(|r| refused(r, "Ben", 401, "")),
    ),
    (
        "the run beside goes on to its end",
        Passed("MALFORMED-2"),
        || {
            beside(|r| {
                r.first("Ada", &run(), 2..6);
                r.tells("Ada", EntryKind::StreamEnded { unfinished: 0 });
            })
        },
    ),
    (
        "the stream beside ends, and the run is gone",
        Breaks(&["MALFORMED-2", "START-3", "HISTORY-1", "STREAM-1"]),
        || {
            beside(|r| {
                r.tells("Ada", EntryKind::StreamEnded { unfinished: 0 });
                posts(r, "Ada", Workflow, &return_to("r", Null));
                refused(r, "Ada", 404, "");
            })
        },
    ),
];
