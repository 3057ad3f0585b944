//! VIEWERS-4: a viewer who does not read.

use reconnect_acceptance::protocol::Position::Null;
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ben has returned to the run that Ada has started, reads nothing, and asks for it again.
fn unread(too_many: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    unread_of(&run(), too_many, make)
}

fn unread_of(run: &Run, too_many: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", run, 0..4)
        .opens("Ben")
        .returns("Ben", Some("r"), Null)
        .catch_up("Ben", "r", 4, 4)
        .events("Ben", run, 0..4)
        .subscribed("Ben", "r", 4)
        .stops_reading("Ben", too_many)
        .pings("Ben");
    make(&mut record);
    record.done()
}

/// Ada has started the run, which Ben has joined, reads nothing, and asks for it again.
fn unread_by_the_starter(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4)
        .opens("Ben")
        .returns("Ben", Some("r"), Null)
        .catch_up("Ben", "r", 4, 4)
        .events("Ben", &run(), 0..4)
        .subscribed("Ben", "r", 4)
        .stops_reading("Ada", FULL)
        .pings("Ada");
    make(&mut record);
    record.done()
}

/// A buffer that holds less than what comes.
const FULL: u64 = 1_000;

pub const CASES: &[Case] = &[
    ("the others watch on", Passed("VIEWERS-4"), || {
        unread(FULL, |r| {
            r.first("Ada", &run(), 4..12)
                .reads_on("Ben")
                .pong("Ben")
                .events("Ben", &run(), 4..12);
        })
    }),
    (
        "the server throws out who does not read",
        Passed("VIEWERS-4"),
        || {
            unread(FULL, |r| {
                r.first("Ada", &run(), 4..12)
                    .reads_on("Ben")
                    .events("Ben", &run(), 4..5)
                    .closed_with("Ben", 1008);
            })
        },
    ),
    (
        "the run waits until everybody has read",
        Breaks(&["VIEWERS-4"]),
        || {
            unread(FULL, |r| {
                r.gives_up("Ada").reads_on("Ben").pong("Ben");
                for index in 4..12 {
                    r.first("Ada", &run(), index..index + 1).events(
                        "Ben",
                        &run(),
                        index..index + 1,
                    );
                }
            })
        },
    ),
    (
        "the others watch on, although the one who started the run does not read",
        Passed("VIEWERS-4"),
        || {
            unread_by_the_starter(|r| {
                r.events("Ben", &run(), 4..12)
                    .reads_on("Ada")
                    .pong("Ada")
                    .first("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "the run waits until the one who started it has read",
        Breaks(&["VIEWERS-4"]),
        || {
            unread_by_the_starter(|r| {
                r.gives_up("Ben").reads_on("Ada").pong("Ada");
                for index in 4..12 {
                    r.first("Ada", &run(), index..index + 1).events(
                        "Ben",
                        &run(),
                        index..index + 1,
                    );
                }
            })
        },
    ),
    (
        "the run goes on, but is told to nobody",
        Breaks(&["VIEWERS-4"]),
        || {
            unread(FULL, |r| {
                r.first("Ada", &run(), 4..6)
                    .gives_up("Ada")
                    .reads_on("Ben")
                    .pong("Ben")
                    .events("Ben", &run(), 4..12)
                    .first("Ada", &run(), 6..12);
            })
        },
    ),
    (
        "the others never hear how the run ended",
        Breaks(&["VIEWERS-4", "START-3", "VIEWERS-6"]),
        || {
            unread(FULL, |r| {
                r.first("Ada", &run(), 4..6)
                    .gives_up("Ada")
                    .reads_on("Ben")
                    .pong("Ben")
                    .events("Ben", &run(), 4..12)
                    .gives_up("Ada");
            })
        },
    ),
    (
        "the run goes on long after everybody has read",
        Nothing("VIEWERS-4", "before the ending"),
        || {
            unread(FULL, |r| {
                r.gives_up("Ada")
                    .reads_on("Ben")
                    .pong("Ben")
                    .events("Ben", &run(), 4..5)
                    .watches("Ben")
                    .watches("Ben")
                    .watches("Ben");
                r.events("Ben", &run(), 5..12).first("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "the buffers held all of it",
        Nothing("VIEWERS-4", "the server did not have to wait"),
        || {
            unread(1 << 20, |r| {
                r.first("Ada", &run(), 4..12)
                    .reads_on("Ben")
                    .pong("Ben")
                    .events("Ben", &run(), 4..12);
            })
        },
    ),
    (
        "the run is over at once",
        Nothing("VIEWERS-4", "before the buffers were full"),
        || {
            let run = Run::new("r", 6);
            unread_of(&run, 100, |r| {
                r.first("Ada", &run, 4..6)
                    .reads_on("Ben")
                    .pong("Ben")
                    .events("Ben", &run, 4..6);
            })
        },
    ),
];
