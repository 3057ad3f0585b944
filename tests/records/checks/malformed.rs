//! MALFORMED.

use reconnect_acceptance::protocol::{Action, Position};
use reconnect_acceptance::transcript::{DEAD_LINE, EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

fn invalid_message() -> Action {
    Action::Other("[".to_owned())
}

fn said(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").says("Ada", invalid_message());
    make(&mut record);
    record.done()
}

/// Ada watches a run, and Ben says what nobody understands.
fn beside(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..2);
    record.opens("Ben").says("Ben", invalid_message());
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    ("refused", Passed("MALFORMED-1"), || {
        said(|r| {
            r.error("Ada");
        })
    }),
    ("answered by a close", Passed("MALFORMED-1"), || {
        said(|r| {
            r.closed("Ada").ends("Ada");
        })
    }),
    ("cut off", Breaks(&["MALFORMED-1"]), || {
        said(|r| {
            r.ends("Ada");
        })
    }),
    ("met with silence", Breaks(&["MALFORMED-1"]), || {
        said(|r| {
            r.gives_up("Ada");
        })
    }),
    (
        "a binary message is met with silence",
        Breaks(&["MALFORMED-1"]),
        || {
            let mut r = Record::new();
            r.opens("Ada").note("Ada", 1, EntryKind::SentBinary(5));
            r.gives_up("Ada");
            r.done()
        },
    ),
    (
        "left before the refusal",
        Nothing("MALFORMED-1", "or the transcript ends"),
        || {
            said(|r| {
                r.departs("Ada");
            })
        },
    ),
    ("undisturbed", Passed("MALFORMED-2"), || {
        beside(|r| {
            r.error("Ben").first("Ada", &run(), 2..6);
        })
    }),
    (
        "the other connection is closed",
        Breaks(&["MALFORMED-2"]),
        || {
            beside(|r| {
                r.closed("Ben").closed("Ada");
            })
        },
    ),
    (
        "the other connection breaks",
        Nothing("MALFORMED-2", "lost the connection"),
        || {
            beside(|r| {
                r.closed("Ben").ends("Ada");
            })
        },
    ),
    (
        "the other connection breaks, and the run is gone",
        Breaks(&["MALFORMED-2", "HISTORY-1"]),
        || {
            beside(|r| {
                r.closed("Ben").ends("Ada").opens("the suite");
                r.returns("the suite", Some("r"), Position::Null)
                    .error("the suite");
            })
        },
    ),
    (
        "nothing comes any more on the line of who said it",
        Nothing("MALFORMED-1", "was dead"),
        || {
            beside(|r| {
                let dead = format!("{DEAD_LINE}: nothing came");
                r.note("Ben", 1, EntryKind::Ended(Some(dead)));
            })
        },
    ),
    (
        "the other's run is gone",
        Breaks(&["MALFORMED-2", "HISTORY-1"]),
        || {
            beside(|r| {
                r.error("Ben").gives_up("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Position::Null).error("Ben");
            })
        },
    ),
    (
        "the other's run is slow",
        Nothing("MALFORMED-2", "did not see"),
        || {
            beside(|r| {
                r.error("Ben").gives_up("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Position::Null)
                    .catch_up("Ben", "r", 2, 2)
                    .events("Ben", &run(), 0..2)
                    .subscribed("Ben", "r", 2);
            })
        },
    ),
    (
        "the server restarts meanwhile",
        Nothing("MALFORMED-2", "lost the connection"),
        || {
            beside(|r| {
                let (code, reason) = (Some(1012), String::new());
                r.note("Ada", 1, EntryKind::CloseReceived { code, reason });
            })
        },
    ),
    (
        "the other connection breaks much later",
        Nothing("MALFORMED-2", "lost the connection"),
        || {
            beside(|r| {
                r.error("Ben").gives_up("Ada").ends("Ada");
            })
        },
    ),
];
