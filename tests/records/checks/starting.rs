//! GREETING, START, FAILING.

use reconnect_acceptance::protocol::Position;
use reconnect_acceptance::protocol::action::NO_SUCH;
use reconnect_acceptance::transcript::{Disconnect, Part, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

/// Ada has started the run of six events and seen `seen` of them.
fn started(run: &Run, seen: u64) -> Record {
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run.session);
    record.first("Ada", run, 0..seen);
    record
}

fn run() -> Run {
    Run::new("r", 6)
}

fn whole() -> Transcript {
    let mut record = started(&run(), 6);
    record.watches("Ada").departs("Ada");
    record.done()
}

fn made(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    make(&mut record);
    record.done()
}

fn continued(run: &Run, seen: u64, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = started(run, seen);
    make(&mut record);
    record.done()
}

/// The suite comes back, and is told how the run really ended.
fn the_suite_is_told(record: &mut Record, run: &Run) {
    record.opens("the suite");
    record.returns("the suite", Some(&run.id), Position::Null);
    record.replay("the suite", &run.id, run.status(), run.events);
    record.events("the suite", run, 0..run.events);
}

fn two_runs(first: &Run, second: &Run, make: impl FnOnce(&mut Record)) -> Transcript {
    made(|record| {
        record.opens("Ada");
        record.starts("Ada", Some("w"), &first.session);
        record.starts("Ada", Some("w"), &second.session);
        make(record);
    })
}

fn refused(make: impl FnOnce(&mut Record)) -> Transcript {
    made(|record| {
        record
            .opens("Ada")
            .starts("Ada", Some(&format!("{NO_SUCH}w")), "s");
        make(record);
    })
}

fn failing(make: impl FnOnce(&mut Record)) -> Transcript {
    made(|record| {
        let run = Run::failing("r", 6);
        record
            .plays("w", Part::Failing)
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session);
        make(record);
    })
}

/// Ada watches the run until it fails; Ben joins in the middle, and has seen three events.
fn joined_while_it_fails(record: &mut Record) {
    let run = Run::failing("r", 6);
    record.first("Ada", &run, 0..3).opens("Ben");
    record
        .returns("Ben", Some("r"), Position::Null)
        .catch_up("Ben", "r", 3, 3)
        .events("Ben", &run, 0..3)
        .subscribed("Ben", "r", 3)
        .first("Ada", &run, 3..6);
}

pub const CASES: &[Case] = &[
    ("a greeting", Passed("GREETING-1"), whole),
    (
        "a greeting without a word on authentication",
        Breaks(&["GREETING-1"]),
        || {
            made(|r| {
                r.connects("Ada").gets("Ada", r#"{"event": "connected"}"#);
            })
        },
    ),
    ("no greeting", Breaks(&["GREETING-1"]), || {
        made(|r| {
            r.connects("Ada").pings("Ada").pong("Ada");
        })
    }),
    (
        "accepted, but not a word",
        Nothing("GREETING-1", "said nothing"),
        || {
            made(|r| {
                r.connects("Ada").gives_up("Ada");
            })
        },
    ),
    ("a pong while a run streams", Passed("GREETING-2"), || {
        continued(&run(), 2, |r| {
            r.pings("Ada").first("Ada", &run(), 2..4).pong("Ada");
        })
    }),
    ("one pong for two pings", Breaks(&["GREETING-2"]), || {
        made(|r| {
            r.opens("Ada")
                .pings("Ada")
                .pings("Ada")
                .pong("Ada")
                .gives_up("Ada");
        })
    }),
    (
        "the connection is closed instead of a pong",
        Breaks(&["GREETING-2"]),
        || {
            made(|r| {
                r.opens("Ada").pings("Ada").closed("Ada");
            })
        },
    ),
    (
        "the connection is lost before a pong",
        Nothing("GREETING-2", "lost the connection"),
        || {
            made(|r| {
                r.opens("Ada").pings("Ada").ends("Ada");
            })
        },
    ),
    (
        "left before the pong",
        Nothing("GREETING-2", "left before"),
        || {
            made(|r| {
                r.opens("Ada").pings("Ada").leaves("Ada", Disconnect::Reset);
            })
        },
    ),
    ("the first event", Passed("START-1"), || {
        continued(&run(), 1, |_| {})
    }),
    (
        "the first event never comes",
        Breaks(&["START-1", "START-2"]),
        || {
            continued(&run(), 0, |r| {
                r.first("Ada", &run(), 1..6);
            })
        },
    ),
    (
        "the first event names no run",
        Breaks(&["START-1", "START-5"]),
        || {
            continued(&run(), 0, |r| {
                r.gets("Ada", r#"{"event": "WorkflowStarted", "event_index": 0}"#);
            })
        },
    ),
    (
        "the first start is refused",
        Nothing("START-1", "--workflow-id"),
        || {
            continued(&run(), 0, |r| {
                r.error("Ada");
            })
        },
    ),
    ("a whole run", Passed("START-2"), whole),
    ("a gap", Breaks(&["START-2"]), || {
        continued(&run(), 3, |r| {
            r.first("Ada", &run(), 4..6);
        })
    }),
    (
        "left in the middle",
        Nothing("START-2", "left before the ending"),
        || {
            continued(&run(), 3, |r| {
                r.departs("Ada");
            })
        },
    ),
    ("one ending", Passed("START-3"), whole),
    (
        "an event after the ending",
        Breaks(&["START-3", "START-2", "IDENTITY-1", "IDENTITY-2"]),
        || {
            continued(&run(), 6, |r| {
                r.first("Ada", &Run::new("r", 9), 5..6);
            })
        },
    ),
    ("two endings", Breaks(&["START-3"]), || {
        continued(&run(), 6, |r| {
            r.first("Ada", &Run::new("r", 7), 6..7);
        })
    }),
    (
        "no ending, although the run is over",
        Breaks(&["START-3"]),
        || {
            continued(&run(), 5, |r| {
                r.gives_up("Ada");
                the_suite_is_told(r, &run());
                r.departs("Ada");
            })
        },
    ),
    ("no ending in the replay", Breaks(&["START-3"]), || {
        continued(&run(), 2, |r| {
            r.departs("Ada")
                .opens("Ben")
                .returns("Ben", Some("r"), Position::Null);
            r.replay("Ben", "r", "COMPLETED", 5)
                .events("Ben", &run(), 0..5);
        })
    }),
    ("a slow run", Nothing("START-3", "slow"), || {
        continued(&run(), 5, |r| {
            r.gives_up("Ada").opens("the suite");
            r.returns("the suite", Some("r"), Position::Null)
                .catch_up("the suite", "r", 5, 5);
            r.events("the suite", &run(), 0..5)
                .subscribed("the suite", "r", 5);
            r.gives_up("the suite");
        })
    }),
    ("an unknown workflow is refused", Passed("START-4"), || {
        refused(|r| {
            r.error("Ada").watches("Ada");
        })
    }),
    ("a missing workflow is refused", Passed("START-4"), || {
        made(|r| {
            r.opens("Ada")
                .starts("Ada", None, "s")
                .error("Ada")
                .pings("Ada")
                .pong("Ada");
        })
    }),
    (
        "an unknown workflow is met by silence",
        Breaks(&["START-4", "LIVENESS-1"]),
        || {
            refused(|r| {
                r.gives_up("Ada");
            })
        },
    ),
    ("an unknown workflow starts", Breaks(&["START-4"]), || {
        refused(|r| {
            r.first("Ada", &run(), 0..6);
        })
    }),
    (
        "an unknown workflow is refused and starts",
        Breaks(&["START-4"]),
        || {
            refused(|r| {
                r.error("Ada").first("Ada", &run(), 0..6);
            })
        },
    ),
    (
        "an unknown workflow is acknowledged, and refused",
        Breaks(&["START-4"]),
        || {
            refused(|r| {
                r.gets("Ada", r#"{"event": "queued", "run_id": "r"}"#)
                    .error("Ada")
                    .watches("Ada");
            })
        },
    ),
    (
        "refused, but not watched",
        Nothing("START-4", "left too early"),
        || {
            refused(|r| {
                r.error("Ada").departs("Ada");
            })
        },
    ),
    ("nested events", Passed("START-5"), whole),
    (
        "a nested event without its workflow's run",
        Breaks(&["START-5"]),
        || {
            continued(&run(), 4, |r| {
                r.gets(
                    "Ada",
                    r#"{"event": "RunContent", "run_id": "agent", "event_index": 4}"#,
                );
            })
        },
    ),
    ("no event", Nothing("START-5", "no event"), || {
        made(|r| {
            r.opens("Ada");
        })
    }),
    (
        "the run goes on without its starter",
        Passed("START-6"),
        || {
            continued(&run(), 1, |r| {
                r.departs("Ada");
                the_suite_is_told(r, &run());
            })
        },
    ),
    (
        "the run is cancelled with its starter",
        Breaks(&["START-6"]),
        || {
            continued(&run(), 1, |r| {
                let cancelled = Run {
                    ending: "WorkflowCancelled",
                    ..Run::new("r", 3)
                };
                r.departs("Ada");
                the_suite_is_told(r, &cancelled);
            })
        },
    ),
    (
        "the run is gone with its starter",
        Breaks(&["START-6", "HISTORY-1", "SEAM-3"]),
        || {
            continued(&run(), 1, |r| {
                r.departs("Ada")
                    .opens("Ben")
                    .returns("Ben", Some("r"), Position::Null)
                    .error("Ben");
            })
        },
    ),
    (
        "left right away, and nobody looked",
        Nothing("START-6", "no viewer saw"),
        || {
            continued(&run(), 1, |r| {
                r.departs("Ada");
            })
        },
    ),
    ("two runs on one connection", Passed("START-7"), || {
        let (a, b) = (Run::new("a", 4), Run::new("b", 4));
        two_runs(&a, &b, |r| {
            for index in 0..4 {
                r.first("Ada", &b, index..index + 1)
                    .first("Ada", &a, index..index + 1);
            }
        })
    }),
    (
        "two runs share their indices",
        Breaks(&["START-7", "START-1", "START-2"]),
        || {
            let (a, b) = (Run::new("a", 9), Run::new("b", 9));
            two_runs(&a, &b, |r| {
                for index in 0..4 {
                    r.first("Ada", &a, 2 * index..2 * index + 1);
                    r.first("Ada", &b, 2 * index + 1..2 * index + 2);
                }
            })
        },
    ),
    ("two starts, one run", Breaks(&["START-7"]), || {
        let (a, b) = (Run::new("a", 4), Run::new("b", 4));
        two_runs(&a, &b, |r| {
            r.first("Ada", &a, 0..4).gives_up("Ada");
        })
    }),
    ("one run only", Nothing("START-7", "two runs"), whole),
    (
        "everybody is told that a run failed",
        Passed("FAILING-1"),
        || {
            failing(|r| {
                joined_while_it_fails(r);
                r.events("Ben", &Run::failing("r", 6), 3..6);
            })
        },
    ),
    (
        "the viewer who joined is not told that a run failed",
        Breaks(&["FAILING-1", "HISTORY-1"]),
        || {
            failing(|r| {
                joined_while_it_fails(r);
                r.events("Ben", &Run::failing("r", 6), 3..5).gives_up("Ben");
            })
        },
    ),
    (
        "only the viewer who started a run watches it fail",
        Nothing("FAILING-1", "beside the one who started it"),
        || {
            failing(|r| {
                r.first("Ada", &Run::failing("r", 6), 0..6);
            })
        },
    ),
    (
        "a run fails in silence",
        Breaks(&["FAILING-1", "START-3"]),
        || {
            failing(|r| {
                r.first("Ada", &Run::failing("r", 6), 0..5).gives_up("Ada");
                the_suite_is_told(r, &Run::failing("r", 6));
                r.departs("Ada");
            })
        },
    ),
    (
        "a failing run completes",
        Nothing("FAILING-1", "miscast"),
        || {
            failing(|r| {
                r.first("Ada", &run(), 0..6);
            })
        },
    ),
    (
        "no run fails",
        Nothing("FAILING-1", "part `failing`"),
        whole,
    ),
    (
        "a failed run is replayed as failed",
        Passed("FAILING-2"),
        || {
            failing(|r| {
                let run = Run::failing("r", 6);
                r.first("Ada", &run, 0..6).departs("Ada");
                the_suite_is_told(r, &run);
            })
        },
    ),
    (
        "a failed run is replayed as completed",
        Breaks(&["FAILING-2", "REPLAY-3"]),
        || {
            failing(|r| {
                let run = Run::failing("r", 6);
                r.first("Ada", &run, 0..6).departs("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Position::Null)
                    .replay("Ben", "r", "COMPLETED", 6);
                r.events("Ben", &run, 0..6);
            })
        },
    ),
    (
        "a failed run is shown as running",
        Breaks(&["FAILING-2", "REPLAY-1"]),
        || {
            failing(|r| {
                let run = Run::failing("r", 6);
                r.first("Ada", &run, 0..6).departs("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Position::At(2))
                    .catch_up("Ben", "r", 3, 6);
                r.events("Ben", &run, 3..6).subscribed("Ben", "r", 6);
            })
        },
    ),
    (
        "nobody returns to a failed run",
        Nothing("FAILING-2", "no viewer returned"),
        || {
            failing(|r| {
                r.first("Ada", &Run::failing("r", 6), 0..6);
            })
        },
    ),
];
