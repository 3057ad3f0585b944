//! PAUSE.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Part, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// The run up to its pause, event 5.
fn paused() -> Run {
    Run::paused("r", 6)
}

/// The run as it goes on: events 6 to 11.
fn whole() -> Run {
    Run::new("r", 12)
}

fn watched() -> Record {
    let mut record = Record::new();
    record.plays("w", Part::Pausing).opens("Ada");
    record.starts("Ada", Some("w"), &paused().session);
    record.first("Ada", &paused(), 0..6);
    record
}

/// Ada has seen the run pause, and Ben comes.
fn joined(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = watched();
    record.opens("Ben").returns("Ben", Some("r"), Null);
    make(&mut record);
    record.done()
}

fn shown(record: &mut Record) {
    record
        .replay("Ben", "r", "PAUSED", 6)
        .events("Ben", &paused(), 0..6);
}

/// Ada has seen the run pause, and lets it go on.
fn continued(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = watched();
    record.continues("Ada", &paused());
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "replayed as paused, and continued",
        Passed("PAUSE-1"),
        || {
            joined(|r| {
                shown(r);
                r.continues("Ben", &paused()).first("Ben", &whole(), 6..12);
            })
        },
    ),
    (
        "continued while the answer to a return is still to come",
        Passed("PAUSE-2"),
        || {
            let mut record = Record::new();
            record
                .opens("Ada")
                .starts("Ada", Some("w"), &paused().session)
                .first("Ada", &paused(), 0..2)
                .returns("Ada", Some("r"), At(1))
                // Ada sees the pause, which was on its way, and answers it at once.
                .first("Ada", &paused(), 2..6)
                .continues("Ada", &paused());
            record
                .replay("Ada", "r", "PAUSED", 6)
                .events("Ada", &paused(), 0..6)
                .first("Ada", &whole(), 6..12);
            record.done()
        },
    ),
    (
        "continued again while replays of the finished run are still to come",
        Passed("PAUSE-4"),
        || {
            let mut record = watched();
            record
                .continues("Ada", &paused())
                .first("Ada", &whole(), 6..12)
                .opens("Ben");
            for _ in 0..3 {
                record.returns("Ben", Some("r"), Null);
            }
            record.continues("Ben", &paused());
            for _ in 0..3 {
                record
                    .replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &paused(), 0..6)
                    .events("Ben", &whole(), 6..12);
            }
            record.error("Ben").watches("Ben");
            record.done()
        },
    ),
    (
        "shown as running with the pause, and continued by somebody else",
        Passed("PAUSE-1"),
        || {
            joined(|r| {
                r.catch_up("Ben", "r", 6, 6)
                    .events("Ben", &paused(), 0..6)
                    .subscribed("Ben", "r", 6);
                r.continues("Ada", &paused()).first("Ada", &whole(), 6..12);
                // The others are owed nothing of it (agno 3.1.10).
                r.watches("Ben").watches("Ada");
            })
        },
    ),
    (
        "who has seen the pause is told nothing more",
        Passed("PAUSE-1"),
        || {
            let mut record = watched();
            record.departs("Ada").opens("Ada");
            record
                .returns("Ada", Some("r"), At(5))
                .subscribed("Ada", "r", 6);
            record
                .continues("Ada", &paused())
                .first("Ada", &whole(), 6..12);
            record.done()
        },
    ),
    (
        "a paused run is replayed with a hole",
        Breaks(&["REPLAY-1"]),
        || {
            joined(|r| {
                r.replay("Ben", "r", "PAUSED", 5)
                    .events("Ben", &paused(), 0..2)
                    .events("Ben", &paused(), 3..6);
                r.continues("Ben", &paused()).first("Ben", &whole(), 6..12);
            })
        },
    ),
    (
        "a paused run is replayed with another number of events than announced",
        Breaks(&["REPLAY-2"]),
        || {
            joined(|r| {
                r.replay("Ben", "r", "PAUSED", 7)
                    .events("Ben", &paused(), 0..6);
                r.continues("Ben", &paused()).first("Ben", &whole(), 6..12);
            })
        },
    ),
    (
        "a viewer who stays sees the paused run go on, after its replay",
        Passed("PAUSE-1"),
        || {
            joined(|r| {
                shown(r);
                r.subscribed("Ben", "r", 6).continues("Ada", &paused());
                for index in 6..12 {
                    r.first("Ada", &whole(), index..index + 1);
                    r.events("Ben", &whole(), index..index + 1);
                }
            })
        },
    ),
    (
        "missed events of a paused run do not start after the position",
        Breaks(&["CATCHUP-3"]),
        || {
            let mut record = watched();
            record.opens("Ben").returns("Ben", Some("r"), At(2));
            record
                .catch_up("Ben", "r", 6, 6)
                .events("Ben", &paused(), 0..6)
                .subscribed("Ben", "r", 6);
            record
                .continues("Ada", &paused())
                .first("Ada", &whole(), 6..12);
            record.done()
        },
    ),
    (
        "fewer missed events of a paused run than announced",
        Breaks(&["CATCHUP-2"]),
        || {
            let mut record = watched();
            record.opens("Ben").returns("Ben", Some("r"), At(2));
            record
                .catch_up("Ben", "r", 4, 6)
                .events("Ben", &paused(), 3..6)
                .subscribed("Ben", "r", 6);
            record
                .continues("Ada", &paused())
                .first("Ada", &whole(), 6..12);
            record.done()
        },
    ),
    (
        "the ending does not come to the viewer who let the run go on",
        Breaks(&["START-3"]),
        || {
            continued(|r| {
                r.first("Ada", &whole(), 6..11).gives_up("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &paused(), 0..6)
                    .events("Ben", &whole(), 6..12);
                r.departs("Ada");
            })
        },
    ),
    ("the pause is not told", Breaks(&["PAUSE-1"]), || {
        joined(|r| {
            r.replay("Ben", "r", "PAUSED", 5)
                .events("Ben", &paused(), 0..5)
                .watches("Ben");
        })
    }),
    ("the paused run is gone", Breaks(&["PAUSE-1"]), || {
        joined(|r| {
            r.error("Ben");
        })
    }),
    ("the run is refused to go on", Breaks(&["PAUSE-1"]), || {
        joined(|r| {
            shown(r);
            r.continues("Ben", &paused()).error("Ben");
        })
    }),
    (
        "the run stands still",
        Breaks(&["PAUSE-1", "LIVENESS-1"]),
        || {
            joined(|r| {
                shown(r);
                r.continues("Ben", &paused()).gives_up("Ben");
            })
        },
    ),
    (
        "nobody lets it go on",
        Nothing("PAUSE-1", "no viewer continued the run"),
        || joined(shown),
    ),
    (
        "the viewer leaves before the pause could come",
        Nothing("PAUSE-1", "left before being told"),
        || {
            joined(|r| {
                r.replay("Ben", "r", "PAUSED", 6)
                    .events("Ben", &paused(), 0..3)
                    .departs("Ben");
            })
        },
    ),
    ("numbered on", Passed("PAUSE-2"), || {
        continued(|r| {
            r.first("Ada", &whole(), 6..12);
        })
    }),
    (
        "numbered from 0 again",
        Breaks(&["PAUSE-2", "IDENTITY-1", "IDENTITY-2"]),
        || {
            continued(|r| {
                for index in 0..6 {
                    let event = whole().event(index + 6);
                    r.gets(
                        "Ada",
                        &event.replace(
                            &format!("\"event_index\":{}", index + 6),
                            &format!("\"event_index\":{index}"),
                        ),
                    );
                }
            })
        },
    ),
    ("an index left out", Breaks(&["PAUSE-2"]), || {
        continued(|r| {
            r.first("Ada", &Run::new("r", 13), 7..13);
        })
    }),
    (
        "everything twice, where the viewer had returned (agno 2.9.0)",
        Breaks(&["PAUSE-2"]),
        || {
            joined(|r| {
                r.catch_up("Ben", "r", 6, 6)
                    .events("Ben", &paused(), 0..6)
                    .subscribed("Ben", "r", 6);
                r.continues("Ben", &paused());
                for index in 6..12 {
                    r.first("Ben", &whole(), index..index + 1).events(
                        "Ben",
                        &whole(),
                        index..index + 1,
                    );
                }
            })
        },
    ),
    (
        "continued, and left before its end",
        Nothing("PAUSE-2", "left before the ending"),
        || {
            continued(|r| {
                r.first("Ada", &whole(), 6..8).departs("Ada");
            })
        },
    ),
    (
        "no run pauses",
        Nothing("PAUSE-2", "no viewer continued a paused run"),
        || joined(|_| {}),
    ),
];
