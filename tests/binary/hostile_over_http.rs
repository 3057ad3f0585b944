//! Servers over HTTP that are hostile, or no workflow servers at all: each run ends with a verdict and one clear
//! sentence, within bounds, and nothing passes that was not tested.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::call::{Judged, judge};
use crate::common::host::{Host, event};
use crate::common::http_host::{STREAM, answer, block, chunk};
use serde_json::{Value, json};

/// The run of an agent at this address: few requirements, so that it is soon over.
async fn judged(host: &Host, more: &[&str]) -> Judged {
    let fixed = ["--component=agent", "--workflow-id=a"];
    judge(&host.http_url(), &[&fixed[..], more].concat()).await
}

const STARTS: &[&str] = &["--require=START-2", "--require=START-3"];

// What is no stream of events.

#[tokio::test]
async fn answers_that_are_no_stream() {
    for (bytes, piece) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", "was refused: HTTP 204"),
        (
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://example.invalid/\r\ncontent-length: 0\r\n\r\n",
            "was refused: HTTP 307",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
            "was refused: HTTP 200",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 12\r\n\r\n\u{1b}[31m]]>red",
            "was refused: HTTP 502",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\nxyz",
            "the server compressed the answer",
        ),
        ("SSH-2.0-OpenSSH\r\n", "the connection broke"),
        ("", "the connection broke"),
    ] {
        let host = Host::answering_http(bytes).await;
        judged(&host, STARTS).await.inconclusive(piece);
    }
}

// Sizes.

#[tokio::test]
async fn an_event_beyond_the_limit() {
    for begins in ["data: ", ": a comment "] {
        let host = Host::http(move |mut tcp, _| async move {
            let _ = tcp.write_all(STREAM.as_bytes()).await;
            let piece = "x".repeat(1 << 20);
            chunk(&mut tcp, begins).await;
            // 100 MB and more: as long as somebody reads.
            while chunk(&mut tcp, &piece).await {}
        })
        .await;
        let more = ["--step-timeout=60s", "--concurrency=1", "--require=START-3"];
        judged(&host, &more)
            .await
            .inconclusive("the suite hung up: a server-sent event is longer than 67108864 bytes");
    }
}

#[tokio::test]
async fn headers_without_an_end() {
    let endless = async |tcp: &mut tokio::net::TcpStream| {
        let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\n").await;
        let piece = "a-header: with a value\r\n".repeat(1000);
        while tcp.write_all(piece.as_bytes()).await.is_ok() {}
    };
    let host = Host::http(move |mut tcp, _| async move { endless(&mut tcp).await }).await;
    judged(&host, STARTS)
        .await
        .inconclusive("the connection broke: ");
    // The list of agents, too.
    let host = Host::tcp(move |mut tcp| async move {
        let _ = tcp.read(&mut [0; 8192]).await;
        endless(&mut tcp).await;
    })
    .await;
    judged(&host, STARTS)
        .await
        .inconclusive("message head is too large");
}

#[tokio::test]
async fn a_list_beyond_the_limit() {
    let host = Host::tcp(async |mut tcp| {
        // What is unread when the connection closes would make that a reset.
        let _ = tcp.read(&mut [0; 8192]).await;
        let body = format!("[{}]", "1,".repeat(2 << 20));
        answer(&mut tcp, "200 OK", &body).await;
    })
    .await;
    judged(&host, STARTS)
        .await
        .inconclusive("length limit exceeded");
}

#[tokio::test]
async fn a_refusal_without_an_end() {
    let host = Host::http(async |mut tcp, _| {
        let head = b"HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n";
        let _ = tcp.write_all(head).await;
        let piece = "<p>".repeat(1 << 16);
        while chunk(&mut tcp, &piece).await {}
    })
    .await;
    let judged = judged(&host, STARTS).await;
    judged.inconclusive("was refused: HTTP 500");
    let largest = judged.files().into_iter().map(|(_, text)| text.len()).max();
    assert!(largest < Some(1 << 20), "{largest:?}");
}

#[tokio::test]
async fn comments_without_an_end() {
    let host = Host::http(async |mut tcp, _| {
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        let piece = ": still here\n\n".repeat(100);
        while chunk(&mut tcp, &piece).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    judged(&host, STARTS)
        .await
        .inconclusive("waited 500ms for the first event of the run");
}

// Streams that begin well.

/// A stream with these events of a run, and then this text.
async fn streaming(names: &'static [&'static str], then: &'static str, ends: bool) -> Host {
    Host::http(move |mut tcp, asked| async move {
        let session = Value::from(asked.field("session_id").unwrap_or_default());
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        for (index, name) in names.iter().enumerate() {
            let event = event(name, "r", &session, index);
            chunk(&mut tcp, &block(name, &event)).await;
        }
        let _ = tcp.write_all(then.as_bytes()).await;
        if ends {
            let _ = tcp.write_all(b"0\r\n\r\n").await;
        }
        let _ = tcp.shutdown().await;
    })
    .await
}

const BEGINS: &[&str] = &["RunStarted", "RunContent"];

#[tokio::test]
async fn streams_that_break() {
    for then in [
        "",
        "5",
        "ffffffffffffffffff\r\n",
        "not hexadecimal\r\n",
        "8\r\ndata: ",
    ] {
        let host = streaming(BEGINS, then, false).await;
        judged(&host, STARTS)
            .await
            .inconclusive("the connection broke");
    }
}

#[tokio::test]
async fn a_stream_that_ends_too_early_fails() {
    let host = streaming(BEGINS, "", true).await;
    judged(&host, STARTS).await.failed(&["START-3"], &[]);
}

#[tokio::test]
async fn deep_nesting() {
    let host = Host::http(async |mut tcp, asked| {
        let session = Value::from(asked.field("session_id").unwrap_or_default());
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        let started = json!({"event": "RunStarted", "run_id": "r", "session_id": session,
            "agent_id": "a", "event_index": 0});
        chunk(&mut tcp, &block("RunStarted", &started.to_string())).await;
        let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
        let text = format!(
            r#"{{"event": "RunContent", "run_id": "r", "session_id": {session}, "event_index": 1, "content": {deep}}}"#
        );
        chunk(&mut tcp, &block("RunContent", &text)).await;
        chunk(&mut tcp, &block("RunContent", &deep)).await;
        let _ = tcp.write_all(b"0\r\n\r\n").await;
    })
    .await;
    let judged = judged(&host, STARTS).await;
    assert!(
        matches!(judged.outcome.code, Some(1 | 3)),
        "{:?}",
        judged.outcome
    );
    assert_eq!(judged.with("passed"), [""; 0]);
}

#[tokio::test]
async fn a_run_without_an_end() {
    let host = Host::http(async |mut tcp, asked| {
        let session = Value::from(asked.field("session_id").unwrap_or_default());
        let run = format!("run of {session}");
        let _ = tcp.write_all(STREAM.as_bytes()).await;
        for index in 0_u64.. {
            let name = if index == 0 {
                "RunStarted"
            } else {
                "RunContent"
            };
            let event = event(name, &run, &session, index);
            if !chunk(&mut tcp, &block(name, &event)).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let more = [STARTS, &["--step-timeout=20s", "--scenario-timeout=1s"]].concat();
    judged(&host, &more)
        .await
        .inconclusive("the scenario took longer than 1s");
    let more = [STARTS, &["--step-timeout=20s", "--deadline=1s"]].concat();
    judged(&host, &more)
        .await
        .inconclusive("the run took longer than 1s (--deadline)");
}
