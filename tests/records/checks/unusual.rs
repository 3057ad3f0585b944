//! Servers that keep the protocol in an unusual way, and findings that say what was seen there, and nothing else.

use reconnect_acceptance::check::CheckVerdict;
use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::protocol::framing;
use reconnect_acceptance::transcript::Transcript;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run, judge};

const HEARTBEAT: &str = r#"{"event": "heartbeat"}"#;
const COMMENT: &str = ": keepalive\n\n";

/// Ada watches a run, and this comes before every message.
fn between(said: &str) -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 8));
    r.connects("Ada").gets("Ada", COMMENT);
    r.gets("Ada", r#"{"event": "connected", "requires_auth": false}"#);
    r.gets("Ada", said).starts("Ada", Some("w"), &run.session);
    for index in 0..8 {
        r.gets("Ada", said).first("Ada", &run, index..index + 1);
    }
    r.pings("Ada")
        .gets("Ada", said)
        .pong("Ada")
        .gets("Ada", said);
    r.returns("Ada", Some("no-such-r"), Null)
        .gets("Ada", said)
        .error("Ada")
        .gets("Ada", said)
        .pings("Ada")
        .pong("Ada")
        .watches("Ada");
    r.done()
}

/// Ben's connection is displaced by Cleo's and gets heartbeats from then on, but no word of it.
fn displaced() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 12));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..4);
    for viewer in ["Ben", "Cleo"] {
        r.opens(viewer).gets(viewer, HEARTBEAT);
        r.returns(viewer, Some("r"), At(3));
        r.subscribed(viewer, "r", 4);
    }
    r.first("Ada", &run, 4..12).events("Cleo", &run, 4..12);
    r.gets("Ben", HEARTBEAT)
        .gives_up("Ben")
        .gets("Ben", HEARTBEAT);
    r.pings("Ben").pong("Ben");
    r.done()
}

/// The run pauses after event 5, and again after event 9.
fn paused_twice(make: impl FnOnce(&mut Record, &dyn Fn(u64) -> String)) -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 14));
    let event = |index: u64| match index {
        5 | 9 => run.own_event(index, "WorkflowPaused"),
        6 | 10 => run.own_event(index, "StepContinued"),
        _ => run.event(index),
    };
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    for index in 0..6 {
        r.gets("Ada", &framing::wrap_sse("x", &event(index)));
    }
    r.continues("Ada", &run);
    for index in 6..10 {
        r.gets("Ada", &framing::wrap_sse("x", &event(index)));
    }
    make(&mut r, &event);
    r.done()
}

fn continued_twice() -> Transcript {
    paused_twice(|r, event| {
        r.opens("Ben").returns("Ben", Some("r"), Null);
        r.replay("Ben", "r", "PAUSED", 10);
        for index in 0..10 {
            r.gets("Ben", &event(index));
        }
        r.watches("Ben").continues("Ada", &Run::new("r", 14));
        for index in 10..14 {
            r.gets("Ada", &framing::wrap_sse("x", &event(index)));
        }
    })
}

/// The server closes the connection after each replay, and the viewer connects again.
fn closed_after_a_replay() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 6));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..6).departs("Ada");
    for _ in 0..2 {
        r.opens("Ada").returns("Ada", Some("r"), Null);
        r.replay("Ada", "r", "COMPLETED", 6)
            .events("Ada", &run, 0..6)
            .closed("Ada")
            .ends("Ada");
    }
    r.done()
}

/// Likewise after the replay of a paused run: the first request to continue it comes too late.
fn closed_before_it_is_continued() -> Transcript {
    let (mut r, run) = (Record::new(), Run::paused("r", 6));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..6).departs("Ada");
    r.opens("Ben").returns("Ben", Some("r"), Null);
    r.replay("Ben", "r", "PAUSED", 6)
        .events("Ben", &run, 0..6)
        .continues("Ben", &run)
        .closed("Ben")
        .ends("Ben");
    r.opens("Ben").continues("Ben", &run);
    for index in 6..9 {
        let name = if index == 8 {
            "WorkflowCompleted"
        } else {
            "StepOutput"
        };
        r.gets("Ben", &framing::wrap_sse(name, &run.own_event(index, name)));
    }
    r.done()
}

/// Events 4 to 6, which were missed, come in one frame.
fn several_in_a_frame() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 12));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..4).departs("Ada").opens("Ada");
    r.returns("Ada", Some("r"), At(3))
        .catch_up("Ada", "r", 3, 7);
    let together: Vec<String> = (4..7).map(|index| run.event(index)).collect();
    r.gets("Ada", &together.join("\n"))
        .subscribed("Ada", "r", 7)
        .events("Ada", &run, 7..12);
    r.done()
}

#[test]
fn a_finding_names_the_frame_that_could_not_be_read() {
    let record = several_in_a_frame();
    for id in ["CATCHUP-2", "CATCHUP-3", "CATCHUP-5"] {
        let CheckVerdict::Failed(findings) = judge(id, &record) else {
            panic!("{id} is not broken");
        };
        let first = &findings[0];
        assert!(
            first
                .observed
                .starts_with("a message that cannot be read: not JSON"),
            "{id}: {first:?}"
        );
        let unreadable = |number: &u32| {
            let message = record.entry(*number).and_then(|it| it.message());
            message.is_some_and(|it| it.name() == "unintelligible")
        };
        assert!(first.evidence.iter().any(unreadable), "{id}: {first:?}");
    }
}

#[test]
fn a_reason_says_how_the_record_ends() {
    let reason = |id: &str, record: &Transcript| match judge(id, record) {
        CheckVerdict::Inconclusive(reason) => reason,
        verdict => panic!("{id}: {verdict:?}"),
    };
    let paused = paused_twice(|r, _| {
        r.watches("Ada");
    });
    assert_eq!(
        reason("START-2", &paused),
        "the run had paused when Ada was last sent anything of it"
    );
    let (mut lost, run) = (Record::new(), Run::new("r", 8));
    lost.opens("Ada").starts("Ada", Some("w"), &run.session);
    lost.first("Ada", &run, 0..8).departs("Ada").opens("Ada");
    lost.returns("Ada", Some("r"), Null)
        .replay("Ada", "r", "COMPLETED", 8)
        .events("Ada", &run, 0..3)
        .ends("Ada");
    assert_eq!(
        reason("REPLAY-2", &lost.done()),
        "Ada lost the connection before the replay was over: a lost connection (connection reset)"
    );
}

pub const CASES: &[Case] = &[
    ("heartbeats between all messages", Passed("START-3"), || {
        between(HEARTBEAT)
    }),
    ("comments between all messages", Passed("CONTENT-2"), || {
        between(COMMENT)
    }),
    (
        "a comment before the greeting",
        Passed("GREETING-1"),
        || between(COMMENT),
    ),
    (
        "a viewer is displaced, and only heartbeats follow",
        Breaks(&["VIEWERS-1"]),
        displaced,
    ),
    (
        "a run that pauses twice",
        Passed("PAUSE-2"),
        continued_twice,
    ),
    (
        "a viewer returns to a run that has paused again",
        Passed("PAUSE-1"),
        continued_twice,
    ),
    (
        "a run that has paused again, and is left so",
        Nothing("START-3", "the run had paused"),
        || {
            paused_twice(|r, _| {
                r.watches("Ada");
            })
        },
    ),
    (
        "a server that closes the connection before a paused run is continued on it",
        Passed("PAUSE-1"),
        closed_before_it_is_continued,
    ),
    (
        "a server that closes the connection after each replay",
        Breaks(&["REPLAY-4"]),
        closed_after_a_replay,
    ),
    (
        "several events in one frame",
        Breaks(&["CATCHUP-2", "CATCHUP-3", "CATCHUP-5", "CONTENT-2"]),
        several_in_a_frame,
    ),
];
