//! HTTP: runs that a plain request started.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Transcript};

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
    ("the history is whole as well", Passed("HISTORY-1"), || {
        returned(|r| {
            caught_up(r);
            r.events("Ben", &run(), 5..12);
        })
    }),
    (
        "the live events stop before the ending, and nothing is known of the run",
        Nothing("HTTP-1", "a slow run"),
        || {
            returned(|r| {
                caught_up(r);
                r.events("Ben", &run(), 5..8).gives_up("Ben");
            })
        },
    ),
    (
        "a live event is lost",
        Breaks(&["HTTP-1", "HISTORY-1", "SEAM-1"]),
        || {
            returned(|r| {
                caught_up(r);
                r.events("Ben", &run(), 6..12);
            })
        },
    ),
    (
        "a live event comes twice",
        Breaks(&["HTTP-1", "HISTORY-1"]),
        || {
            returned(|r| {
                caught_up(r);
                r.events("Ben", &run(), 5..9).events("Ben", &run(), 8..12);
            })
        },
    ),
    (
        "the ending is lost, though the run went on",
        Breaks(&["HTTP-1"]),
        || {
            returned(|r| {
                caught_up(r);
                r.events("Ben", &run(), 5..11).gives_up("Ben").opens("Cleo");
                r.returns("Cleo", Some("r"), Null)
                    .replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..12)
                    .departs("Ben");
            })
        },
    ),
    (
        "the history begins with the second event",
        Breaks(&["HISTORY-1"]),
        || {
            returned(|r| {
                r.catch_up("Ben", "r", 4, 5)
                    .events("Ben", &run(), 1..5)
                    .subscribed("Ben", "r", 5)
                    .events("Ben", &run(), 5..12);
            })
        },
    ),
    (
        "a position is ignored",
        Breaks(&["CATCHUP-3", "CATCHUP-5"]),
        || {
            returned(|r| {
                caught_up(r);
                r.leaves("Ben", Disconnect::Reset)
                    .opens("Ben")
                    .returns("Ben", Some("r"), At(4))
                    .catch_up("Ben", "r", 7, 7)
                    .events("Ben", &run(), 0..7)
                    .subscribed("Ben", "r", 7)
                    .events("Ben", &run(), 7..12);
            })
        },
    ),
    (
        "the replay leaves an event out",
        Breaks(&["REPLAY-1"]),
        || {
            returned(|r| {
                caught_up(r);
                r.events("Ben", &run(), 5..12)
                    .watches("Ben")
                    .returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "COMPLETED", 11)
                    .events("Ben", &run(), 0..3)
                    .events("Ben", &run(), 4..12);
            })
        },
    ),
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
