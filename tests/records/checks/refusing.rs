//! REFUSAL, LIVENESS, CLOSE.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::{Disconnect, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::Record;

fn opened(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    record.opens("Ada");
    make(&mut record);
    record.done()
}

fn unknown(make: impl FnOnce(&mut Record)) -> Transcript {
    opened(|record| {
        record.returns("Ada", Some("no-such-run"), At(3));
        make(record);
    })
}

fn nameless(make: impl FnOnce(&mut Record)) -> Transcript {
    opened(|record| {
        record.returns("Ada", None, Null);
        make(record);
    })
}

pub const CASES: &[Case] = &[
    ("an unknown run is refused", Passed("REFUSAL-1"), || {
        unknown(|r| {
            r.error("Ada");
        })
    }),
    (
        "a pong comes before the refusal",
        Passed("REFUSAL-1"),
        || {
            opened(|r| {
                r.pings("Ada")
                    .returns("Ada", Some("no-such-run"), At(3))
                    .pong("Ada")
                    .error("Ada");
            })
        },
    ),
    (
        "subscribed to an unknown run",
        Breaks(&["REFUSAL-1"]),
        || {
            unknown(|r| {
                r.subscribed("Ada", "no-such-run", 0);
            })
        },
    ),
    (
        "an unknown run is met by silence",
        Breaks(&["REFUSAL-1", "LIVENESS-1"]),
        || {
            unknown(|r| {
                r.gives_up("Ada");
            })
        },
    ),
    (
        "an unknown run is met by a close",
        Breaks(&["REFUSAL-1"]),
        || {
            unknown(|r| {
                r.closed("Ada");
            })
        },
    ),
    (
        "left before the refusal",
        Nothing("REFUSAL-1", "or the transcript ends"),
        || {
            unknown(|r| {
                r.departs("Ada");
            })
        },
    ),
    ("no run id is refused", Passed("REFUSAL-2"), || {
        nameless(|r| {
            r.error("Ada");
        })
    }),
    (
        "no run id is met by a replay",
        Breaks(&["REFUSAL-2"]),
        || {
            nameless(|r| {
                r.gets("Ada", r#"{"event": "replay", "total_events": 0}"#);
            })
        },
    ),
    (
        "always with a run id",
        Nothing("REFUSAL-2", "without a run id"),
        || {
            unknown(|r| {
                r.error("Ada");
            })
        },
    ),
    ("the connection still works", Passed("REFUSAL-3"), || {
        unknown(|r| {
            r.error("Ada").pings("Ada").pong("Ada");
        })
    }),
    ("closed after the refusal", Breaks(&["REFUSAL-3"]), || {
        unknown(|r| {
            r.error("Ada").closed("Ada");
        })
    }),
    (
        "deaf after the refusal",
        Breaks(&["REFUSAL-3", "LIVENESS-1", "REFUSAL-2"]),
        || {
            unknown(|r| {
                r.error("Ada").returns("Ada", None, Null).gives_up("Ada");
            })
        },
    ),
    (
        "nothing asked after the refusal",
        Nothing("REFUSAL-3", "sent no request"),
        || {
            unknown(|r| {
                r.error("Ada").departs("Ada");
            })
        },
    ),
    ("answered", Passed("LIVENESS-1"), || {
        opened(|r| {
            r.pings("Ada").pong("Ada");
        })
    }),
    (
        "closed instead",
        Nothing("LIVENESS-1", "no viewer sent a request"),
        || {
            opened(|r| {
                r.departs("Ada");
            })
        },
    ),
    (
        "endless silence",
        Breaks(&["LIVENESS-1", "GREETING-2"]),
        || {
            opened(|r| {
                r.pings("Ada").gives_up("Ada").pings("Ada").gives_up("Ada");
            })
        },
    ),
    ("a close for a close", Passed("CLOSE-1"), || {
        opened(|r| {
            r.departs("Ada");
        })
    }),
    ("broken off", Breaks(&["CLOSE-1"]), || {
        opened(|r| {
            r.leaves("Ada", Disconnect::Close).ends("Ada");
        })
    }),
    ("waited in vain for a close", Breaks(&["CLOSE-1"]), || {
        opened(|r| {
            r.leaves("Ada", Disconnect::Close).gives_up("Ada");
        })
    }),
    (
        "messages on their way, then silence",
        Breaks(&["CLOSE-1"]),
        || {
            opened(|r| {
                r.leaves("Ada", Disconnect::Close)
                    .pong("Ada")
                    .gives_up("Ada");
            })
        },
    ),
    (
        "waited in vain behind messages on a slow line",
        Nothing("CLOSE-1", "may have been behind them"),
        || {
            opened(|r| {
                r.leaves("Ada", Disconnect::Close);
                r.gets_and_gives_up("Ada", r#"{"event": "pong"}"#);
            })
        },
    ),
    (
        "nobody looked",
        Nothing("CLOSE-1", "was not recorded"),
        || {
            opened(|r| {
                r.leaves("Ada", Disconnect::Close);
            })
        },
    ),
    (
        "left by a reset",
        Nothing("CLOSE-1", "closing handshake"),
        || {
            opened(|r| {
                r.leaves("Ada", Disconnect::Reset).ends("Ada");
            })
        },
    ),
];
