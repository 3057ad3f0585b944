//! HTTP: runs that a plain request started.

use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has started a run by a plain request, and Ben returns to it.
fn returned(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.starts_beside("Ada", &run());
    record.opens("Ben").returns("Ben", Some("r"), Null);
    make(&mut record);
    record.done()
}

fn caught_up(record: &mut Record) {
    record
        .catch_up("Ben", "r", 5, 5)
        .events("Ben", &run(), 0..5)
        .subscribed("Ben", "r", 5);
}

pub const CASES: &[Case] = &[
    ("the run is watched live", Passed("HTTP-1"), || {
        returned(|r| {
            caught_up(r);
            r.events("Ben", &run(), 5..12);
        })
    }),
    ("the run is unknown", Breaks(&["HTTP-1"]), || {
        returned(|r| {
            r.error("Ben");
        })
    }),
    (
        "nothing comes live, though the run went on",
        Breaks(&["HTTP-1"]),
        || {
            returned(|r| {
                caught_up(r);
                r.gives_up("Ben").opens("Cleo");
                r.returns("Cleo", Some("r"), Null)
                    .replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..12)
                    .departs("Ben");
            })
        },
    ),
    (
        "nothing comes live, and nothing is known of the run",
        Nothing("HTTP-1", "a slow run"),
        || {
            returned(|r| {
                caught_up(r);
                r.gives_up("Ben");
            })
        },
    ),
    (
        "the run had finished",
        Nothing("HTTP-1", "had finished when Ben returned"),
        || {
            returned(|r| {
                r.replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &run(), 0..12);
            })
        },
    ),
    (
        "the server starts none",
        Nothing("HTTP-1", "no run was started over HTTP: HTTP 404"),
        || {
            let mut record = Record::new();
            record.asks("Ada", "/workflows/w/runs", 404, "");
            record.done()
        },
    ),
];
