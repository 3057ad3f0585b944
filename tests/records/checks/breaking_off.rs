//! Connections that the server ends, in answer to what it should answer.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has started a run, seen four events, left, and is back with her position.
fn returned(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4)
        .departs("Ada")
        .opens("Ada")
        .returns("Ada", Some("r"), At(3));
    make(&mut record);
    record.done()
}

/// Ada has watched a run to its end, and Ben asks for it.
fn finished(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..12)
        .watches("Ada")
        .opens("Ben")
        .returns("Ben", Some("r"), Null);
    make(&mut record);
    record.done()
}

fn live(record: &mut Record) {
    record
        .catch_up("Ada", "r", 3, 7)
        .events("Ada", &run(), 4..7)
        .subscribed("Ada", "r", 7)
        .events("Ada", &run(), 7..9);
}

/// Ada's return is cut off after these events, and so is each repetition, after as many as are named; the control
/// connection answers to the end, or is gone as well.
fn cut(first: u64, again: &[u64], stays: bool) -> Transcript {
    returned(|r| {
        cut_after(r, "Ada", first);
        r.opens("the suite, beside");
        for last in again {
            r.opens("the suite").returns("the suite", Some("r"), At(3));
            cut_after(r, "the suite", *last);
            if stays {
                r.pings("the suite, beside").pong("the suite, beside");
            }
        }
        if !stays {
            r.ends("the suite, beside");
        }
    })
}

fn cut_after(record: &mut Record, viewer: &str, last: u64) {
    if last > 3 {
        record
            .catch_up(viewer, "r", 6, 10)
            .events(viewer, &run(), 4..last + 1);
    }
    record.ends(viewer);
}

/// Ada waits without success for the rest of a run, which is shown as running; a control run ends within this
/// many waits of a second each. After that the run is shown as running, or goes on.
fn died(waits: u64, goes_on: bool) -> Transcript {
    let control = Run::new("c", 12);
    let mut r = Record::new();
    r.opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..8)
        .gives_up("Ada");
    let still_running = |r: &mut Record, count: u64| {
        r.opens("the suite")
            .returns("the suite", Some("r"), Null)
            .catch_up("the suite", "r", count, count)
            .events("the suite", &run(), 0..count)
            .subscribed("the suite", "r", count);
    };
    still_running(&mut r, 8);
    r.opens("the suite, beside")
        .starts("the suite, beside", Some("w"), &control.session)
        .first("the suite, beside", &control, 0..4);
    for _ in 0..waits {
        r.opens("nobody");
    }
    r.first("the suite, beside", &control, 4..12);
    still_running(&mut r, 8);
    if goes_on {
        r.events("the suite", &run(), 8..9);
    }
    r.gives_up("the suite");
    still_running(&mut r, 8 + u64::from(goes_on));
    r.done()
}

pub const CASES: &[Case] = &[
    (
        "a run dies silently, and a later one of the same workflow ended long ago",
        Breaks(&["START-3", "HISTORY-1"]),
        || died(2, false),
    ),
    (
        "a slow run, and a later one took nearly as long",
        Nothing("START-3", "a slow run"),
        || died(12, false),
    ),
    (
        "a slow run goes on after all",
        Nothing("START-3", "a slow run"),
        || died(2, true),
    ),
    (
        "a return is cut off three times without an answer",
        Breaks(&["CATCHUP-1"]),
        || cut(3, &[3, 3], true),
    ),
    (
        "a return is cut off three times after the same missed event",
        Breaks(&["CATCHUP-2"]),
        || cut(6, &[6, 6], true),
    ),
    (
        "a return is cut off twice, and then answered",
        Nothing("CATCHUP-2", "lost the connection"),
        || cut(6, &[6], true),
    ),
    (
        "a return is cut off at another event each time",
        Nothing("CATCHUP-2", "lost the connection"),
        || cut(6, &[5, 6], true),
    ),
    (
        "everything is cut off",
        Nothing("CATCHUP-1", "lost the connection before an answer"),
        || cut(3, &[3, 3], false),
    ),
    (
        "a return is answered by a failure of the server",
        Breaks(&["CATCHUP-1"]),
        || {
            returned(|r| {
                r.closed_with("Ada", 1011);
            })
        },
    ),
    (
        "a return is answered by a close frame that forbids it",
        Breaks(&["CATCHUP-1"]),
        || {
            returned(|r| {
                r.closed_with("Ada", 4403);
            })
        },
    ),
    (
        "the server goes away",
        Nothing("CATCHUP-1", "lost the connection before an answer"),
        || {
            returned(|r| {
                r.closed_with("Ada", 1001);
            })
        },
    ),
    (
        "the server has too much to do",
        Nothing("CATCHUP-1", "lost the connection before an answer"),
        || {
            returned(|r| {
                r.closed_with("Ada", 1013);
            })
        },
    ),
    (
        "the server fails as it is restarted",
        Nothing("CATCHUP-1", "lost the connection before an answer"),
        || {
            returned(|r| {
                r.note("the suite", 0, EntryKind::Restarted);
                r.closed_with("Ada", 1011);
            })
        },
    ),
    (
        "the server fails in the middle of the missed events",
        Breaks(&["CATCHUP-2"]),
        || {
            returned(|r| {
                r.catch_up("Ada", "r", 5, 9)
                    .events("Ada", &run(), 4..6)
                    .closed_with("Ada", 1011);
            })
        },
    ),
    (
        "the server fails in the middle of the live events",
        Breaks(&["CATCHUP-5"]),
        || {
            returned(|r| {
                live(r);
                r.closed_with("Ada", 1011);
            })
        },
    ),
    (
        "the connection is closed in the usual way in the middle of the live events",
        Nothing("CATCHUP-5", "lost the connection"),
        || {
            returned(|r| {
                live(r);
                r.closed("Ada");
            })
        },
    ),
    (
        "a replay is answered by a failure of the server",
        Breaks(&["REPLAY-1"]),
        || {
            finished(|r| {
                r.closed_with("Ben", 1011);
            })
        },
    ),
    (
        "a start is answered by a failure of the server",
        Breaks(&["START-1"]),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .closed_with("Ada", 1011);
            r.done()
        },
    ),
    (
        "the server fails before the ending of a run",
        Breaks(&["START-3"]),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..8)
                .closed_with("Ada", 1011);
            r.done()
        },
    ),
    (
        "who sends an invalid message may be sent away",
        Passed("MALFORMED-1"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..8)
                .says(
                    "Ada",
                    reconnect_acceptance::protocol::Action::Other("[".into()),
                )
                .closed_with("Ada", 1003);
            r.done()
        },
    ),
    (
        "who does not read may be sent away",
        Nothing("START-3", "lost the connection"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..8)
                .stops_reading("Ada", 9)
                .closed_with("Ada", 1011);
            r.done()
        },
    ),
];
