//! The bundled server over real sockets, as a plain WebSocket client sees it.

pub(crate) mod client;
mod faults;
mod over_http;
mod replicas;
mod stops;

use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use client::{Client, LONG, in_time, quick, server, span, standing};
use futures::{SinkExt, future};
use reconnect_acceptance::reference::{Config, NotReached};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn the_greeting_comes_first_and_ping_is_answered() {
    let server = quick(&[]).await;
    let mut ada = Client::open(&server).await;
    let text = ada.text().await;
    assert_eq!(
        text,
        r#"{"event": "connected", "message": "Connected to AgentOS.", "requires_auth": false}"#
    );
    assert_eq!(ada.ask(json!({"action": "ping"})).await["event"], "pong");
    server.stop().await;
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let server = quick(&[]).await;
    let url = format!("ws://{}/elsewhere", server.addr());
    match in_time(tokio_tungstenite::connect_async(url)).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_run_is_watched_from_its_start_to_its_end() {
    let server = quick(&[]).await;
    let mut ada = Client::connect(&server).await;
    ada.start("short-workflow", "s").await;
    let first = ada.text().await;
    assert!(
        first.starts_with("event: WorkflowStarted\ndata: {"),
        "{first}"
    );
    assert_eq!(ada.events(8).await, span(1, 9));
    let last = ada.hear().await;
    assert_eq!(last["event"], "WorkflowCompleted");
    assert_eq!(last["run_id"], json!(server.breakpoints().run_of("s")));
}

#[tokio::test]
async fn who_leaves_and_returns_misses_nothing() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let (mut ada, run_id) = standing(&server, "s", 19).await;
    assert_eq!(ada.events(20).await, span(0, 20));
    drop(ada);
    breakpoints.set("s", 29);
    in_time(breakpoints.reached("s", 29))
        .await
        .expect("stopped again");

    let mut ada = Client::connect(&server).await;
    let catch_up = ada.come_back(&run_id, json!(19)).await;
    assert_eq!(
        catch_up,
        json!({"event": "catch_up", "run_id": run_id, "status": "running", "missed_events": 10,
            "current_event_count": 30, "message": "Catching up on 10 missed events."})
    );
    assert_eq!(ada.events(10).await, span(20, 30));
    let subscribed = ada.hear().await;
    assert_eq!(subscribed["event"], "subscribed");
    assert_eq!(subscribed["current_event_count"], 30);

    breakpoints.clear("s");
    let live = ada.text().await;
    assert!(live.starts_with('{'), "plain JSON for who returned: {live}");
    assert_eq!(ada.events(29).await, span(31, 60));

    let replay = ada.come_back(&run_id, json!(40)).await;
    assert_eq!(replay["status"], "COMPLETED");
    assert_eq!(replay["total_events"], 60);
    assert_eq!(ada.events(60).await, span(0, 60));
    assert_eq!(ada.ask(json!({"action": "ping"})).await["event"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_returns_while_events_happen_misses_nothing() {
    let server = quick(&[]).await;
    for round in 0..20 {
        let session = format!("s{round}");
        let breakpoints = server.breakpoints();
        breakpoints.set_before_first(&session);
        let mut ada = Client::connect(&server).await;
        ada.start(LONG, &session).await;
        in_time(breakpoints.reached_before_first(&session))
            .await
            .expect("stopped");
        let run_id = breakpoints.run_of(&session).expect("a run");
        breakpoints.clear(&session);
        let mut ben = Client::connect(&server).await;
        let mut said = vec![ben.come_back(&run_id, Value::Null).await];
        while said
            .last()
            .is_none_or(|last| last["event"] != "WorkflowCompleted")
        {
            said.push(ben.hear().await);
        }
        let indices: Vec<u64> = said
            .iter()
            .filter_map(|m| m["event_index"].as_u64())
            .collect();
        assert_eq!(indices, span(0, 60));
    }
}

#[tokio::test]
async fn a_run_ends_though_its_starter_left_before_the_first_event() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    breakpoints.set_before_first("s");
    let mut ada = Client::connect(&server).await;
    ada.start("short-workflow", "s").await;
    in_time(breakpoints.reached_before_first("s"))
        .await
        .expect("stopped");
    drop(ada);
    breakpoints.set("s", 99);
    let ended = in_time(breakpoints.reached("s", 99)).await;
    let session_id = "s".to_owned();
    assert_eq!(
        ended,
        Err(NotReached::Ended {
            session_id,
            events: 10
        })
    );
}

#[tokio::test]
async fn several_runs_on_one_connection_interleave() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let mut ada = Client::connect(&server).await;
    for session in ["one", "two"] {
        breakpoints.set(session, 3);
        ada.start("short-workflow", session).await;
        assert_eq!(ada.events(4).await, span(0, 4));
    }
    breakpoints.clear("one");
    assert_eq!(ada.events(6).await, span(4, 10));
    breakpoints.clear("two");
    assert_eq!(ada.events(6).await, span(4, 10));
}

#[tokio::test]
async fn a_failing_run_says_so_live_to_the_returned_and_in_replay() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    breakpoints.set("s", 10);
    let mut ada = Client::connect(&server).await;
    ada.start("failing-workflow", "s").await;
    assert_eq!(ada.events(11).await, span(0, 11));
    let run_id = breakpoints.run_of("s").expect("a run");
    let mut ben = Client::connect(&server).await;
    assert_eq!(
        ben.come_back(&run_id, json!(10)).await["event"],
        "subscribed"
    );
    breakpoints.clear("s");
    for viewer in [&mut ada, &mut ben] {
        assert_eq!(viewer.events(6).await, span(11, 17));
        assert_eq!(viewer.hear().await["event"], "WorkflowError");
        assert_eq!(
            viewer.come_back(&run_id, Value::Null).await["status"],
            "ERROR"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_and_the_connection_works_on() {
    let server = quick(&[]).await;
    let mut ada = Client::connect(&server).await;
    for refused in [
        json!({"action": "start-workflow", "workflow_id": "no-such-workflow"}),
        json!({"action": "start-workflow"}),
        json!({"action": "reconnect", "run_id": "no-such-run", "last_event_index": 3}),
        json!({"action": "reconnect", "last_event_index": 3}),
        json!({"action": "dance"}),
        json!(["ping"]),
    ] {
        assert_eq!(
            ada.ask(refused.clone()).await["event"],
            "error",
            "{refused}"
        );
    }
    for malformed in [
        Message::text("not JSON"),
        Message::binary(vec![0, 159, 146, 150]),
    ] {
        ada.0.send(malformed).await.expect("sent");
        assert_eq!(ada.hear().await["event"], "error");
    }
    assert_eq!(ada.ask(json!({"action": "ping"})).await["event"], "pong");
}

#[tokio::test]
async fn a_token_opens_one_connection_only() {
    let config = Config {
        token: Some("right".into()),
        ..Config::default()
    };
    let server = server(config).await;
    let mut ada = Client::open(&server).await;
    assert_eq!(ada.hear().await["requires_auth"], true);
    assert_eq!(
        ada.ask(json!({"action": "ping"})).await["event"],
        "auth_required"
    );
    let wrong = json!({"action": "authenticate", "token": "wrong"});
    assert_eq!(ada.ask(wrong).await["event"], "auth_error");
    let right = json!({"action": "authenticate", "token": "right"});
    assert_eq!(ada.ask(right).await["event"], "authenticated");
    ada.start("short-workflow", "s").await;
    assert_eq!(ada.events(10).await, span(0, 10));

    let run_id = server.breakpoints().run_of("s").expect("a run");
    let mut ada = Client::connect(&server).await;
    let answer = ada.come_back(&run_id, json!(4)).await;
    assert_eq!(answer["event"], "auth_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closing_handshake_is_answered_also_under_way() {
    let server = quick(&[]).await;
    for _ in 0..20 {
        let mut ada = Client::connect(&server).await;
        ada.start(LONG, "s").await;
        ada.0.close(None).await.expect("sent");
        loop {
            match ada.frame().await {
                Some(Ok(Message::Text(_))) => {}
                Some(Ok(Message::Close(_))) => break,
                other => panic!("no closing handshake: {other:?}"),
            }
        }
        assert!(ada.frame().await.is_none());
    }
}

#[tokio::test]
async fn large_content_is_delivered_and_content_survives() {
    let server = quick(&[]).await;
    let mut ada = Client::connect(&server).await;
    let message = "data: \"x\"\n\u{1}é😀".repeat(100_000);
    ada.say(
        json!({"action": "start-workflow", "workflow_id": "short-workflow",
        "message": message, "session_id": "s"}),
    )
    .await;
    ada.events(3).await;
    assert_eq!(ada.hear().await["content"], json!(message));
    assert_eq!(ada.events(6).await, span(4, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_viewers_who_return_at_once_each_get_what_they_missed() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let (mut ada, run_id) = standing(&server, "s", 29).await;
    let viewers = (0..20).map(|position| {
        let (server, run_id) = (&server, &run_id);
        async move {
            let mut viewer = Client::connect(server).await;
            let catch_up = viewer.come_back(run_id, json!(position)).await;
            assert_eq!(catch_up["missed_events"], 29 - position);
            assert_eq!(viewer.events(29 - position).await, span(position + 1, 30));
            assert_eq!(viewer.hear().await["event"], "subscribed");
            viewer
        }
    });
    let mut viewers = future::join_all(viewers).await;
    breakpoints.clear("s");
    for viewer in &mut viewers {
        assert_eq!(viewer.events(30).await, span(30, 60));
    }
    assert_eq!(ada.events(60).await, span(0, 60));
}

#[tokio::test]
async fn stop_leaves_nothing_behind() {
    let before = alive();
    let server = quick(&[]).await;
    let (mut ada, _) = standing(&server, "s", 3).await;
    let mut half_open = TcpStream::connect(server.addr()).await.expect("connected");
    assert!(alive() > before);

    in_time(server.stop()).await;
    assert_eq!(alive(), before);
    assert!(
        TcpStream::connect(server.addr()).await.is_err(),
        "nobody listens"
    );
    // Connections end.
    let read = in_time(half_open.read(&mut [0; 8])).await;
    assert!(matches!(read, Ok(0) | Err(_)));
    while let Some(Ok(_)) = ada.frame().await {}
    in_time(server.stop()).await;
}

fn alive() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

#[tokio::test]
async fn a_restart_leaves_what_had_finished_and_the_address() {
    let server = quick(&[]).await;
    let breakpoints = server.breakpoints();
    let (before, url) = (server.addr(), server.url());
    let mut ada = Client::connect(&server).await;
    ada.start("short-workflow", "s").await;
    assert_eq!(ada.events(10).await, span(0, 10));
    breakpoints.set("t", 3);
    ada.start(LONG, "t").await;
    in_time(breakpoints.reached("t", 3))
        .await
        .expect("it stands");
    let (finished, under_way) = (breakpoints.run_of("s"), breakpoints.run_of("t"));

    in_time(server.restart()).await.expect("it is back");
    assert_eq!((server.addr(), server.url()), (before, url));
    in_time(breakpoints.ended("t")).await;
    while ada.frame().await.is_some_and(|frame| frame.is_ok()) {}

    let mut ben = Client::connect(&server).await;
    let replay = ben.come_back(&finished.expect("a run"), json!(null)).await;
    assert_eq!(replay["total_events"], 10);
    assert_eq!(ben.events(10).await, span(0, 10));
    let lost = ben.come_back(&under_way.expect("a run"), json!(3)).await;
    assert_eq!(lost["event"], "error");
    breakpoints.set("u", 2);
    ben.start(LONG, "u").await;
    in_time(breakpoints.reached("u", 2))
        .await
        .expect("the breakpoints are the same");

    server.stop().await;
    assert!(server.restart().await.is_err(), "it was stopped");
}

/// Only the port: what is open stays open, and what is under way goes on.
#[tokio::test]
async fn a_closed_port_refuses_who_comes_and_nobody_else() {
    let server = quick(&[]).await;
    let (mut ada, run_id) = standing(&server, "s", 3).await;
    assert_eq!(ada.events(4).await, span(0, 4));
    for _ in 0..3 {
        in_time(server.close_port()).await.expect("closed");
        let refused = in_time(TcpStream::connect(server.addr())).await;
        let refused = refused.expect_err("nobody listens");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(ada.ask(json!({"action": "ping"})).await["event"], "pong");

        server.open_port().expect("open");
        let mut ben = Client::connect(&server).await;
        let answer = ben.come_back(&run_id, json!(3)).await;
        assert_eq!(answer["event"], "subscribed", "{answer}");
    }
    assert!(server.open_port().is_err(), "it is open");
    // As before, whatever was done to its port.
    in_time(server.restart()).await.expect("it is back");
    in_time(server.close_port()).await.expect("closed");
    server.stop().await;
    assert!(server.open_port().is_err(), "it was stopped");
}

/// Until a process that is being started runs its program, it has a copy of every socket, listeners too.
#[tokio::test]
async fn a_port_is_closed_while_processes_are_started() {
    let server = quick(&[]).await;
    let over = Arc::new(AtomicBool::new(false));
    for _ in 0..4 {
        let over = Arc::clone(&over);
        // So many at the most, that a test that fails ends.
        tokio::task::spawn_blocking(move || {
            let mut left = 2_000;
            while left > 0 && !over.load(Ordering::Relaxed) {
                let started = Command::new(env!("CARGO_BIN_EXE_reconnect-acceptance"))
                    .arg("--version")
                    .stdout(Stdio::null())
                    .status();
                assert!(started.expect("a process").success());
                left -= 1;
            }
        });
    }
    for _ in 0..2_000 {
        in_time(server.close_port()).await.expect("closed");
        server.open_port().expect("open");
    }
    over.store(true, Ordering::Relaxed);
}
