//! The trace: which answer and which event belongs to which request, and what is known about a run.

use reconnect_acceptance::protocol::Action;
use reconnect_acceptance::protocol::Position::{At, Null};
use reconnect_acceptance::trace::{Earlier, Phase, Subscription, Trace};

use crate::support::{Record, Run, failed};

fn first_start<'s, 't>(trace: &'s Trace<'t>) -> &'s Subscription<'t> {
    trace.starts().next().expect("a start")
}

#[test]
fn a_run_belongs_to_the_start_of_its_session_and_a_refusal_to_what_cannot_be_granted() {
    let (a, b) = (Run::new("a", 4), Run::new("b", 4));
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &a.session);
    record
        .starts("Ada", Some("no-such-w"), "none")
        .starts("Ada", Some("w"), &b.session);
    record
        .first("Ada", &b, 0..1)
        .error("Ada")
        .first("Ada", &a, 0..2);
    let record = record.done();
    let trace = Trace::of(&record);
    let runs: Vec<_> = trace.starts().map(|start| start.run).collect();
    assert_eq!(runs, [Some("a"), None, Some("b")]);
    let refused: Vec<_> = trace.starts().map(|it| it.refusal().is_some()).collect();
    assert_eq!(refused, [false, true, false]);
    assert_eq!(first_start(&trace).deliveries.len(), 2);
    assert_eq!(
        trace.start_of("b").map(|start| start.request.number),
        Some(5)
    );
}

#[test]
fn a_stray_event_gives_way_to_the_run_that_was_started() {
    let (stray, run) = (Run::new("of somebody else", 4), Run::new("r", 4));
    let mut record = Record::new();
    record.opens("Ada").starts("Ada", Some("w"), &run.session);
    record
        .first("Ada", &stray, 3..4)
        .first("Ada", &run, 0..4)
        .first("Ada", &stray, 3..4);
    let record = record.done();
    let trace = Trace::of(&record);
    let start = first_start(&trace);
    assert_eq!((start.run, start.deliveries.len()), (Some("r"), 4));
    let strays = trace.deliveries_of("of somebody else");
    assert!(strays.into_iter().all(|it| it.phase == Phase::Stray));
    assert_eq!(trace.deliveries_of("of somebody else").count(), 2);
}

#[test]
fn a_run_that_nothing_was_heard_of_belongs_to_the_start_of_the_session_it_is_asked_for_in() {
    let (stray, run) = (Run::new("of somebody else", 4), Run::new("r", 4));
    for strays in [0, 2] {
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session)
            .first("Ada", &stray, 0..strays)
            .departs("Ada")
            .opens("Ada")
            .asks_for("Ada", &run);
        let record = record.done();
        let trace = Trace::of(&record);
        let start = first_start(&trace);
        assert_eq!((start.run, start.deliveries.len()), (Some("r"), 0));
        assert!(trace.start_of("r").is_some());
        assert!(trace.deliveries.iter().all(|it| it.phase == Phase::Stray));
        assert_eq!(trace.deliveries.len() as u64, strays);
    }
    // What was heard of is known by it.
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..1)
        .opens("Ben");
    record.says(
        "Ben",
        Action::Reconnect {
            run_id: Some("of somebody else".to_owned()),
            position: Null,
            workflow_id: None,
            session_id: Some(run.session.clone()),
        },
    );
    let record = record.done();
    let trace = Trace::of(&record);
    assert_eq!(first_start(&trace).run, Some("r"));
    assert!(trace.start_of("of somebody else").is_none());
}

#[test]
fn a_server_that_names_its_own_session_is_taken_at_its_order() {
    let run = Run::new("r", 4);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), "another session")
        .first("Ada", &run, 0..4);
    let record = record.done();
    assert_eq!(first_start(&Trace::of(&record)).deliveries.len(), 4);
}

#[test]
fn who_asks_again_before_the_answer_came_is_still_watching() {
    let run = Run::new("r", 6);
    let earlier = |waits: bool| {
        let mut record = Record::new();
        record
            .opens("Ada")
            .starts("Ada", Some("w"), &run.session)
            .first("Ada", &run, 0..4)
            .returns("Ada", Some("r"), At(3))
            // The live events were on their way.
            .events("Ada", &run, 4..6)
            .returns("Ada", Some("r"), Null)
            .replay("Ada", "r", "COMPLETED", 6)
            .events("Ada", &run, 0..6)
            .replay("Ada", "r", "COMPLETED", 6)
            .events("Ada", &run, 0..6);
        if waits {
            record.watches("Ada");
        }
        record
            .returns("Ada", Some("r"), Null)
            .replay("Ada", "r", "COMPLETED", 6)
            .events("Ada", &run, 0..6);
        let record = record.done();
        assert_eq!(failed(&record), [""; 0]);
        let trace = Trace::of(&record);
        trace
            .returns()
            .map(Subscription::earlier)
            .collect::<Vec<_>>()
    };
    let watching = Earlier::Watching;
    assert_eq!(earlier(false), [watching, watching, watching]);
    // Nothing more was on its way after a while without anything: what comes next is the answer.
    assert_eq!(earlier(true), [watching, watching, Earlier::Ended]);
}

#[test]
fn who_started_a_run_of_which_nothing_came_yet_is_watching_it() {
    let run = Run::cancelled("r", 2);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .returns("Ada", Some("r"), Null)
        .first("Ada", &run, 0..2)
        .replay("Ada", "r", "CANCELLED", 2)
        .events("Ada", &run, 0..2)
        .watches("Ada");
    let record = record.done();
    assert_eq!(failed(&record), [""; 0]);
    let trace = Trace::of(&record);
    let earlier: Vec<_> = trace.returns().map(Subscription::earlier).collect();
    assert_eq!(earlier, [Earlier::Watching]);
}

#[test]
fn a_second_return_takes_over_what_follows() {
    let run = Run::new("r", 6);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..2);
    record
        .returns("Ada", Some("r"), At(1))
        .subscribed("Ada", "r", 2)
        .events("Ada", &run, 2..6);
    record
        .returns("Ada", Some("r"), Null)
        .replay("Ada", "r", "COMPLETED", 6);
    record.events("Ada", &run, 0..6);
    let record = record.done();
    let trace = Trace::of(&record);
    let returns: Vec<_> = trace.returns().collect();
    let [first, second] = returns[..] else {
        panic!("two returns, not {}", returns.len());
    };
    assert_eq!(
        (first.earlier(), second.earlier()),
        (Earlier::Watching, Earlier::Ended)
    );
    assert_eq!(first_start(&trace).until, Some(first.request.number));
    assert_eq!(
        (first.until, second.until),
        (Some(second.request.number), None)
    );
    assert_eq!(
        first.deliveries.last().map(|it| it.phase),
        Some(Phase::Live)
    );
    assert_eq!(second.deliveries.len(), 6);
    assert_eq!(trace.returns_to("r").count(), 2);
}

#[test]
fn a_ping_between_a_return_and_its_refusal_changes_nothing() {
    let mut record = Record::new();
    record
        .opens("Ada")
        .returns("Ada", Some("no-such-r"), Null)
        .pings("Ada");
    record.error("Ada").pong("Ada");
    let record = record.done();
    let trace = Trace::of(&record);
    assert!(trace.subscriptions[0].answer().is_some());
}

#[test]
fn a_run_stands_still_only_while_nothing_else_is_said() {
    let run = Run::new("r", 6);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..2);
    let before = record.note("x", 0, reconnect_acceptance::transcript::EntryKind::Opened);
    record.held(&run.session, 3);
    let during = record.note("x", 0, reconnect_acceptance::transcript::EntryKind::Opened);
    record.held(&run.session, 3);
    let still = record.note("x", 0, reconnect_acceptance::transcript::EntryKind::Opened);
    record.released(&run.session);
    let after = record.note("x", 0, reconnect_acceptance::transcript::EntryKind::Opened);
    let record = record.done();
    let trace = Trace::of(&record);
    assert_eq!(trace.held_at("r", before), None);
    assert_eq!(trace.held_at("r", during), Some(3));
    assert_eq!(trace.held_through("r", during, still), Some(3));
    assert_eq!(trace.held_through("r", during, after), None);
    assert_eq!(trace.held_at("r", after), None);
    assert_eq!(trace.highest_before("r", during), Some(1));
    assert_eq!(trace.highest_before("r", 1), None);
    assert_eq!(trace.highest_before("nobody's", after), None);
}

#[test]
fn what_comes_after_the_leaving_was_not_seen() {
    let run = Run::new("r", 6);
    let mut record = Record::new();
    record
        .opens("Ada")
        .starts("Ada", Some("w"), &run.session)
        .first("Ada", &run, 0..2);
    record.leaves("Ada", reconnect_acceptance::transcript::Disconnect::Reset);
    record.first("Ada", &run, 2..6);
    let record = record.done();
    let trace = Trace::of(&record);
    assert_eq!(trace.deliveries.len(), 2);
    assert_eq!(trace.connections[0].afterwards.len(), 4);
    assert!(trace.ending_before("r", u32::MAX).is_none());
    assert!(trace.connections[0].left().is_some() && trace.connections[0].lost().is_none());
}
