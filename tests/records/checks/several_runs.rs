//! SESSION, VIEWERS-8 and -9, START-8, RESTART-3, HISTORY-3.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::{Action, Position};
use reconnect_acceptance::transcript::{Disconnect, EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// A run of this many events in the session of `r`.
fn of_the_same_session(id: &str, events: u64) -> Run {
    Run {
        session: run().session,
        ..Run::new(id, events)
    }
}

fn asks(record: &mut Record, viewer: &str, run: &Run, position: Position) {
    record.says(
        viewer,
        Action::Reconnect {
            run_id: Some(run.id.clone()),
            position,
            workflow_id: Some("w".to_owned()),
            session_id: Some(run.session.clone()),
        },
    );
}

fn replayed(record: &mut Record, viewer: &str, run: &Run) {
    record
        .replay(viewer, &run.id, run.status(), run.events)
        .events(viewer, run, 0..run.events);
}

/// Ada has watched two runs of one session to their ends; Ben has returned to the second, and Cleo asks
/// for the first.
fn one_session(make: impl FnOnce(&mut Record, &Run)) -> Transcript {
    let second = of_the_same_session("q", 4);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6)
        .watches("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &second, 0..4)
        .watches("Ada");
    record.opens("Ben");
    asks(&mut record, "Ben", &second, Null);
    replayed(&mut record, "Ben", &second);
    record.opens("Cleo");
    asks(&mut record, "Cleo", &run(), Null);
    make(&mut record, &second);
    record.done()
}

/// Ada has started a run; Ben and then Cleo have returned to it and got two events live.
fn three_watch(make: impl FnOnce(&mut Record)) -> Transcript {
    let run = Run::new("r", 12);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..3);
    for viewer in ["Ben", "Cleo"] {
        record.opens(viewer);
        asks(&mut record, viewer, &run, At(1));
        record
            .catch_up(viewer, "r", 1, 3)
            .events(viewer, &run, 2..3)
            .subscribed(viewer, "r", 3);
    }
    for index in 3..5 {
        record
            .first("Ada", &run, index..index + 1)
            .events("Ben", &run, index..index + 1)
            .events("Cleo", &run, index..index + 1);
    }
    make(&mut record);
    record.done()
}

/// Ada has watched a short run to its end; Ben is watching another one, and asks for the first on the
/// same connection.
fn beside(make: impl FnOnce(&mut Record, &Run)) -> Transcript {
    let long = Run::new("q", 12);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6)
        .watches("Ada");
    record
        .opens("Ben")
        .starts("Ben", Some("w"), &long.session)
        .first("Ben", &long, 0..5);
    asks(&mut record, "Ben", &run(), Null);
    make(&mut record, &long);
    record.done()
}

/// The server shows Cleo how the run ended.
fn over(record: &mut Record, run: &Run) {
    record.opens("Dan");
    asks(record, "Dan", run, Null);
    replayed(record, "Dan", run);
}

/// Ben has four runs under way, and Ada starts another one.
fn busy(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ben");
    for id in ["a", "b", "c", "d"] {
        let run = Run::new(id, 12);
        record
            .starts("Ben", Some("w"), &run.session)
            .first("Ben", &run, 0..2);
    }
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    make(&mut record);
    record.done()
}

/// Ada has seen three events of a run, the server was restarted, and she asks for the rest.
fn cut_off(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..3)
        .departs("Ada");
    record.note("the suite", 0, EntryKind::Restarted);
    record.opens("Ada").returns("Ada", Some("r"), At(2));
    make(&mut record);
    record.done()
}

/// Ada has watched a run to its end; Ben has been shown it, and Cleo asks for it by its id alone.
fn by_the_run_alone(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6)
        .watches("Ada");
    record.opens("Ben");
    asks(&mut record, "Ben", &run(), Null);
    replayed(&mut record, "Ben", &run());
    record.opens("Cleo").returns_by_the_run_alone("Cleo", "r");
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "two runs of a session, each itself",
        Passed("SESSION-1"),
        || one_session(|r, _| replayed(r, "Cleo", &run())),
    ),
    (
        "the earlier run of a session is unknown",
        Breaks(&["SESSION-1", "REPLAY-1"]),
        || {
            one_session(|r, _| {
                r.error("Cleo");
            })
        },
    ),
    (
        "the later run of a session comes instead of the earlier",
        Breaks(&["SESSION-1", "REPLAY-1", "VIEWERS-2"]),
        || {
            one_session(|r, second| {
                replayed(r, "Cleo", second);
                r.gives_up("Cleo");
            })
        },
    ),
    (
        "only one run of a session was returned to",
        Nothing("SESSION-1", "Cleo lost the connection"),
        || {
            one_session(|r, _| {
                r.ends("Cleo");
            })
        },
    ),
    (
        "one run of its session",
        Nothing("SESSION-1", "no two runs were started"),
        || three_watch(|_| {}),
    ),
    (
        "Ben leaves, and Cleo watches on",
        Passed("VIEWERS-8"),
        || {
            let run = Run::new("r", 12);
            three_watch(|r| {
                r.leaves("Ben", Disconnect::Reset)
                    .first("Ada", &run, 5..12)
                    .events("Cleo", &run, 5..12);
            })
        },
    ),
    (
        "Ben leaves, and Cleo gets nothing more",
        Breaks(&["VIEWERS-8", "CATCHUP-5"]),
        || {
            let run = Run::new("r", 12);
            three_watch(|r| {
                r.leaves("Ben", Disconnect::Reset)
                    .first("Ada", &run, 5..12)
                    .watches("Ada")
                    .gives_up("Cleo");
            })
        },
    ),
    (
        "Cleo leaves, and Ben loses an event",
        Breaks(&["VIEWERS-8", "CATCHUP-5"]),
        || {
            let run = Run::new("r", 12);
            three_watch(|r| {
                r.leaves("Cleo", Disconnect::Reset)
                    .first("Ada", &run, 5..12)
                    .events("Ben", &run, 6..12);
            })
        },
    ),
    (
        "Ben leaves after Cleo had lost the stream",
        Nothing("VIEWERS-8", "before the ending"),
        || {
            let run = Run::new("r", 12);
            three_watch(|r| {
                r.leaves("Ben", Disconnect::Reset)
                    .first("Ada", &run, 5..7)
                    .events("Cleo", &run, 5..7)
                    .ends("Cleo");
                r.leaves("Ada", Disconnect::Reset);
            })
        },
    ),
    (
        "nobody leaves",
        Nothing("VIEWERS-8", "no viewer left"),
        || three_watch(|_| {}),
    ),
    ("a replay beside a live run", Passed("VIEWERS-9"), || {
        beside(|r, long| {
            replayed(r, "Ben", &run());
            r.first("Ben", long, 5..12);
        })
    }),
    (
        "the live run ends with the replay",
        Breaks(&["VIEWERS-9", "START-3", "VIEWERS-6"]),
        || {
            beside(|r, long| {
                replayed(r, "Ben", &run());
                over(r, long);
                r.gives_up("Ben");
            })
        },
    ),
    (
        "a replay is refused beside a live run",
        Breaks(&["VIEWERS-9", "REPLAY-1"]),
        || {
            beside(|r, long| {
                r.error("Ben").first("Ben", long, 5..12);
            })
        },
    ),
    (
        "the viewer leaves after the replay",
        Nothing("VIEWERS-9", "left before the ending"),
        || {
            beside(|r, _| {
                replayed(r, "Ben", &run());
                r.departs("Ben");
            })
        },
    ),
    (
        "each connection has one run",
        Nothing("VIEWERS-9", "no viewer asked for a run on a connection"),
        || three_watch(|_| {}),
    ),
    ("a run is queued behind others", Passed("START-8"), || {
        busy(|r| {
            r.gets("Ada", r#"{"event": "queued", "run_id": "r"}"#);
        })
    }),
    (
        "a run waits for others in silence",
        Breaks(&["START-8", "LIVENESS-1"]),
        || {
            busy(|r| {
                r.gives_up("Ada");
            })
        },
    ),
    (
        "a run is refused because of others",
        Nothing("START-8", "was refused the run"),
        || {
            busy(|r| {
                r.error("Ada");
            })
        },
    ),
    ("a cut-off run is refused", Passed("RESTART-3"), || {
        cut_off(|r| {
            r.error("Ada");
        })
    }),
    ("a cut-off run is carried on", Passed("RESTART-3"), || {
        cut_off(|r| {
            r.subscribed("Ada", "r", 3).events("Ada", &run(), 3..6);
        })
    }),
    (
        "a cut-off run is replayed as failed",
        Passed("RESTART-3"),
        || {
            cut_off(|r| {
                r.replay("Ada", "r", "ERROR", 3).events("Ada", &run(), 0..3);
            })
        },
    ),
    (
        "a cut-off run is shown as running, for ever",
        Breaks(&["RESTART-3"]),
        || {
            cut_off(|r| {
                r.subscribed("Ada", "r", 3).gives_up("Ada");
                r.opens("Ben").returns("Ben", Some("r"), Null);
                r.catch_up("Ben", "r", 3, 3)
                    .events("Ben", &run(), 0..3)
                    .subscribed("Ben", "r", 3);
            })
        },
    ),
    (
        "a cut-off run may only be slow",
        Nothing("RESTART-3", "nobody asked for the run once more"),
        || {
            cut_off(|r| {
                r.subscribed("Ada", "r", 3).gives_up("Ada");
            })
        },
    ),
    ("the run's id is enough", Passed("HISTORY-3"), || {
        by_the_run_alone(|r| replayed(r, "Cleo", &run()))
    }),
    ("the run's id is not enough", Breaks(&["HISTORY-3"]), || {
        by_the_run_alone(|r| {
            r.error("Cleo");
        })
    }),
    (
        "nobody named session and workflow",
        Nothing("HISTORY-3", "to compare with"),
        || {
            let mut record = Record::new();
            record
                .opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..6)
                .watches("Ada");
            record.opens("Cleo").returns_by_the_run_alone("Cleo", "r");
            replayed(&mut record, "Cleo", &run());
            record.done()
        },
    ),
];
