//! Servers that say on over HTTP what viewers show them: in events, comments, control messages, refusals and headers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{ALL, FEW, FOREIGN, HEADER, KNOWN, MORE, QUERY, SOON_OVER, TOKEN, Yard};
use super::{everything, over_escaped, words};
use crate::common::canary::Canary;
use crate::common::host::{Host, event};
use crate::common::http_host::{Asked, STREAM, block, chunk};

/// A server that says everything on, in one way after the other; and how often it was told the token and the header.
async fn gossip() -> (Host, Arc<AtomicUsize>) {
    let heard = Arc::new(AtomicUsize::new(0));
    let (count, turn) = (Arc::clone(&heard), Arc::new(AtomicUsize::new(0)));
    let host = Host::http(move |mut tcp, asked| {
        let (heard, turn) = (Arc::clone(&count), turn.fetch_add(1, Ordering::Relaxed));
        async move {
            if [TOKEN.core, HEADER.core]
                .iter()
                .all(|it| asked.head.contains(it))
            {
                heard.fetch_add(1, Ordering::Relaxed);
            }
            match turn % 6 {
                1 => refuse(&mut tcp, turn).await,
                _ => tell(&mut tcp, &asked, turn).await,
            }
            let _ = tcp.shutdown().await;
        }
    })
    .await;
    (host, heard)
}

/// The answer is no stream: everything is in its first line, its headers and its body.
async fn refuse(tcp: &mut TcpStream, turn: usize) {
    let body = everything();
    let status = [401, 404, 422, 500][turn % 4];
    let text = format!(
        "HTTP/1.1 {status} {}\r\nX-Echo: {}\r\nLocation: /?{}\r\nContent-Length: {}\r\n\r\n{body}",
        TOKEN.secret,
        HEADER.secret,
        QUERY.secret,
        body.len()
    );
    let _ = tcp.write_all(text.as_bytes()).await;
}

/// A stream in which every message says everything.
async fn tell(tcp: &mut TcpStream, asked: &Asked, turn: usize) {
    let everything = everything();
    let session = Value::from(asked.field("session_id").unwrap_or_default());
    let run = format!("run of {session} {}", HEADER.secret);
    let about = |name: &str, index: u64| {
        let mut event: Value =
            serde_json::from_str(&event(name, &run, &session, index)).expect("JSON");
        event["content"] = Value::from(&*everything);
        block(name, &event.to_string())
    };
    // A header of a stream says it, too.
    let head = STREAM.replacen("\r\n", &format!("\r\nX-Echo: {}\r\n", TOKEN.secret), 1);
    let _ = tcp.write_all(head.as_bytes()).await;
    let mut blocks = vec![format!(": {}\n\n", everything.replace('\n', " "))];
    if asked.returns() {
        let catch_up = json!({"event": "catch_up", "run_id": run, "status": HEADER.secret,
            "missed_events": 2, "message": everything});
        blocks.push(block("catch_up", &catch_up.to_string()));
        blocks.push(about("RunContent", 3));
        blocks.push(block("error", &over_escaped(&TOKEN)));
    }
    if asked.starts() {
        blocks.push(about("RunStarted", 0));
        blocks.extend(ALL.map(|it| block(it.secret, &event(it.secret, &run, &session, 1))));
        blocks.extend((2..5).map(|index| about("RunContent", index)));
        blocks.push(about("RunCompleted", 5));
    }
    blocks.extend(ALL.map(|it| format!("event: {}\ndata: {} {{\n\n", it.secret, it.secret)));
    for block in blocks {
        // Cut in the middle of a secret.
        let at = block.find(HEADER.core).map_or(1, |at| at + 5);
        chunk(tcp, &block[..at]).await;
        chunk(tcp, &block[at..]).await;
    }
    let end = match turn % 3 {
        // It breaks, in words of its own.
        0 => format!("{}\r\n", TOKEN.secret),
        _ => "0\r\n\r\n".to_owned(),
    };
    let _ = tcp.write_all(end.as_bytes()).await;
}

/// The options of a run against such a server: it is over soon.
fn options(url: &str) -> Vec<String> {
    [
        "--url",
        url,
        "--component=agent",
        "--workflow-id=a",
        "--header",
        &format!("X-Key: {}", HEADER.secret),
        "--header",
        &format!("Cookie: theme=dark; session={}", QUERY.secret),
    ]
    .into_iter()
    .chain(SOON_OVER)
    .map(str::to_owned)
    .collect()
}

/// Runs the suite with this token, and judges again what it wrote.
async fn keeps(token: &Canary, known: [&Canary; 3]) {
    let yard = Yard::new();
    let (host, heard) = gossip().await;
    let to = options(&host.http_url());
    let (dir, again) = (yard.path("all"), yard.path("again"));
    let most = [&["run"], FEW, MORE, &["--report-dir", &dir]].concat();
    let came = yard.call_with(&words(&most, &to), token).await;
    assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
    assert!(heard.load(Ordering::Relaxed) > 0 || token.core != TOKEN.core);
    let record = yard.record("all");
    assert!(record.matches("[secret]").count() > 100, "{record}");
    for kind in ["\"refused\"", "\"received\""] {
        assert!(record.contains(kind), "{kind}");
    }
    let judge = ["judge", &dir, "--report-dir", &again];
    let came = yard.call_with(&judge, token).await;
    assert!(matches!(came.code, Some(1 | 3)), "{came:?}");
    let doctor = words(&["doctor"], &to[..11]);
    let came = yard.call_with(&doctor, token).await;
    assert!(matches!(came.code, Some(0 | 1 | 3)), "{came:?}");
    yard.keeps(known);
}

#[tokio::test]
async fn a_server_that_says_on_what_it_is_shown() {
    keeps(&TOKEN, KNOWN).await;
}

#[tokio::test]
async fn a_token_that_cannot_stand_in_a_header() {
    keeps(&FOREIGN, [&FOREIGN, &HEADER, &QUERY]).await;
}
