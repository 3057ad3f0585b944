//! CONTENT-1 and CONTENT-3.

use reconnect_acceptance::protocol::{Action, Part, Position};
use reconnect_acceptance::transcript::{THE_SUITE, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

const TOLD: &str = "one\ntwo\n\ndata: three";

fn run() -> Run {
    Run::new("r", 6)
}

/// Event 2 with this content.
fn echo(content: &str) -> String {
    run()
        .event(2)
        .replace("\"word 2\"", &json!(content).to_string())
}

/// Ada is about to see all of a run that is told something with line breaks.
fn told(part: Part, make: impl FnOnce(&mut Record)) -> Transcript {
    told_this(part, TOLD, make)
}

/// Likewise, with this text.
fn told_this(part: Part, told: &str, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.plays("w", part).opens("Ada").says(
        "Ada",
        Action::Start {
            workflow_id: Some("w".to_owned()),
            message: json!(told),
            session_id: Some(run().session),
        },
    );
    record.first("Ada", &run(), 0..2);
    make(&mut record);
    record.done()
}

/// Likewise; the run has repeated it, and Ben comes to get it again.
fn repeated(make: impl FnOnce(&mut Record)) -> Transcript {
    told(Part::Echoing, |r| {
        r.gets("Ada", &echo(TOLD))
            .first("Ada", &run(), 3..6)
            .opens("Ben")
            .returns("Ben", Some("r"), Position::Null);
        make(r);
    })
}

pub const CASES: &[Case] = &[
    ("repeated as it was", Passed("CONTENT-1"), || {
        told(Part::Echoing, |r| {
            r.gets("Ada", &echo(&format!("You said: {TOLD}")))
                .first("Ada", &run(), 3..6);
        })
    }),
    (
        "repeated without its line breaks",
        Breaks(&["CONTENT-1"]),
        || {
            told(Part::Echoing, |r| {
                r.gets("Ada", &echo(&TOLD.replace('\n', " ")))
                    .first("Ada", &run(), 3..6);
            })
        },
    ),
    ("a number, repeated as text", Passed("CONTENT-1"), || {
        told_this(Part::Echoing, "4217.10", |r| {
            r.gets("Ada", &echo("4217.10")).first("Ada", &run(), 3..6);
        })
    }),
    (
        "a number, repeated as a number",
        Breaks(&["CONTENT-1"]),
        || {
            told_this(Part::Echoing, "4217.10", |r| {
                r.gets("Ada", &echo("4217.10").replace("\"4217.10\"", "4217.1"))
                    .first("Ada", &run(), 3..6);
            })
        },
    ),
    ("repeated in part", Breaks(&["CONTENT-1"]), || {
        told(Part::Echoing, |r| {
            r.gets("Ada", &echo("data")).first("Ada", &run(), 3..6);
        })
    }),
    (
        "not repeated at all",
        Nothing("CONTENT-1", "miscast"),
        || {
            told(Part::Echoing, |r| {
                r.first("Ada", &run(), 2..6);
            })
        },
    ),
    (
        "not known to repeat anything",
        Nothing("CONTENT-1", "[parts.echoing]"),
        || {
            told(Part::Long, |r| {
                r.gets("Ada", &echo("one two data: three"))
                    .first("Ada", &run(), 3..6);
            })
        },
    ),
    (
        "not seen as a whole",
        Nothing("CONTENT-1", "the whole run"),
        || {
            told(Part::Echoing, |r| {
                r.departs("Ada");
            })
        },
    ),
    ("delivered again", Passed("CONTENT-3"), || {
        repeated(|r| {
            r.replay("Ben", "r", "COMPLETED", 6)
                .events("Ben", &run(), 0..2)
                .gets("Ben", &echo(TOLD))
                .events("Ben", &run(), 3..6);
        })
    }),
    (
        "delivered again by nothing but the replay that ends the scenario",
        Nothing("CONTENT-3", "no viewer returned"),
        || {
            told(Part::Echoing, |r| {
                r.gets("Ada", &echo(TOLD))
                    .first("Ada", &run(), 3..6)
                    .opens(THE_SUITE)
                    .returns(THE_SUITE, Some("r"), Position::Null)
                    .replay(THE_SUITE, "r", "COMPLETED", 6)
                    .events(THE_SUITE, &run(), 0..2)
                    .gets(THE_SUITE, &echo(TOLD))
                    .events(THE_SUITE, &run(), 3..6);
            })
        },
    ),
    (
        "left out for what it says",
        Breaks(&["CONTENT-3", "REPLAY-1", "REPLAY-2"]),
        || {
            repeated(|r| {
                r.replay("Ben", "r", "COMPLETED", 6)
                    .events("Ben", &run(), 0..2)
                    .events("Ben", &run(), 3..6)
                    .watches("Ben");
            })
        },
    ),
    (
        "nothing but plain text",
        Nothing("CONTENT-3", "plain text"),
        || {
            told(Part::Long, |r| {
                r.first("Ada", &run(), 2..6)
                    .opens("Ben")
                    .returns("Ben", Some("r"), Position::Null)
                    .replay("Ben", "r", "COMPLETED", 6)
                    .events("Ben", &run(), 0..6);
            })
        },
    ),
];
