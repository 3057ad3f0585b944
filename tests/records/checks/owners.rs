//! OWNER.

use reconnect_acceptance::protocol::{Action, Position};
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// Ada has watched a run to its end; Ben asks for it and names this session and workflow.
fn asked(session: &str, workflow: &str, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6);
    record.opens("Ben").says(
        "Ben",
        Action::Reconnect {
            run_id: Some("r".to_owned()),
            position: Position::Null,
            workflow_id: Some(workflow.to_owned()),
            session_id: Some(session.to_owned()),
        },
    );
    make(&mut record);
    record.done()
}

fn shown(record: &mut Record) {
    record
        .replay("Ben", "r", "COMPLETED", 6)
        .events("Ben", &run(), 0..6);
}

const ACCEPTED: &str = r#"{"event": "authenticated"}"#;

fn comes(record: &mut Record, viewer: &str, user: &str) {
    record
        .comes_as(viewer, user)
        .connects(viewer)
        .gets(viewer, r#"{"event": "connected", "requires_auth": true}"#)
        .says(
            viewer,
            Action::Authenticate {
                token: Some("[secret]".to_owned()),
            },
        )
        .gets(viewer, ACCEPTED);
}

/// Ada has watched a run to its end; Ben, another user, has asked for runs that nobody has and got
/// these answers, and asks for hers.
fn anothers(unknown: &[&str], make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    comes(&mut record, "Ada", "one user");
    record
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6);
    comes(&mut record, "Ben", "another user");
    for (at, answer) in unknown.iter().enumerate() {
        record
            .returns("Ben", Some(&format!("n{at}")), Position::Null)
            .gets("Ben", answer);
    }
    comes(&mut record, "Ben", "another user");
    record.returns("Ben", Some("r"), Position::Null);
    make(&mut record);
    record.done()
}

const UNKNOWN: &[&str] = &[
    r#"{"event": "error", "error": "Run n0 not found", "error_id": 7}"#,
    r#"{"event": "error", "error": "Run n1 not found", "error_id": 8}"#,
];

/// Ada has watched a run until it paused; Ben, another user, asks to let it continue.
fn continued_by_another(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    let paused = Run::paused("r", 4);
    comes(&mut record, "Ada", "one user");
    record
        .starts("Ada", Some("w"), &paused.session)
        .first("Ada", &paused, 0..4);
    comes(&mut record, "Ben", "another user");
    record.continues("Ben", &paused);
    make(&mut record);
    record.done()
}

/// Ada watches a run; Ben, another user, asks over HTTP to cancel it, which is answered with this status.
fn cancelled_by_another(status: u16, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    comes(&mut record, "Ada", "one user");
    record
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..3)
        .comes_as("Ben", "another user")
        .cancels("Ben", &run(), status);
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "another user is refused to let a run continue",
        Passed("OWNER-2"),
        || {
            continued_by_another(|r| {
                r.error("Ben").watches("Ada");
            })
        },
    ),
    (
        "another user lets a run continue",
        Breaks(&["OWNER-2"]),
        || {
            continued_by_another(|r| {
                r.first("Ben", &run(), 4..6);
            })
        },
    ),
    (
        "another user is refused, and then the owner lets the run continue",
        Passed("OWNER-2"),
        || {
            continued_by_another(|r| {
                r.error("Ben");
                comes(r, "Cleo", "one user");
                r.continues("Cleo", &run()).first("Ada", &run(), 4..6);
            })
        },
    ),
    (
        "another user is cut off",
        Nothing("OWNER-2", "was not refused the run"),
        || {
            continued_by_another(|r| {
                r.ends("Ben");
            })
        },
    ),
    (
        "another user's cancel changes nothing, whatever is answered",
        Passed("OWNER-2"),
        || {
            cancelled_by_another(200, |r| {
                r.first("Ada", &run(), 3..6);
            })
        },
    ),
    ("another user cancels a run", Breaks(&["OWNER-2"]), || {
        cancelled_by_another(200, |r| {
            r.first("Ada", &Run::cancelled("r", 5), 3..5);
        })
    }),
    (
        "nobody knows what became of a run that another user cancelled",
        Nothing("OWNER-2", "did not come to its end"),
        || {
            cancelled_by_another(404, |r| {
                r.ends("Ada");
            })
        },
    ),
    ("another user's run is unknown", Passed("OWNER-2"), || {
        anothers(UNKNOWN, |r| {
            r.gets(
                "Ben",
                r#"{"error": "Run r not found", "event": "error", "error_id": 9}"#,
            );
        })
    }),
    (
        "another user's run is refused in other words",
        Breaks(&["OWNER-2"]),
        || {
            anothers(UNKNOWN, |r| {
                r.gets(
                    "Ben",
                    r#"{"event": "error", "error": "Access denied", "error_id": 9}"#,
                );
            })
        },
    ),
    (
        "another user's run is refused with more words",
        Breaks(&["OWNER-2"]),
        || {
            anothers(UNKNOWN, |r| {
                r.gets("Ben", r#"{"event": "error", "error": "Run r not found", "error_id": 9, "session_id": "s"}"#);
            })
        },
    ),
    (
        "another user's run is met by silence",
        Breaks(&["OWNER-2", "LIVENESS-1"]),
        || {
            anothers(UNKNOWN, |r| {
                r.gives_up("Ben");
            })
        },
    ),
    ("another user's run is shown", Breaks(&["OWNER-2"]), || {
        anothers(UNKNOWN, shown)
    }),
    (
        "another user is subscribed to the run, and to every other",
        Nothing("OWNER-2", "nothing to compare with"),
        || {
            anothers(&[], |r| {
                r.subscribed("Ben", "r", 6);
            })
        },
    ),
    (
        "the user has asked for no run that nobody has",
        Nothing("OWNER-2", "nothing to compare with"),
        || {
            anothers(&[], |r| {
                r.error("Ben");
            })
        },
    ),
    (
        "the user is asked for no token",
        Nothing("OWNER-2", "does not keep users apart"),
        || {
            let mut record = Record::new();
            record
                .comes_as("Ada", "one user")
                .comes_as("Ben", "another user");
            record
                .opens("Ada")
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..6)
                .opens("Ben")
                .returns("Ben", Some("r"), Position::Null);
            shown(&mut record);
            record.done()
        },
    ),
    (
        "another user may not let a paused run go on",
        Nothing(
            "PAUSE-1",
            "no viewer continued the run after Cleo had returned",
        ),
        || {
            let paused = Run::paused("r", 6);
            let mut record = Record::new();
            comes(&mut record, "Ada", "one user");
            record
                .starts("Ada", Some("w"), &paused.session)
                .first("Ada", &paused, 0..6);
            comes(&mut record, "Cleo", "one user");
            record
                .returns("Cleo", Some("r"), Position::Null)
                .replay("Cleo", "r", "PAUSED", 6)
                .events("Cleo", &paused, 0..6);
            comes(&mut record, "Ben", "another user");
            record
                .continues("Ben", &paused)
                .error("Ben")
                .watches("Cleo")
                .watches("Ben");
            record.done()
        },
    ),
    (
        "the same user returns by another name",
        Nothing("OWNER-2", "no viewer asked for the run of another user"),
        || {
            let mut record = Record::new();
            comes(&mut record, "Ada", "one user");
            record
                .starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..6);
            comes(&mut record, "Ben", "one user");
            record.returns("Ben", Some("r"), Position::Null);
            shown(&mut record);
            record.done()
        },
    ),
    ("another session, refused", Passed("OWNER-1"), || {
        asked("another", "w", |r| {
            r.error("Ben");
        })
    }),
    ("another session, shown", Breaks(&["OWNER-1"]), || {
        asked("another", "w", shown)
    }),
    ("another workflow, shown", Breaks(&["OWNER-1"]), || {
        asked(&run().session, "no-such-workflow", shown)
    }),
    (
        "the run's own session and workflow",
        Nothing("OWNER-1", "no viewer named"),
        || asked(&run().session, "w", shown),
    ),
];
