//! Situations in which a careless check would accuse a conforming server.

use reconnect_acceptance::check::CheckVerdict;
use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::{self, At, Null};
use reconnect_acceptance::transcript::{Disconnect, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Nothing, Passed};
use crate::support::{Record, Run, judge};

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

fn auth(record: &mut Record, viewer: &str) {
    record.gets(viewer, r#"{"event": "auth_required", "error": "no"}"#);
}

fn reconnect(session: &str, workflow: &str) -> Action {
    Action::Reconnect {
        run_id: Some("r".to_owned()),
        position: At(3),
        workflow_id: Some(workflow.to_owned()),
        session_id: Some(session.to_owned()),
    }
}

pub const CASES: &[Case] = &[
    (
        "every request is answered by auth_required",
        Nothing("CATCHUP-1", "--token-env"),
        || {
            started(|r| {
                r.opens("Ben");
                for action in [
                    Action::Ping,
                    reconnect("session of r", "w"),
                    Action::Other("x".into()),
                ] {
                    r.says("Ben", action);
                    auth(r, "Ben");
                }
                r.starts("Ben", Some("no-such-w"), "s");
                auth(r, "Ben");
                r.returns("Ben", Some("no-such-r"), Null);
                auth(r, "Ben");
                r.returns("Ben", None, Null);
                auth(r, "Ben");
                r.departs("Ben");
            })
        },
    ),
    (
        "events of the first subscription come before the answer to a return",
        Nothing("CATCHUP-1", "already watching"),
        || {
            started(|r| {
                r.returns("Ada", Some("r"), At(3))
                    .first("Ada", &run(), 4..6);
                r.catch_up("Ada", "r", 2, 6)
                    .events("Ada", &run(), 4..6)
                    .subscribed("Ada", "r", 6);
            })
        },
    ),
    (
        "a position that nobody has seen is refused",
        Nothing("CATCHUP-1", "no viewer had seen"),
        || {
            started(|r| {
                r.departs("Ada")
                    .opens("Ada")
                    .returns("Ada", Some("r"), At(999))
                    .error("Ada");
            })
        },
    ),
    (
        "a position beyond a finished run is refused",
        Nothing("REPLAY-1", "no viewer had seen"),
        || {
            started(|r| {
                r.first("Ada", &run(), 4..12)
                    .opens("Ben")
                    .returns("Ben", Some("r"), At(999))
                    .error("Ben");
            })
        },
    ),
    (
        "a position that is none is refused",
        Nothing("CATCHUP-1", "invalid position"),
        || {
            started(|r| {
                r.departs("Ada")
                    .opens("Ada")
                    .returns("Ada", Some("r"), Position::Odd(json!(-1)))
                    .error("Ada");
            })
        },
    ),
    (
        "somebody else's session is refused",
        Nothing("CATCHUP-1", "another user"),
        || {
            started(|r| {
                r.opens("Ben")
                    .says("Ben", reconnect("other", "w"))
                    .error("Ben");
            })
        },
    ),
    (
        "another user is refused",
        Nothing("CATCHUP-1", "another user"),
        || {
            started(|r| {
                r.comes_as("Ada", "one").comes_as("Ben", "another");
                r.opens("Ben");
                r.returns("Ben", Some("r"), At(3)).error("Ben");
            })
        },
    ),
    (
        "the connection is closed on a malformed request",
        Nothing("GREETING-2", "malformed"),
        || {
            started(|r| {
                r.says("Ada", Action::Other("[".into()))
                    .pings("Ada")
                    .closed("Ada");
            })
        },
    ),
    (
        "an error to a malformed request is nobody else's",
        Passed("REFUSAL-1"),
        || {
            started(|r| {
                r.says("Ada", Action::Other("[".into())).error("Ada");
                r.returns("Ada", Some("no-such-r"), Null)
                    .error("Ada")
                    .first("Ada", &run(), 4..12);
            })
        },
    ),
    (
        "the run is released and ends before the return is answered",
        Nothing("CATCHUP-1", "had finished"),
        || {
            started(|r| {
                r.departs("Ada")
                    .held(&run().session, 6)
                    .opens("Ada")
                    .returns("Ada", Some("r"), At(3));
                r.released(&run().session)
                    .replay("Ada", "r", "COMPLETED", 12)
                    .events("Ada", &run(), 0..12);
            })
        },
    ),
    (
        "the run ends while its last events are caught up with",
        Nothing("CATCHUP-4", "before `subscribed` was due"),
        || {
            started(|r| {
                r.departs("Ada")
                    .opens("Ada")
                    .returns("Ada", Some("r"), At(3))
                    .catch_up("Ada", "r", 7, 11);
                r.events("Ada", &run(), 4..12).watches("Ada");
            })
        },
    ),
    (
        "the ending was on its way when the viewer gave up and left",
        Nothing("START-3", "slow"),
        || {
            started(|r| {
                r.first("Ada", &run(), 4..11)
                    .opens("Ben")
                    .returns("Ben", Some("r"), At(10))
                    .subscribed("Ben", "r", 11);
                r.gives_up("Ada")
                    .events("Ben", &run(), 11..12)
                    .leaves("Ada", Disconnect::Reset);
            })
        },
    ),
    (
        "the ending came after the viewer had left",
        Passed("START-3"),
        || {
            started(|r| {
                r.first("Ada", &run(), 4..11)
                    .gives_up("Ada")
                    .opens("the suite");
                r.returns("the suite", Some("r"), Null)
                    .replay("the suite", "r", "COMPLETED", 12);
                r.events("the suite", &run(), 0..12)
                    .leaves("Ada", Disconnect::Close)
                    .first("Ada", &run(), 11..12);
            })
        },
    ),
    (
        "the viewer left before the run was over",
        Passed("START-3"),
        || {
            started(|r| {
                r.gives_up("Ada").departs("Ada").opens("the suite");
                r.returns("the suite", Some("r"), Null)
                    .replay("the suite", "r", "COMPLETED", 12);
                r.events("the suite", &run(), 0..12);
            })
        },
    ),
    (
        "a cancelled run ends its stream with WorkflowCompleted",
        Passed("REPLAY-3"),
        || {
            let cancelled = |index: u64| match index {
                0..6 => run().event(index),
                6 => run().own_event(6, "WorkflowCancelled"),
                _ => run().own_event(7, "WorkflowCompleted"),
            };
            started(|r| {
                for index in 4..8 {
                    r.gets("Ada", &cancelled(index));
                }
                r.opens("Ben")
                    .returns("Ben", Some("r"), At(2))
                    .replay("Ben", "r", "CANCELLED", 8);
                for index in 0..8 {
                    r.gets("Ben", &cancelled(index));
                }
            })
        },
    ),
    (
        "a return right after WorkflowCancelled",
        Nothing("REPLAY-1", "just been cancelled"),
        || {
            let cancelled = run().own_event(4, "WorkflowCancelled");
            started(|r| {
                r.gets("Ada", &cancelled)
                    .opens("Ben")
                    .returns("Ben", Some("r"), At(3));
                r.catch_up("Ben", "r", 1, 5)
                    .gets("Ben", &cancelled)
                    .subscribed("Ben", "r", 5);
            })
        },
    ),
    (
        "a paused run is replayed",
        Nothing("CATCHUP-1", "paused"),
        || {
            let paused = run().own_event(4, "WorkflowPaused");
            started(|r| {
                r.gets("Ada", &paused)
                    .watches("Ada")
                    .departs("Ada")
                    .opens("Ada")
                    .returns("Ada", Some("r"), At(4));
                r.replay("Ada", "r", "PAUSED", 5)
                    .events("Ada", &run(), 0..4)
                    .gets("Ada", &paused)
                    .watches("Ada");
            })
        },
    ),
    ("a pause is no ending", Passed("START-3"), || {
        started(|r| {
            r.gets("Ada", &run().own_event(4, "WorkflowPaused"));
            r.first("Ada", &run(), 5..12);
        })
    }),
    (
        "a refused start does not take the run of the next",
        Passed("START-4"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("no-such-w"), "a")
                .error("Ada")
                .starts("Ada", Some("w"), "b");
            r.first("Ada", &run(), 0..12);
            r.done()
        },
    ),
    (
        "two requests at once, and the second is refused",
        Passed("START-4"),
        || {
            let mut r = Record::new();
            r.opens("Ada")
                .starts("Ada", Some("w"), "a")
                .starts("Ada", Some("no-such-w"), "b");
            r.error("Ada").first("Ada", &run(), 0..12).watches("Ada");
            r.done()
        },
    ),
    (
        "a wait in vain for another's event right after an answer",
        Passed("LIVENESS-1"),
        || {
            started(|r| {
                r.pings("Ada").pong("Ada").gives_up("Ada");
            })
        },
    ),
    (
        "a viewer is displaced, and told so",
        Passed("CATCHUP-5"),
        || {
            started(|r| {
                r.departs("Ada")
                    .opens("Ada")
                    .returns("Ada", Some("r"), At(3))
                    .subscribed("Ada", "r", 4);
                r.opens("Ben")
                    .returns("Ben", Some("r"), At(3))
                    .subscribed("Ben", "r", 4);
                r.gets("Ada", r#"{"event": "displaced", "run_id": "r"}"#);
                r.events("Ben", &run(), 4..12)
                    .gives_up("Ada")
                    .watches("Ben");
            })
        },
    ),
    (
        "nothing had happened yet",
        Nothing("HISTORY-1", "nothing had happened yet"),
        || {
            let mut r = Record::new();
            r.opens("Ada").starts("Ada", Some("w"), &run().session);
            r.gets("Ada", r#"{"event": "queued", "run_id": "r"}"#)
                .departs("Ada")
                .opens("Ada");
            r.returns("Ada", Some("r"), Null)
                .subscribed("Ada", "r", 0)
                .events("Ada", &run(), 0..12);
            r.done()
        },
    ),
];

/// A faulty server replays a run without announcing it, and takes longer over it than a quick server: the viewer
/// cannot know whether the run was over when they returned.
#[test]
fn a_replay_that_is_late_and_not_announced_is_no_failed_catch_up() {
    let short = Run::new("r", 3);
    let mut r = Record::new();
    r.opens("Ben").opens("Ada");
    r.starts("Ada", Some("w"), &short.session)
        .first("Ada", &short, 0..2)
        .departs("Ada")
        .opens("Ada")
        .returns("Ada", Some("r"), At(1));
    for _ in 0..5 {
        r.pings("Ben").pong("Ben");
    }
    r.events("Ada", &short, 0..3);
    let record = r.done();
    let verdict = judge("CATCHUP-1", &record);
    assert!(
        matches!(&verdict, CheckVerdict::Inconclusive(reason) if reason.contains("the run may have been over")),
        "{verdict:?}"
    );
}
