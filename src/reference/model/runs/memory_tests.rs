//! What a server drops from a run, what it forgets, and what a restart leaves.

use serde_json::json;

use crate::protocol::Position;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::request::ReturnRequest;
use crate::reference::model::runs::*;
use crate::reference::model::script::{RunIds, Script};

const STARTER: u64 = 1;
const VIEWER: u64 = 2;

/// The runs of a server that keeps 40 events, and the id of one that has had so many.
fn endless(faults: &[Fault], events: usize) -> (Runs, String) {
    let script = Script::endless();
    let mut runs = Runs::new(Faults::new(faults));
    let (id, session_id) = runs.start(STARTER, &script.id, Some("s".into()));
    runs.describe(&id, script.component, script.keeps);
    let drafts = script.drafts(&RunIds {
        run_id: &id,
        session_id: &session_id,
        message: &json!("hello"),
    });
    for draft in drafts.into_iter().take(events) {
        runs.append(&id, draft, 7);
    }
    (runs, id)
}

fn come_back(runs: &mut Runs, id: &str, position: Position) -> Vec<Outgoing> {
    let request = ReturnRequest {
        user: None,
        permitted: None,
        at_replica: false,
        over_http: false,
        run_id: id.to_owned(),
        position,
        workflow_id: None,
        session_id: None,
    };
    runs.come_back(VIEWER, &request)
}

fn control(message: &Outgoing) -> &serde_json::Value {
    match message {
        Outgoing::Control(value) => value,
        other => panic!("no control message: {other:?}"),
    }
}

/// The indices on the wire, which a fault may make others than the events' own.
fn indices(messages: &[Outgoing]) -> Vec<u64> {
    let events = messages.iter().filter_map(Outgoing::event);
    events
        .filter_map(|event| event.field("event_index")?.as_u64())
        .collect()
}

fn span(from: u64, to: u64) -> Vec<u64> {
    (from..to).collect()
}

#[test]
fn the_oldest_events_are_dropped_and_the_loss_is_told() {
    let (mut runs, id) = endless(&[], 75);
    let messages = come_back(&mut runs, &id, Position::At(14));
    assert_eq!(control(&messages[0])["missed_events"], 40);
    assert_eq!(control(&messages[0])["dropped_events"], 20);
    assert_eq!(control(&messages[0])["current_event_count"], 75);
    assert_eq!(indices(&messages), span(35, 75));
    assert_eq!(control(&messages[41])["event"], "subscribed");

    let (mut runs, id) = endless(&[], 75);
    let messages = come_back(&mut runs, &id, Position::At(34));
    assert_eq!(control(&messages[0]).get("dropped_events"), None);
    assert_eq!(indices(&messages), span(35, 75));

    let (mut runs, id) = endless(&[], usize::MAX);
    let messages = come_back(&mut runs, &id, Position::At(117));
    assert_eq!(control(&messages[0])["total_events"], 40);
    assert_eq!(control(&messages[0])["dropped_events"], 78);
    assert_eq!(indices(&messages), span(78, 118));
}

#[test]
fn who_watched_all_the_time_has_lost_nothing() {
    let (mut runs, id) = endless(&[], 75);
    let request = ReturnRequest {
        user: None,
        permitted: None,
        at_replica: false,
        over_http: false,
        run_id: id,
        position: Position::Null,
        workflow_id: None,
        session_id: None,
    };
    let messages = runs.come_back(STARTER, &request);
    assert_eq!(messages.len(), 1);
    assert_eq!(control(&messages[0])["event"], "subscribed");
}

#[test]
fn faults_of_dropping_are_visible() {
    let (mut runs, id) = endless(&[Fault::DroppedRenumbered], 75);
    let messages = come_back(&mut runs, &id, Position::At(14));
    assert_eq!(indices(&messages), span(15, 55));

    let (mut runs, id) = endless(&[Fault::DroppedIndexRepeated], 75);
    let messages = come_back(&mut runs, &id, Position::At(14));
    assert_eq!(indices(&messages)[..3], [35, 35, 36]);

    let (mut runs, id) = endless(&[Fault::DroppedSilently], 75);
    let messages = come_back(&mut runs, &id, Position::At(14));
    assert_eq!(control(&messages[0]).get("dropped_events"), None);

    let (mut runs, id) = endless(&[Fault::FullIndexStuck], 75);
    let messages = come_back(&mut runs, &id, Position::Null);
    assert_eq!(indices(&messages)[38..], [40, 40]);
}

#[test]
fn a_finished_run_can_be_forgotten_and_is_still_replayed() {
    for (fault, count) in [(None, 11), (Some(Fault::ForgottenUnknown), 1)] {
        let faults: Vec<Fault> = fault.into_iter().collect();
        let script = Script::short();
        let mut runs = Runs::new(Faults::new(&faults));
        let (id, session_id) = runs.start(STARTER, &script.id, None);
        assert!(!runs.forget(&id), "it has not finished");
        assert!(!runs.forget("nobody's"));
        let ids = RunIds {
            run_id: &id,
            session_id: &session_id,
            message: &json!("hello"),
        };
        for draft in script.drafts(&ids) {
            runs.append(&id, draft, 7);
        }
        assert!(runs.forget(&id));
        assert_eq!(come_back(&mut runs, &id, Position::Null).len(), count);
    }
}

#[test]
fn what_had_finished_outlives_a_restart() {
    let faults = [
        (None, 41),
        (Some(Fault::RestartLosesRuns), 1),
        (Some(Fault::RestartShortensReplay), 40),
    ];
    for (fault, count) in faults {
        let faults: Vec<Fault> = fault.into_iter().collect();
        let (mut runs, finished) = endless(&faults, usize::MAX);
        let (under_way, _) = runs.start(STARTER, "short-workflow", None);
        let mut runs = runs.restarted();
        assert_eq!(come_back(&mut runs, &finished, Position::Null).len(), count);
        let messages = come_back(&mut runs, &under_way, Position::Null);
        assert_eq!(control(&messages[0])["event"], "error");
        assert!(!runs.watches(STARTER));
    }
}
