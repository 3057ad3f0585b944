//! What is different over HTTP: replays from the position, refusals by a status, and streams that end.

use reconnect_acceptance::protocol::Component::{self, Agent, Workflow};
use reconnect_acceptance::protocol::Position::{self, At, Null};
use reconnect_acceptance::protocol::{Action, Form};
use reconnect_acceptance::transcript::{EntryKind, Transcript};
use serde_json::json;

use super::Case;
use super::Shows::{Breaks, Nothing, Passed};
use crate::support::{Record, Run};

fn run() -> Run {
    Run::new("r", 6)
}

/// A viewer sends a request over HTTP about the component "w", on a connection of its own.
pub(super) fn posts(record: &mut Record, viewer: &str, component: Component, action: &Action) {
    let form = Form::of(action, component, "w").expect("a request");
    record.begins_another(viewer);
    record.tells(viewer, EntryKind::sent(form.to_text()));
}

pub(super) fn starts(record: &mut Record, viewer: &str, component: Component) {
    let action = Action::Start {
        workflow_id: Some("w".to_owned()),
        message: json!("go"),
        session_id: Some(run().session),
    };
    posts(record, viewer, component, &action);
    record.tells(viewer, EntryKind::Opened);
}

pub(super) fn asks(record: &mut Record, viewer: &str, position: Position) {
    let action = Action::Reconnect {
        run_id: Some("r".to_owned()),
        position,
        workflow_id: Some("w".to_owned()),
        session_id: Some(run().session),
    };
    posts(record, viewer, Workflow, &action);
}

pub(super) fn ends(record: &mut Record, viewer: &str) {
    record.tells(viewer, EntryKind::StreamEnded { unfinished: 0 });
}

/// Ada has watched a workflow's run over HTTP to its end, and Ben comes.
fn over(position: Position, make: impl FnOnce(&mut Record)) -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), 0..6);
    ends(&mut record, "Ada");
    asks(&mut record, "Ben", position);
    make(&mut record);
    record.done()
}

fn replayed(position: Position, events: std::ops::Range<u64>) -> Transcript {
    over(position, |record| {
        record.tells("Ben", EntryKind::Opened);
        let total = events.end - events.start;
        record.replay("Ben", "r", "COMPLETED", total);
        record.events("Ben", &run(), events);
        ends(record, "Ben");
    })
}

/// Ada starts a run over HTTP; she gets these events, and the stream ends.
fn cut(component: Component, events: std::ops::Range<u64>) -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", component);
    record.first("Ada", &run(), events);
    ends(&mut record, "Ada");
    record.done()
}

/// The run pauses with the event of a step, and the stream ends.
fn paused() -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), 0..3);
    record.gets("Ada", &run().own_event(3, "StepPaused"));
    ends(&mut record, "Ada");
    asks(&mut record, "Ben", Null);
    record.tells("Ben", EntryKind::Opened);
    record.replay("Ben", "r", "PAUSED", 4);
    record.events("Ben", &run(), 0..3);
    record.gets("Ben", &run().own_event(3, "StepPaused"));
    ends(&mut record, "Ben");
    record.done()
}

fn without_subscribed() -> Transcript {
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &run(), 0..3);
    record.departs("Ada");
    asks(&mut record, "Ada", At(2));
    record.tells("Ada", EntryKind::Opened);
    record
        .catch_up("Ada", "r", 1, 4)
        .events("Ada", &run(), 3..6);
    ends(&mut record, "Ada");
    record.done()
}

/// Ben and Cleo have returned to a run that pauses with event 5; Ada lets it go on before Ben's stream has ended, and
/// before Cleo is sent these.
fn paused_for_one_later(events: std::ops::Range<u64>) -> Transcript {
    let paused = Run::paused("r", 6);
    let mut record = Record::new();
    starts(&mut record, "Ada", Workflow);
    record.first("Ada", &paused, 0..4);
    for viewer in ["Ben", "Cleo"] {
        asks(&mut record, viewer, At(1));
        record
            .tells(viewer, EntryKind::Opened)
            .catch_up(viewer, "r", 2, 4)
            .events(viewer, &paused, 2..4)
            .subscribed(viewer, "r", 4);
    }
    for viewer in ["Ada", "Ben"] {
        record.events(viewer, &paused, 4..6);
    }
    ends(&mut record, "Ada");
    let action = Action::Continue {
        workflow_id: Some("w".to_owned()),
        run_id: Some("r".to_owned()),
        session_id: Some(paused.session.clone()),
        step_requirements: json!([{"step_id": "a", "confirmed": true}]),
    };
    posts(&mut record, "Ada", Workflow, &action);
    record.tells("Ada", EntryKind::Opened);
    record.first("Ada", &Run::new("r", 12), 6..12);
    record.events("Cleo", &paused, events);
    for viewer in ["Ada", "Ben", "Cleo"] {
        ends(&mut record, viewer);
    }
    record.done()
}

pub const CASES: &[Case] = &[
    (
        "only what comes after the position",
        Passed("REPLAY-1"),
        || replayed(At(2), 3..6),
    ),
    ("all of it without a position", Passed("REPLAY-1"), || {
        replayed(Null, 0..6)
    }),
    ("nothing after the ending", Passed("REPLAY-1"), || {
        replayed(At(5), 6..6)
    }),
    (
        "and that is as many as announced",
        Passed("REPLAY-2"),
        || replayed(At(5), 6..6),
    ),
    (
        "all of it, whatever the position",
        Breaks(&["REPLAY-1"]),
        || replayed(At(2), 0..6),
    ),
    (
        "the end of the stream after the replay",
        Passed("REPLAY-4"),
        || replayed(At(2), 3..6),
    ),
    (
        "a stream that stays open after the replay",
        Breaks(&["REPLAY-4"]),
        || {
            over(Null, |record| {
                record.tells("Ben", EntryKind::Opened);
                record.replay("Ben", "r", "COMPLETED", 6);
                record.events("Ben", &run(), 0..6).watches("Ben");
            })
        },
    ),
    ("the stream ends with the run", Passed("START-3"), || {
        cut(Workflow, 0..6)
    }),
    (
        "the stream ends in the middle of the run",
        Breaks(&["START-3", "STREAM-1"]),
        || cut(Workflow, 0..4),
    ),
    (
        "the stream ends with a pause",
        Nothing("START-3", "paused"),
        paused,
    ),
    (
        "a paused run is replayed",
        Nothing("PAUSE-1", "continued the run"),
        paused,
    ),
    (
        "the run goes on while a slow viewer is still told that it paused",
        Passed("VIEWERS-1"),
        || paused_for_one_later(4..6),
    ),
    (
        "the run ends while a viewer returns, who gets nothing at all",
        Breaks(&["STREAM-1", "SEAM-2"]),
        || {
            let mut record = Record::new();
            starts(&mut record, "Ada", Workflow);
            record.first("Ada", &run(), 0..5);
            asks(&mut record, "Ben", Null);
            record.tells("Ben", EntryKind::Opened);
            ends(&mut record, "Ben");
            record.first("Ada", &run(), 5..6);
            ends(&mut record, "Ada");
            record.done()
        },
    ),
    (
        "the slow viewer misses an event before the pause",
        Breaks(&["VIEWERS-1", "CATCHUP-5", "SEAM-1"]),
        || paused_for_one_later(5..6),
    ),
    ("a status refuses", Passed("POSITION-2"), || {
        over(Position::Odd(json!("abc")), |record| {
            record.tells("Ben", EntryKind::refused(422, "{\"detail\": []}"));
        })
    }),
    (
        "a workflow's live events without `subscribed`",
        Nothing("CATCHUP-4", "agno 2.x"),
        without_subscribed,
    ),
    (
        "an agent's run that begins like a workflow's",
        Breaks(&["START-1"]),
        || cut(Agent, 0..6),
    ),
    (
        "a stream that says nothing yet is an answer",
        Passed("LIVENESS-1"),
        || {
            let mut record = Record::new();
            starts(&mut record, "Ada", Agent);
            record.gives_up("Ada");
            record.done()
        },
    ),
    (
        "what HTTP has none of",
        Nothing("GREETING-1", "HTTP has no greeting"),
        || cut(Workflow, 0..6),
    ),
];
