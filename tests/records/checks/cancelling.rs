//! CANCEL.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Part, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// Cancelled after four events: events 4 and 5 are the end.
fn run() -> Run {
    Run::cancelled("r", 6)
}

fn started() -> Record {
    let mut record = Record::new();
    record.plays("w", Part::Long).opens("Ada");
    record.starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..4);
    record
}

/// Ada watches, and the run is cancelled.
fn watched(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = started();
    record.cancels("Ada", &run(), 200);
    make(&mut record);
    record.done()
}

/// Likewise, where the run stands still while it is cancelled.
fn held(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = started();
    record.held(&run().session, 3);
    record.cancels("Ada", &run(), 200);
    record.released(&run().session);
    make(&mut record);
    record.done()
}

/// Ada is away while Ben cancels the run, which stands still, and comes back.
fn away(status: u16, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = started();
    record.held(&run().session, 3);
    record.leaves("Ada", Disconnect::Reset);
    record.cancels("Ben", &run(), status);
    record.released(&run().session);
    record.opens("Ada").returns("Ada", Some("r"), At(3));
    make(&mut record);
    record.done()
}

/// The same run, had it completed.
fn completed() -> Run {
    Run::new("r", 6)
}

/// The same run, going on for long after it was cancelled.
fn long() -> Run {
    Run::new("r", 40)
}

pub const CASES: &[Case] = &[
    (
        "the run says that it was cancelled",
        Passed("CANCEL-1"),
        || {
            watched(|r| {
                r.first("Ada", &run(), 4..6).watches("Ada");
            })
        },
    ),
    ("without the end of the stream", Passed("CANCEL-1"), || {
        watched(|r| {
            r.first("Ada", &run(), 4..5).watches("Ada");
        })
    }),
    ("something follows the end", Breaks(&["CANCEL-1"]), || {
        watched(|r| {
            r.first("Ada", &run(), 4..6)
                .first("Ada", &Run::new("r", 9), 6..7)
                .watches("Ada");
        })
    }),
    ("it goes on all the same", Breaks(&["CANCEL-1"]), || {
        watched(|r| {
            r.first("Ada", &run(), 4..5)
                .first("Ada", &Run::new("r", 9), 5..9)
                .watches("Ada");
        })
    }),
    (
        "it completes, though it stood still when it was cancelled",
        Breaks(&["CANCEL-1"]),
        || {
            held(|r| {
                r.first("Ada", &completed(), 4..6).watches("Ada");
            })
        },
    ),
    (
        "it goes on for long, and completes",
        Breaks(&["CANCEL-1"]),
        || {
            watched(|r| {
                r.first("Ada", &long(), 4..40).watches("Ada");
            })
        },
    ),
    (
        "it completes at the moment of the cancel",
        Nothing("CANCEL-1", "before it could be cancelled"),
        || {
            watched(|r| {
                r.first("Ada", &completed(), 4..6).watches("Ada");
            })
        },
    ),
    (
        "nothing comes, and it is still shown as running",
        Breaks(&["CANCEL-1", "CANCEL-2"]),
        || {
            watched(|r| {
                r.gives_up("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Null)
                    .catch_up("Ben", "r", 4, 4)
                    .events("Ben", &run(), 0..4)
                    .subscribed("Ben", "r", 4)
                    .gives_up("Ben");
                r.opens("Cleo").returns("Cleo", Some("r"), At(3));
                r.subscribed("Cleo", "r", 4);
            })
        },
    ),
    (
        "only another viewer is told",
        Breaks(&["CANCEL-1", "CATCHUP-5", "SEAM-2"]),
        || {
            let mut record = started();
            record.opens("Ben").returns("Ben", Some("r"), At(3));
            record.subscribed("Ben", "r", 4).cancels("Ada", &run(), 200);
            record.first("Ada", &run(), 4..6).watches("Ada");
            record.gives_up("Ben");
            record.done()
        },
    ),
    (
        "the server refuses to cancel",
        Nothing("CANCEL-1", "HTTP 500"),
        || {
            let mut record = started();
            record.cancels("Ada", &run(), 500);
            record.first("Ada", &completed(), 4..6).watches("Ada");
            record.done()
        },
    ),
    ("replayed as cancelled", Passed("CANCEL-2"), || {
        away(200, |r| {
            r.replay("Ada", "r", "CANCELLED", 6)
                .events("Ada", &run(), 0..6)
                .watches("Ada");
        })
    }),
    (
        "replayed as completed",
        Breaks(&["CANCEL-2", "REPLAY-3"]),
        || {
            away(200, |r| {
                r.replay("Ada", "r", "COMPLETED", 6)
                    .events("Ada", &run(), 0..6)
                    .watches("Ada");
            })
        },
    ),
    (
        "replayed as a run that has completed",
        Breaks(&["CANCEL-2"]),
        || {
            away(200, |r| {
                r.replay("Ada", "r", "COMPLETED", 6)
                    .events("Ada", &completed(), 0..6)
                    .watches("Ada");
            })
        },
    ),
    (
        "replayed as cancelled, with another ending",
        Breaks(&["CANCEL-2", "REPLAY-3"]),
        || {
            away(200, |r| {
                r.replay("Ada", "r", "CANCELLED", 6)
                    .events("Ada", &completed(), 0..6)
                    .watches("Ada");
            })
        },
    ),
    ("gone", Breaks(&["CANCEL-2", "CATCHUP-1"]), || {
        away(200, |r| {
            r.error("Ada");
        })
    }),
    (
        "shown as running, and shown so again",
        Breaks(&["CANCEL-2"]),
        || {
            away(200, |r| {
                r.catch_up("Ada", "r", 2, 6)
                    .events("Ada", &run(), 4..6)
                    .subscribed("Ada", "r", 6)
                    .departs("Ada");
                r.opens("Ada").returns("Ada", Some("r"), At(5));
                r.subscribed("Ada", "r", 6).watches("Ada");
            })
        },
    ),
    (
        "cancelled while the viewer returns",
        Nothing("CANCEL-2", "just being cancelled"),
        || {
            away(200, |r| {
                r.catch_up("Ada", "r", 2, 6)
                    .events("Ada", &run(), 4..6)
                    .subscribed("Ada", "r", 6)
                    .departs("Ada");
            })
        },
    ),
    (
        "the server refuses to cancel, and the run completes",
        Nothing("CANCEL-2", "HTTP 409"),
        || {
            away(409, |r| {
                r.replay("Ada", "r", "COMPLETED", 6)
                    .events("Ada", &completed(), 0..6)
                    .watches("Ada");
            })
        },
    ),
    (
        "nobody cancels anything",
        Nothing("CANCEL-2", "no viewer returned"),
        || {
            let mut record = started();
            record.first("Ada", &completed(), 4..6).watches("Ada");
            record.done()
        },
    ),
];
