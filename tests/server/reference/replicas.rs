//! A server with another replica, which has the same runs.

use reconnect_acceptance::reference::{Fault, Server};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::client::{Client, in_time, quick, span, standing_at};

const SHORT: &str = "short-workflow";

/// A server with these faults, and the URL of its other replica.
async fn pair(faults: &[Fault]) -> (Server, String) {
    let server = quick(faults).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let other = server.open_replica(listener).expect("a replica");
    (server, other)
}

/// Starts a run at this URL that stops after event 9; gives its id and the client that started it.
async fn stopped(server: &Server, url: &str, session: &str) -> (String, Client) {
    let (mut ada, run_id) = standing_at(url, server, session, 9).await;
    assert_eq!(ada.events(10).await, span(0, 10));
    (run_id, ada)
}

/// Runs the short workflow to its end; gives its id.
async fn finished(server: &Server) -> String {
    let mut ada = Client::connect(server).await;
    ada.start(SHORT, "s").await;
    assert_eq!(ada.events(10).await, span(0, 10));
    server.breakpoints().run_of("s").expect("a run")
}

#[tokio::test]
async fn a_run_is_watched_on_at_the_other_replica_wherever_it_was_started() {
    let (server, other) = pair(&[]).await;
    let first = server.url();
    for (start, elsewhere) in [(&first, &other), (&other, &first)] {
        // Each start in a session of its own, which is as good a text as any.
        let session = start;
        let (run_id, mut ada) = stopped(&server, start, session).await;
        let mut ben = Client::connect_at(elsewhere).await;
        assert_eq!(ben.come_back(&run_id, json!(4)).await["missed_events"], 5);
        assert_eq!(ben.events(5).await, span(5, 10));
        assert_eq!(ben.hear().await["event"], "subscribed");
        server.breakpoints().clear(session);
        assert_eq!(ada.events(50).await, span(10, 60));
        assert_eq!(ben.events(50).await, span(10, 60));
        for url in [&first, &other] {
            let mut cleo = Client::connect_at(url).await;
            assert_eq!(
                cleo.come_back(&run_id, Value::Null).await["total_events"],
                60
            );
            assert_eq!(cleo.events(60).await, span(0, 60));
        }
    }
}

#[tokio::test]
async fn the_other_replica_is_restarted_and_stopped_with_the_server() {
    let (server, other) = pair(&[]).await;
    let run_id = finished(&server).await;
    server.restart().await.expect("back");
    let mut ben = Client::connect_at(&other).await;
    assert_eq!(ben.come_back(&run_id, Value::Null).await["event"], "replay");
    server.stop().await;
    assert!(
        in_time(tokio_tungstenite::connect_async(&other))
            .await
            .is_err()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    assert!(server.open_replica(listener).is_err());
}

#[tokio::test]
async fn faults_under_way_strike_only_at_the_other_replica() {
    for (fault, answer, missed) in [
        (Fault::ReplicaKnowsOwnRuns, "error", vec![]),
        (Fault::ReplicaReplaysUnderWay, "replay", span(0, 10)),
        (Fault::ReplicaLosesMissed, "catch_up", vec![5, 6, 8, 9]),
        (Fault::ReplicaRepeatsAtSeam, "catch_up", span(5, 10)),
        (Fault::ReplicaNotLive, "catch_up", span(5, 10)),
    ] {
        let (server, other) = pair(&[fault]).await;
        let (run_id, _ada) = stopped(&server, &server.url(), "s").await;
        let mut cleo = Client::connect(&server).await;
        assert_eq!(cleo.come_back(&run_id, json!(4)).await["missed_events"], 5);
        assert_eq!(cleo.events(5).await, span(5, 10), "{fault}");
        assert_eq!(cleo.hear().await["event"], "subscribed");
        let mut ben = Client::connect_at(&other).await;
        let said = ben.come_back(&run_id, json!(4)).await;
        assert_eq!(said["event"], answer, "{fault}");
        let count = missed.len() as u64;
        assert_eq!(ben.events(count).await, missed, "{fault}");
        if answer == "catch_up" {
            assert_eq!(said["missed_events"], json!(count));
            assert_eq!(ben.hear().await["event"], "subscribed");
        }
        server.breakpoints().clear("s");
        assert_eq!(cleo.events(50).await, span(10, 60), "{fault}");
        // The next message is the next event, or the answer to a ping where none comes.
        ben.say(json!({"action": "ping"})).await;
        let next = ben.hear().await;
        let expected = match fault {
            Fault::ReplicaRepeatsAtSeam => json!(9),
            Fault::ReplicaLosesMissed => json!(10),
            _ => Value::Null,
        };
        assert_eq!(next["event_index"], expected, "{fault}: {next}");
    }
}

#[tokio::test]
async fn faults_of_a_replay_strike_only_at_the_other_replica() {
    for (fault, answer, total, events) in [
        (Fault::ReplicaKnowsOwnRuns, "error", Value::Null, vec![]),
        (
            Fault::ReplicaShowsRunning,
            "catch_up",
            Value::Null,
            span(0, 10),
        ),
        (
            Fault::ReplicaShortensReplay,
            "replay",
            json!(9),
            vec![0, 2, 3, 4, 5, 6, 7, 8, 9],
        ),
        (Fault::ReplicaReplayTotal, "replay", json!(11), span(0, 10)),
        (
            Fault::ReplicaChangesReplay,
            "replay",
            json!(10),
            span(0, 10),
        ),
    ] {
        let (server, other) = pair(&[fault]).await;
        let run_id = finished(&server).await;
        let mut ada = Client::connect(&server).await;
        assert_eq!(
            ada.come_back(&run_id, Value::Null).await["total_events"],
            10
        );
        assert_eq!(ada.events(10).await, span(0, 10));
        let mut ben = Client::connect_at(&other).await;
        let said = ben.come_back(&run_id, Value::Null).await;
        assert_eq!(
            (&said["event"], &said["total_events"]),
            (&json!(answer), &total)
        );
        assert_eq!(ben.events(events.len() as u64).await, events, "{fault}");
    }
}
