//! AUTH-5, OWNER-3, REPLICA-3.

use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::{EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

const REQUIRED: &str = r#"{"event": "auth_required", "error": "no"}"#;

fn run() -> Run {
    Run::new("r", 6)
}

/// The viewer comes to a server that asks for a token, and shows the right one.
fn comes(record: &mut Record, viewer: &str) {
    let token = Some("[secret]".to_owned());
    record
        .connects(viewer)
        .gets(viewer, r#"{"event": "connected", "requires_auth": true}"#)
        .says(viewer, Action::Authenticate { token })
        .gets(viewer, r#"{"event": "authenticated"}"#);
}

/// Ada's token has expired on her open connection.
fn expired(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    comes(&mut record, "Ada");
    record.note("Ada", 1, EntryKind::TokenExpired);
    make(&mut record);
    record.done()
}

/// Ada watches a run of the workflow `w`, which Ben's token is not for; he asks for it.
fn forbidden(refused_before: bool, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    let workflow_id = "w".to_owned();
    record.note("Ben", 0, EntryKind::NotPermitted { workflow_id });
    comes(&mut record, "Ada");
    record
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..6)
        .watches("Ada");
    comes(&mut record, "Ben");
    if refused_before {
        record.starts("Ben", Some("w"), "his own").error("Ben");
    }
    comes(&mut record, "Ben");
    record.returns("Ben", Some("r"), Null);
    make(&mut record);
    record.done()
}

fn shown(record: &mut Record) {
    record
        .replay("Ben", "r", "COMPLETED", 6)
        .events("Ben", &run(), 0..6);
}

/// The other replica carries out a run that Ben watches, and dies.
fn died(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens_at_the_other("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..3)
        .departs("Ada")
        .opens("Ben")
        .returns("Ben", Some("r"), Null);
    record
        .catch_up("Ben", "r", 3, 3)
        .events("Ben", &run(), 0..3)
        .subscribed("Ben", "r", 3)
        .events("Ben", &run(), 3..4);
    record.note("the suite", 0, EntryKind::ReplicaKilled);
    make(&mut record);
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "an expired token is asked for again",
        Passed("AUTH-5"),
        || {
            expired(|r| {
                r.starts("Ada", Some("w"), "s").gets("Ada", REQUIRED);
            })
        },
    ),
    ("an expired token is refused", Passed("AUTH-5"), || {
        expired(|r| {
            r.starts("Ada", Some("w"), "s")
                .gets("Ada", r#"{"event": "auth_error", "error_type": "expired"}"#);
        })
    }),
    ("an expired token still counts", Breaks(&["AUTH-5"]), || {
        expired(|r| {
            r.starts("Ada", Some("w"), &run().session)
                .first("Ada", &run(), 0..6);
        })
    }),
    (
        "nothing is asked for with an expired token",
        Nothing("AUTH-5", "asked for nothing"),
        || expired(|_| {}),
    ),
    (
        "a viewer with an expired token is cut off",
        Nothing("AUTH-5", "lost the connection"),
        || {
            expired(|r| {
                r.starts("Ada", Some("w"), "s").ends("Ada");
            })
        },
    ),
    (
        "a run is not shown without the permission",
        Passed("OWNER-3"),
        || {
            forbidden(true, |r| {
                r.error("Ben");
            })
        },
    ),
    (
        "a run is shown without the permission",
        Breaks(&["OWNER-3"]),
        || forbidden(true, shown),
    ),
    (
        "nothing shows that a permission is needed",
        Nothing("OWNER-3", "nothing shows that a permission is needed"),
        || forbidden(false, shown),
    ),
    (
        "the run of a dead replica ends with an error",
        Passed("REPLICA-3"),
        || {
            died(|r| {
                r.events("Ben", &Run::failing("r", 5), 4..5);
            })
        },
    ),
    (
        "the run of a dead replica is carried on",
        Passed("REPLICA-3"),
        || {
            died(|r| {
                r.events("Ben", &run(), 4..6);
            })
        },
    ),
    (
        "the viewers of a dead replica's run are sent away",
        Passed("REPLICA-3"),
        || {
            died(|r| {
                r.closed("Ben");
            })
        },
    ),
    (
        "nobody is told that the replica is dead",
        Breaks(&["REPLICA-3"]),
        || {
            died(|r| {
                r.gives_up("Ben");
            })
        },
    ),
    (
        "the viewer leaves after the replica's death",
        Nothing("REPLICA-3", "before the time limit"),
        || {
            died(|r| {
                r.departs("Ben");
            })
        },
    ),
];
