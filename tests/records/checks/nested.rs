//! A workflow as a step of a workflow: what happens inside is of the outer run, whose beginning and ending it is
//! not. Only START-5 judges whether it names the outer run.

use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::transcript::Transcript;
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Passed};
use crate::support::{Inner, Record, Run, holding};

fn run(inner: Inner) -> Run {
    Run::nested("r", 14, inner)
}

/// Ada watches a run that has another workflow inside.
fn watched(inner: Inner) -> Transcript {
    let (mut r, run) = (Record::new(), run(inner));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..14).watches("Ada");
    r.done()
}

/// She leaves in the middle of the inner workflow, returns, and watches to the end; Ben is shown the replay.
fn returned(inner: Inner) -> Transcript {
    let (mut r, run) = (Record::new(), run(inner));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..5).departs("Ada").opens("Ada");
    r.returns("Ada", Some("r"), At(4))
        .catch_up("Ada", "r", 3, 8)
        .events("Ada", &run, 5..8)
        .subscribed("Ada", "r", 8)
        .events("Ada", &run, 8..14);
    r.opens("Ben")
        .returns("Ben", Some("r"), Null)
        .replay("Ben", "r", "COMPLETED", 14)
        .events("Ben", &run, 0..14)
        .watches("Ben");
    r.done()
}

/// Two such runs at once on one connection, in one session each, or both in the same.
fn two(inner: Inner, same_session: bool) -> Transcript {
    let mut r = Record::new();
    let one = Run::nested("r", 14, inner);
    let mut other = Run::nested("q", 14, inner);
    if same_session {
        other.session = one.session.clone();
    }
    r.opens("Ada");
    r.starts("Ada", Some("w"), &one.session);
    r.first("Ada", &one, 0..1);
    r.starts("Ada", Some("w"), &other.session);
    r.first("Ada", &other, 0..1);
    for index in 1..14 {
        r.first("Ada", &one, index..index + 1);
        r.first("Ada", &other, index..index + 1);
    }
    r.watches("Ada");
    r.done()
}

/// The ids of the requirements that a record with a nested run shows to be kept.
const KEPT: [&str; 13] = [
    "START-1",
    "START-2",
    "START-3",
    "CATCHUP-1",
    "CATCHUP-2",
    "CATCHUP-3",
    "CATCHUP-4",
    "CATCHUP-5",
    "CATCHUP-7",
    "REPLAY-1",
    "REPLAY-2",
    "REPLAY-3",
    "IDENTITY-1",
];

#[test]
fn a_nested_run_is_counted_and_ends_like_any_other() {
    for inner in [Inner::Named, Inner::Unnamed] {
        let mut kept = holding(&watched(inner));
        kept.extend(holding(&returned(inner)));
        for id in KEPT {
            assert!(
                kept.contains(&id),
                "{id} does not hold, {inner:?}: {kept:?}"
            );
        }
    }
}

#[test]
fn two_nested_runs_on_one_connection_are_told_apart_where_their_sessions_do() {
    let kept = holding(&two(Inner::Unnamed, false));
    for id in ["START-2", "START-3", "START-7"] {
        assert!(kept.contains(&id), "{id} does not hold: {kept:?}");
    }
    // In one session, nobody can know whose events they are.
    let kept = holding(&two(Inner::Unnamed, true));
    for id in ["START-2", "START-5", "START-7"] {
        assert!(!kept.contains(&id), "{id} holds: {kept:?}");
    }
}

/// Of the inner workflow of the run: it never comes.
fn without_an_inner_ending() -> Transcript {
    let (mut r, run) = (Record::new(), run(Inner::Unnamed));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..10).first("Ada", &run, 11..14);
    r.done()
}

/// The stream stops at the ending of the inner workflow, though the run goes on to its own.
fn stopped_at_the_inner_ending() -> Transcript {
    let (mut r, run) = (Record::new(), run(Inner::Named));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..11).gives_up("Ada");
    r.opens("Ben")
        .returns("Ben", Some("r"), Null)
        .replay("Ben", "r", "COMPLETED", 14)
        .events("Ben", &run, 0..14)
        .pings("Ada")
        .pong("Ada");
    r.done()
}

/// An event of a run of another session, which nobody here asked for.
fn leaked() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 8));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..4);
    let other = Run::new("of somebody else", 8);
    r.first("Ada", &other, 4..5).first("Ada", &run, 4..8);
    r.done()
}

/// An event that names no run at all.
fn nameless() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 8));
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..4);
    r.gets(
        "Ada",
        &json!({"event": "RunContent", "event_index": 4, "content": "word 4"}).to_string(),
    );
    r.first("Ada", &run, 5..8);
    r.done()
}

/// As on agno 2.5.17 to 2.9.0: the events of the inner workflow itself are no events of the run, and have
/// indices of their own, which also come below the run's.
fn counted_apart() -> Transcript {
    let (mut r, run) = (Record::new(), Run::new("r", 12));
    let inner = |index: u64, name: &str| {
        json!({"event": name, "event_index": index, "run_id": "inside r", "workflow_id": "inner",
               "session_id": run.session, "nested_depth": 1})
        .to_string()
    };
    r.opens("Ada").starts("Ada", Some("w"), &run.session);
    r.first("Ada", &run, 0..4)
        .gets("Ada", &inner(1, "WorkflowStarted"))
        .gets("Ada", &inner(3, "StepStarted"));
    r.first("Ada", &run, 4..6)
        .gets("Ada", &inner(7, "StepCompleted"))
        .gets("Ada", &inner(9, "WorkflowCompleted"))
        .first("Ada", &run, 6..8)
        .departs("Ada");
    r.opens("Ada")
        .returns("Ada", Some("r"), At(7))
        .catch_up("Ada", "r", 2, 10)
        .events("Ada", &run, 8..10)
        .subscribed("Ada", "r", 10)
        .events("Ada", &run, 10..12);
    r.opens("Ben")
        .returns("Ben", Some("r"), Null)
        .replay("Ben", "r", "COMPLETED", 12)
        .events("Ben", &run, 0..12)
        .watches("Ben");
    r.done()
}

pub const CASES: &[Case] = &[
    (
        "an inner workflow that is counted apart",
        Breaks(&["START-5"]),
        counted_apart,
    ),
    (
        "an inner workflow whose events name the run",
        Passed("START-5"),
        || watched(Inner::Named),
    ),
    (
        "a return in the middle of an inner workflow",
        Passed("CATCHUP-5"),
        || returned(Inner::Named),
    ),
    (
        "an inner workflow whose events name only their own run",
        Breaks(&["START-5"]),
        || watched(Inner::Unnamed),
    ),
    (
        "a return in the middle of an inner workflow whose events name only their own run",
        Breaks(&["START-5"]),
        || returned(Inner::Unnamed),
    ),
    (
        "two nested runs on one connection",
        Passed("START-7"),
        || two(Inner::Named, true),
    ),
    (
        "two nested runs on one connection whose inner events name only their own runs",
        Breaks(&["START-5"]),
        || two(Inner::Unnamed, false),
    ),
    (
        "two nested runs of one session on one connection, likewise",
        Breaks(&["START-5"]),
        || two(Inner::Unnamed, true),
    ),
    (
        "an event of an inner workflow is missing",
        Breaks(&["START-2", "START-5"]),
        without_an_inner_ending,
    ),
    (
        "the stream stops at the ending of an inner workflow",
        Breaks(&["START-3"]),
        stopped_at_the_inner_ending,
    ),
    (
        "an event of a run of another session",
        Breaks(&["START-5"]),
        leaked,
    ),
    ("an event that names no run", Breaks(&["START-5"]), nameless),
];
