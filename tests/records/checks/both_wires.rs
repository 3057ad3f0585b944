//! A run that is followed over the WebSocket and over HTTP.

use std::ops::Range;

use reconnect_acceptance::protocol::Component::Workflow;
use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::{EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use super::over_http::{ends, starts};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// Ada has watched a run over HTTP to its end; it is replayed over the WebSocket with this status, and event 3 with
/// this text.
fn replayed(status: &str, word: &str) -> Record {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), 0..6);
    ends(&mut record, "Ada");
    record.opens("Ben").returns("Ben", Some("r"), Null);
    record
        .replay("Ben", "r", status, 6)
        .events("Ben", &run(), 0..3)
        .gets("Ben", &run().event(3).replace("word 3", word))
        .events("Ben", &run(), 4..6);
    record
}

fn asked(record: &mut Record, text: &str) {
    let asked = EntryKind::HttpRequest {
        method: "GET".to_owned(),
        path: "/workflows/w/runs/r?session_id=s".to_owned(),
        with_token: false,
    };
    record.note("Cleo", 0, asked);
    let (status, text) = (200, text.to_owned());
    record.note("Cleo", 0, EntryKind::HttpResponse { status, text });
}

/// It is replayed over HTTP, too, and its status is asked for.
fn told(websocket: &str, state: &str) -> Transcript {
    let mut record = replayed(websocket, "word 3");
    super::over_http::asks(&mut record, "Cleo", Null);
    record
        .tells("Cleo", EntryKind::Opened)
        .replay("Cleo", "r", "COMPLETED", 6)
        .events("Cleo", &run(), 0..6);
    ends(&mut record, "Cleo");
    asked(&mut record, state);
    record.done()
}

/// Ben is refused a run over the WebSocket, and Ada starts one over HTTP, and gets these of its events. It is said for
/// each over which wire they speak, or nowhere.
fn each_over_their_own(is_said: bool, events: Range<u64>) -> Transcript {
    let mut record = Record::new();
    if is_said {
        record.note("Ada", 0, EntryKind::SpeaksOverHttp);
    }
    record
        .opens("Ben")
        .returns("Ben", Some("no-such-run"), Null);
    record.error("Ben").pings("Ben").pong("Ben");
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), events);
    ends(&mut record, "Ada");
    record.done()
}

const COMPLETED: &str = r#"{"run_id": "r", "status": "COMPLETED"}"#;

pub const CASES: &[Case] = &[
    ("the same events", Passed("BOTH-1"), || {
        replayed("COMPLETED", "word 3").done()
    }),
    (
        "another event under the same index",
        Breaks(&["BOTH-1", "IDENTITY-1", "IDENTITY-2"]),
        || replayed("COMPLETED", "wort 3").done(),
    ),
    (
        "one wire alone",
        Nothing("BOTH-1", "over both wires"),
        || {
            let mut record = Record::new();
            starts(&mut record, "Ada", Workflow);
            record.first("Ada", &run(), 0..6);
            ends(&mut record, "Ada");
            record.done()
        },
    ),
    ("the same status", Passed("BOTH-2"), || {
        told("completed", COMPLETED)
    }),
    (
        "the state says that the run goes on",
        Breaks(&["BOTH-2"]),
        || told("COMPLETED", r#"{"status": "RUNNING"}"#),
    ),
    (
        "the WebSocket says that the run has failed",
        Breaks(&["BOTH-2", "REPLAY-3"]),
        || told("ERROR", COMPLETED),
    ),
    (
        "nobody asks for the state",
        Nothing("BOTH-2", "over HTTP"),
        || replayed("COMPLETED", "word 3").done(),
    ),
    (
        "each has a wire of their own, and the greeting is that of the WebSocket",
        Passed("GREETING-1"),
        || each_over_their_own(true, 0..6),
    ),
    (
        "each has a wire of their own, and the connection after a refusal is the WebSocket",
        Passed("REFUSAL-3"),
        || each_over_their_own(true, 0..6),
    ),
    (
        "each has a wire of their own, and the stream ends in the middle of the run",
        Breaks(&["STREAM-1", "START-3"]),
        || each_over_their_own(true, 0..4),
    ),
    (
        "nothing says that each has a wire of their own, where the first is the WebSocket",
        Nothing("STREAM-1", "streams of HTTP"),
        || each_over_their_own(false, 0..6),
    ),
    (
        "nothing says that each has a wire of their own, where one is over HTTP",
        Nothing("GREETING-1", "no greeting"),
        || each_over_their_own(false, 0..6),
    ),
    (
        "the answer has no status where it is kept",
        Nothing("BOTH-2", "has no status"),
        || told("COMPLETED", r#"{"content": "much and more"#),
    ),
];
