//! REPLICA.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Transcript};
use serde_json::{Value, json};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada, who has started a run at one replica and lost the connection after event 3, returns to the
/// other one.
fn elsewhere(make: impl FnOnce(&mut Record)) -> Transcript {
    beside(|_| {}, make)
}

/// Likewise, after this has happened.
fn beside(before: impl FnOnce(&mut Record), make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4)
        .leaves("Ada", Disconnect::Reset)
        .ends("Ada");
    before(&mut record);
    record
        .opens_at_the_other("Ada")
        .returns("Ada", Some("r"), At(3));
    make(&mut record);
    record.done()
}

/// The suite is told at the replica that runs it that the run is over.
fn over(record: &mut Record) {
    record
        .opens("the suite")
        .returns("the suite", Some("r"), Null)
        .replay("the suite", "r", "COMPLETED", 12)
        .events("the suite", &run(), 0..12);
}

fn whole(record: &mut Record) {
    record
        .catch_up("Ada", "r", 3, 7)
        .events("Ada", &run(), 4..7)
        .subscribed("Ada", "r", 7)
        .events("Ada", &run(), 7..12);
}

/// Ben has returned to the replica that runs it, and gets these events, the last two after Ada's
/// return.
fn with_ben(lacks: Option<u64>, make: impl FnOnce(&mut Record)) -> Transcript {
    beside(
        |r| {
            let first = lacks.map_or(4, |lacks| lacks + 1);
            r.opens("Ben")
                .returns("Ben", Some("r"), At(3))
                .catch_up("Ben", "r", 6 - first, 6)
                .events("Ben", &run(), first..6)
                .subscribed("Ben", "r", 6)
                .events("Ben", &run(), 6..7);
        },
        |r| {
            make(r);
            r.events("Ben", &run(), 7..12);
        },
    )
}

/// The run has ended; Ben has had it replayed where it ran, and Cleo returns to the other replica.
fn replayed(make: impl FnOnce(&mut Record)) -> Transcript {
    finished(|record| {
        record
            .opens("Ben")
            .returns("Ben", Some("r"), Null)
            .replay("Ben", "r", "COMPLETED", 12)
            .events("Ben", &run(), 0..12);
        record
            .opens_at_the_other("Cleo")
            .returns("Cleo", Some("r"), Null);
        make(record);
    })
}

fn finished(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..12);
    make(&mut record);
    record.done()
}

/// The event of this index with other values in some fields.
fn altered(index: u64, fields: Value) -> String {
    let mut event: Value = serde_json::from_str(&run().event(index)).expect("JSON");
    for (name, value) in fields.as_object().expect("fields") {
        event[name] = value.clone();
    }
    event.to_string()
}

pub const CASES: &[Case] = &[
    (
        "what was missed, and live events",
        Passed("REPLICA-1"),
        || elsewhere(whole),
    ),
    (
        "as somebody else gets it there",
        Passed("REPLICA-1"),
        || with_ben(None, whole),
    ),
    (
        "a viewer who leaves before the end",
        Passed("REPLICA-1"),
        || {
            elsewhere(|r| {
                r.catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..9)
                    .departs("Ada");
            })
        },
    ),
    (
        "a run that was started at the other replica",
        Passed("REPLICA-1"),
        || {
            let mut record = Record::new();
            record
                .opens_at_the_other("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..4);
            record
                .opens("Ben")
                .returns("Ben", Some("r"), Null)
                .catch_up("Ben", "r", 4, 4)
                .events("Ben", &run(), 0..4)
                .subscribed("Ben", "r", 4)
                .events("Ben", &run(), 4..12);
            record.first("Ada", &run(), 4..12);
            record.done()
        },
    ),
    ("the run is unknown there", Breaks(&["REPLICA-1"]), || {
        elsewhere(|r| {
            r.error("Ada");
        })
    }),
    (
        "silence there",
        Breaks(&["REPLICA-1", "LIVENESS-1"]),
        || {
            elsewhere(|r| {
                r.gives_up("Ada");
            })
        },
    ),
    (
        "the connection is closed there",
        Breaks(&["REPLICA-1"]),
        || {
            elsewhere(|r| {
                r.closed("Ada");
            })
        },
    ),
    (
        "the connection is lost there",
        Nothing("REPLICA-1", "lost the connection"),
        || {
            elsewhere(|r| {
                r.ends("Ada");
            })
        },
    ),
    ("nothing live there", Breaks(&["REPLICA-1"]), || {
        elsewhere(|r| {
            r.catch_up("Ada", "r", 3, 7)
                .events("Ada", &run(), 4..7)
                .subscribed("Ada", "r", 7)
                .gives_up("Ada");
            over(r);
            r.departs("Ada");
        })
    }),
    (
        "a missed event that never comes there",
        Breaks(&["REPLICA-1"]),
        || {
            elsewhere(|r| {
                r.catch_up("Ada", "r", 2, 7)
                    .events("Ada", &run(), 4..5)
                    .events("Ada", &run(), 6..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "the last missed event again, and somebody else was spared",
        Breaks(&["REPLICA-1"]),
        || {
            with_ben(None, |r| {
                r.catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 6..12);
            })
        },
    ),
    (
        "a replay of a run that is under way",
        Breaks(&["REPLICA-1"]),
        || {
            elsewhere(|r| {
                r.replay("Ada", "r", "RUNNING", 7)
                    .events("Ada", &run(), 0..7)
                    .gives_up("Ada");
            })
        },
    ),
    (
        "a replay as of a finished run, which the target says stands still",
        Breaks(&["REPLICA-1"]),
        || {
            beside(
                |r| {
                    r.held(&run().session, 7);
                },
                |r| {
                    r.replay("Ada", "r", "COMPLETED", 7)
                        .events("Ada", &run(), 0..8)
                        .gives_up("Ada");
                },
            )
        },
    ),
    (
        "what goes wrong at either replica is another rule's matter",
        Breaks(&["CATCHUP-3"]),
        || {
            with_ben(Some(4), |r| {
                r.catch_up("Ada", "r", 2, 7)
                    .events("Ada", &run(), 5..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "the run had ended meanwhile",
        Nothing("REPLICA-1", "had finished"),
        || {
            elsewhere(|r| {
                r.replay("Ada", "r", "COMPLETED", 12)
                    .events("Ada", &run(), 0..12);
            })
        },
    ),
    (
        "the run ends before a live event can come",
        Nothing("REPLICA-1", "had finished"),
        || {
            elsewhere(|r| {
                r.catch_up("Ada", "r", 8, 12).events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "a slow run proves nothing",
        Nothing("REPLICA-1", "slow run"),
        || {
            elsewhere(|r| {
                r.catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .gives_up("Ada");
            })
        },
    ),
    (
        "nobody comes to another replica",
        Nothing("REPLICA-1", "no viewer returned to another"),
        || finished(over),
    ),
    ("two replays alike", Passed("REPLICA-2"), || {
        replayed(|r| {
            r.replay("Cleo", "r", "COMPLETED", 12)
                .events("Cleo", &run(), 0..12);
        })
    }),
    (
        "a finished run is unknown there",
        Breaks(&["REPLICA-2"]),
        || {
            replayed(|r| {
                r.error("Cleo");
            })
        },
    ),
    ("shown as running there", Breaks(&["REPLICA-2"]), || {
        replayed(|r| {
            r.catch_up("Cleo", "r", 12, 12)
                .events("Cleo", &run(), 0..12)
                .subscribed("Cleo", "r", 12);
        })
    }),
    ("another status there", Breaks(&["REPLICA-2"]), || {
        replayed(|r| {
            r.replay("Cleo", "r", "ERROR", 12)
                .events("Cleo", &run(), 0..12);
        })
    }),
    ("another number there", Breaks(&["REPLICA-2"]), || {
        replayed(|r| {
            r.replay("Cleo", "r", "COMPLETED", 13)
                .events("Cleo", &run(), 0..12);
        })
    }),
    ("an event less there", Breaks(&["REPLICA-2"]), || {
        replayed(|r| {
            r.replay("Cleo", "r", "COMPLETED", 12)
                .events("Cleo", &run(), 0..5)
                .events("Cleo", &run(), 6..12);
        })
    }),
    (
        "the ending is missing there",
        Breaks(&["REPLICA-2"]),
        || {
            replayed(|r| {
                r.replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..11)
                    .gives_up("Cleo");
            })
        },
    ),
    (
        "another content there",
        Breaks(&["REPLICA-2", "IDENTITY-1", "IDENTITY-2"]),
        || {
            replayed(|r| {
                r.replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..5)
                    .gets("Cleo", &altered(5, json!({"content": "a lie"})))
                    .events("Cleo", &run(), 6..12);
            })
        },
    ),
    (
        "only one replica was asked",
        Nothing("REPLICA-2", "was not asked for the same replay"),
        || {
            finished(|r| {
                r.opens_at_the_other("Cleo")
                    .returns("Cleo", Some("r"), Null)
                    .replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..12);
            })
        },
    ),
    (
        "the replica that ran it gives no replay, either",
        Nothing("REPLICA-2", "or gave none"),
        || {
            finished(|r| {
                r.opens_at_the_other("Cleo")
                    .returns("Cleo", Some("r"), Null)
                    .error("Cleo");
            })
        },
    ),
    (
        "a viewer who leaves during the replay",
        Nothing("REPLICA-2", "left before the replay was over"),
        || {
            replayed(|r| {
                r.replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..5)
                    .departs("Cleo");
            })
        },
    ),
];
