//! LIVENESS-2: a run in which nothing happens for long.

use std::time::Duration;

use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::{EntryKind, Part, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada and Ben watch a run that says nothing after event 5.
fn quiet(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.plays("w", Part::Quiet);
    record.note(
        "the suite",
        0,
        EntryKind::Quiet(Duration::from_millis(1500)),
    );
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..4);
    record.opens("Ben").returns("Ben", Some("r"), Null);
    record
        .catch_up("Ben", "r", 4, 4)
        .events("Ben", &run(), 0..4)
        .subscribed("Ben", "r", 4);
    both(&mut record, 4..6);
    make(&mut record);
    record.done()
}

fn both(record: &mut Record, range: std::ops::Range<u64>) {
    for index in range {
        record
            .first("Ada", &run(), index..index + 1)
            .events("Ben", &run(), index..index + 1);
    }
}

pub const CASES: &[Case] = &[
    ("the stream goes on", Passed("LIVENESS-2"), || {
        quiet(|r| {
            r.watches("Ben");
            both(r, 6..12);
        })
    }),
    (
        "the server closes the stream meanwhile",
        Breaks(&["LIVENESS-2"]),
        || {
            quiet(|r| {
                r.watches("Ben").closed("Ben").first("Ada", &run(), 6..12);
            })
        },
    ),
    (
        "somebody gets nothing more",
        Breaks(&["LIVENESS-2", "HISTORY-1"]),
        || {
            quiet(|r| {
                r.watches("Ben");
                r.first("Ada", &run(), 6..12).watches("Ada").gives_up("Ben");
            })
        },
    ),
    (
        "the first event after it is lost",
        Breaks(&["LIVENESS-2", "START-2"]),
        || {
            quiet(|r| {
                r.watches("Ben");
                r.first("Ada", &run(), 7..12).events("Ben", &run(), 6..12);
            })
        },
    ),
    (
        "there is no such stretch",
        Nothing("LIVENESS-2", "the longest stretch without events"),
        || quiet(|r| both(r, 6..12)),
    ),
    (
        "the network ends the connection meanwhile",
        Nothing("LIVENESS-2", "lost the connection"),
        || {
            quiet(|r| {
                r.watches("Ben").ends("Ben").ends("Ada");
            })
        },
    ),
    (
        "no run is quiet",
        Nothing("LIVENESS-2", "no run of the part `quiet`"),
        || {
            let mut record = Record::new();
            record.plays("w", Part::Long).opens("Ada");
            record.starts("Ada", Some("w"), &run().session);
            record.first("Ada", &run(), 0..12);
            record.done()
        },
    ),
];
