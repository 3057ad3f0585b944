//! Streams over HTTP: how they end, what they say meanwhile, and what becomes of runs that are left.

use std::time::Duration;

use reconnect_acceptance::protocol::Component::Workflow;
use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::{Action, framing};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use super::over_http::{asks, ends, posts, starts};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// Ada starts a run over HTTP, gets these events, and something follows.
fn started(events: std::ops::Range<u64>, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), events);
    make(&mut record);
    record.done()
}

/// A stream on which these many seconds pass after two events, with or without comments meanwhile.
fn quiet(comments: bool, limit: Option<Duration>) -> Transcript {
    let mut record = Record::new();
    if let Some(limit) = limit {
        record.note("the suite", 0, EntryKind::LongestSilence(limit));
    }
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), 0..2);
    if comments {
        record.gets("Ada", ": keepalive\n\n");
    }
    record.tells(
        "Ada",
        EntryKind::TimedOut {
            waiting_for: "anything on the stream".to_owned(),
            after: Duration::from_secs(if comments { 1 } else { 38 }),
        },
    );
    record.done()
}

/// Ada starts a run over HTTP that repeats a text, which comes in these blocks.
fn echoed(blocks: &[&str]) -> Transcript {
    let mut record = Record::new();
    let action = Action::Start {
        workflow_id: Some("w".to_owned()),
        message: json!("one\u{2028}two"),
        session_id: Some(run().session),
    };
    posts(&mut record, "Ada", Workflow, &action);
    record.tells("Ada", EntryKind::Opened);
    record.first("Ada", &run(), 0..2);
    for block in blocks {
        record.gets("Ada", block);
    }
    record.departs("Ada");
    record.done()
}

fn repeated() -> String {
    let event = run().event(2).replace("word 2", "one\u{2028}two");
    framing::wrap_sse("RunContent", &event)
}

/// Ada starts a run over HTTP and loses the connection, and Ben returns.
fn left(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record
        .first("Ada", &run(), 0..3)
        .leaves("Ada", Disconnect::Reset);
    asks(&mut record, "Ben", Null);
    record.tells("Ben", EntryKind::Opened);
    make(&mut record);
    record.done()
}

const ASKED: &str = r#"{"status": "PAUSED", "step_requirements": [{"step_id": "a"}]}"#;
const UNASKED: &str = r#"{"status": "PAUSED", "step_requirements": null}"#;
const LONG: &str = r#"{"content": "much and more, and then the end of what is kep"#;

/// The run pauses with the event of a step, and Ada asks how it is, by `GET`.
fn paused(make: impl FnOnce(&mut Record)) -> Transcript {
    started(0..3, |record| {
        record.gets("Ada", &run().own_event(3, "StepPaused"));
        ends(record, "Ada");
        make(record);
    })
}

fn state(record: &mut Record, text: &str) {
    let asked = EntryKind::HttpRequest {
        method: "GET".to_owned(),
        path: "/workflows/w/runs/r".to_owned(),
        with_token: false,
    };
    record.note("Ada", 0, asked);
    let (status, text) = (200, text.to_owned());
    record.note("Ada", 0, EntryKind::HttpResponse { status, text });
}

/// A run that pauses with event 3 and ends with event 7.
fn long() -> Run {
    Run::new("r", 8)
}

/// Ada lets the paused run go on, and gets these events of it.
fn continued(events: std::ops::Range<u64>, make: impl FnOnce(&mut Record)) -> Transcript {
    paused(|record| {
        let action = Action::Continue {
            workflow_id: Some("w".to_owned()),
            run_id: Some("r".to_owned()),
            session_id: Some(run().session),
            step_requirements: json!([{"step_id": "a", "confirmed": true}]),
        };
        posts(record, "Ada", Workflow, &action);
        record.tells("Ada", EntryKind::Opened);
        record.first("Ada", &long(), events);
        make(record);
    })
}

/// Ben returns to it, and it is replayed up to here.
fn replayed(record: &mut Record, until: u64) {
    replayed_as("COMPLETED", record, until);
}

fn replayed_as(status: &str, record: &mut Record, until: u64) {
    asks(record, "Ben", At(2));
    record
        .tells("Ben", EntryKind::Opened)
        .replay("Ben", "r", status, until - 3)
        .gets("Ben", &run().own_event(3, "StepPaused"))
        .events("Ben", &long(), 4..until);
    ends(record, "Ben");
}

fn unstreamed(until: u64) -> Transcript {
    paused(|record| {
        record.asks("Ada", "/workflows/w/runs/r/continue", 200, "{}");
        replayed(record, until);
    })
}

pub const CASES: &[Case] = &[
    ("a stream ends with its run", Passed("STREAM-1"), || {
        started(0..6, |record| ends(record, "Ada"))
    }),
    (
        "a stream ends in the middle",
        Breaks(&["STREAM-1", "START-3"]),
        || started(0..4, |record| ends(record, "Ada")),
    ),
    (
        "a stream stays open after the ending",
        Breaks(&["STREAM-1"]),
        || {
            started(0..6, |record| {
                record.gives_up("Ada");
            })
        },
    ),
    (
        "the viewer leaves before the stream ends",
        Nothing("STREAM-1", "Ada left before the stream ended"),
        || {
            started(0..6, |record| {
                record.leaves("Ada", Disconnect::Reset);
            })
        },
    ),
    ("a comment in the quiet", Passed("STREAM-2"), || {
        quiet(true, None)
    }),
    (
        "not even a comment for half a minute",
        Breaks(&["STREAM-2"]),
        || quiet(false, None),
    ),
    (
        "a shorter limit, as the target declares",
        Breaks(&["STREAM-2"]),
        || quiet(false, Some(Duration::from_secs(5))),
    ),
    (
        "nothing stands still",
        Nothing("STREAM-2", "nothing to say for 30s"),
        || started(0..6, |record| ends(record, "Ada")),
    ),
    ("a separator comes whole", Passed("STREAM-3"), || {
        echoed(&[&repeated()])
    }),
    (
        "a separator ends the line",
        Breaks(&["STREAM-3", "CONTENT-2"]),
        || {
            let block = repeated();
            let (before, _) = block.split_once('\u{2028}').expect("a separator");
            echoed(&[&format!("{before}\n\n")])
        },
    ),
    (
        "only plain text is sent",
        Nothing("STREAM-3", "plain text only"),
        || started(0..6, |record| ends(record, "Ada")),
    ),
    ("the run goes on without Ada", Passed("STREAM-4"), || {
        left(|record| {
            record
                .catch_up("Ben", "r", 4, 4)
                .events("Ben", &run(), 0..4)
                .subscribed("Ben", "r", 4)
                .events("Ben", &run(), 4..6);
            ends(record, "Ben");
        })
    }),
    (
        "the run is cancelled as Ada leaves",
        Breaks(&["STREAM-4"]),
        || {
            left(|record| {
                let run = Run::cancelled("r", 6);
                record
                    .replay("Ben", "r", "CANCELLED", 6)
                    .events("Ben", &run, 0..6);
                ends(record, "Ben");
            })
        },
    ),
    (
        "nobody sees what becomes of the run",
        Nothing("STREAM-4", "Ben left"),
        || {
            left(|record| {
                record.catch_up("Ben", "r", 4, 4).departs("Ben");
            })
        },
    ),
    ("the state has the question", Passed("STREAM-5"), || {
        paused(|record| state(record, ASKED))
    }),
    ("the question is nowhere", Breaks(&["STREAM-5"]), || {
        paused(|record| state(record, UNASKED))
    }),
    (
        "the state is longer than what is kept of it",
        Nothing("STREAM-5", "longer than what the suite keeps"),
        || paused(|record| state(record, LONG)),
    ),
    (
        "what follows a pause is replayed",
        Passed("CONTINUE-1"),
        || {
            continued(4..8, |record| {
                ends(record, "Ada");
                replayed(record, 8);
            })
        },
    ),
    (
        "all of it is replayed, as of a run that waits",
        Breaks(&["REPLAY-3"]),
        || {
            continued(4..8, |record| {
                ends(record, "Ada");
                replayed_as("PAUSED", record, 8);
            })
        },
    ),
    (
        "what follows a pause is replayed where nobody watched",
        Passed("CONTINUE-1"),
        || unstreamed(8),
    ),
    (
        "nothing is kept of what follows",
        Breaks(&["CONTINUE-1", "START-3"]),
        || unstreamed(4),
    ),
    (
        "the answer says that the run is over, and the replay that it waits",
        Breaks(&["CONTINUE-1"]),
        || {
            paused(|record| {
                let over = r#"{"status": "COMPLETED"}"#;
                record.asks("Ada", "/workflows/w/runs/r/continue", 200, over);
                replayed_as("PAUSED", record, 4);
            })
        },
    ),
    (
        "the answer does not say how the run is, and the replay that it waits",
        Nothing("CONTINUE-1", "the run had paused"),
        || {
            paused(|record| {
                record.asks("Ada", "/workflows/w/runs/r/continue", 200, "{}");
                replayed_as("PAUSED", record, 4);
            })
        },
    ),
    (
        "nobody returns",
        Nothing("CONTINUE-1", "nobody returned"),
        || continued(4..8, |record| ends(record, "Ada")),
    ),
    (
        "the run goes on without the one who let it",
        Passed("CONTINUE-2"),
        || {
            continued(4..5, |record| {
                record.leaves("Ada", Disconnect::Reset);
                replayed(record, 8);
            })
        },
    ),
    (
        "the run is gone with the one who let it go on",
        Breaks(&["CONTINUE-2", "CONTINUE-1", "CATCHUP-1"]),
        || {
            continued(4..5, |record| {
                record.leaves("Ada", Disconnect::Reset);
                asks(record, "Ben", At(2));
                record.tells("Ben", EntryKind::Opened).error("Ben");
                ends(record, "Ben");
            })
        },
    ),
    (
        "the one who let it go on stays",
        Nothing("CONTINUE-2", "no viewer left"),
        || {
            continued(4..8, |record| {
                ends(record, "Ada");
                replayed(record, 8);
            })
        },
    ),
];
