//! PAUSE-3 and -4, and CANCEL-3: several people and one pause.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Part, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// The run up to its pause, event 5.
fn paused() -> Run {
    Run::paused("r", 6)
}

/// The run as it goes on: events 6 to 11.
fn whole() -> Run {
    Run::new("r", 12)
}

/// The run that was cancelled instead: events 6 and 7 say so.
fn cancelled() -> Run {
    Run::cancelled("r", 8)
}

/// Ada has seen the run pause and stays, and Ben lets it go on.
fn stayed(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = watched();
    record.opens("Ben").continues("Ben", &paused());
    make(&mut record);
    record.done()
}

fn watched() -> Record {
    let mut record = Record::new();
    record.plays("w", Part::Pausing).opens("Ada");
    record.starts("Ada", Some("w"), &paused().session);
    record.first("Ada", &paused(), 0..6);
    record
}

/// Ada has seen the run pause, and lets it go on: to its end, where that is told.
fn answered(to: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = watched();
    record.continues("Ada", &paused());
    record.first("Ada", &whole(), 6..to);
    make(&mut record);
    record.done()
}

/// Ben answers as well.
fn answers_too(record: &mut Record) -> &mut Record {
    record.opens("Ben").continues("Ben", &paused())
}

/// `StepContinued` of this step, under the index of this event.
fn continued(run: &Run, index: u64, step: &str) -> String {
    let content = format!("\"content\":\"word {index}\"");
    let event = run.event(index).replace(run.name(index), "StepContinued");
    event.replace(&content, &format!("\"step_id\":\"{step}\""))
}

/// Ada has seen the run pause and stays, and Ben cancels it.
fn called_off(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = watched();
    record.cancels("Ben", &paused(), 200);
    make(&mut record);
    record.done()
}

/// Cleo returns to the run that was cancelled.
fn comes_late(record: &mut Record) -> &mut Record {
    record
        .watches("Ada")
        .opens("Cleo")
        .returns("Cleo", Some("r"), Null);
    record
        .replay("Cleo", "r", "CANCELLED", 8)
        .events("Cleo", &paused(), 0..6)
        .events("Cleo", &cancelled(), 6..8)
}

pub const CASES: &[Case] = &[
    (
        "the answer to a pause that was cancelled is the cancelled ending",
        Breaks(&["CANCEL-3"]),
        || {
            called_off(|r| {
                r.opens("Cleo")
                    .continues("Cleo", &paused())
                    .first("Cleo", &cancelled(), 6..8);
            })
        },
    ),
    ("who stayed sees it go on", Passed("PAUSE-3"), || {
        stayed(|r| {
            for index in 6..12 {
                r.first("Ben", &whole(), index..index + 1)
                    .first("Ada", &whole(), index..index + 1);
            }
        })
    }),
    (
        "who stayed sees it go on, also where the one who answered has left",
        Passed("PAUSE-3"),
        || {
            stayed(|r| {
                r.first("Ben", &whole(), 6..8)
                    .departs("Ben")
                    .first("Ada", &whole(), 6..12);
            })
        },
    ),
    ("who stayed gets nothing more", Breaks(&["PAUSE-3"]), || {
        stayed(|r| {
            r.first("Ben", &whole(), 6..12)
                .watches("Ben")
                .watches("Ada");
        })
    }),
    (
        "who stayed lacks an event",
        Breaks(&["PAUSE-3", "START-2"]),
        || {
            stayed(|r| {
                r.first("Ben", &whole(), 6..12)
                    .first("Ada", &whole(), 7..12);
            })
        },
    ),
    (
        "who stayed gets an event twice",
        Breaks(&["PAUSE-3", "START-2"]),
        || {
            stayed(|r| {
                r.first("Ben", &whole(), 6..12)
                    .first("Ada", &whole(), 6..8)
                    .first("Ada", &whole(), 7..12);
            })
        },
    ),
    (
        "who left is owed nothing",
        Nothing("PAUSE-3", "before the run went on"),
        || {
            let mut record = watched();
            record
                .departs("Ada")
                .opens("Ben")
                .continues("Ben", &paused());
            record.first("Ben", &whole(), 6..12).watches("Ben");
            record.done()
        },
    ),
    (
        "the server closes the connection as the run pauses",
        Nothing("PAUSE-3", "before the run went on"),
        || {
            let mut record = watched();
            record
                .closed("Ada")
                .opens("Ben")
                .continues("Ben", &paused());
            record.first("Ben", &whole(), 6..12).watches("Ben");
            record.done()
        },
    ),
    (
        "who stayed leaves before the rest can have come",
        Nothing("PAUSE-3", "the run had paused when Ada"),
        || {
            stayed(|r| {
                r.first("Ben", &whole(), 6..12).departs("Ada");
            })
        },
    ),
    (
        "the one whose answer was refused misses an event after the pause",
        Passed("PAUSE-2"),
        || {
            let mut record = watched();
            record.opens("Ben").continues("Ada", &paused());
            record
                .continues("Ben", &paused())
                .first("Ben", &whole(), 6..7);
            record.error("Ada").first("Ben", &whole(), 7..12);
            record.first("Ada", &whole(), 7..12);
            record.done()
        },
    ),
    (
        "nobody answers",
        Nothing("PAUSE-3", "no viewer let the paused run go on"),
        || watched().done(),
    ),
    (
        "two viewers who returned see it go on",
        Passed("VIEWERS-1"),
        || {
            returned(|r| {
                for viewer in ["Ben", "Cleo"] {
                    r.events(viewer, &whole(), 6..12);
                }
            })
        },
    ),
    (
        "only one of those who returned sees it go on",
        Breaks(&["VIEWERS-1", "PAUSE-3"]),
        || {
            returned(|r| {
                r.events("Cleo", &whole(), 6..12)
                    .watches("Cleo")
                    .watches("Ben");
            })
        },
    ),
    (
        "none of those who returned sees it go on",
        Breaks(&["VIEWERS-1", "PAUSE-3"]),
        || {
            returned(|r| {
                r.watches("Cleo").watches("Ben");
            })
        },
    ),
    ("a second answer is refused", Passed("PAUSE-4"), || {
        answered(12, |r| {
            answers_too(r).error("Ben");
        })
    }),
    (
        "a second answer is refused while the run goes on, to somebody who watches",
        Passed("PAUSE-4"),
        || {
            let mut record = watched();
            record.opens("Ben").continues("Ben", &paused());
            record
                .first("Ben", &whole(), 6..7)
                .continues("Ada", &paused())
                // On its way already.
                .first("Ada", &whole(), 6..7)
                .error("Ada")
                .first("Ada", &whole(), 7..12)
                .first("Ben", &whole(), 7..12);
            record.done()
        },
    ),
    (
        "of two answers at the same time, the one that was sent last counts",
        Passed("PAUSE-4"),
        || {
            let mut record = watched();
            record.opens("Ben").continues("Ada", &paused());
            record.continues("Ben", &paused());
            record
                .first("Ben", &whole(), 6..7)
                .first("Ada", &whole(), 6..7)
                .error("Ada")
                .first("Ada", &whole(), 7..12)
                .first("Ben", &whole(), 7..12);
            record.done()
        },
    ),
    (
        "a second answer counts as well",
        Breaks(&["PAUSE-4"]),
        || {
            answered(7, |r| {
                answers_too(r).first("Ben", &whole(), 7..12);
                r.first("Ada", &whole(), 7..12);
            })
        },
    ),
    (
        "an answer to a run that is over makes it go on, and not to an end",
        Breaks(&["PAUSE-4"]),
        || {
            answered(12, |r| {
                let more = Run::new("r", 20);
                answers_too(r).first("Ben", &more, 12..14).watches("Ben");
            })
        },
    ),
    (
        "a second answer is not answered",
        Breaks(&["PAUSE-4", "LIVENESS-1"]),
        || {
            answered(12, |r| {
                answers_too(r).gives_up("Ben");
            })
        },
    ),
    (
        "a second answer is refused, and carried out",
        Breaks(&["PAUSE-4"]),
        || {
            let mut record = watched();
            record.continues("Ada", &paused());
            record
                .gets("Ada", &continued(&whole(), 6, "publish"))
                .first("Ada", &whole(), 7..9);
            answers_too(&mut record).error("Ben");
            record
                .gets("Ada", &continued(&whole(), 9, "publish"))
                .first("Ada", &whole(), 10..12);
            record.done()
        },
    ),
    (
        "who answers has not been sent the pause yet, which somebody else saw",
        Passed("PAUSE-2"),
        || {
            let mut record = Record::new();
            record.plays("w", Part::Pausing).opens("Ada");
            record.starts("Ada", Some("w"), &paused().session);
            record.first("Ada", &paused(), 0..4).opens("Ben");
            record
                .returns("Ben", Some("r"), Null)
                .catch_up("Ben", "r", 4, 4)
                .events("Ben", &paused(), 0..4)
                .subscribed("Ben", "r", 4)
                .events("Ben", &paused(), 4..6);
            record
                .continues("Ada", &paused())
                .first("Ada", &paused(), 4..6)
                .first("Ada", &whole(), 6..12)
                .events("Ben", &whole(), 6..12);
            record.done()
        },
    ),
    (
        "the run pauses twice, and each pause is answered",
        Nothing("PAUSE-4", "no pause was answered twice"),
        || {
            let mut record = watched();
            let again = Run::paused("r", 9);
            record
                .continues("Ada", &paused())
                .first("Ada", &again, 6..9);
            record.opens("Ben").continues("Ben", &again);
            record
                .first("Ben", &whole(), 9..12)
                .first("Ada", &whole(), 9..12);
            record.done()
        },
    ),
    (
        "the end of the run is not seen",
        Nothing("PAUSE-4", "nobody saw how the run ended"),
        || {
            answered(8, |r| {
                answers_too(r).error("Ben");
            })
        },
    ),
    ("cancelled instead of answered", Passed("CANCEL-3"), || {
        called_off(|r| {
            r.first("Ada", &cancelled(), 6..8);
            comes_late(r).continues("Cleo", &paused()).error("Cleo");
        })
    }),
    (
        "nobody who watches is told that it was cancelled",
        Breaks(&["CANCEL-3"]),
        || {
            called_off(|r| {
                comes_late(r)
                    .watches("Ada")
                    .continues("Cleo", &paused())
                    .error("Cleo");
            })
        },
    ),
    ("the cancelled run waits on", Breaks(&["CANCEL-3"]), || {
        called_off(|r| {
            r.watches("Ada")
                .opens("Cleo")
                .returns("Cleo", Some("r"), Null);
            r.replay("Cleo", "r", "PAUSED", 6)
                .events("Cleo", &paused(), 0..6);
            r.continues("Cleo", &paused()).error("Cleo");
        })
    }),
    (
        "the cancelled run takes an answer",
        Breaks(&["CANCEL-3", "LIVENESS-1", "REPLAY-4"]),
        || {
            called_off(|r| {
                r.first("Ada", &cancelled(), 6..8);
                comes_late(r).continues("Cleo", &paused()).gives_up("Cleo");
            })
        },
    ),
    (
        "nobody tries to let it go on",
        Nothing("CANCEL-3", "nobody tried to let the run go on"),
        || {
            called_off(|r| {
                r.first("Ada", &cancelled(), 6..8);
                comes_late(r);
            })
        },
    ),
    (
        "nobody stays to be told",
        Nothing("CANCEL-3", "nobody who had seen the run pause stayed"),
        || {
            let mut record = watched();
            record.leaves("Ada", Disconnect::Reset);
            record.cancels("Ben", &paused(), 200).opens("Cleo");
            record
                .returns("Cleo", Some("r"), Null)
                .replay("Cleo", "r", "CANCELLED", 8)
                .events("Cleo", &paused(), 0..6)
                .events("Cleo", &cancelled(), 6..8);
            record.continues("Cleo", &paused()).error("Cleo");
            record.done()
        },
    ),
];

/// Ben and Cleo have returned, see the run pause, and stay; Dan lets it go on, and sees all of it.
fn returned(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.plays("w", Part::Pausing).opens("Ada");
    record.starts("Ada", Some("w"), &paused().session);
    record.first("Ada", &paused(), 0..4).departs("Ada");
    for viewer in ["Ben", "Cleo"] {
        record
            .opens(viewer)
            .returns(viewer, Some("r"), At(1))
            .catch_up(viewer, "r", 2, 4)
            .events(viewer, &paused(), 2..4)
            .subscribed(viewer, "r", 4);
    }
    for viewer in ["Ben", "Cleo"] {
        record.events(viewer, &paused(), 4..6);
    }
    record.opens("Dan").continues("Dan", &paused());
    record.first("Dan", &whole(), 6..12);
    make(&mut record);
    record.done()
}
