//! Faults that only a socket shows.

use futures::future;
use reconnect_acceptance::reference::Fault;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, LONG, in_time, quick, span};

#[tokio::test]
async fn faults_of_closing_are_visible() {
    let server = quick(&[Fault::NoCloseHandshake]).await;
    let mut ada = Client::connect(&server).await;
    ada.0.close(None).await.expect("sent");
    let end = ada.frame().await;
    assert!(matches!(end, Some(Err(_))), "{end:?}");

    let server = quick(&[Fault::ReplayCloses]).await;
    let mut ada = Client::connect(&server).await;
    ada.start("short-workflow", "s").await;
    assert_eq!(ada.events(10).await, span(0, 10));
    let run_id = server.breakpoints().run_of("s").expect("a run");
    ada.come_back(&run_id, Value::Null).await;
    assert_eq!(ada.events(10).await, span(0, 10));
    assert!(matches!(
        ada.frame().await,
        Some(Ok(Message::Close(Some(_))))
    ));
}

#[tokio::test]
async fn faults_of_leaving_are_visible() {
    for (fault, seen, politely, stopped) in [
        (Fault::LeavingStopsRun, 4, true, true),
        (Fault::AbruptLeavingStopsRun, 4, true, false),
        (Fault::AbruptLeavingStopsRun, 4, false, true),
        (Fault::EarlyLeavingStopsRun, 4, true, false),
        (Fault::EarlyLeavingStopsRun, 2, true, true),
    ] {
        let server = quick(&[fault]).await;
        let breakpoints = server.breakpoints();
        breakpoints.set("s", seen - 1);
        let mut ada = Client::connect(&server).await;
        ada.start("short-workflow", "s").await;
        assert_eq!(ada.events(seen).await, span(0, seen));
        if politely {
            ada.0.close(None).await.expect("sent");
        }
        // To the end of the stream, where there is a handshake.
        while politely && ada.frame().await.is_some() {}
        drop(ada);
        let run_id = breakpoints.run_of("s").expect("a run");
        let mut ben = Client::connect(&server).await;
        let mut answer = ben.come_back(&run_id, json!(seen - 1)).await;
        // The server may learn later of a lost connection.
        while stopped && answer["event"] != "error" {
            answer = ben.come_back(&run_id, json!(seen - 1)).await;
        }
        let expected = if stopped { "error" } else { "subscribed" };
        assert_eq!(answer["event"], expected, "{fault}");
    }
}

#[tokio::test]
async fn an_unwatched_run_can_be_made_to_pause() {
    let server = quick(&[Fault::UnwatchedPauses]).await;
    let breakpoints = server.breakpoints();
    breakpoints.set("s", 3);
    let mut ada = Client::connect(&server).await;
    ada.start("short-workflow", "s").await;
    assert_eq!(ada.events(4).await, span(0, 4));
    ada.0.close(None).await.expect("sent");
    while ada.frame().await.is_some() {}
    breakpoints.clear("s");
    let run_id = breakpoints.run_of("s").expect("a run");
    let mut ada = Client::connect(&server).await;
    assert_eq!(
        ada.come_back(&run_id, json!(3)).await["event"],
        "subscribed"
    );
    assert_eq!(ada.events(6).await, span(4, 10));
}

#[tokio::test]
async fn a_viewer_who_does_not_read_stops_a_run_only_with_that_fault() {
    for (faults, goes_on) in [(&[][..], true), (&[Fault::SlowViewerStopsRun][..], false)] {
        let server = quick(faults).await;
        let breakpoints = server.breakpoints();
        let mut ada = Client::connect(&server).await;
        // More than the buffers of the operating system take.
        ada.say(
            json!({"action": "start-workflow", "workflow_id": "short-workflow",
            "message": "word ".repeat(1_000_000), "session_id": "s"}),
        )
        .await;
        let mut ended = Box::pin(breakpoints.ended("s"));
        if goes_on {
            in_time(&mut ended).await;
        } else {
            let mut ben = Client::connect(&server).await;
            ben.start(LONG, "t").await;
            assert_eq!(ben.events(60).await, span(0, 60));
            assert_eq!(future::poll_immediate(&mut ended).await, None);
            in_time(async {
                assert_eq!(ada.events(10).await, span(0, 10));
                ended.await;
            })
            .await;
        }
    }
}
