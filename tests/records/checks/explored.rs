//! Situations that random plans came upon, in which a check accused a conforming server.

use std::time::Duration;

use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::{At, Null, Odd};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Part, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

fn made(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    make(&mut record);
    record.done()
}

/// Ada has started a run over HTTP, and Ben is refused who asks for it like this.
fn refused_over_http(asks: impl FnOnce(&mut Record)) -> Transcript {
    made(|r| {
        r.starts_beside("Ada", &run()).opens("Ben");
        asks(r);
        r.error("Ben").watches("Ben").departs("Ben");
    })
}

/// Ada has watched a run until just before its end, Ben does something, and Ada watches to the end.
fn before_the_end(does: impl FnOnce(&mut Record)) -> Transcript {
    made(|r| {
        r.opens("Ada").starts("Ada", Some("w"), &run().session);
        r.first("Ada", &run(), 0..11).connects("Ben");
        does(r);
        r.first("Ada", &run(), 11..12)
            .watches("Ada")
            .watches("Ben")
            .departs("Ben")
            .departs("Ada");
    })
}

pub const CASES: &[Case] = &[
    (
        "a viewer leaves in the middle of a paused run's replay, and another one lets it go on",
        Nothing("PAUSE-1", "being told that the run was paused"),
        || {
            let (paused, whole) = (Run::paused("r", 6), run());
            made(|r| {
                r.plays("w", Part::Pausing).opens("Ada").opens("Ben");
                r.starts("Ada", Some("w"), &paused.session)
                    .first("Ada", &paused, 0..6)
                    .returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "PAUSED", 6)
                    .events("Ben", &paused, 0..1)
                    .departs("Ben")
                    .continues("Ada", &paused)
                    .first("Ada", &whole, 6..12);
            })
        },
    ),
    (
        "a viewer answers a pause before they have seen it themselves, and once more after that",
        Passed("PAUSE-1"),
        || {
            let (paused, whole) = (Run::paused("r", 6), run());
            made(|r| {
                r.plays("w", Part::Pausing).opens("Ada").opens("Ben");
                r.starts("Ada", Some("w"), &paused.session)
                    .first("Ada", &paused, 0..3)
                    .returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "PAUSED", 6)
                    .events("Ben", &paused, 0..6)
                    .continues("Ada", &paused)
                    .first("Ada", &paused, 3..6)
                    .continues("Ada", &paused)
                    .first("Ada", &whole, 6..12)
                    .error("Ada")
                    .departs("Ada")
                    .departs("Ben");
            })
        },
    ),
    (
        "a run over HTTP is asked for under the name of another workflow",
        Nothing("HTTP-1", "another user"),
        || {
            refused_over_http(|r| {
                r.says(
                    "Ben",
                    Action::Reconnect {
                        run_id: Some("r".to_owned()),
                        position: Null,
                        workflow_id: Some("no-such-workflow".to_owned()),
                        session_id: None,
                    },
                );
            })
        },
    ),
    (
        "a run over HTTP is asked for with an invalid position",
        Nothing("HTTP-1", "invalid position"),
        || {
            refused_over_http(|r| {
                r.returns("Ben", Some("r"), Odd(json!("latest")));
            })
        },
    ),
    (
        "a run over HTTP is asked for with a position that nobody had seen",
        Nothing("HTTP-1", "no viewer had seen"),
        || {
            refused_over_http(|r| {
                r.returns("Ben", Some("r"), At(999));
            })
        },
    ),
    (
        "a run is cancelled before its first event",
        Nothing("START-1", "before it had begun"),
        || {
            made(|r| {
                r.opens("Ada").starts("Ada", Some("w"), "s");
                r.gets(
                    "Ada",
                    r#"{"event": "WorkflowCancelled", "run_id": "r", "session_id": "s", "event_index": 0}"#,
                );
                r.gets(
                    "Ada",
                    r#"{"event": "WorkflowCompleted", "run_id": "r", "session_id": "s", "event_index": 1}"#,
                );
                r.watches("Ada").departs("Ada");
            })
        },
    ),
    (
        "after a restart, an invalid position is refused",
        Nothing("RESTART-1", "invalid position"),
        || {
            made(|r| {
                r.opens("Ada").starts("Ada", Some("w"), &run().session);
                r.first("Ada", &run(), 0..12).watches("Ada").departs("Ada");
                r.note("the suite", 0, EntryKind::Restarted);
                r.opens("Ben")
                    .returns("Ben", Some("r"), Odd(json!(-5)))
                    .error("Ben");
            })
        },
    ),
    (
        "after a restart, a position beyond the run is refused",
        Nothing("RESTART-1", "no viewer had seen"),
        || {
            made(|r| {
                r.opens("Ada").starts("Ada", Some("w"), &run().session);
                r.first("Ada", &run(), 0..12).watches("Ada").departs("Ada");
                r.note("the suite", 0, EntryKind::Restarted);
                r.opens("Ben")
                    .returns("Ben", Some("r"), At(999))
                    .error("Ben");
            })
        },
    ),
    (
        "a viewer returns before the first event, and watches on after the ending",
        Nothing("HISTORY-1", "nothing had happened yet"),
        || {
            made(|r| {
                r.opens("Ada").starts("Ada", Some("w"), &run().session);
                r.gets("Ada", r#"{"event": "queued", "run_id": "r"}"#)
                    .opens("Ben")
                    .returns("Ben", Some("r"), Null)
                    .subscribed("Ben", "r", 0);
                for index in 0..12 {
                    r.events("Ben", &run(), index..index + 1);
                    r.events("Ada", &run(), index..index + 1);
                }
                r.watches("Ada").watches("Ben").departs("Ben");
            })
        },
    ),
    (
        "a viewer asks for something, and reads the answer later",
        Passed("LIVENESS-1"),
        || {
            made(|r| {
                r.opens("Ada")
                    .stops_reading("Ada", 1 << 20)
                    .pings("Ada")
                    .gives_up("Ada")
                    .reads_on("Ada")
                    .pong("Ada");
            })
        },
    ),
    (
        "a viewer reads an answer only after more has happened than the server keeps",
        Nothing("RETENTION-2", ""),
        || {
            made(|r| {
                r.note("the suite", 0, EntryKind::Retention { events: 5 });
                r.opens("Ada").starts("Ada", Some("w"), &run().session);
                r.first("Ada", &run(), 0..1)
                    .opens("Ben")
                    .stops_reading("Ben", 1 << 20)
                    .returns("Ben", Some("r"), Null)
                    .first("Ada", &run(), 1..12)
                    .reads_on("Ben")
                    .catch_up("Ben", "r", 1, 1)
                    .events("Ben", &run(), 0..1)
                    .subscribed("Ben", "r", 1)
                    .events("Ben", &run(), 1..12)
                    .watches("Ben")
                    .departs("Ben");
            })
        },
    ),
    (
        "a run whose beginning was dropped is dropped from memory, and replayed as it was kept",
        Passed("RETENTION-3"),
        || {
            made(|r| {
                r.note("the suite", 0, EntryKind::Retention { events: 5 });
                r.opens("Ada").starts("Ada", Some("w"), &run().session);
                r.first("Ada", &run(), 0..12).watches("Ada").departs("Ada");
                r.note("the suite", 0, EntryKind::RunDropped { run_id: "r".into() });
                r.opens("Ben")
                    .returns("Ben", Some("r"), Null)
                    .gets(
                        "Ben",
                        r#"{"event": "replay", "run_id": "r", "status": "COMPLETED", "total_events": 5, "message": "7 older events are no longer kept."}"#,
                    )
                    .events("Ben", &run(), 7..12)
                    .watches("Ben")
                    .departs("Ben");
            })
        },
    ),
    (
        "a run pauses while nobody watches, before the event that the suite waits for",
        Nothing("VIEWERS-5", "or paused"),
        || {
            made(|r| {
                let run = Run::paused("r", 8);
                r.opens("Ada").starts("Ada", Some("w"), &run.session);
                r.first("Ada", &run, 0..3)
                    .held(&run.session, 2)
                    .leaves("Ada", Disconnect::Reset)
                    .released(&run.session);
                let waiting_for = format!("the run of {} to reach event 15", run.session);
                let after = Duration::from_secs(10);
                r.note("the suite", 0, EntryKind::TimedOut { waiting_for, after });
                r.opens("Ben")
                    .returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "PAUSED", 8)
                    .events("Ben", &run, 0..8)
                    .watches("Ben")
                    .departs("Ben");
            })
        },
    ),
    (
        "a viewer asks for a workflow that does not exist, and does not read",
        Nothing("START-4", "Ada"),
        || {
            made(|r| {
                r.opens("Ada")
                    .stops_reading("Ada", 1 << 20)
                    .starts("Ada", Some("no-such-w"), "s")
                    .gives_up("Ada")
                    .reads_on("Ada")
                    .leaves("Ada", Disconnect::Reset);
            })
        },
    ),
    (
        "just before the end, an invalid position is refused",
        Nothing("SEAM-2", "no viewer returned at the moment"),
        || {
            before_the_end(|r| {
                r.gets("Ben", r#"{"event": "connected", "requires_auth": false}"#)
                    .returns("Ben", Some("r"), Odd(json!(-5)))
                    .error("Ben");
            })
        },
    ),
    (
        "just before the end, a viewer without a token is refused",
        Nothing("SEAM-2", "no viewer returned at the moment"),
        || {
            before_the_end(|r| {
                r.gets("Ben", r#"{"event": "connected", "requires_auth": true}"#)
                    .returns("Ben", Some("r"), Null)
                    .gets("Ben", r#"{"event": "auth_required", "error": "no"}"#);
            })
        },
    ),
];
