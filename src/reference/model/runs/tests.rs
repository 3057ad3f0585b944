use serde_json::{Map, Value, json};

use crate::protocol::Position;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::request::ReturnRequest;
use crate::reference::model::runs::*;
use crate::reference::model::script::{RunIds, Script};

const STARTER: u64 = 1;
const VIEWER: u64 = 2;

/// A run that has had some of its events.
struct Played {
    runs: Runs,
    id: String,
    rest: Vec<Draft>,
    /// What each connection was sent, in order.
    sent: Vec<Delivery>,
}

impl Played {
    fn start(script: &Script, faults: &[Fault], events: usize) -> Self {
        let faults = Faults::new(faults);
        let mut runs = Runs::new(faults.clone());
        let (id, session_id) = runs.start(STARTER, &script.id, Some("s".into()));
        runs.describe(&id, script.component, script.keeps);
        let mut rest = script.drafts(&RunIds {
            run_id: &id,
            session_id: &session_id,
            message: &json!("line\nbreak"),
        });
        faults.on_script(&mut rest);
        let mut played = Self {
            runs,
            id,
            rest,
            sent: Vec::new(),
        };
        played.go_on(events);
        played
    }

    fn short(faults: &[Fault], events: usize) -> Self {
        Self::start(&Script::short(), faults, events)
    }

    fn go_on(&mut self, events: usize) {
        for draft in self.rest.drain(..events.min(self.rest.len())) {
            let deliveries = self.runs.append(&self.id, draft, 7);
            self.sent.extend(deliveries.into_iter().flatten());
        }
    }

    fn end(&mut self) {
        self.go_on(usize::MAX);
    }

    fn request(&self, position: Position) -> ReturnRequest {
        ReturnRequest {
            run_id: self.id.clone(),
            position,
            workflow_id: None,
            session_id: None,
            user: None,
            permitted: None,
            at_replica: false,
            over_http: false,
        }
    }

    fn come_back(&mut self, connection: u64, position: Position) -> Vec<String> {
        let messages = self.runs.come_back(connection, &self.request(position));
        messages.iter().map(word).collect()
    }

    /// What the connection was sent live.
    fn live(&self, connection: u64) -> Vec<String> {
        let to = self.sent.iter().filter(|d| d.to == connection);
        to.map(|d| word(&d.message)).collect()
    }
}

/// Control messages by name, with their number; events by index.
fn word(message: &Outgoing) -> String {
    match message {
        Outgoing::Control(value) => {
            let number = ["missed_events", "total_events", "current_event_count"]
                .iter()
                .find_map(|field| value.get(*field));
            let name = value["event"].as_str().unwrap_or_default();
            number.map_or(name.to_owned(), |number| format!("{name} {number}"))
        }
        Outgoing::Wrapped(event) => {
            format!("sse {}", event.field("event_index").unwrap_or(&Value::Null))
        }
        Outgoing::Plain(event) => event
            .field("event_index")
            .unwrap_or(&Value::Null)
            .to_string(),
        Outgoing::Text(text) => format!("text of {} lines", text.lines().count()),
        Outgoing::Close(code) => format!("close {code}"),
        Outgoing::Cut | Outgoing::Provoked(_) => "cut".into(),
    }
}

#[test]
fn the_starter_gets_every_event_wrapped() {
    let mut played = Played::short(&[], 0);
    played.end();
    let indices: Vec<String> = (0..10).map(|index| format!("sse {index}")).collect();
    assert_eq!(played.live(STARTER), indices);
}

#[test]
fn who_returns_catches_up_and_then_watches_live() {
    let mut played = Played::short(&[], 7);
    let answer = played.come_back(VIEWER, Position::At(3));
    assert_eq!(answer, ["catch_up 3", "4", "5", "6", "subscribed 7"]);
    played.end();
    assert_eq!(played.live(VIEWER), ["7", "8", "9"]);
}

#[test]
fn what_was_sent_is_taken_for_seen_only_where_that_fault_is() {
    let whole = ["catch_up 3", "4", "5", "6", "subscribed 7"];
    for (faults, leaving, answer) in [
        (&[][..], Leaving::Broken, &whole[..]),
        (&[Fault::UnreadTakenForRead], Leaving::Closed, &whole),
        (
            &[Fault::UnreadTakenForRead],
            Leaving::Broken,
            &["subscribed 7"],
        ),
        (
            &[Fault::UnreadTakenForRead],
            Leaving::Left,
            &["subscribed 7"],
        ),
        (&[Fault::CutCatchUpTakenForRead], Leaving::Broken, &whole),
    ] {
        let mut played = Played::short(faults, 7);
        played.runs.leave(STARTER, leaving);
        assert_eq!(played.come_back(VIEWER, Position::At(3)), answer);
    }
    for (fault, written, answer) in [
        (Fault::UnreadTakenForRead, true, &whole[..]),
        (Fault::CutCatchUpTakenForRead, true, &["subscribed 7"]),
        (Fault::CutCatchUpForgotten, true, &whole),
        (Fault::CutCatchUpForgotten, false, &["subscribed 7"]),
    ] {
        let mut played = Played::short(&[fault], 7);
        played.come_back(VIEWER, Position::At(1));
        if written {
            played.runs.caught_up(VIEWER);
        }
        played.runs.leave(VIEWER, Leaving::Broken);
        assert_eq!(played.come_back(VIEWER, Position::At(3)), answer, "{fault}");
    }
}

#[test]
fn who_missed_nothing_is_only_subscribed() {
    let mut played = Played::short(&[], 7);
    assert_eq!(played.come_back(VIEWER, Position::At(6)), ["subscribed 7"]);
    let mut unstarted = Played::short(&[], 0);
    assert_eq!(
        unstarted.come_back(VIEWER, Position::Null),
        ["subscribed 0"]
    );
    unstarted.end();
    assert_eq!(unstarted.live(VIEWER).len(), 10);
}

#[test]
fn without_a_position_the_history_comes() {
    for position in [Position::Null, Position::Absent] {
        let mut played = Played::short(&[], 2);
        let answer = played.come_back(VIEWER, position);
        assert_eq!(answer, ["catch_up 2", "0", "1", "subscribed 2"]);
    }
}

#[test]
fn a_finished_run_is_replayed_again_and_again() {
    let mut played = Played::short(&[], 0);
    played.end();
    let replay = played.come_back(VIEWER, Position::At(4));
    assert_eq!(replay.len(), 11);
    assert_eq!(replay[..2], ["replay 10", "0"]);
    assert_eq!(played.come_back(VIEWER, Position::Null), replay);
    let messages = played
        .runs
        .come_back(VIEWER, &played.request(Position::Null));
    let Outgoing::Control(announced) = &messages[0] else {
        panic!("{messages:?}")
    };
    assert_eq!(announced["status"], "COMPLETED");
}

#[test]
fn a_failed_run_is_replayed_as_failed() {
    let mut played = Played::start(&Script::failing(), &[], usize::MAX);
    let messages = played
        .runs
        .come_back(VIEWER, &played.request(Position::Null));
    assert!(matches!(&messages[0], Outgoing::Control(value) if value["status"] == "ERROR"));
    let last = messages.last().and_then(Outgoing::event).expect("an event");
    assert_eq!(last.name(), "WorkflowError");
}

#[test]
fn on_one_connection_nothing_is_delivered_twice() {
    let mut played = Played::short(&[], 4);
    assert_eq!(played.come_back(STARTER, Position::At(1)), ["subscribed 4"]);
    played.go_on(1);
    assert_eq!(played.come_back(STARTER, Position::At(4)), ["subscribed 5"]);
    played.go_on(1);
    let live = ["sse 0", "sse 1", "sse 2", "sse 3", "4", "5"];
    assert_eq!(played.live(STARTER), live);
}

#[test]
fn leaving_ends_the_watching_and_not_the_run() {
    let mut played = Played::short(&[], 4);
    assert!(played.runs.watches(STARTER));
    played.runs.leave(STARTER, Leaving::Broken);
    assert!(!played.runs.watches(STARTER) && !played.runs.is_watched(&played.id));
    played.end();
    assert_eq!(played.live(STARTER).len(), 4);
    assert_eq!(played.come_back(VIEWER, Position::At(3))[0], "replay 10");
}

#[test]
fn invalid_positions_and_unknown_runs_are_refused() {
    let mut played = Played::short(&[], 4);
    for position in [Position::At(4), Position::Odd(json!(-1))] {
        assert_eq!(played.come_back(VIEWER, position), ["error"]);
    }
    let mut other_session = played.request(Position::Null);
    other_session.session_id = Some("another".into());
    let mut unknown = played.request(Position::Null);
    unknown.run_id = "no-such-run".into();
    for request in [other_session, unknown] {
        let messages = played.runs.come_back(VIEWER, &request);
        assert!(messages[0].is("error") && messages.len() == 1);
    }
    assert!(!played.runs.watches(VIEWER));
}

#[test]
fn another_users_run_is_as_unknown_as_any() {
    let ask = |faults: &[Fault], user: Option<&str>| {
        let mut played = Played::short(faults, 4);
        played.runs.own(&played.id.clone(), "Ada");
        let mut request = played.request(Position::Null);
        request.user = user.map(str::to_owned);
        let mut unknown = request.clone();
        unknown.run_id = "unknown".into();
        let words = |messages: &[Outgoing], id: &str| -> Vec<String> {
            let texts = messages.iter().filter_map(Outgoing::text);
            texts.map(|text| text.replace(id, "")).collect()
        };
        let nobodys = words(&played.runs.come_back(VIEWER, &unknown), "unknown");
        let hers = words(&played.runs.come_back(VIEWER, &request), &played.id);
        (nobodys, hers)
    };
    for user in [Some("Ben"), None] {
        let (nobodys, hers) = ask(&[], user);
        assert_eq!(nobodys, hers);
    }
    assert_eq!(ask(&[], Some("Ada")).1.len(), 6);
    assert_eq!(ask(&[Fault::OtherUserShown], Some("Ben")).1.len(), 6);
    let (nobodys, hers) = ask(&[Fault::OtherUserTold], Some("Ben"));
    assert!(hers.len() == 1 && hers != nobodys, "{hers:?}");
}

#[test]
fn runs_keep_apart() {
    let mut runs = Runs::default();
    let (one, _) = runs.start(STARTER, "w", None);
    let (other, _) = runs.start(STARTER, "w", None);
    for id in [&one, &other, &one] {
        runs.append(id, Draft::new(Map::new()), 0);
    }
    let told = runs.append(&other, Draft::new(Map::new()), 0);
    assert_eq!(
        told.map(|told| word(&told[0].message)),
        Some("sse 1".into())
    );
}

#[test]
fn each_fault_of_returning_is_visible_in_the_answer() {
    let table: &[(Fault, &[&str])] = &[
        (Fault::NoCatchUp, &["4", "5", "6", "subscribed 7"]),
        (
            Fault::CatchUpAfterSubscribed,
            &["subscribed 7", "catch_up 3", "4", "5", "6"],
        ),
        (
            Fault::CatchUpCount,
            &["catch_up 4", "4", "5", "6", "subscribed 7"],
        ),
        (
            Fault::CatchUpDrop,
            &["catch_up 3", "4", "6", "subscribed 7"],
        ),
        (
            Fault::CatchUpDouble,
            &["catch_up 3", "4", "5", "5", "6", "subscribed 7"],
        ),
        (
            Fault::CatchUpSwap,
            &["catch_up 3", "4", "6", "5", "subscribed 7"],
        ),
        (
            Fault::CatchUpRelabel,
            &["catch_up 3", "4", "1005", "6", "subscribed 7"],
        ),
        (
            Fault::PositionOffByOne,
            &["catch_up 4", "3", "4", "5", "6", "subscribed 7"],
        ),
        (Fault::SubscribedMissing, &["catch_up 3", "4", "5", "6"]),
        (
            Fault::SubscribedEarly,
            &["catch_up 3", "subscribed 7", "4", "5", "6"],
        ),
        (
            Fault::SubscribedTwice,
            &["catch_up 3", "4", "5", "6", "subscribed 7", "subscribed 7"],
        ),
        (
            Fault::SubscribedCount,
            &["catch_up 3", "4", "5", "6", "subscribed 8"],
        ),
        (
            Fault::LiveRepeatAfterSubscribed,
            &["catch_up 3", "4", "5", "6", "subscribed 7", "6"],
        ),
        (Fault::SilenceOnReturn, &[]),
    ];
    for (fault, expected) in table {
        let answer = Played::short(&[*fault], 7).come_back(VIEWER, Position::At(3));
        assert_eq!(answer, *expected, "{fault}");
    }
}

#[test]
fn faults_of_returning_with_a_position_leave_the_history_alone() {
    for fault in [
        Fault::CatchUpDrop,
        Fault::NoCatchUp,
        Fault::PositionOffByOne,
    ] {
        let answer = Played::short(&[fault], 2).come_back(VIEWER, Position::Null);
        assert_eq!(answer, ["catch_up 2", "0", "1", "subscribed 2"], "{fault}");
    }
}

#[test]
fn each_fault_of_live_delivery_is_visible_to_the_starter() {
    let table: &[(Fault, &[u64])] = &[
        (Fault::LiveDrop, &[0, 1, 2, 3, 4, 6, 7, 8, 9]),
        (Fault::LiveDouble, &[0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]),
        (Fault::LiveSwap, &[0, 1, 2, 3, 4, 6, 5, 7, 8, 9]),
        (Fault::StartAtOne, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (Fault::StartedMissing, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (Fault::EndingTwice, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (Fault::EventAfterEnding, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (Fault::EndingMissing, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
    ];
    for (fault, expected) in table {
        let mut played = Played::short(&[*fault], 0);
        played.end();
        let expected: Vec<String> = expected
            .iter()
            .map(|index| format!("sse {index}"))
            .collect();
        assert_eq!(played.live(STARTER), expected, "{fault}");
        assert!(
            !played.runs.is_watched(&played.id),
            "{fault}: the run is over"
        );
    }
}

#[test]
fn no_fault_panics_wherever_a_viewer_returns() {
    let positions = [
        Position::Null,
        Position::Absent,
        Position::At(0),
        Position::At(3),
        Position::At(99),
        Position::Odd(json!(-1)),
        Position::Odd(json!("x")),
    ];
    for fault in Fault::ALL {
        let full = Script {
            keeps: Some(4),
            ..Script::short()
        };
        for script in [Script::short(), Script::failing(), full] {
            for events in [0, 1, 5, usize::MAX] {
                for position in &positions {
                    let mut played = Played::start(&script, &[*fault], events);
                    played.come_back(VIEWER, position.clone());
                    played.come_back(VIEWER, position.clone());
                    played.runs.leave(STARTER, Leaving::Closed);
                    played.end();
                    played.come_back(VIEWER, position.clone());
                    played.runs.forget(&played.id);
                    played.come_back(VIEWER, position.clone());
                    played.runs = played.runs.restarted();
                    played.come_back(VIEWER, position.clone());
                }
            }
        }
    }
}
