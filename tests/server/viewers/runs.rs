//! What viewers over HTTP see of runs of the bundled server.

use std::time::Duration;

use pretty_assertions::assert_eq;
use reconnect_acceptance::client::Viewer;
use reconnect_acceptance::protocol::component::decide;
use reconnect_acceptance::protocol::{Action, Component, Control, Ending, Position};
use reconnect_acceptance::reference::{Config, Server};
use reconnect_acceptance::transcript::{Disconnect, Entry};

use super::{ada, ada_with, back_to, event, start, word};
use crate::reference::client::{PATIENCE, quick, server};

/// The id of the component of this kind that plays a part.
fn id(component: Component, part: &str) -> String {
    format!("{part}-{}", component.word())
}

/// Starts a run, and gives its id once so many events have come.
async fn started(viewer: &mut Viewer, events: usize) -> String {
    viewer.connect().await.expect("nothing to do yet");
    let asked = viewer.say(start("s")).await.expect("it is sent");
    let mut seen = Vec::new();
    let all = viewer.wait(asked, "the events", |entry| {
        seen.extend(event(entry));
        (seen.len() == events).then_some(())
    });
    all.await.expect("they come");
    let run = seen[0].0.clone();
    let expected: Vec<_> = (0..events as u64).map(|it| (run.clone(), it)).collect();
    assert_eq!(seen, expected);
    run
}

/// Asks, and gives what came until the end of the stream.
async fn asked(viewer: &mut Viewer, action: Action) -> Vec<String> {
    let asked = viewer.say(action).await.expect("it is sent");
    let mut words = Vec::new();
    let over = viewer.wait(asked, "the end of the stream", |entry| {
        let word = word(entry);
        words.push(word.clone());
        word.starts_with("end of stream").then_some(())
    });
    over.await.expect("it comes");
    words
}

/// The indices of the events from an entry on.
async fn indices_after(viewer: &mut Viewer, asked: u32) -> (Vec<u64>, Vec<String>, Option<Ending>) {
    let (mut indices, mut controls, mut ending) = (Vec::new(), Vec::new(), None);
    let over = viewer.wait(asked, "the end of the stream", |entry: &Entry| {
        indices.extend(event(entry).map(|(_, index)| index));
        let control = entry.message().and_then(|it| it.control());
        controls.extend(control.map(|it| it.name().to_owned()));
        let event = entry.message().and_then(|it| it.event());
        ending = event.and_then(|it| it.final_ending()).or(ending);
        (word(entry) == "end of stream").then_some(())
    });
    over.await.expect("it comes");
    (indices, controls, ending)
}

#[tokio::test]
async fn who_leaves_in_any_way_and_returns_misses_nothing() {
    for component in Component::ALL {
        for disconnect in Disconnect::ALL {
            let config = Config {
                pace: Duration::from_millis(2),
                ..Config::default()
            };
            let server = server(config).await;
            let mut ada = at(&server, component, "long");
            let run = started(&mut ada, 20).await;
            ada.leave(disconnect).await;
            // What had come until then counts.
            let position = ada.position(&run);
            let Position::At(last) = position else {
                panic!("{position:?}");
            };
            ada.connect().await.expect("nothing to do yet");
            let asked = ada.say(back_to(&run, position)).await.expect("it is sent");
            let (indices, controls, ending) = indices_after(&mut ada, asked).await;
            let all = last + 1..last + 1 + indices.len() as u64;
            assert_eq!(
                indices,
                all.collect::<Vec<_>>(),
                "{component:?} {disconnect:?}"
            );
            assert_eq!(
                ending,
                Some(Ending::Completed),
                "{component:?} {disconnect:?}"
            );
            assert_eq!(controls.last().map(String::as_str), Some("subscribed"));
            ada.retire().await.expect("no panic");
            server.stop().await;
        }
    }
}

fn at(server: &Server, component: Component, part: &str) -> Viewer {
    let id = match (component, part) {
        (Component::Workflow, "long") => "content-creation-workflow".to_owned(),
        _ => id(component, part),
    };
    ada(&server.http_url(), component, &id, PATIENCE)
}

#[tokio::test]
async fn each_request_is_a_connection_of_its_own() {
    let server = quick(&[]).await;
    let mut ada = at(&server, Component::Agent, "short");
    ada.connect().await.expect("nothing to do yet");
    let first = asked(&mut ada, start("s")).await;
    assert_eq!(first[..2], ["opened", "RunStarted"]);
    assert_eq!(first[first.len() - 2..], ["RunCompleted", "end of stream"]);
    assert_eq!(ada.latest_connection(), 1);
    let events = first.len() as u64 - 2;
    let run = run_of(&ada);
    let replay = asked(&mut ada, back_to(&run, Position::At(events - 3))).await;
    assert_eq!(ada.latest_connection(), 2);
    let expected = [
        "opened",
        "replay",
        "RunContent",
        "RunCompleted",
        "end of stream",
    ];
    assert_eq!(replay, expected);
    let unknown = asked(&mut ada, back_to("nobody", Position::Null)).await;
    assert_eq!(unknown, ["opened", "error", "end of stream"]);
    assert_eq!(ada.position(&run), Position::At(events - 1));
    // The greeting and the ping are the WebSocket's.
    let pinged = ada.say(Action::Ping).await;
    let error = pinged.expect_err("there is none").to_string();
    assert_eq!(error, "Ada speaks over HTTP, which has no `ping`");
    ada.retire().await.expect("no panic");
}

/// The run of the latest event.
fn run_of(viewer: &Viewer) -> String {
    let found = viewer.look_back(|entry| event(entry).map(|(run, _)| run));
    found.expect("an event")
}

#[tokio::test]
async fn a_paused_run_goes_on_when_its_questions_are_answered() {
    for component in Component::ALL {
        let server = quick(&[]).await;
        let mut ada = match component {
            Component::Workflow => ada(&server.http_url(), component, "pausing-workflow", PATIENCE),
            _ => at(&server, component, "pausing"),
        };
        ada.connect().await.expect("nothing to do yet");
        asked(&mut ada, start("s")).await;
        let run = run_of(&ada);
        let list = component.question().list;
        let questions = ada.look_back(|entry| match &entry.what {
            reconnect_acceptance::transcript::EntryKind::Received { text, .. } => {
                let text = text.read();
                let json = text.split_once("data: ")?.1;
                let fields: serde_json::Value = serde_json::from_str(json).ok()?;
                fields.get(list).filter(|it| it.is_array()).cloned()
            }
            _ => None,
        });
        let mut answers = questions.expect("the questions");
        for answer in answers.as_array_mut().expect("a list") {
            decide(answer, true);
        }
        let answer = Action::Continue {
            workflow_id: None,
            run_id: Some(run),
            session_id: Some("s".to_owned()),
            step_requirements: answers,
        };
        let words = asked(&mut ada, answer).await;
        let [.., last, end] = words.as_slice() else {
            panic!("{words:?}");
        };
        assert!(last.ends_with("Completed"), "{words:?}");
        assert_eq!(end, "end of stream");
        ada.retire().await.expect("no panic");
    }
}

#[tokio::test]
async fn a_refusal_is_the_answer() {
    let config = Config {
        token: Some("secret".to_owned()),
        pace: Duration::ZERO,
        ..Config::default()
    };
    let server = server(config).await;
    let url = server.http_url();
    for (token, id, status) in [
        (Some("secret"), "nobody", "HTTP 404"),
        (Some("wrong"), "short-agent", "HTTP 401"),
        (None, "short-agent", "HTTP 401"),
    ] {
        let mut ada = ada_with(token, &url, Component::Agent, id, PATIENCE);
        ada.connect().await.expect("nothing to do yet");
        let asked = ada.say(start("s")).await.expect("it is sent");
        let started = ada.wait(asked, "the first event", event).await;
        let error = started.expect_err("it is refused").to_string();
        assert!(error.contains(status), "{error}");
        ada.retire().await.expect("no panic");
    }
    let mut ada = ada_with(
        Some("secret"),
        &url,
        Component::Agent,
        "short-agent",
        PATIENCE,
    );
    ada.connect().await.expect("nothing to do yet");
    let words = asked(&mut ada, start("s")).await;
    assert_eq!(words.last().map(String::as_str), Some("end of stream"));
    let nothing_shown = ada.look_back(|entry| word(entry).contains("secret").then_some(()));
    assert_eq!(nothing_shown, None);
}

#[tokio::test]
async fn the_first_event_of_a_message_that_was_missed_is_announced() {
    let server = quick(&[]).await;
    let mut ada = at(&server, Component::Team, "short");
    ada.connect().await.expect("nothing to do yet");
    asked(&mut ada, start("s")).await;
    let run = run_of(&ada);
    let asked = ada.say(back_to(&run, Position::Null)).await.expect("sent");
    let replay = ada.wait(asked, "the replay", |entry| {
        match entry.message()?.control()? {
            Control::Replay { total_events, .. } => *total_events,
            _ => None,
        }
    });
    let total = replay.await.expect("it comes");
    let (indices, _, ending) = indices_after(&mut ada, asked).await;
    assert_eq!(indices, (0..total).collect::<Vec<_>>());
    assert_eq!(ending, Some(Ending::Completed));
}
