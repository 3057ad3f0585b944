//! RETENTION and RESTART: what a server no longer has in its memory.

use std::sync::Arc;

use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::{self, At, Null};
use reconnect_acceptance::transcript::{EntryKind, Transcript};
use serde_json::{Value, json};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// How many events of a run the server keeps here.
const KEEPS: u64 = 4;

fn run() -> Run {
    Run::new("r", 12)
}

fn note(record: &mut Record, what: EntryKind) {
    record.note("the suite", 0, what);
}

/// The event of this index with other values in some fields.
fn altered(index: u64, fields: Value) -> String {
    let mut event: Value = serde_json::from_str(&run().event(index)).expect("JSON");
    for (name, value) in fields.as_object().expect("fields") {
        event[name] = value.clone();
    }
    event.to_string()
}

/// The server keeps four events of a run. Ada has watched nine; Ben returns with this position.
fn full(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    note(&mut record, EntryKind::Retention { events: KEEPS });
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..9);
    record.opens("Ben").returns("Ben", Some("r"), position);
    make(&mut record);
    record.first("Ada", &run(), 9..12);
    record.done()
}

/// Ben, who has seen 0 and 1, gets 5 to 8 and then live events; this is said of it.
fn rest(catch_up: Value) -> Transcript {
    full(At(1), |r| {
        r.gets("Ben", &catch_up.to_string())
            .events("Ben", &run(), 5..9);
        r.subscribed("Ben", "r", 9).events("Ben", &run(), 9..12);
    })
}

fn catch_up(missed: u64, more: Value) -> Value {
    let mut message = json!({"event": "catch_up", "run_id": "r", "status": "running",
        "missed_events": missed, "current_event_count": 4,
        "message": format!("Catching up on {missed} missed events.")});
    for (name, value) in more.as_object().expect("fields") {
        message[name] = value.clone();
    }
    message
}

fn told() -> Value {
    catch_up(4, json!({"dropped_events": 3}))
}

/// Ada has watched the whole run; Ben returns and gets a replay of what is left, with this told.
fn replayed(told: Value) -> Transcript {
    let mut record = Record::new();
    note(&mut record, EntryKind::Retention { events: KEEPS });
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..12);
    record.opens("Ben").returns("Ben", Some("r"), At(2));
    record
        .gets("Ben", &told.to_string())
        .events("Ben", &run(), 8..12);
    record.done()
}

fn replay(total: u64) -> Value {
    json!({"event": "replay", "run_id": "r", "status": "COMPLETED", "total_events": total})
}

/// Ada has watched a run to its end, something happened to the server, and she returns.
fn later(what: EntryKind, position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..12)
        .departs("Ada");
    note(&mut record, what);
    record.opens("Ada").returns("Ada", Some("r"), position);
    make(&mut record);
    record.done()
}

fn forgotten(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let run_id: Arc<str> = "r".into();
    later(EntryKind::RunDropped { run_id }, position, make)
}

fn restarted(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    later(EntryKind::Restarted, position, make)
}

fn whole(record: &mut Record) {
    record
        .replay("Ada", "r", "COMPLETED", 12)
        .events("Ada", &run(), 0..12);
}

/// Nobody has seen more than two events; Ada returns, is told of four, and leaves after one of them.
fn left_among(told: &Value) -> Transcript {
    let mut record = Record::new();
    note(&mut record, EntryKind::Retention { events: KEEPS });
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..2)
        .departs("Ada");
    record
        .opens("Ada")
        .returns("Ada", Some("r"), At(1))
        .gets("Ada", &told.to_string())
        .events("Ada", &run(), 8..9)
        .departs("Ada");
    record.done()
}

/// Ada has watched a run until it paused after event 6, the server was restarted, and she lets it go
/// on.
fn continued(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6)
        .gets("Ada", &run().own_event(6, "WorkflowPaused"))
        .departs("Ada");
    note(&mut record, EntryKind::Restarted);
    record.opens("Ada").says(
        "Ada",
        Action::Continue {
            workflow_id: Some("w".to_owned()),
            run_id: Some("r".to_owned()),
            session_id: Some(run().session),
            step_requirements: json!([]),
        },
    );
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    ("what is left, and told", Passed("RETENTION-1"), || {
        rest(told())
    }),
    ("a refusal instead", Passed("RETENTION-1"), || {
        full(At(1), |r| {
            r.error("Ben");
        })
    }),
    ("a replay of what is left", Passed("RETENTION-1"), || {
        replayed(replay(12))
    }),
    (
        "a viewer leaves in the middle of what is left",
        Nothing(
            "CATCHUP-3",
            "the server keeps fewer events than Ada asked for",
        ),
        || left_among(&told()),
    ),
    (
        "a viewer leaves in the middle of what is replayed of it",
        Nothing(
            "REPLAY-1",
            "the server keeps fewer events than Ada asked for",
        ),
        || {
            let mut told = replay(4);
            told["dropped_events"] = json!(8);
            left_among(&told)
        },
    ),
    (
        "what is left, counted as if nothing had been dropped",
        Breaks(&["RETENTION-1", "IDENTITY-1", "IDENTITY-2", "CATCHUP-5"]),
        || {
            full(At(1), |r| {
                r.gets("Ben", &told().to_string());
                for (index, at) in (2..).zip(5..9) {
                    r.gets("Ben", &altered(at, json!({"event_index": index})));
                }
                r.subscribed("Ben", "r", 9).events("Ben", &run(), 9..12);
            })
        },
    ),
    (
        "an event that is left twice",
        Breaks(&["RETENTION-1", "CATCHUP-2"]),
        || {
            full(At(1), |r| {
                r.gets("Ben", &told().to_string())
                    .events("Ben", &run(), 5..6)
                    .events("Ben", &run(), 5..9)
                    .subscribed("Ben", "r", 9);
            })
        },
    ),
    (
        "the last missed event again as a live one is another rule's matter",
        Breaks(&["CATCHUP-5"]),
        || {
            full(At(1), |r| {
                r.gets("Ben", &told().to_string())
                    .events("Ben", &run(), 5..9)
                    .subscribed("Ben", "r", 9)
                    .events("Ben", &run(), 8..12);
            })
        },
    ),
    (
        "the index stays the same once the server is full",
        Breaks(&["RETENTION-1", "START-2", "IDENTITY-1", "IDENTITY-2"]),
        || {
            let mut r = Record::new();
            note(&mut r, EntryKind::Retention { events: KEEPS });
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..5);
            for at in 5..12 {
                r.gets("Ada", &altered(at, json!({"event_index": 4})));
            }
            r.done()
        },
    ),
    (
        "another content under the right index is another rule's matter",
        Breaks(&["IDENTITY-1", "IDENTITY-2"]),
        || {
            full(At(1), |r| {
                r.gets("Ben", &told().to_string())
                    .gets("Ben", &altered(5, json!({"content": "a lie"})))
                    .events("Ben", &run(), 6..9)
                    .subscribed("Ben", "r", 9);
            })
        },
    ),
    (
        "a server that keeps more than it says",
        Nothing("RETENTION-1", "keeps more events"),
        || {
            full(At(1), |r| {
                r.catch_up("Ben", "r", 7, 9)
                    .events("Ben", &run(), 2..9)
                    .subscribed("Ben", "r", 9);
            })
        },
    ),
    (
        "a return for what is still kept",
        Nothing("RETENTION-1", "no viewer asked"),
        || {
            full(At(6), |r| {
                r.catch_up("Ben", "r", 2, 9)
                    .events("Ben", &run(), 7..9)
                    .subscribed("Ben", "r", 9)
                    .events("Ben", &run(), 9..12);
            })
        },
    ),
    ("a hole in what is left", Breaks(&["CATCHUP-3"]), || {
        full(At(1), |r| {
            r.gets(
                "Ben",
                &catch_up(3, json!({"dropped_events": 3})).to_string(),
            )
            .events("Ben", &run(), 5..6)
            .events("Ben", &run(), 7..9)
            .subscribed("Ben", "r", 9)
            .events("Ben", &run(), 9..12);
        })
    }),
    (
        "a hole where the server may have made room meanwhile",
        Nothing("CATCHUP-3", "keeps fewer events"),
        || {
            full(At(1), |r| {
                r.gets(
                    "Ben",
                    &catch_up(4, json!({"dropped_events": 3})).to_string(),
                )
                .events("Ben", &run(), 3..4)
                .events("Ben", &run(), 5..6)
                .events("Ben", &run(), 7..9)
                .subscribed("Ben", "r", 9);
            })
        },
    ),
    (
        "another number of events than announced",
        Breaks(&["CATCHUP-2"]),
        || {
            full(At(1), |r| {
                r.gets(
                    "Ben",
                    &catch_up(5, json!({"dropped_events": 3})).to_string(),
                )
                .events("Ben", &run(), 5..9)
                .subscribed("Ben", "r", 9)
                .events("Ben", &run(), 9..12);
            })
        },
    ),
    (
        "a live event is lost after what is left",
        Breaks(&["CATCHUP-5"]),
        || {
            full(At(1), |r| {
                r.gets("Ben", &told().to_string())
                    .events("Ben", &run(), 5..9)
                    .subscribed("Ben", "r", 9)
                    .events("Ben", &run(), 10..12);
            })
        },
    ),
    (
        "a live event is lost for a viewer without a position",
        Breaks(&["HISTORY-1"]),
        || {
            full(Null, |r| {
                r.gets(
                    "Ben",
                    &catch_up(4, json!({"dropped_events": 5})).to_string(),
                )
                .events("Ben", &run(), 5..9)
                .subscribed("Ben", "r", 9)
                .events("Ben", &run(), 10..12);
            })
        },
    ),
    (
        "a replay of what is left with a hole",
        Breaks(&["REPLAY-1", "REPLAY-2"]),
        || {
            let mut record = Record::new();
            note(&mut record, EntryKind::Retention { events: KEEPS });
            record
                .opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..12);
            record.opens("Ben").returns("Ben", Some("r"), At(2));
            record
                .replay("Ben", "r", "COMPLETED", 12)
                .events("Ben", &run(), 8..10)
                .events("Ben", &run(), 11..12);
            record.done()
        },
    ),
    (
        "forgotten, and replayed with another number than announced",
        Breaks(&["REPLAY-2"]),
        || {
            forgotten(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 13)
                    .events("Ada", &run(), 0..12);
            })
        },
    ),
    (
        "restarted, and replayed as another outcome",
        Breaks(&["REPLAY-3"]),
        || {
            restarted(Null, |r| {
                r.replay("Ada", "r", "ERROR", 12)
                    .events("Ada", &run(), 0..12);
            })
        },
    ),
    (
        "restarted, and something follows the ending",
        Breaks(&["START-3", "REPLAY-2"]),
        || {
            restarted(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 12)
                    .events("Ada", &run(), 0..12)
                    .events("Ada", &Run::new("r", 14), 12..13);
            })
        },
    ),
    (
        "continued after a restart, and an event is left out later",
        Breaks(&["RESTART-2"]),
        || {
            continued(|r| {
                r.first("Ada", &run(), 7..9).first("Ada", &run(), 10..12);
            })
        },
    ),
    ("a loss in a field", Passed("RETENTION-2"), || rest(told())),
    (
        "a loss by the first index that is left",
        Passed("RETENTION-2"),
        || rest(catch_up(4, json!({"resumes_with": 5}))),
    ),
    ("a loss in words", Passed("RETENTION-2"), || {
        rest(catch_up(
            4,
            json!({"message": "Earlier events are no longer kept."}),
        ))
    }),
    (
        "a loss by the number of all that was missed",
        Passed("RETENTION-2"),
        || rest(catch_up(7, json!({}))),
    ),
    (
        "a loss in a message of its own",
        Passed("RETENTION-2"),
        || {
            full(At(1), |r| {
                r.catch_up("Ben", "r", 4, 9)
                    .gets("Ben", r#"{"event": "history_truncated", "run_id": "r"}"#)
                    .events("Ben", &run(), 5..9)
                    .subscribed("Ben", "r", 9);
            })
        },
    ),
    ("a refusal tells, too", Passed("RETENTION-2"), || {
        full(Null, |r| {
            r.error("Ben");
        })
    }),
    (
        "a replay that announces what is lost",
        Passed("RETENTION-2"),
        || replayed(replay(12)),
    ),
    ("a gap in silence", Breaks(&["RETENTION-2"]), || {
        rest(catch_up(4, json!({})))
    }),
    (
        "a replay with a gap in silence",
        Breaks(&["RETENTION-2"]),
        || replayed(replay(4)),
    ),
    (
        "a gap, and a message about something else",
        Breaks(&["RETENTION-2"]),
        || {
            rest(catch_up(
                4,
                json!({"server_time": 1_795_412_441_u64, "gap": false, "lost": 0}),
            ))
        },
    ),
    (
        "nothing is known of what the server keeps",
        Nothing("RETENTION-2", "no viewer asked"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..12);
            r.opens("Ben").returns("Ben", Some("r"), Null);
            r.replay("Ben", "r", "COMPLETED", 12)
                .events("Ben", &run(), 0..12);
            r.done()
        },
    ),
    ("forgotten, and replayed", Passed("RETENTION-3"), || {
        forgotten(Null, whole)
    }),
    ("forgotten, and unknown", Breaks(&["RETENTION-3"]), || {
        forgotten(Null, |r| {
            r.error("Ada");
        })
    }),
    (
        "forgotten, and replayed with a hole",
        Breaks(&["RETENTION-3"]),
        || {
            forgotten(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 11)
                    .events("Ada", &run(), 0..4)
                    .events("Ada", &run(), 5..12);
            })
        },
    ),
    (
        "nothing was forgotten",
        Nothing("RETENTION-3", "no viewer returned"),
        || restarted(Null, whole),
    ),
    ("restarted, and replayed", Passed("RESTART-1"), || {
        restarted(Null, whole)
    }),
    (
        "restarted, and replayed from the position on",
        Passed("RESTART-1"),
        || {
            restarted(At(6), |r| {
                r.replay("Ada", "r", "COMPLETED", 5)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    ("restarted, and unknown", Breaks(&["RESTART-1"]), || {
        restarted(Null, |r| {
            r.error("Ada");
        })
    }),
    (
        "restarted, and the connection is closed",
        Breaks(&["RESTART-1"]),
        || {
            restarted(Null, |r| {
                r.closed("Ada");
            })
        },
    ),
    (
        "restarted, and the connection dies",
        Nothing("RESTART-1", "lost the connection"),
        || {
            restarted(Null, |r| {
                r.ends("Ada");
            })
        },
    ),
    (
        "restarted, and replayed as something else",
        Breaks(&["RESTART-1", "IDENTITY-1", "IDENTITY-2"]),
        || {
            restarted(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 12)
                    .events("Ada", &run(), 0..4);
                r.gets("Ada", &altered(4, json!({"content": "a lie"})));
                r.events("Ada", &run(), 5..12);
            })
        },
    ),
    (
        "restarted, and replayed without an ending",
        Breaks(&["RESTART-1"]),
        || {
            restarted(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 11)
                    .events("Ada", &run(), 0..11)
                    .watches("Ada");
            })
        },
    ),
    (
        "restarted, and no event is stored",
        Breaks(&["RESTART-1"]),
        || {
            restarted(Null, |r| {
                r.replay("Ada", "r", "COMPLETED", 0).watches("Ada");
            })
        },
    ),
    (
        "restarted while the run was under way",
        Nothing("RESTART-1", "no viewer had seen the run's ending"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..5)
                .departs("Ada");
            note(&mut r, EntryKind::Restarted);
            r.opens("Ada").returns("Ada", Some("r"), At(4)).error("Ada");
            r.done()
        },
    ),
    (
        "restarted before the run",
        Nothing("RESTART-1", "no viewer returned"),
        || {
            let mut r = Record::new();
            note(&mut r, EntryKind::Restarted);
            r.opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..12)
                .departs("Ada");
            r.opens("Ada").returns("Ada", Some("r"), Null);
            whole(&mut r);
            r.done()
        },
    ),
    ("continued after a restart", Passed("RESTART-2"), || {
        continued(|r| {
            r.first("Ada", &run(), 7..12);
        })
    }),
    (
        "continued after a restart, and counted anew",
        Breaks(&["RESTART-2", "IDENTITY-1", "IDENTITY-2"]),
        || {
            continued(|r| {
                for (index, at) in (0..).zip(7..12) {
                    r.gets("Ada", &altered(at, json!({"event_index": index})));
                }
            })
        },
    ),
    (
        "not to be continued after a restart",
        Breaks(&["RESTART-2"]),
        || {
            continued(|r| {
                r.error("Ada");
            })
        },
    ),
    (
        "continued, and left at once",
        Nothing("RESTART-2", "left before"),
        || {
            continued(|r| {
                r.departs("Ada");
            })
        },
    ),
];
