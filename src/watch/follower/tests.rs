//! A viewer without sockets: what it shows, says and does at each message.

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::Position;
use crate::watch::shown::Shown;

const GREETING: &str = r#"{"event": "connected", "requires_auth": false}"#;
const GUARDED: &str = r#"{"event": "connected", "requires_auth": true}"#;

/// A viewer who has started a run, and what it did, in words.
struct Trial(Follower);

impl Trial {
    fn new(defects: &[Defect]) -> Self {
        let wanted = Wanted::Start {
            workflow_id: "w".into(),
            message: json!("hello"),
            session_id: None,
        };
        let token = SecretString::from("secret");
        Self(Follower::new(wanted, Some(token), defects.to_vec().into()))
    }

    /// One that watches live, after event 0.
    fn live(defects: &[Defect]) -> Self {
        let mut trial = Self::new(defects);
        assert_eq!(trial.opens(), ["start"]);
        trial.sse(0, "WorkflowStarted");
        trial
    }

    fn opens(&mut self) -> Vec<String> {
        let mut all = words(self.0.opened(true));
        all.extend(self.hears(GREETING));
        all
    }

    fn hears(&mut self, text: &str) -> Vec<String> {
        words(self.0.heard(text))
    }

    /// An event of the run on the connection that started it.
    fn sse(&mut self, index: u64, name: &str) -> Vec<String> {
        self.hears(&format!("event: {name}\ndata: {}\n\n", event(index, name)))
    }

    fn plain(&mut self, index: u64, name: &str) -> Vec<String> {
        self.hears(&event(index, name))
    }

    fn breaks(&mut self) -> Vec<String> {
        words(self.0.lost(&Loss::Broken("it broke".into())))
    }

    fn closes(&mut self) -> Vec<String> {
        words(self.0.lost(&Loss::Closed(Some(1000), String::new())))
    }
}

fn event(index: u64, name: &str) -> String {
    json!({"event": name, "event_index": index, "run_id": "r", "session_id": "s"}).to_string()
}

fn control(name: &str, more: serde_json::Value) -> String {
    let mut fields = json!({"event": name, "run_id": "r"});
    let more = more.as_object().cloned().unwrap_or_default();
    fields.as_object_mut().expect("an object").extend(more);
    fields.to_string()
}

fn subscribed() -> String {
    control("subscribed", json!({"status": "running"}))
}

fn words(todo: Vec<Do>) -> Vec<String> {
    let word = |it: Do| match it {
        Do::Say(Action::Start { .. }) => "start".to_owned(),
        Do::Say(Action::Authenticate { .. }) => "authenticate".to_owned(),
        Do::Say(Action::Reconnect {
            run_id,
            position,
            workflow_id,
            session_id,
        }) => {
            let at = match position {
                Position::At(index) => index.to_string(),
                other => format!("{other:?}"),
            };
            let names = [run_id, workflow_id, session_id];
            let names: Vec<String> = names.into_iter().flatten().collect();
            format!("return {} at {at}", names.join(" "))
        }
        Do::Say(other) => format!("{other:?}"),
        Do::Show(Shown::Event { run, index, .. }, _) => format!("{run}:{index}"),
        Do::Show(Shown::State(State::Ended(outcome)), _) => outcome.to_string(),
        Do::Show(Shown::State(state), _) => state.word().to_owned(),
        Do::Show(Shown::Gap { first, last }, _) => format!("gap {first}-{last}"),
        Do::Show(Shown::Note(_), _) => "note".to_owned(),
        Do::Leave => "leave".to_owned(),
        Do::Finish(end) => format!("{end:?}"),
    };
    todo.into_iter().map(word).collect()
}

#[test]
fn a_viewer_starts_once_and_returns_with_its_position() {
    let mut ada = Trial::new(&[]);
    assert_eq!(ada.opens(), ["start"]);
    assert_eq!(ada.sse(0, "WorkflowStarted"), ["r:0", "live"]);
    assert_eq!(ada.sse(1, "SomethingNew"), ["r:1"]);
    assert_eq!(ada.closes(), ["away"]);
    assert_eq!(ada.opens(), ["return r w s at 1"]);
    let missed = json!({"missed_events": 2});
    assert_eq!(ada.hears(&control("catch_up", missed)), ["catching_up"]);
    assert_eq!(ada.plain(2, "RunContent"), ["r:2"]);
    // Cut off while catching up.
    assert_eq!(ada.breaks(), ["away"]);
    assert_eq!(ada.opens(), ["return r w s at 2"]);
    assert_eq!(ada.hears(&subscribed()), ["live"]);
    assert_eq!(ada.plain(2, "RunContent"), [""; 0]);
    assert_eq!(
        ada.plain(3, "WorkflowCompleted"),
        ["r:3", "completed", "Ended(Completed)"]
    );
}

#[test]
fn a_run_that_ended_meanwhile_is_replayed_and_shown_once() {
    for (status, ending, outcome) in [
        ("COMPLETED", "WorkflowCompleted", "Completed"),
        ("error", "WorkflowError", "Failed"),
    ] {
        let mut ada = Trial::live(&[]);
        ada.breaks();
        ada.opens();
        let replay = json!({"status": status, "total_events": 3});
        assert_eq!(ada.hears(&control("replay", replay)), ["catching_up"]);
        assert_eq!(ada.plain(0, "WorkflowStarted"), [""; 0]);
        assert_eq!(ada.plain(1, "RunContent"), ["r:1"]);
        let end = format!("Ended({outcome})");
        let expected = ["r:2", &*outcome.to_lowercase(), &*end];
        assert_eq!(ada.plain(2, ending), expected);
    }
}

#[test]
fn a_cancelled_run_is_cancelled_whatever_follows() {
    let mut ada = Trial::live(&[]);
    assert_eq!(ada.sse(1, "WorkflowCancelled"), ["r:1"]);
    assert_eq!(ada.0.patience(), Patience::Short);
    assert_eq!(
        ada.sse(2, "WorkflowCompleted"),
        ["r:2", "cancelled", "Ended(Cancelled)"]
    );
    let mut ben = Trial::live(&[]);
    ben.sse(1, "WorkflowCancelled");
    assert_eq!(words(ben.0.waited()), ["cancelled", "Ended(Cancelled)"]);
    let mut cleo = Trial::live(&[]);
    cleo.sse(1, "WorkflowCancelled");
    assert_eq!(cleo.closes(), ["cancelled", "Ended(Cancelled)"]);
    let mut away = Trial::live(&[]);
    away.breaks();
    away.opens();
    let replay = json!({"status": "CANCELLED", "total_events": 3});
    away.hears(&control("replay", replay));
    for index in 0..2 {
        away.plain(index, "WorkflowCancelled");
    }
    assert_eq!(
        away.plain(2, "WorkflowCompleted"),
        ["r:2", "cancelled", "Ended(Cancelled)"]
    );
}

#[test]
fn a_paused_run_waits_also_after_a_return() {
    let mut ada = Trial::live(&[]);
    assert_eq!(ada.sse(1, "WorkflowPaused"), ["r:1", "paused"]);
    assert_eq!(ada.0.patience(), Patience::Rest);
    // Not every server tells those who watch that it goes on.
    assert_eq!(words(ada.0.waited()), ["return r w s at 1"]);
    assert_eq!(ada.hears(&subscribed()), [""; 0]);
    ada.breaks();
    assert_eq!(ada.opens(), ["return r w s at 1"]);
    let replay = json!({"status": "PAUSED", "total_events": 2});
    assert_eq!(ada.hears(&control("replay", replay)), [""; 0]);
    assert_eq!(ada.plain(0, "WorkflowStarted"), [""; 0]);
    assert_eq!(ada.plain(1, "WorkflowPaused"), ["paused"]);
    assert_eq!(ada.plain(2, "StepContinued"), ["r:2", "live"]);
    // Over HTTP the stream ends with the pause.
    let mut cleo = Trial::live(&[]);
    cleo.0.greets = false;
    cleo.sse(1, "WorkflowPaused");
    assert_eq!(cleo.closes(), [""; 0]);
    assert_eq!(cleo.0.pause(0.0), Pauses::REST);
    // Releases of 2.x take it for a run under way.
    let mut ben = Trial::live(&[]);
    ben.sse(1, "WorkflowPaused");
    ben.breaks();
    ben.opens();
    assert_eq!(ben.hears(&subscribed()), ["paused"]);
}

#[test]
fn the_token_comes_first_on_every_connection_and_a_refused_one_once() {
    let mut ada = Trial::new(&[]);
    let authenticated = r#"{"event": "authenticated"}"#;
    for expected in ["start", "return r w s at 0"] {
        assert_eq!(words(ada.0.opened(true)), [""; 0]);
        assert_eq!(ada.hears(GUARDED), ["authenticate"]);
        assert_eq!(ada.hears(authenticated), [expected]);
        // With JWT a second one comes.
        assert_eq!(ada.hears(authenticated), [""; 0]);
        ada.sse(0, "WorkflowStarted");
        ada.breaks();
    }
    ada.0.opened(true);
    ada.hears(GUARDED);
    assert_eq!(
        ada.hears(r#"{"event": "auth_error"}"#),
        ["refused", "Refused"]
    );

    // The greeting did not ask for it.
    let mut ben = Trial::new(&[]);
    ben.opens();
    let required = r#"{"event": "auth_required"}"#;
    assert_eq!(ben.hears(required), ["authenticate"]);
    assert_eq!(ben.hears(authenticated), ["start"]);
    assert_eq!(ben.hears(required), ["refused", "Refused"]);

    let mut cleo = Trial::new(&[]);
    cleo.0.token = None;
    cleo.0.opened(true);
    assert_eq!(cleo.hears(GUARDED), ["refused", "Refused"]);
}

#[test]
fn an_error_ends_the_request_that_it_answers_and_nothing_else() {
    let error = r#"{"event": "error", "error": "Run r not found"}"#;
    let mut ada = Trial::live(&[]);
    assert_eq!(ada.hears(error), ["note"]);
    ada.breaks();
    ada.opens();
    assert_eq!(ada.hears(error), ["refused", "Refused"]);
    let mut ben = Trial::new(&[]);
    ben.opens();
    assert_eq!(ben.hears(error), ["refused", "Refused"]);
}

#[test]
fn a_gap_is_asked_for_again_once_and_then_shown() {
    let gap = || {
        let mut ada = Trial::live(&[]);
        assert_eq!(ada.sse(2, "RunContent"), ["away", "leave"]);
        assert_eq!(ada.opens(), ["return r w s at 0"]);
        ada.hears(&control("catch_up", json!({"missed_events": 2})));
        assert_eq!(ada.plain(2, "RunContent"), [""; 0]);
        assert_eq!(ada.0.patience(), Patience::Short);
        ada
    };
    // It comes late.
    let mut ada = gap();
    assert_eq!(ada.plain(1, "RunContent"), ["r:1", "r:2"]);
    assert_eq!(ada.plain(3, "RunContent"), ["r:3"]);
    // It does not come before the next control message, or for a while.
    let shown = ["gap 1-1", "r:2"];
    let mut ben = gap();
    assert_eq!(ben.hears(&subscribed())[..2], shown);
    assert_eq!(words(gap().0.waited()), shown);
    // The viewer is cut off meanwhile.
    let mut cleo = gap();
    cleo.breaks();
    assert_eq!(cleo.opens(), ["return r w s at 0"]);
    assert_eq!(cleo.plain(1, "RunContent"), ["r:1", "live"]);
    // There is another gap behind it.
    let mut dora = gap();
    assert_eq!(dora.plain(4, "RunContent"), [""; 0]);
    assert_eq!(dora.plain(1, "RunContent"), ["r:1", "r:2", "away", "leave"]);
    // So much comes behind it that it is not waited for.
    let mut emil = gap();
    let mut all = Vec::new();
    for index in 3..100 {
        all.extend(emil.plain(index, "RunContent"));
    }
    assert_eq!(all[..2], shown);
    assert_eq!(all.len(), 99);
}

#[test]
fn silence_after_a_return_is_no_answer_and_a_quiet_run_is_none() {
    let mut ada = Trial::live(&[]);
    assert_eq!(ada.0.patience(), Patience::Endless);
    ada.breaks();
    ada.opens();
    assert_eq!(ada.0.patience(), Patience::Answer);
    assert_eq!(words(ada.0.waited()), ["away", "leave"]);
    ada.opens();
    let replay = control("replay", json!({"status": "COMPLETED", "total_events": 3}));
    ada.hears(&replay);
    ada.plain(0, "WorkflowStarted");
    assert_eq!(words(ada.0.waited()), ["away", "leave"]);
    ada.opens();
    ada.hears(&replay);
    // The server has said how it ended, and what it announced does not come.
    assert_eq!(
        words(ada.0.waited()),
        ["note", "completed", "Ended(Completed)"]
    );
}

#[test]
fn other_runs_and_what_cannot_be_read_change_nothing() {
    let mut ada = Trial::live(&[]);
    let other = r#"{"event": "RunContent", "event_index": 1, "run_id": "other"}"#;
    assert_eq!(ada.hears(other), [""; 0]);
    let ending = r#"{"event": "WorkflowCompleted", "event_index": 1, "run_id": "other"}"#;
    assert_eq!(ada.hears(ending), [""; 0]);
    let inner =
        r#"{"event": "WorkflowCompleted", "event_index": 1, "run_id": "inner", "nested_depth": 1}"#;
    assert_eq!(ada.hears(inner), ["r:1"]);
    let agent =
        r#"{"event": "RunCompleted", "event_index": 2, "run_id": "a", "workflow_run_id": "r"}"#;
    assert_eq!(ada.hears(agent), ["r:2"]);
    for unreadable in ["", "hello", "{", "[1]"] {
        assert_eq!(ada.hears(unreadable), ["note"]);
    }
    assert_eq!(words(ada.0.heard_binary(7)), ["note"]);
    let odd = r#"{"event": "RunContent", "event_index": 18446744073709551615, "run_id": "r"}"#;
    assert_eq!(ada.hears(odd), ["note"]);
    assert_eq!(ada.hears(": keepalive\n\n"), [""; 0]);
    let nan = r#"{"event": "RunContent", "event_index": 3, "run_id": "r", "content": NaN}"#;
    assert_eq!(ada.hears(nan), ["r:3"]);
}

#[test]
fn a_run_whose_id_never_came_is_not_started_again() {
    let mut ada = Trial::new(&[]);
    // Lost before it was asked for: nothing was started.
    ada.0.opened(true);
    assert_eq!(ada.breaks(), ["away"]);
    assert_eq!(ada.opens(), ["start"]);
    assert_eq!(ada.breaks(), ["note", "Unknown"]);
    let mut ben = Trial::new(&[]);
    ben.opens();
    ben.hears(&control("queued", json!({})));
    assert_eq!(ben.breaks(), ["away"]);
    assert_eq!(ben.opens(), ["return r w at Null"]);
}

#[test]
fn a_viewer_who_is_not_wanted_stays_away() {
    let mut ada = Trial::live(&[]);
    let refused = ada.0.lost(&Loss::Refused("HTTP 401".into()));
    assert_eq!(words(refused), ["refused", "Refused"]);
    let mut ben = Trial::new(&[]);
    ben.0.opened(true);
    ben.hears(GUARDED);
    let closed = ben.0.lost(&Loss::Closed(Some(4403), String::new()));
    assert_eq!(words(closed), ["refused", "Refused"]);
}

#[test]
fn each_defect_of_returning_shows_in_the_return() {
    let returned = |defects: &[Defect]| {
        let mut ada = Trial::live(defects);
        ada.sse(1, "RunContent");
        let agent =
            r#"{"event": "RunContent", "event_index": 2, "run_id": "a", "workflow_run_id": "r"}"#;
        ada.hears(agent);
        ada.breaks();
        ada.opens()
    };
    assert_eq!(returned(&[]), ["return r w s at 2"]);
    assert_eq!(returned(&[Defect::AgentRunId]), ["return a w s at 2"]);
    assert_eq!(returned(&[Defect::NamesRunOnly]), ["return r at 2"]);
    assert_eq!(returned(&[Defect::StalePosition]), ["return r w s at 2"]);
    assert_eq!(returned(&[Defect::PositionAhead]), ["return r w s at 3"]);
    assert_eq!(
        returned(&[Defect::RestartsRun]),
        ["start", "return r w s at 2"]
    );
    assert_eq!(
        returned(&[Defect::PositionAsText]),
        [r#"return r w s at Odd(String("2"))"#]
    );
}

#[test]
fn each_defect_of_ending_shows_in_the_state() {
    let shown = |defects: &[Defect], names: &[&str]| {
        let mut ada = Trial::live(defects);
        let mut all = Vec::new();
        for (index, name) in (1..).zip(names) {
            all.extend(ada.sse(index, name));
        }
        all.retain(|word| !word.starts_with("r:"));
        all
    };
    let failed = ["WorkflowError"];
    assert_eq!(shown(&[], &failed), ["failed", "Ended(Failed)"]);
    assert_eq!(shown(&[Defect::BlindToFailure], &failed), [""; 0]);
    let cancelled = ["WorkflowCancelled", "WorkflowCompleted"];
    assert_eq!(
        shown(&[Defect::CompletedWins], &cancelled),
        ["completed", "Ended(Completed)"]
    );
    let paused = ["WorkflowPaused"];
    assert_eq!(shown(&[Defect::BlindToPause], &paused), [""; 0]);
    assert_eq!(
        shown(&[Defect::PauseIsEnd], &paused),
        ["completed", "Ended(Completed)"]
    );
    let completed = ["WorkflowCompleted"];
    assert_eq!(shown(&[Defect::ReturnsAfterEnd], &completed), ["completed"]);
    assert_eq!(shown(&[Defect::PlainJson], &completed), [""; 0]);
}

#[test]
fn each_defect_of_coming_back_shows_when_the_connection_is_lost() {
    let lost = |defect: Defect| {
        let broken = Trial::live(&[defect]).breaks();
        (broken, Trial::live(&[defect]).closes())
    };
    let away = || vec!["away".to_owned()];
    let (broken, closed) = lost(Defect::NeverReturns);
    assert_eq!(broken, ["note", "Unknown"]);
    assert_eq!(closed, away());
    let (broken, closed) = lost(Defect::CleanIsEnd);
    assert_eq!(broken, away());
    assert_eq!(closed, ["completed", "Ended(Completed)"]);
    assert_eq!(lost(Defect::LiveWhileAway), (vec![], vec![]));
    let mut gives_up = Trial::live(&[Defect::GivesUp]);
    for _ in 0..FEW {
        assert_eq!(gives_up.breaks(), away());
        gives_up.0.pause(0.0);
        gives_up.0.state = None;
    }
    assert_eq!(gives_up.breaks(), ["note", "Unknown"]);
    let mut storms = Trial::live(&[Defect::Storms]);
    let mut steady = Trial::live(&[Defect::SteadyPauses]);
    for _ in 0..9 {
        assert!(storms.0.pause(1.0) < Pauses::FIRST / 10);
        assert_eq!(steady.0.pause(1.0), Pauses::FIRST);
    }
}

/// One thing that happens to a viewer.
#[derive(Clone, Debug)]
enum Happens {
    Hears(String),
    Waits,
    Breaks,
    Closes,
}

fn anything() -> impl Strategy<Value = Happens> {
    let name = prop::sample::select(vec![
        "RunContent",
        "WorkflowPaused",
        "WorkflowCancelled",
        "SomethingNew",
    ]);
    let run = prop::sample::select(vec!["r", "other"]);
    let an_event = (0..12_u64, name, run).prop_map(|(index, name, run)| {
        json!({"event": name, "event_index": index, "run_id": run}).to_string()
    });
    let status = prop::sample::select(vec!["running", "COMPLETED", "PAUSED", "CANCELLED", "x"]);
    let a_control = (
        prop::sample::select(vec!["catch_up", "subscribed", "replay", "queued", "pong"]),
        status,
        prop::option::of(0..12_u64),
    );
    let a_control = a_control.prop_map(|(name, status, count)| {
        control(
            name,
            json!({"status": status, "total_events": count, "missed_events": count}),
        )
    });
    prop_oneof![
        8 => an_event.prop_map(Happens::Hears),
        2 => a_control.prop_map(Happens::Hears),
        1 => "\\PC*".prop_map(Happens::Hears),
        1 => Just(Happens::Waits),
        1 => Just(Happens::Breaks),
        1 => Just(Happens::Closes),
    ]
}

proptest! {
    /// Whatever a server and a network do: each event of the run is shown once and in order, the run is started
    /// once, and a lost connection is told.
    #[test]
    fn nothing_is_shown_twice_out_of_order_or_of_another_run(all in prop::collection::vec(anything(), 0..150)) {
        let mut ada = Trial::live(&[]);
        let mut next = 1;
        for it in all {
            let lost = matches!(it, Happens::Breaks | Happens::Closes);
            let did = match it {
                Happens::Hears(text) => ada.hears(&text),
                Happens::Waits => words(ada.0.waited()),
                Happens::Breaks => ada.breaks(),
                Happens::Closes => ada.closes(),
            };
            for word in &did {
                prop_assert!(word != "start");
                if let Some(index) = word.strip_prefix("r:") {
                    let index: u64 = index.parse().expect("an index");
                    prop_assert!(index >= next, "{} before {}", index, next);
                    next = index + 1;
                }
                if let Some(gap) = word.strip_prefix("gap ") {
                    let first = gap.split('-').next().expect("an index");
                    prop_assert_eq!(first, next.to_string());
                }
                prop_assert!(!word.starts_with("other:"));
            }
            if did.last().is_some_and(|it| it.starts_with("Ended") || it == "Refused") {
                return Ok(());
            }
            if lost || did.last().is_some_and(|it| it == "leave") {
                prop_assert!(!matches!(ada.0.state, Some(State::Live | State::CatchingUp(_))));
                ada.opens();
            }
        }
    }
}
