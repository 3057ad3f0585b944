//! OWNER.

use reconnect_acceptance::protocol::{Action, Position};
use reconnect_acceptance::transcript::Transcript;

use crate::Case;
use crate::Shows::{Breaks, Holds, Nothing};
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

pub const CASES: &[Case] = &[
    ("another session, refused", Holds("OWNER-1"), || {
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
