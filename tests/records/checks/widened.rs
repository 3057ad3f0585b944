//! What sentences ask for in situations that are rarer than those of their families.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has started the run, and its event 5 is this one.
fn with_event_5(event: &str) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record
        .first("Ada", &run(), 0..5)
        .gets("Ada", event)
        .first("Ada", &run(), 6..12);
    record.done()
}

/// Ada has seen events 0 to 3 and is back, while Ben was given all up to 8 before.
fn beside_ben(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..4).departs("Ada");
    record.opens("Ben").returns("Ben", Some("r"), Null);
    record
        .catch_up("Ben", "r", 4, 4)
        .events("Ben", &run(), 0..4)
        .subscribed("Ben", "r", 4)
        .events("Ben", &run(), 4..9);
    record.opens("Ada").returns("Ada", Some("r"), At(3));
    make(&mut record);
    record.done()
}

/// Ada is slow to read what she missed, and the run fails meanwhile.
fn fails_meanwhile(make: impl FnOnce(&mut Record)) -> Transcript {
    let run = Run::failing("r", 12);
    let mut record = Record::new();
    record.opens("Ben").starts("Ben", Some("w"), &run.session);
    record
        .first("Ben", &run, 0..8)
        .opens("Ada")
        .returns("Ada", Some("r"), Null)
        .catch_up("Ada", "r", 8, 8)
        .first("Ben", &run, 8..12)
        .events("Ada", &run, 0..8)
        .subscribed("Ada", "r", 8)
        .events("Ada", &run, 8..11);
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "an inner run begins, whose events name both runs",
        Passed("START-1"),
        || {
            with_event_5(
                r#"{"event": "WorkflowStarted", "run_id": "inner", "workflow_run_id": "r",
                    "nested_depth": 1, "event_index": 5}"#,
            )
        },
    ),
    ("the run begins twice", Breaks(&["START-1"]), || {
        with_event_5(r#"{"event": "WorkflowStarted", "run_id": "r", "event_index": 5}"#)
    }),
    (
        "as many are announced as others were given",
        Passed("CATCHUP-2"),
        || {
            beside_ben(|r| {
                r.catch_up("Ada", "r", 5, 9)
                    .events("Ada", &run(), 4..9)
                    .subscribed("Ada", "r", 9)
                    .events("Ada", &run(), 9..12);
            })
        },
    ),
    (
        "fewer are announced than others were given",
        Breaks(&["CATCHUP-2"]),
        || {
            beside_ben(|r| {
                r.catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "the run fails while missed events are sent",
        Passed("SEAM-1"),
        || {
            fails_meanwhile(|r| {
                r.events("Ada", &Run::failing("r", 12), 11..12);
            })
        },
    ),
    (
        "the run fails while missed events are sent, and that is not told",
        Breaks(&["SEAM-1", "HISTORY-1", "FAILING-1"]),
        || {
            fails_meanwhile(|r| {
                r.watches("Ben").gives_up("Ada");
            })
        },
    ),
    (
        "the run fails while missed events are sent, and the viewer leaves",
        Nothing("SEAM-1", "left before the ending"),
        || {
            fails_meanwhile(|r| {
                r.departs("Ada");
            })
        },
    ),
];
