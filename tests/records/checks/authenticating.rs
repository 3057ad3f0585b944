//! AUTH.

use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::action::WRONG_TOKEN;
use reconnect_acceptance::transcript::{EntryKind, Transcript};

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

const ASKS: &str = r#"{"event": "connected", "requires_auth": true}"#;
const REQUIRED: &str = r#"{"event": "auth_required", "error": "no"}"#;
const REFUSED: &str = r#"{"event": "auth_error", "error": "no"}"#;
const ACCEPTED: &str = r#"{"event": "authenticated"}"#;

fn run() -> Run {
    Run::new("r", 6)
}

/// A new connection of this viewer to a server that asks for a token.
fn comes(record: &mut Record, viewer: &str) {
    record.connects(viewer).gets(viewer, ASKS);
}

fn shows(record: &mut Record, viewer: &str, token: Option<&str>) {
    let token = token.map(str::to_owned);
    record.says(viewer, Action::Authenticate { token });
}

/// Ada has come to a server that asks for a token, and has shown none.
fn stranger(make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    comes(&mut record, "Ada");
    make(&mut record);
    record.done()
}

/// Ada, who has shown her token and watched some of a run, comes back without it.
fn returning(greeting: &str, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    comes(&mut record, "Ada");
    shows(&mut record, "Ada", Some("[secret]"));
    record
        .gets("Ada", ACCEPTED)
        .starts("Ada", Some("w"), &run().session)
        .first("Ada", &run(), 0..3)
        .departs("Ada")
        .connects("Ada")
        .gets("Ada", greeting);
    make(&mut record);
    record.done()
}

/// Ada has asked over HTTP, and got this answer; then she opens a WebSocket with this greeting.
fn over_http(status: u16, with_token: bool, greeting: &str) -> Record {
    let mut record = Record::new();
    let (method, path) = ("GET".to_owned(), "/workflows".to_owned());
    let asked = EntryKind::HttpRequest {
        method,
        path,
        with_token,
    };
    record.note("Ada", 0, asked);
    let text = String::new();
    record.note("Ada", 0, EntryKind::HttpResponse { status, text });
    record.connects("Ada").gets("Ada", greeting);
    record
}

const OPEN: &str = r#"{"event": "connected", "requires_auth": false}"#;

pub const CASES: &[Case] = &[
    ("a stranger is asked for a token", Passed("AUTH-1"), || {
        stranger(|r| {
            r.pings("Ada").gets("Ada", REQUIRED);
            r.starts("Ada", Some("w"), "s").gets("Ada", REQUIRED);
            r.returns("Ada", Some("no-such-run"), At(3))
                .gets("Ada", REQUIRED)
                .watches("Ada");
        })
    }),
    ("a stranger's ping is answered", Breaks(&["AUTH-1"]), || {
        stranger(|r| {
            r.pings("Ada").pong("Ada");
        })
    }),
    (
        "a stranger's run starts, though a token is asked for",
        Breaks(&["AUTH-1"]),
        || {
            stranger(|r| {
                r.starts("Ada", Some("w"), &run().session)
                    .gets("Ada", REQUIRED)
                    .first("Ada", &run(), 0..6);
            })
        },
    ),
    (
        "a stranger is told that there is no such run",
        Breaks(&["AUTH-1"]),
        || {
            stranger(|r| {
                r.returns("Ada", Some("no-such-run"), Null).error("Ada");
            })
        },
    ),
    (
        "a stranger is met by silence",
        Breaks(&["AUTH-1", "LIVENESS-1"]),
        || {
            stranger(|r| {
                r.pings("Ada").gives_up("Ada");
            })
        },
    ),
    ("a stranger is turned away", Breaks(&["AUTH-1"]), || {
        stranger(|r| {
            r.pings("Ada").closed("Ada");
        })
    }),
    (
        "a stranger is cut off",
        Nothing("AUTH-1", "lost the connection"),
        || {
            stranger(|r| {
                r.pings("Ada").ends("Ada");
            })
        },
    ),
    (
        "a stranger gets an unknown message, and is asked for a token",
        Passed("AUTH-1"),
        || {
            stranger(|r| {
                r.pings("Ada")
                    .gets("Ada", r#"{"event": "news"}"#)
                    .gets("Ada", REQUIRED);
            })
        },
    ),
    (
        "everybody shows a token at once",
        Nothing("AUTH-1", "sent no request before authenticating"),
        || {
            stranger(|r| {
                shows(r, "Ada", Some("[secret]"));
                r.gets("Ada", ACCEPTED).pings("Ada").pong("Ada");
            })
        },
    ),
    (
        "no token is asked for",
        Nothing("AUTH-1", "no new viewer connected"),
        || {
            let mut record = Record::new();
            record.opens("Ada").pings("Ada").pong("Ada");
            record.done()
        },
    ),
    (
        "a stranger leaves before the answer",
        Nothing("AUTH-1", "or the transcript ends"),
        || {
            stranger(|r| {
                r.pings("Ada").departs("Ada");
            })
        },
    ),
    ("wrong tokens are refused", Passed("AUTH-2"), || {
        stranger(|r| {
            for token in [None, Some(""), Some(WRONG_TOKEN)] {
                shows(r, "Ada", token);
                r.gets("Ada", REFUSED).pings("Ada").gets("Ada", REQUIRED);
            }
        })
    }),
    (
        "a wrong token is refused, and the connection closed",
        Passed("AUTH-2"),
        || {
            stranger(|r| {
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.gets("Ada", REFUSED).closed_with("Ada", 4401);
            })
        },
    ),
    ("a wrong token opens", Breaks(&["AUTH-2"]), || {
        stranger(|r| {
            shows(r, "Ada", Some(WRONG_TOKEN));
            r.gets("Ada", ACCEPTED).pings("Ada").pong("Ada");
        })
    }),
    (
        "a wrong token is refused, and opens all the same",
        Breaks(&["AUTH-2"]),
        || {
            stranger(|r| {
                shows(r, "Ada", None);
                r.gets("Ada", REFUSED).pings("Ada").pong("Ada");
            })
        },
    ),
    (
        "a wrong token is met by `auth_required`",
        Breaks(&["AUTH-2"]),
        || {
            stranger(|r| {
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.gets("Ada", REQUIRED);
            })
        },
    ),
    (
        "a wrong token is met by silence",
        Breaks(&["AUTH-2", "LIVENESS-1"]),
        || {
            stranger(|r| {
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.gives_up("Ada");
            })
        },
    ),
    (
        "the answer to an earlier request comes after a wrong token",
        Nothing("AUTH-2", "Ada had not got the answer to an earlier request"),
        || {
            stranger(|r| {
                r.stops_reading("Ada", 9).pings("Ada").gives_up("Ada");
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.reads_on("Ada").gets("Ada", REQUIRED).gets("Ada", REFUSED);
            })
        },
    ),
    (
        "the right token",
        Nothing("AUTH-2", "no viewer sent a wrong token"),
        || {
            stranger(|r| {
                shows(r, "Ada", Some("[secret]"));
                r.gets("Ada", ACCEPTED);
                // What a wrong one does now is the server's choice.
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.gets("Ada", ACCEPTED);
            })
        },
    ),
    (
        "a wrong token where any is taken",
        Nothing("AUTH-2", "no viewer sent a wrong token"),
        || {
            let mut record = Record::new();
            record.opens("Ada");
            shows(&mut record, "Ada", Some(WRONG_TOKEN));
            record.gets("Ada", ACCEPTED).pings("Ada").pong("Ada");
            record.done()
        },
    ),
    (
        "nothing is asked after the wrong token",
        Nothing("AUTH-2", "sent no request"),
        || {
            stranger(|r| {
                shows(r, "Ada", Some(WRONG_TOKEN));
                r.gets("Ada", REFUSED).departs("Ada");
            })
        },
    ),
    ("the token is asked for again", Passed("AUTH-3"), || {
        returning(ASKS, |r| {
            r.returns("Ada", Some("r"), At(2))
                .gets("Ada", REQUIRED)
                .watches("Ada");
        })
    }),
    (
        "her run is shown without a token",
        Breaks(&["AUTH-3"]),
        || {
            returning(ASKS, |r| {
                r.returns("Ada", Some("r"), At(2))
                    .subscribed("Ada", "r", 3)
                    .events("Ada", &run(), 3..6);
            })
        },
    ),
    (
        "her run is shown after `auth_required`",
        Breaks(&["AUTH-3"]),
        || {
            returning(ASKS, |r| {
                r.returns("Ada", Some("r"), At(2))
                    .gets("Ada", REQUIRED)
                    .subscribed("Ada", "r", 3)
                    .events("Ada", &run(), 3..6);
            })
        },
    ),
    (
        "the second connection asks for no token",
        Breaks(&["AUTH-3"]),
        || returning(OPEN, |_| ()),
    ),
    (
        "her token is shown at once",
        Nothing("AUTH-3", "sent no request before authenticating"),
        || {
            returning(ASKS, |r| {
                shows(r, "Ada", Some("[secret]"));
                r.gets("Ada", ACCEPTED)
                    .returns("Ada", Some("r"), At(2))
                    .subscribed("Ada", "r", 3)
                    .events("Ada", &run(), 3..6);
            })
        },
    ),
    (
        "nobody comes back",
        Nothing("AUTH-3", "no viewer who had authenticated connected again"),
        || {
            stranger(|r| {
                r.pings("Ada").gets("Ada", REQUIRED);
            })
        },
    ),
    ("both doors are shut", Passed("AUTH-4"), || {
        let mut record = over_http(401, false, ASKS);
        record.pings("Ada").gets("Ada", REQUIRED);
        record.done()
    }),
    (
        "both doors are shut, though the greeting does not say so",
        Passed("AUTH-4"),
        || {
            let mut record = over_http(403, false, OPEN);
            record.starts("Ada", Some("w"), "s").gets("Ada", REQUIRED);
            record.done()
        },
    ),
    ("only HTTP asks for a token", Breaks(&["AUTH-4"]), || {
        let mut record = over_http(401, false, OPEN);
        record
            .starts("Ada", Some("w"), &run().session)
            .first("Ada", &run(), 0..6);
        record.done()
    }),
    (
        "HTTP asks for no token",
        Nothing("AUTH-4", "no HTTP request was refused"),
        || {
            let mut record = over_http(200, false, OPEN);
            record.pings("Ada").pong("Ada");
            record.done()
        },
    ),
    (
        "HTTP refuses the token that it gets",
        Nothing("AUTH-4", "no HTTP request was refused"),
        || {
            let mut record = over_http(403, true, OPEN);
            record.pings("Ada").pong("Ada");
            record.done()
        },
    ),
    (
        "a start is refused for another reason",
        Nothing("AUTH-4", "sent a request without a token, and got"),
        || {
            let mut record = over_http(401, false, OPEN);
            record.starts("Ada", Some("w"), "s").error("Ada");
            record.done()
        },
    ),
];
