//! IDENTITY-3: what an event said must not be missing later.

use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// Ada has watched the run, whose event 3 had these fields as well; Ben gets it with those.
fn replayed(live: &str, again: &str) -> Transcript {
    let run = Run::new("r", 6);
    let event = |fields: &str| run.event(3).replacen('{', &format!("{{{fields}"), 1);
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run.session);
    record
        .first("Ada", &run, 0..3)
        .gets("Ada", &event(live))
        .first("Ada", &run, 4..6)
        .departs("Ada");
    record.opens("Ben").returns("Ben", Some("r"), Null);
    record
        .replay("Ben", "r", "COMPLETED", 6)
        .events("Ben", &run, 0..3)
        .gets("Ben", &event(again))
        .events("Ben", &run, 4..6);
    record.done()
}

const SAID: &str =
    r#""references": ["a", "b"], "reasoning": "because of this", "citations": {"url": "x"}, "#;

pub const CASES: &[Case] = &[
    (
        "all that was said comes again",
        Passed("IDENTITY-3"),
        || replayed(SAID, SAID),
    ),
    ("more comes than was said", Breaks(&["IDENTITY-2"]), || {
        replayed("", SAID)
    }),
    (
        "a list is shorter",
        Breaks(&["IDENTITY-3", "IDENTITY-2"]),
        || replayed(SAID, &SAID.replace(r#", "b""#, "")),
    ),
    (
        "a text is cut",
        Breaks(&["IDENTITY-3", "IDENTITY-2"]),
        || replayed(SAID, &SAID.replace(" of this", "")),
    ),
    (
        "an object is gone",
        Breaks(&["IDENTITY-3", "IDENTITY-2"]),
        || replayed(SAID, &SAID.replace(r#"{"url": "x"}"#, "null")),
    ),
    ("measurements are gone", Breaks(&["IDENTITY-2"]), || {
        replayed(
            r#""metrics": {"model": "m"}, "session_state": {"a": "b"}, "started_at": "now", "#,
            "",
        )
    }),
    ("numbers are gone", Breaks(&["IDENTITY-2"]), || {
        replayed(r#""tokens": 5, "#, "")
    }),
    (
        "each event comes once",
        Nothing("IDENTITY-3", "twice"),
        || {
            let run = Run::new("r", 6);
            let mut record = Record::new();
            record.opens("Ada").starts("Ada", Some("w"), &run.session);
            record.first("Ada", &run, 0..6);
            record.done()
        },
    ),
];
