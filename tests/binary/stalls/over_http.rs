//! Servers over HTTP that stop in the middle of an answer: lists are answered all the while, so that the silence is
//! theirs.

use super::{Stall, given_up_at_the_deadline, given_up_step_by_step, say_and_stop};
use crate::common::host::{Host, event};
use crate::common::http_host::{STREAM, answer, block, chunk};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

/// What a transcript says of a request that was sent, and of a stream that began.
const SENT: &str = "POST /agents/";
const OPENED: &str = "\"opened\"";
const STARTED: &str = "RunStarted";

fn stall(name: &'static str, host: Host, seen: &'static str, code: i32) -> Stall {
    let mut stall = Stall::new(name, host, seen, code);
    stall.url = stall
        .url
        .replace("ws://", "http://")
        .replace("/workflows/ws", "");
    let more = ["--component=agent", "--workflow-id=a"];
    stall.more = more.map(str::to_owned).to_vec();
    stall
}

/// Begins each answer with these bytes, and stops.
async fn beginning(bytes: &'static [u8]) -> Host {
    Host::http(async move |mut tcp, _| say_and_stop(&mut tcp, bytes).await).await
}

/// Two events of a run, and then these bytes.
async fn in_a_run(bytes: &'static [u8]) -> Host {
    Host::http(async move |mut tcp, asked| {
        let session = Value::from(asked.field("session_id").unwrap_or_default());
        let run = format!("run of {session}");
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        for (index, name) in [STARTED, "RunContent"].into_iter().enumerate() {
            let event = event(name, &run, &session, index);
            chunk(&mut tcp, &block(name, &event)).await;
        }
        say_and_stop(&mut tcp, bytes).await;
    })
    .await
}

/// Streams runs, and stops in the middle of what a viewer missed.
async fn in_a_catch_up() -> Host {
    Host::http(async |mut tcp, asked| {
        let session = Value::from(asked.field("session_id").unwrap_or_default());
        let run = format!("run of {session}");
        let content = |index: u64| {
            let name = if index == 0 { STARTED } else { "RunContent" };
            block(name, &event(name, &run, &session, index))
        };
        if !asked.starts() && !asked.returns() {
            return answer(&mut tcp, "200 OK", "{}").await;
        }
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        if asked.starts() {
            for index in 0..30 {
                chunk(&mut tcp, &content(index)).await;
            }
        } else {
            let catch_up = json!({"event": "catch_up", "run_id": run, "status": "running",
                "missed_events": 15, "current_event_count": 40});
            chunk(&mut tcp, &block("catch_up", &catch_up.to_string())).await;
            chunk(&mut tcp, &content(30)).await;
        }
        say_and_stop(&mut tcp, b"").await;
    })
    .await
}

/// Every state in which a server can stop.
async fn stalls() -> Vec<Stall> {
    let stream = STREAM.as_bytes();
    vec![
        stall("before the answer", beginning(b"").await, SENT, 3),
        stall(
            "in the first line",
            beginning(b"HTTP/1.1 20").await,
            SENT,
            3,
        ),
        stall(
            "in a header",
            beginning(b"HTTP/1.1 200 OK\r\ncontent-ty").await,
            SENT,
            3,
        ),
        stall(
            "in a refusal",
            beginning(b"HTTP/1.1 500 Oh\r\ncontent-length: 100\r\n\r\n{\"a\"").await,
            SENT,
            3,
        ),
        stall("after the head", beginning(stream).await, OPENED, 3),
        stall("after an event", in_a_run(b"").await, STARTED, 3),
        stall("in a chunk's length", in_a_run(b"5").await, STARTED, 3),
        stall("in a chunk", in_a_run(b"20\r\ndata: {").await, STARTED, 3),
        stall(
            "in an event",
            in_a_run(b"8\r\ndata: {\"\r\n").await,
            STARTED,
            3,
        ),
        stall("in the last chunk", in_a_run(b"0\r\n").await, STARTED, 3),
        stall("in a catch-up", in_a_catch_up().await, "catch_up", 1),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_stops_is_given_up_step_by_step() {
    // The list that is asked for before everything else must come in time on a machine that is busy.
    let limits = ["--step-timeout=10s", "--scenario-timeout=30s"];
    given_up_step_by_step(stalls().await, limits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_stops_is_given_up_at_the_deadline() {
    given_up_at_the_deadline(stalls().await).await;
}
