//! POSITION.

use reconnect_acceptance::protocol::Position::{self, At, Null, Odd};
use reconnect_acceptance::transcript::{Disconnect, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has started a run and seen four events; Ben returns with this position.
fn returned(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4);
    record.opens("Ben").returns("Ben", Some("r"), position);
    make(&mut record);
    record.done()
}

/// Ada has seen all of a run; Ben returns with this position.
fn after_the_end(position: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .opens("Ben")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..12)
        .returns("Ben", Some("r"), At(position));
    make(&mut record);
    record.done()
}

fn told(record: &mut Record, error: &str) {
    record.gets(
        "Ben",
        &json!({"event": "error", "error": error}).to_string(),
    );
}

pub const CASES: &[Case] = &[
    ("beyond, and refused", Passed("POSITION-1"), || {
        returned(At(999), |r| {
            r.error("Ben").first("Ada", &run(), 4..12);
        })
    }),
    (
        "beyond where the run stands still, and refused",
        Passed("POSITION-1"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..4)
                .held(&run().session, 3);
            r.opens("Ben").returns("Ben", Some("r"), At(5)).error("Ben");
            r.done()
        },
    ),
    ("beyond, and subscribed", Breaks(&["POSITION-1"]), || {
        returned(At(999), |r| {
            r.subscribed("Ben", "r", 4)
                .first("Ada", &run(), 4..12)
                .events("Ben", &run(), 4..12);
        })
    }),
    (
        "ahead of what was seen, but perhaps not of the run",
        Nothing("POSITION-1", "is not known"),
        || {
            returned(At(6), |r| {
                r.subscribed("Ben", "r", 7)
                    .first("Ada", &run(), 4..12)
                    .events("Ben", &run(), 7..12);
            })
        },
    ),
    (
        "beyond a finished run",
        Nothing("POSITION-1", "had finished"),
        || {
            after_the_end(999, |r| {
                r.replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &run(), 0..12);
            })
        },
    ),
    ("no number, and refused", Passed("POSITION-2"), || {
        returned(Odd(json!("latest")), |r| {
            r.error("Ben");
        })
    }),
    (
        "no number, and the history comes",
        Breaks(&["POSITION-2"]),
        || {
            returned(Odd(json!(true)), |r| {
                r.catch_up("Ben", "r", 4, 4)
                    .events("Ben", &run(), 0..4)
                    .subscribed("Ben", "r", 4);
            })
        },
    ),
    (
        "no number, and an interpreter's words come",
        Breaks(&["POSITION-2"]),
        || {
            returned(Odd(json!([1])), |r| {
                told(r, "'>' not supported between instances of 'int' and 'list'");
            })
        },
    ),
    (
        "no number, and the connection is closed",
        Breaks(&["POSITION-2"]),
        || {
            returned(Odd(json!([1])), |r| {
                r.closed("Ben");
            })
        },
    ),
    (
        "no number, and the connection is cut",
        Nothing("POSITION-2", "lost the connection"),
        || {
            returned(Odd(json!([1])), |r| {
                r.ends("Ben");
            })
        },
    ),
    (
        "no number, for a finished run",
        Nothing("POSITION-2", "had finished"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..12);
            r.opens("Ben")
                .returns("Ben", Some("r"), Odd(json!("x")))
                .replay("Ben", "r", "COMPLETED", 12)
                .events("Ben", &run(), 0..12);
            r.done()
        },
    ),
    (
        "beyond, and only the ending",
        Breaks(&["POSITION-1"]),
        || {
            returned(At(999), |r| {
                r.subscribed("Ben", "r", 4)
                    .first("Ada", &run(), 4..12)
                    .events("Ben", &run(), 11..12);
            })
        },
    ),
    ("beyond, and an error", Passed("POSITION-3"), || {
        returned(At(999), |r| {
            r.error("Ben").first("Ada", &run(), 4..12);
        })
    }),
    (
        "beyond, and silence to the end",
        Breaks(&["POSITION-3", "POSITION-1"]),
        || {
            returned(At(999), |r| {
                r.subscribed("Ben", "r", 4)
                    .first("Ada", &run(), 4..12)
                    .gives_up("Ben");
            })
        },
    ),
    (
        "beyond, and left before the end",
        Nothing("POSITION-3", "not known"),
        || {
            returned(At(999), |r| {
                r.subscribed("Ben", "r", 4).leaves("Ben", Disconnect::Reset);
            })
        },
    ),
    ("own indices", Passed("POSITION-4"), || {
        returned(Null, |r| {
            r.catch_up("Ben", "r", 4, 4)
                .events("Ben", &run(), 0..4)
                .subscribed("Ben", "r", 4)
                .first("Ada", &run(), 4..12)
                .events("Ben", &run(), 4..12);
        })
    }),
    (
        "a negative index",
        Breaks(&["POSITION-4", "POSITION-2"]),
        || {
            returned(Odd(json!(-5)), |r| {
                let event = run().event(3).replace(": 3", ": -4");
                r.catch_up("Ben", "r", 1, 4)
                    .gets("Ben", &event.replace(":3", ":-4"))
                    .subscribed("Ben", "r", 4);
            })
        },
    ),
    (
        "an index beyond the ending",
        Breaks(&["POSITION-4", "HISTORY-1"]),
        || {
            returned(Null, |r| {
                let event = run().event(3).replace("index\":3", "index\":1003");
                r.catch_up("Ben", "r", 4, 4)
                    .events("Ben", &run(), 0..3)
                    .gets("Ben", &event)
                    .subscribed("Ben", "r", 4)
                    .first("Ada", &run(), 4..12)
                    .events("Ben", &run(), 4..12);
            })
        },
    ),
    (
        "nobody returned",
        Nothing("POSITION-4", "no viewer returned"),
        || {
            let mut r = Record::new();
            r.opens("Ada");
            r.done()
        },
    ),
    (
        "the ending's index, and a replay",
        Passed("POSITION-5"),
        || {
            after_the_end(11, |r| {
                r.replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &run(), 0..12);
            })
        },
    ),
    (
        "the ending's index, and the ending once more",
        Passed("POSITION-5"),
        || {
            after_the_end(11, |r| {
                r.subscribed("Ben", "r", 12).events("Ben", &run(), 11..12);
            })
        },
    ),
    (
        "the ending's index, and silence",
        Breaks(&["POSITION-5"]),
        || {
            after_the_end(11, |r| {
                r.subscribed("Ben", "r", 12).gives_up("Ben");
            })
        },
    ),
    (
        "the ending's index, and no time to answer",
        Nothing("POSITION-5", "left before the server had to say"),
        || {
            after_the_end(11, |r| {
                r.subscribed("Ben", "r", 12).departs("Ben");
            })
        },
    ),
];
