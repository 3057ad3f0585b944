//! CATCHUP, HISTORY, VIEWERS.

use std::time::Duration;

use reconnect_acceptance::protocol::Position::{self, Absent, At, Null};
use reconnect_acceptance::transcript::{EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Plan, Record, Run, edited};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has seen events 0 to 3, left and come back with this position.
fn back(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record
        .first("Ada", &run(), 0..4)
        .departs("Ada")
        .opens("Ada");
    record.returns("Ada", Some("r"), position);
    make(&mut record);
    record.done()
}

/// Ada is back at position 3; events 4 to 6 are announced as missed.
fn caught_up(make: impl FnOnce(&mut Record)) -> Transcript {
    back(At(3), |record| {
        record.catch_up("Ada", "r", 3, 7);
        make(record);
    })
}

/// The run stands still after event 3 while Ada comes back at position 3.
fn held(make: impl FnOnce(&mut Record)) -> Transcript {
    held_after(3, make)
}

fn held_after(index: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run().session);
    record.first("Ada", &run(), 0..4).departs("Ada");
    record
        .held(&run().session, index)
        .opens("Ada")
        .returns("Ada", Some("r"), At(3));
    make(&mut record);
    record.done()
}

fn conforming() -> Transcript {
    Plan::simple(12, 4, 3).record()
}

fn instead(from: &'static str, to: &'static str) -> Transcript {
    let record = conforming();
    let place = record
        .entries()
        .iter()
        .position(|entry| matches!(&entry.what, EntryKind::Received { text, .. } if text.read().contains(from)))
        .expect("the message");
    crate::support::retold(&record, place, |text| text.replace(from, to))
}

fn to_reach(make: impl FnOnce(&mut Record), then: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4);
    make(&mut record);
    record.note(
        "the suite",
        0,
        EntryKind::TimedOut {
            waiting_for: format!("the run of {} to reach event 7", run().session),
            after: Duration::from_secs(10),
        },
    );
    then(&mut record);
    record.done()
}

/// Ada leaves twice for so long, and so many events of the run happen while she is away the second time.
fn twice_away(away: Duration, happened: u64) -> Transcript {
    let run = Run::new("r", 30);
    let mut r = Record::new();
    let gone = |r: &mut Record| {
        r.departs("Ada");
        r.note("the suite", 0, EntryKind::Watched(away));
        r.opens("Ada");
    };
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..12);
    gone(&mut r);
    r.returns("Ada", Some("r"), At(11))
        .subscribed("Ada", "r", 12);
    r.events("Ada", &run, 12..17);
    gone(&mut r);
    r.returns("Ada", Some("r"), At(16));
    let next = 17 + happened;
    if happened > 0 {
        r.catch_up("Ada", "r", happened, next);
        r.events("Ada", &run, 17..next);
    }
    r.subscribed("Ada", "r", next);
    r.events("Ada", &run, next..30);
    r.done()
}

pub const CASES: &[Case] = &[
    ("catch_up comes first", Passed("CATCHUP-1"), conforming),
    (
        "subscribed comes first",
        Breaks(&["CATCHUP-1", "CATCHUP-5"]),
        || {
            back(At(3), |r| {
                r.subscribed("Ada", "r", 7).events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "subscribed comes first, and the missed events as live ones",
        Breaks(&["CATCHUP-1", "CATCHUP-7"]),
        || {
            held_after(6, |r| {
                r.subscribed("Ada", "r", 7)
                    .released(&run().session)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    ("an error comes first", Breaks(&["CATCHUP-1"]), || {
        back(At(3), |r| {
            r.error("Ada");
        })
    }),
    (
        "nothing comes",
        Breaks(&["CATCHUP-1", "LIVENESS-1"]),
        || {
            back(At(3), |r| {
                r.gives_up("Ada");
            })
        },
    ),
    (
        "an event comes first",
        Breaks(&["CATCHUP-1", "CATCHUP-2", "CATCHUP-3"]),
        || {
            back(At(3), |r| {
                r.events("Ada", &run(), 4..5)
                    .catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 5..7);
                r.subscribed("Ada", "r", 7).events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "a replay while the run is held",
        Breaks(&["CATCHUP-1"]),
        || {
            held_after(6, |r| {
                r.replay("Ada", "r", "COMPLETED", 7)
                    .events("Ada", &run(), 0..7);
            })
        },
    ),
    (
        "nothing was missed",
        Nothing("CATCHUP-1", "raise --away"),
        || Plan::simple(12, 4, 0).record(),
    ),
    (
        "the run had finished",
        Nothing("CATCHUP-1", "lower --away"),
        || Plan::simple(12, 4, 8).record(),
    ),
    ("as many as announced", Passed("CATCHUP-2"), conforming),
    (
        "fewer than announced",
        Breaks(&["CATCHUP-2", "CATCHUP-3", "CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..6)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    ("more than announced", Breaks(&["CATCHUP-2"]), || {
        caught_up(|r| {
            r.events("Ada", &run(), 4..8)
                .subscribed("Ada", "r", 7)
                .events("Ada", &run(), 8..12);
        })
    }),
    (
        "silence in the middle of what was missed",
        Breaks(&["CATCHUP-2", "CATCHUP-4"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..6).gives_up("Ada");
            })
        },
    ),
    ("no number announced", Breaks(&["CATCHUP-2"]), || {
        instead("\"missed_events\":3,", "")
    }),
    (
        "left while catching up",
        Nothing("CATCHUP-2", "left before"),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..6).departs("Ada");
            })
        },
    ),
    ("in order", Passed("CATCHUP-3"), conforming),
    (
        "the last seen event comes again",
        Breaks(&["CATCHUP-3", "CATCHUP-2", "CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 3..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "nothing to put in order",
        Nothing("CATCHUP-3", "raise --away"),
        || Plan::simple(12, 4, 0).record(),
    ),
    ("subscribed once", Passed("CATCHUP-4"), conforming),
    ("subscribed twice", Breaks(&["CATCHUP-4"]), || {
        caught_up(|r| {
            r.events("Ada", &run(), 4..7)
                .subscribed("Ada", "r", 7)
                .subscribed("Ada", "r", 7);
            r.events("Ada", &run(), 7..12);
        })
    }),
    (
        "subscribed early",
        Breaks(&["CATCHUP-4", "CATCHUP-2"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..6)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 6..12);
            })
        },
    ),
    ("never subscribed", Breaks(&["CATCHUP-4"]), || {
        caught_up(|r| {
            r.events("Ada", &run(), 4..12);
        })
    }),
    (
        "subscribed before catch_up",
        Breaks(&["CATCHUP-1", "CATCHUP-4"]),
        || {
            back(At(3), |r| {
                r.subscribed("Ada", "r", 7)
                    .catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "no catching up",
        Nothing("CATCHUP-4", "raise --away"),
        || Plan::simple(12, 4, 0).record(),
    ),
    ("live to the end", Passed("CATCHUP-5"), conforming),
    (
        "a gap after subscribed",
        Breaks(&["CATCHUP-5", "SEAM-1"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 8..12);
            })
        },
    ),
    (
        "no ending, although the run is over",
        Breaks(&["CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..9);
                r.gives_up("Ada")
                    .opens("the suite")
                    .returns("the suite", Some("r"), Null);
                r.replay("the suite", "r", "COMPLETED", 12)
                    .events("the suite", &run(), 0..12)
                    .departs("Ada");
            })
        },
    ),
    (
        "no ending, although the run is over, and the line may have stood still",
        Nothing("CATCHUP-5", "lost the connection"),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 7..9);
                r.gives_up("Ada")
                    .opens("the suite")
                    .returns("the suite", Some("r"), Null);
                r.replay("the suite", "r", "COMPLETED", 12)
                    .events("the suite", &run(), 0..12)
                    .ends("Ada");
            })
        },
    ),
    ("a slow run", Nothing("CATCHUP-5", "slow"), || {
        caught_up(|r| {
            r.events("Ada", &run(), 4..7)
                .subscribed("Ada", "r", 7)
                .events("Ada", &run(), 7..9);
            r.gives_up("Ada");
        })
    }),
    (
        "nothing was missed, by the target's word",
        Passed("CATCHUP-6"),
        || {
            held(|r| {
                r.subscribed("Ada", "r", 4)
                    .released(&run().session)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "nothing was missed, but it is announced",
        Breaks(&["CATCHUP-8"]),
        || {
            held(|r| {
                r.catch_up("Ada", "r", 0, 4)
                    .subscribed("Ada", "r", 4)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "nothing was missed, and it is not announced",
        Passed("CATCHUP-8"),
        || {
            held(|r| {
                r.subscribed("Ada", "r", 4)
                    .released(&run().session)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "nothing was missed, but an event comes again before `subscribed`",
        Breaks(&["CATCHUP-6", "CATCHUP-3", "CATCHUP-5"]),
        || {
            held(|r| {
                r.events("Ada", &run(), 3..4)
                    .subscribed("Ada", "r", 4)
                    .released(&run().session)
                    .events("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "something was missed",
        Nothing("CATCHUP-6", "events were missed"),
        conforming,
    ),
    (
        "something was missed, and announced",
        Nothing("CATCHUP-8", "events were missed"),
        conforming,
    ),
    ("counts that agree", Passed("CATCHUP-7"), conforming),
    ("a status that does not", Breaks(&["CATCHUP-7"]), || {
        instead("\"running\"", "\"COMPLETED\"")
    }),
    ("a count that is absent", Breaks(&["CATCHUP-7"]), || {
        instead("\"current_event_count\":7,", "")
    }),
    ("a count that is too low", Breaks(&["CATCHUP-7"]), || {
        instead("\"current_event_count\":7,", "\"current_event_count\":6,")
    }),
    (
        "a count that the run never reaches",
        Breaks(&["CATCHUP-7"]),
        || instead("\"current_event_count\":7,", "\"current_event_count\":20,"),
    ),
    (
        "the viewer is cut off in the middle of a catch-up of more events than there are",
        Nothing("CATCHUP-7", "left before"),
        || {
            held_after(6, |r| {
                r.catch_up("Ada", "r", 9, 7)
                    .events("Ada", &run(), 4..5)
                    .departs("Ada");
            })
        },
    ),
    (
        "events happen while they are counted",
        Nothing("CATCHUP-7", "events happened at the same time"),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 9)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    ("the whole history", Passed("HISTORY-1"), || {
        back(Null, |r| {
            r.catch_up("Ada", "r", 6, 6)
                .events("Ada", &run(), 0..6)
                .subscribed("Ada", "r", 6);
            r.events("Ada", &run(), 6..12);
        })
    }),
    ("only live events", Breaks(&["HISTORY-1"]), || {
        back(Null, |r| {
            r.subscribed("Ada", "r", 6).events("Ada", &run(), 6..12);
        })
    }),
    ("the history as live events", Breaks(&["HISTORY-1"]), || {
        back(Null, |r| {
            r.subscribed("Ada", "r", 6).events("Ada", &run(), 0..12);
        })
    }),
    (
        "never subscribed to the rest",
        Breaks(&["HISTORY-1"]),
        || {
            back(Null, |r| {
                r.catch_up("Ada", "r", 6, 6)
                    .events("Ada", &run(), 0..6)
                    .gives_up("Ada");
            })
        },
    ),
    (
        "left before the live events",
        Nothing("HISTORY-1", "left before"),
        || {
            back(Null, |r| {
                r.catch_up("Ada", "r", 6, 6)
                    .events("Ada", &run(), 0..6)
                    .subscribed("Ada", "r", 6)
                    .departs("Ada");
            })
        },
    ),
    (
        "the whole history without a position",
        Passed("HISTORY-2"),
        || {
            back(Absent, |r| {
                r.catch_up("Ada", "r", 6, 6)
                    .events("Ada", &run(), 0..6)
                    .subscribed("Ada", "r", 6);
                r.events("Ada", &run(), 6..8);
            })
        },
    ),
    ("no position is refused", Breaks(&["HISTORY-2"]), || {
        back(Absent, |r| {
            r.error("Ada");
        })
    }),
    (
        "nobody leaves it out",
        Nothing("HISTORY-2", "without the position field"),
        conforming,
    ),
    ("the run goes on alone", Passed("VIEWERS-5"), conforming),
    (
        "the run stops without a viewer",
        Breaks(&["VIEWERS-5"]),
        || {
            to_reach(
                |r| {
                    r.departs("Ada");
                },
                |r| {
                    r.opens("Ada").returns("Ada", Some("r"), At(3));
                    r.subscribed("Ada", "r", 4);
                },
            )
        },
    ),
    (
        "the run goes on without a viewer, but slowly",
        Passed("VIEWERS-5"),
        || {
            to_reach(
                |r| {
                    r.departs("Ada");
                },
                |r| {
                    r.opens("Ada").returns("Ada", Some("r"), At(3));
                    r.catch_up("Ada", "r", 2, 6).events("Ada", &run(), 4..6);
                    r.subscribed("Ada", "r", 6).events("Ada", &run(), 6..12);
                },
            )
        },
    ),
    (
        "the run goes on without a viewer, and nobody sees it end",
        Nothing("VIEWERS-5", "no viewer saw it end"),
        || {
            to_reach(
                |r| {
                    r.departs("Ada");
                },
                |r| {
                    r.opens("Ada").returns("Ada", Some("r"), At(3));
                    r.catch_up("Ada", "r", 2, 6).events("Ada", &run(), 4..6);
                    r.subscribed("Ada", "r", 6);
                },
            )
        },
    ),
    (
        "nobody returned to the run that was waited for",
        Nothing("VIEWERS-5", "no viewer returned"),
        || {
            to_reach(
                |r| {
                    r.departs("Ada");
                },
                |_| {},
            )
        },
    ),
    (
        "the return to the run that was waited for was not answered",
        Nothing("VIEWERS-5", "did not say how far"),
        || {
            to_reach(
                |r| {
                    r.departs("Ada");
                },
                |r| {
                    r.opens("Ada").returns("Ada", Some("r"), At(3));
                },
            )
        },
    ),
    (
        "the run stands still whenever nobody watches, and only then",
        Breaks(&["VIEWERS-5"]),
        || twice_away(Duration::from_secs(2), 0),
    ),
    (
        "the run stood still at one of two absences",
        Passed("VIEWERS-5"),
        || twice_away(Duration::from_secs(2), 2),
    ),
    (
        "nothing happened in two short absences",
        Nothing("VIEWERS-5", "raise --away to"),
        || twice_away(Duration::from_millis(1), 0),
    ),
    (
        "a viewer still watched",
        Nothing("VIEWERS-5", "every run was watched all the time"),
        || to_reach(|_| {}, |_| {}),
    ),
    (
        "nothing happened",
        Nothing("VIEWERS-5", "raise --away"),
        || Plan::simple(12, 4, 0).record(),
    ),
    (
        "a repeat across visits",
        Breaks(&["CATCHUP-5", "START-2"]),
        || {
            let record = conforming();
            edited(&record, |entries| {
                let first = entries
                    .iter()
                    .position(|entry| entry.message().is_some_and(|m| m.event().is_some()))
                    .expect("an event");
                let again = entries[first].clone();
                entries.insert(first, again);
            })
        },
    ),
];
