//! SEAM, FLAPPING, VIEWERS.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Plan, Record, Returning, Run, Stay};

fn run() -> Run {
    Run::new("r", 12)
}

/// Ada has started a run and seen four events.
fn started(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..4);
    make(&mut record);
    record.done()
}

/// Ada has returned after four events, and three were announced as missed.
fn caught_up(make: impl FnOnce(&mut Record)) -> Transcript {
    started(|r| {
        r.departs("Ada")
            .opens("Ada")
            .returns("Ada", Some("r"), At(3));
        r.catch_up("Ada", "r", 3, 7);
        make(r);
    })
}

/// Ben, who is here already, returns with the last event but one.
fn around_the_ending(make: impl FnOnce(&mut Record)) -> Transcript {
    started(|r| {
        r.opens("Ben").first("Ada", &run(), 4..11);
        r.returns("Ben", Some("r"), Null)
            .first("Ada", &run(), 11..12);
        make(r);
    })
}

/// Ben returns before anybody has seen an event.
fn before_the_first(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .opens("Ben")
        .starts("Ada", Some("w"), &run().session)
        .gets("Ada", r#"{"event": "queued", "run_id": "r"}"#)
        .returns("Ben", Some("r"), Null);
    make(&mut record);
    record.done()
}

/// Ada has started a run and left before its first event. She is back.
fn unheard(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run().session)
        .departs("Ada")
        .opens("Ada");
    make(&mut record);
    record.done()
}

/// Ada has come back as often as this.
fn often(stays: usize) -> Plan {
    let mut plan = Plan::simple(40, 4, 2);
    plan.stays = (0..stays)
        .map(|stay| Stay {
            away: 2,
            position: Returning::WithPosition,
            watched: if stay + 1 == stays { 40 } else { 3 },
            disconnect: Disconnect::ALL[stay % 4],
            held: false,
        })
        .collect();
    plan
}

/// Ada, Ben and Cleo are each cut at another place of their own run; `last` is what Cleo gets.
fn cut(last: impl FnOnce(&mut Record, &Run)) -> Transcript {
    let mut record = Record::new();
    let viewers = [("Ada", "a", 1), ("Ben", "b", 2), ("Cleo", "c", 3)];
    let mut last = Some(last);
    for (viewer, id, cut) in viewers {
        let run = Run::new(id, 6);
        record
            .opens(viewer)
            .starts(viewer, Some("w"), &run.session)
            .first(viewer, &run, 0..cut)
            .leaves(viewer, Disconnect::MidMessage)
            .opens(viewer)
            .returns(viewer, Some(id), At(cut - 1));
        if viewer == "Cleo" {
            if let Some(last) = last.take() {
                last(&mut record, &run);
            }
            continue;
        }
        record
            .catch_up(viewer, id, 1, cut + 1)
            .events(viewer, &run, cut..cut + 1)
            .subscribed(viewer, id, cut + 1)
            .events(viewer, &run, cut + 1..6);
    }
    record.done()
}

/// Ada and Ben have both returned to the run, which Ada has left.
fn both(make: impl FnOnce(&mut Record)) -> Transcript {
    caught_up(|r| {
        r.events("Ada", &run(), 4..7)
            .subscribed("Ada", "r", 7)
            .opens("Ben")
            .returns("Ben", Some("r"), Null)
            .catch_up("Ben", "r", 7, 7)
            .events("Ben", &run(), 0..7)
            .subscribed("Ben", "r", 7);
        make(r);
    })
}

const CROWD: [&str; 5] = ["Ben", "Cleo", "Dan", "Eve", "Finn"];

/// Five others have returned at once; each gets their missed events by `give`.
fn crowd(give: impl Fn(&mut Record, &str)) -> Transcript {
    crowd_and(give, |_| {})
}

/// Likewise, and then this.
fn crowd_and(give: impl Fn(&mut Record, &str), then: impl FnOnce(&mut Record)) -> Transcript {
    started(|r| {
        for viewer in CROWD {
            r.opens(viewer);
        }
        for viewer in CROWD {
            r.returns(viewer, Some("r"), At(1));
        }
        for viewer in CROWD {
            give(r, viewer);
        }
        then(r);
    })
}

fn missed(r: &mut Record, viewer: &str) {
    r.catch_up(viewer, "r", 2, 4)
        .events(viewer, &run(), 2..4)
        .subscribed(viewer, "r", 4);
}

/// Ada watches the run r, and Ben another one.
fn two_runs(make: impl FnOnce(&mut Record, &Run)) -> Transcript {
    let other = Run::new("q", 6);
    started(|r| {
        r.opens("Ben").starts("Ben", Some("w"), &other.session);
        r.first("Ben", &other, 0..2);
        make(r, &other);
        r.first("Ada", &run(), 4..12).first("Ben", &other, 2..6);
    })
}

/// Ben returns while Ada watches the run that she started.
fn joined(make: impl FnOnce(&mut Record)) -> Transcript {
    started(|r| {
        r.opens("Ben")
            .returns("Ben", Some("r"), Null)
            .catch_up("Ben", "r", 4, 4)
            .events("Ben", &run(), 0..4)
            .subscribed("Ben", "r", 4);
        make(r);
    })
}

/// Ada asks for the run on the connection that started it.
fn asked_again(make: impl FnOnce(&mut Record)) -> Transcript {
    started(|r| {
        r.returns("Ada", Some("r"), At(3)).subscribed("Ada", "r", 4);
        make(r);
    })
}

pub const CASES: &[Case] = &[
    ("the run goes on meanwhile", Passed("SEAM-1"), || {
        caught_up(|r| {
            r.events("Ada", &run(), 4..7)
                .subscribed("Ada", "r", 7)
                .events("Ada", &run(), 7..12);
        })
    }),
    (
        "the first live event is the last missed one again",
        Breaks(&["SEAM-1", "CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 6..12);
            })
        },
    ),
    (
        "an event that happened meanwhile is lost, if not the first",
        Breaks(&["SEAM-1", "CATCHUP-5"]),
        || {
            started(|r| {
                r.departs("Ada").opens("Ben");
                r.returns("Ben", Some("r"), Null)
                    .catch_up("Ben", "r", 4, 4)
                    .events("Ben", &run(), 0..4)
                    .subscribed("Ben", "r", 4)
                    .events("Ben", &run(), 4..7);
                r.opens("Ada")
                    .returns("Ada", Some("r"), At(3))
                    .catch_up("Ada", "r", 3, 7)
                    .events("Ben", &run(), 7..9)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7);
                r.events("Ada", &run(), 7..8)
                    .events("Ada", &run(), 9..12)
                    .events("Ben", &run(), 9..12);
            })
        },
    ),
    (
        "a live event comes among the missed ones",
        Breaks(&["SEAM-1", "CATCHUP-2", "CATCHUP-3", "CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..6)
                    .events("Ada", &run(), 7..8)
                    .events("Ada", &run(), 6..7)
                    .subscribed("Ada", "r", 7)
                    .events("Ada", &run(), 8..12);
            })
        },
    ),
    (
        "the run stands still meanwhile",
        Nothing("SEAM-1", "waiting at a breakpoint"),
        || {
            started(|r| {
                r.departs("Ada").held(&run().session, 6);
                r.opens("Ada").returns("Ada", Some("r"), At(3));
                r.catch_up("Ada", "r", 3, 7)
                    .events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .released(&run().session)
                    .events("Ada", &run(), 7..12);
            })
        },
    ),
    (
        "the ending comes as a missed event",
        Passed("SEAM-2"),
        || {
            around_the_ending(|r| {
                r.catch_up("Ben", "r", 12, 12).events("Ben", &run(), 0..12);
            })
        },
    ),
    (
        "the ending has gone by",
        Breaks(&["SEAM-2", "HISTORY-1"]),
        || {
            around_the_ending(|r| {
                r.catch_up("Ben", "r", 11, 11)
                    .events("Ben", &run(), 0..11)
                    .subscribed("Ben", "r", 11)
                    .gives_up("Ben");
            })
        },
    ),
    (
        "nobody returns near the ending",
        Nothing("SEAM-2", "at the moment at which a run ended"),
        || {
            joined(|r| {
                r.first("Ada", &run(), 4..12).events("Ben", &run(), 4..12);
            })
        },
    ),
    ("everything comes live", Passed("SEAM-3"), || {
        before_the_first(|r| {
            r.subscribed("Ben", "r", 0);
            r.first("Ada", &run(), 0..12).events("Ben", &run(), 0..12);
        })
    }),
    (
        "the first event is lost",
        Breaks(&["SEAM-3", "HISTORY-1"]),
        || {
            before_the_first(|r| {
                r.subscribed("Ben", "r", 0);
                r.first("Ada", &run(), 0..12).events("Ben", &run(), 1..12);
            })
        },
    ),
    (
        "the run has begun",
        Nothing("SEAM-3", "before its first event"),
        || joined(|_| {}),
    ),
    (
        "the viewer who started the run left before its first event, and it has begun since",
        Nothing("SEAM-3", "before its first event"),
        || {
            unheard(|r| {
                r.held(&run().session, 4)
                    .asks_for("Ada", &run())
                    .catch_up("Ada", "r", 5, 5)
                    .events("Ada", &run(), 0..5)
                    .subscribed("Ada", "r", 5);
            })
        },
    ),
    (
        "the viewer who started the run left before its first event, and is turned away",
        Breaks(&["SEAM-3", "HISTORY-1", "START-6"]),
        || {
            unheard(|r| {
                r.asks_for("Ada", &run()).error("Ada");
            })
        },
    ),
    ("five short visits", Passed("FLAPPING-1"), || {
        often(5).record()
    }),
    (
        "only three short visits",
        Nothing("FLAPPING-1", "often enough"),
        || often(2).record(),
    ),
    (
        "an event is lost between two of many visits",
        Breaks(&["FLAPPING-1", "CATCHUP-2", "CATCHUP-3", "CATCHUP-5"]),
        || {
            let record = often(5).record();
            crate::support::edited(&record, |entries| {
                let fourth = entries
                    .iter()
                    .position(|entry| {
                        let event = entry.message().and_then(|message| message.event());
                        entry.connection == 5 && event.is_some()
                    })
                    .expect("an event");
                entries.remove(fourth);
            })
        },
    ),
    (
        "three runs cut at three places",
        Passed("FLAPPING-2"),
        || {
            cut(|r, run| {
                r.replay("Cleo", "c", "COMPLETED", 6)
                    .events("Cleo", run, 0..6);
            })
        },
    ),
    (
        "a viewer who vanished is turned away",
        Breaks(&["FLAPPING-2", "CATCHUP-1"]),
        || {
            cut(|r, _| {
                r.error("Cleo");
            })
        },
    ),
    (
        "one run cut at one place",
        Nothing("FLAPPING-2", "cut after different events"),
        || Plan::simple(12, 4, 3).record(),
    ),
    ("both get all later events", Passed("VIEWERS-1"), || {
        both(|r| {
            r.events("Ada", &run(), 7..12).events("Ben", &run(), 7..12);
        })
    }),
    (
        "the first is displaced, and told nothing",
        Breaks(&["VIEWERS-1"]),
        || {
            both(|r| {
                r.events("Ben", &run(), 7..12).gives_up("Ada");
            })
        },
    ),
    (
        "the first misses the ending, after the second has left",
        Breaks(&["VIEWERS-8"]),
        || {
            both(|r| {
                r.events("Ada", &run(), 7..11)
                    .events("Ben", &run(), 7..11)
                    .departs("Ben")
                    .gives_up("Ada")
                    .opens("Cleo");
                r.returns("Cleo", Some("r"), Null)
                    .replay("Cleo", "r", "COMPLETED", 12)
                    .events("Cleo", &run(), 0..12)
                    .departs("Ada");
            })
        },
    ),
    (
        "the first had waited in vain before the second came",
        Breaks(&["CATCHUP-5"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .opens("Ben")
                    .gives_up("Ada")
                    .returns("Ben", Some("r"), Null)
                    .replay("Ben", "r", "COMPLETED", 12)
                    .events("Ben", &run(), 0..12)
                    .gives_up("Ada");
            })
        },
    ),
    (
        "the first loses an event to the second, and is not put off",
        Breaks(&["VIEWERS-1", "CATCHUP-5", "SEAM-1"]),
        || {
            both(|r| {
                r.events("Ben", &run(), 7..12).events("Ada", &run(), 8..12);
            })
        },
    ),
    (
        "the first gets an event twice, once the second has come",
        Breaks(&["CATCHUP-5"]),
        || {
            both(|r| {
                r.events("Ben", &run(), 7..12)
                    .events("Ada", &run(), 7..9)
                    .events("Ada", &run(), 8..12);
            })
        },
    ),
    (
        "the second is displaced by the first, who was subscribed at the same time",
        Breaks(&["VIEWERS-1"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .opens("Ben")
                    .returns("Ben", Some("r"), Null)
                    .catch_up("Ben", "r", 7, 7)
                    .events("Ben", &run(), 0..7)
                    .subscribed("Ben", "r", 7)
                    .subscribed("Ada", "r", 7);
                r.events("Ada", &run(), 7..12).gives_up("Ben");
            })
        },
    ),
    (
        "the first is displaced by the second, whose answer was read before",
        Breaks(&["VIEWERS-1"]),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .opens("Ben")
                    .returns("Ben", Some("r"), Null)
                    .catch_up("Ben", "r", 7, 7)
                    .events("Ben", &run(), 0..7)
                    .subscribed("Ben", "r", 7)
                    .subscribed("Ada", "r", 7);
                r.events("Ben", &run(), 7..12).gives_up("Ada");
            })
        },
    ),
    (
        "one of many short visits is displaced",
        Nothing("HISTORY-1", "may have displaced Ben"),
        || {
            both(|r| {
                r.opens("Cleo")
                    .returns("Cleo", Some("r"), At(6))
                    .subscribed("Cleo", "r", 7)
                    .events("Cleo", &run(), 7..9)
                    .events("Ada", &run(), 7..9);
            })
        },
    ),
    (
        "the first has left before the second comes",
        Nothing("VIEWERS-1", "no two viewers"),
        || {
            caught_up(|r| {
                r.events("Ada", &run(), 4..7)
                    .subscribed("Ada", "r", 7)
                    .departs("Ada");
                r.opens("Ben").returns("Ben", Some("r"), At(6));
                r.subscribed("Ben", "r", 7).events("Ben", &run(), 7..12);
            })
        },
    ),
    ("each gets their own run", Passed("VIEWERS-2"), || {
        two_runs(|_, _| {})
    }),
    ("an event of the other run", Breaks(&["VIEWERS-2"]), || {
        two_runs(|r, _| {
            r.events("Ben", &run(), 4..5);
        })
    }),
    (
        "one run only",
        Nothing("VIEWERS-2", "different runs"),
        || joined(|_| {}),
    ),
    (
        "everybody gets what they missed",
        Passed("VIEWERS-3"),
        || crowd(missed),
    ),
    (
        "one of the crowd misses an event",
        Breaks(&["VIEWERS-3", "CATCHUP-3", "CATCHUP-2"]),
        || {
            crowd(|r, viewer| match viewer {
                "Dan" => {
                    r.catch_up(viewer, "r", 1, 4)
                        .events(viewer, &run(), 3..4)
                        .subscribed(viewer, "r", 4);
                }
                _ => missed(r, viewer),
            })
        },
    ),
    (
        "none of many viewers gets the rest of the run",
        Breaks(&["VIEWERS-3"]),
        || {
            crowd_and(missed, |r| {
                r.first("Ada", &run(), 4..12);
                for viewer in CROWD {
                    r.gives_up(viewer);
                }
            })
        },
    ),
    (
        "one of many viewers gets the rest of the run, and may have displaced the others",
        Breaks(&["VIEWERS-1"]),
        || {
            crowd_and(missed, |r| {
                r.first("Ada", &run(), 4..12).events("Dan", &run(), 4..12);
                for viewer in CROWD.iter().filter(|it| **it != "Dan") {
                    r.gives_up(viewer);
                }
            })
        },
    ),
    ("no crowd", Nothing("VIEWERS-3", "too few viewers"), || {
        joined(|_| {})
    }),
    ("the stream goes on as before", Passed("VIEWERS-6"), || {
        joined(|r| {
            r.first("Ada", &run(), 4..12);
        })
    }),
    (
        "the stream ends with the return of another",
        Breaks(&["VIEWERS-6", "START-3"]),
        || {
            joined(|r| {
                r.events("Ben", &run(), 4..12).gives_up("Ada");
            })
        },
    ),
    (
        "an event is lost with the return of another",
        Breaks(&["VIEWERS-6", "START-2"]),
        || {
            joined(|r| {
                r.first("Ada", &run(), 5..12);
            })
        },
    ),
    (
        "nobody else comes",
        Nothing("VIEWERS-6", "no viewer returned"),
        || started(|_| {}),
    ),
    ("once is enough", Passed("VIEWERS-7"), || {
        asked_again(|r| {
            r.events("Ada", &run(), 4..12);
        })
    }),
    ("everything comes twice", Breaks(&["VIEWERS-7"]), || {
        asked_again(|r| {
            for index in 4..12 {
                r.first("Ada", &run(), index..index + 1)
                    .events("Ada", &run(), index..index + 1);
            }
        })
    }),
    (
        "nobody asks twice",
        Nothing("VIEWERS-7", "that was watching it"),
        || joined(|_| {}),
    ),
];
