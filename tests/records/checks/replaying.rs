//! REPLAY, IDENTITY, CONTENT.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::framing;
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Plan, Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// Ada has watched the run to its end, and Ben comes.
fn over(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..6).departs("Ada");
    record.opens("Ben").returns("Ben", Some("r"), At(2));
    make(&mut record);
    record.done()
}

fn replayed(make: impl FnOnce(&mut Record)) -> Transcript {
    over(|record| {
        record
            .replay("Ben", "r", "COMPLETED", 6)
            .events("Ben", &run(), 0..6);
        make(record);
    })
}

fn conforming() -> Transcript {
    Plan::simple(12, 4, 3).record()
}

fn still_under_way() -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record
        .first("Ada", &run(), 0..2)
        .departs("Ada")
        .opens("Ada");
    record
        .returns("Ada", Some("r"), At(1))
        .subscribed("Ada", "r", 2);
    record.done()
}

fn other_payload(field: &str) -> Transcript {
    replayed(|record| {
        record
            .returns("Ben", Some("r"), Null)
            .replay("Ben", "r", "COMPLETED", 6);
        for index in 0..6 {
            let event = run().event(index);
            let event = match (field, index) {
                ("content", 3) => event.replace("word 3", "\\u001b[31mlie"),
                ("created_at", 3 | 4) => event.replace("17954124", "17954125"),
                ("order", 3) => format!(
                    "{{\"event_index\": 3, {}",
                    &event[1..].replace(",\"event_index\":3", "")
                ),
                _ => event,
            };
            record.gets("Ben", &event);
        }
    })
}

/// The server-sent event before the last has this name of its own.
fn named(name: &str) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4)
        .gets("Ada", &framing::wrap_sse(name, &run().event(4)))
        .first("Ada", &run(), 5..6);
    record.done()
}

/// Ada is sent an event behind the ending; Ben's replay announces it, and he leaves at the ending.
fn left_at_an_ending_that_is_none() -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..6);
    record.gets("Ada", &run().own_event(6, "StepCompleted"));
    record.departs("Ada");
    record.opens("Ben").returns("Ben", Some("r"), At(2));
    record.replay("Ben", "r", "COMPLETED", 7);
    record.events("Ben", &run(), 0..6).departs("Ben");
    record.done()
}

pub const CASES: &[Case] = &[
    ("every event from 0", Passed("REPLAY-1"), || {
        replayed(|_| {})
    }),
    (
        "only the events after the position",
        Breaks(&["REPLAY-1"]),
        || {
            over(|r| {
                r.replay("Ben", "r", "COMPLETED", 3)
                    .events("Ben", &run(), 3..6);
            })
        },
    ),
    ("an error", Breaks(&["REPLAY-1"]), || {
        over(|r| {
            r.error("Ben");
        })
    }),
    ("silence", Breaks(&["REPLAY-1", "LIVENESS-1"]), || {
        over(|r| {
            r.gives_up("Ben");
        })
    }),
    ("shown as running", Breaks(&["REPLAY-1"]), || {
        over(|r| {
            r.subscribed("Ben", "r", 6);
        })
    }),
    (
        "the replay stops",
        Breaks(&["REPLAY-1", "REPLAY-2"]),
        || {
            over(|r| {
                r.replay("Ben", "r", "COMPLETED", 6)
                    .events("Ben", &run(), 0..4)
                    .gives_up("Ben");
            })
        },
    ),
    (
        "still under way",
        Nothing("REPLAY-1", "still under way"),
        still_under_way,
    ),
    ("as many as announced", Passed("REPLAY-2"), || {
        replayed(|_| {})
    }),
    ("fewer than announced", Breaks(&["REPLAY-2"]), || {
        over(|r| {
            r.replay("Ben", "r", "COMPLETED", 7)
                .events("Ben", &run(), 0..6);
        })
    }),
    ("no number announced", Breaks(&["REPLAY-2"]), || {
        over(|r| {
            r.gets(
                "Ben",
                r#"{"event": "replay", "run_id": "r", "status": "completed"}"#,
            );
            r.events("Ben", &run(), 0..6);
        })
    }),
    ("left early", Nothing("REPLAY-2", "left before"), || {
        over(|r| {
            r.replay("Ben", "r", "COMPLETED", 6)
                .events("Ben", &run(), 0..4)
                .departs("Ben");
        })
    }),
    (
        "left at an ending that others saw an event after",
        Breaks(&["START-3"]),
        left_at_an_ending_that_is_none,
    ),
    ("how it ended", Passed("REPLAY-3"), || replayed(|_| {})),
    ("how it did not end", Breaks(&["REPLAY-3"]), || {
        over(|r| {
            r.replay("Ben", "r", "ERROR", 6).events("Ben", &run(), 0..6);
        })
    }),
    ("a word that says nothing", Breaks(&["REPLAY-3"]), || {
        over(|r| {
            r.replay("Ben", "r", "done", 6).events("Ben", &run(), 0..6);
        })
    }),
    (
        "nobody returned",
        Nothing("REPLAY-3", "no viewer returned"),
        Transcript::new,
    ),
    ("usable afterwards", Passed("REPLAY-4"), || {
        replayed(|r| {
            r.pings("Ben").pong("Ben");
        })
    }),
    ("subscribed afterwards", Breaks(&["REPLAY-4"]), || {
        replayed(|r| {
            r.subscribed("Ben", "r", 6);
        })
    }),
    ("closed afterwards", Breaks(&["REPLAY-4"]), || {
        replayed(|r| {
            r.closed("Ben");
        })
    }),
    (
        "deaf afterwards",
        Breaks(&["REPLAY-4", "GREETING-2", "LIVENESS-1"]),
        || {
            replayed(|r| {
                r.pings("Ben").gives_up("Ben");
            })
        },
    ),
    (
        "not asked afterwards",
        Nothing("REPLAY-4", "sent no request"),
        || {
            replayed(|r| {
                r.departs("Ben");
            })
        },
    ),
    ("the same again", Passed("REPLAY-5"), conforming),
    (
        "shorter the second time",
        Breaks(&["REPLAY-5", "REPLAY-1"]),
        || {
            replayed(|r| {
                r.returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "COMPLETED", 5)
                    .events("Ben", &run(), 1..6);
            })
        },
    ),
    ("asked once", Nothing("REPLAY-5", "only once"), || {
        replayed(|_| {})
    }),
    (
        "the same event in every delivery",
        Passed("IDENTITY-1"),
        conforming,
    ),
    (
        "the order of fields is no contract",
        Passed("IDENTITY-2"),
        || other_payload("order"),
    ),
    (
        "another content",
        Breaks(&["IDENTITY-1", "IDENTITY-2", "REPLAY-5"]),
        || other_payload("content"),
    ),
    (
        "an event that names itself by another's name",
        Breaks(&["IDENTITY-1"]),
        || named("WorkflowCompleted"),
    ),
    (
        "one name for all messages",
        Nothing("IDENTITY-1", "twice"),
        || named("message"),
    ),
    (
        "each event once",
        Nothing("IDENTITY-1", "twice"),
        still_under_way,
    ),
    (
        "the same payload in every delivery",
        Passed("IDENTITY-2"),
        conforming,
    ),
    ("another time", Breaks(&["IDENTITY-2", "REPLAY-5"]), || {
        other_payload("created_at")
    }),
    (
        "each payload once",
        Nothing("IDENTITY-2", "twice"),
        still_under_way,
    ),
    ("strict JSON", Passed("CONTENT-2"), conforming),
    ("a number that is none", Breaks(&["CONTENT-2"]), || {
        replayed(|r| {
            r.gets("Ben", r#"{"event": "weather", "degrees": NaN}"#);
        })
    }),
    ("a byte order mark", Breaks(&["CONTENT-2"]), || {
        replayed(|r| {
            r.gets("Ben", "\u{feff}{\"event\": \"weather\"}");
        })
    }),
    (
        "an event in two messages",
        Breaks(&["CONTENT-2", "START-2"]),
        || {
            let mut record = Record::new();
            let event = framing::wrap_sse("RunContent", &run().event(2));
            let (one, other) = event.split_at(event.len() / 2);
            record
                .opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..2)
                .gets("Ada", one)
                .gets("Ada", other)
                .first("Ada", &run(), 3..6);
            record.done()
        },
    ),
    ("half a surrogate pair", Breaks(&["CONTENT-2"]), || {
        replayed(|r| {
            r.gets("Ben", r#"{"event": "weather", "text": "\ud83d"}"#);
        })
    }),
    ("no JSON at all", Breaks(&["CONTENT-2"]), || {
        replayed(|r| {
            r.gets("Ben", "hello\u{1b}[31m");
        })
    }),
    (
        "no message",
        Nothing("CONTENT-2", "no message came"),
        Transcript::new,
    ),
];
