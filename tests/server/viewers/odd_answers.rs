//! What a viewer over HTTP makes of a server that answers as no server should: an end with a reason, at once.

use std::time::Duration;

use pretty_assertions::assert_eq;
use reconnect_acceptance::client::{Reading, ViewerError};
use reconnect_acceptance::protocol::Component;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ada, event, start, word};

const LONG: Duration = Duration::from_secs(20);

const EVENT: &str =
    "event: RunContent\ndata: {\"event\":\"RunContent\",\"run_id\":\"r\",\"event_index\":0}\n\n";

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n";

/// Reads a request, as far as it comes at once.
async fn request(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.windows(4).any(|it| it == b"\r\n\r\n") {
        match socket.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A server that writes these pieces in answer to a `POST`, one after the other, and closes the connection.
/// Anything else it answers with 200, if it may.
async fn server(pieces: Vec<Vec<u8>>, answers_others: bool, stays: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let pieces = pieces.clone();
            tokio::spawn(async move {
                let asked = request(&mut socket).await;
                if asked.starts_with("POST") {
                    for piece in pieces {
                        let _ = socket.write_all(&piece).await;
                        tokio::task::yield_now().await;
                    }
                    if stays {
                        std::future::pending::<()>().await;
                    }
                } else if answers_others {
                    let _ = socket
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")
                        .await;
                }
                let _ = socket.shutdown().await;
            });
        }
    });
    url
}

/// What a viewer's connection says after the request, up to its end.
async fn heard(answer: &[u8]) -> Vec<String> {
    heard_of(vec![answer.to_vec()]).await
}

async fn heard_of(pieces: Vec<Vec<u8>>) -> Vec<String> {
    let url = server(pieces, true, false).await;
    let mut ada = ada(&url, Component::Agent, "a", LONG);
    ada.connect().await.expect("nothing to do yet");
    let asked = ada.say(start("s")).await.expect("it is recorded");
    let mut words = Vec::new();
    let waited = ada.wait(asked, "the end", |entry| {
        words.push(word(entry));
        entry_is_over(words.last()?).then_some(())
    });
    // The end may end the wait before it is looked at.
    let _ = waited.await;
    ada.retire().await.expect("no panic");
    words
}

fn entry_is_over(word: &str) -> bool {
    word.starts_with("over")
}

fn chunked(pieces: &[&str]) -> Vec<u8> {
    let mut text = format!("{STREAM}transfer-encoding: chunked\r\n\r\n");
    for piece in pieces {
        text.push_str(&format!("{:x}\r\n{piece}\r\n", piece.len()));
    }
    text.into_bytes()
}

#[tokio::test]
async fn a_stream_ends_with_its_last_chunk() {
    let mut whole = chunked(&[EVENT, ": keepalive\n\n", EVENT]);
    whole.extend_from_slice(b"0\r\n\r\n");
    let expected = [
        "opened",
        "RunContent",
        ": comment",
        "RunContent",
        "end of stream",
    ];
    assert_eq!(heard(&whole).await, expected);
    // Every byte by itself.
    let bytes = whole.iter().map(|byte| vec![*byte]).collect();
    assert_eq!(heard_of(bytes).await, expected);
    let in_small_chunks: Vec<String> = EVENT.chars().map(String::from).collect();
    let in_small_chunks: Vec<&str> = in_small_chunks.iter().map(String::as_str).collect();
    let mut small = chunked(&in_small_chunks);
    small.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(
        heard(&small).await,
        ["opened", "RunContent", "end of stream"]
    );
}

#[tokio::test]
async fn what_is_not_whole_is_no_event() {
    let mut unfinished = chunked(&[EVENT, "data: {\"event\""]);
    unfinished.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(
        heard(&unfinished).await,
        ["opened", "RunContent", "end of stream, 14 left"]
    );
    let cut = chunked(&[EVENT]);
    let words = heard(&cut).await;
    assert_eq!(words[..2], ["opened", "RunContent"]);
    assert!(
        words[2].starts_with("over: the connection broke"),
        "{words:?}"
    );
    let short = format!("{STREAM}content-length: 5000\r\n\r\n{EVENT}");
    let words = heard(short.as_bytes()).await;
    assert!(
        words[2].starts_with("over: the connection broke"),
        "{words:?}"
    );
}

#[tokio::test]
async fn what_is_no_stream_is_an_answer_that_ends_the_wait() {
    for (answer, expected) in [
        (
            "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 23\r\n\r\n{\"detail\":\"Not found!\"}",
            "HTTP 404 {\"detail\":\"Not found!\"}",
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", "HTTP 204 "),
        (
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://example.invalid/\r\ncontent-length: 0\r\n\r\n",
            "HTTP 307 ",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
            "HTTP 200 <html>",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/event-stream\r\ncontent-length: 3\r\n\r\nbad",
            "HTTP 502 bad",
        ),
    ] {
        assert_eq!(heard(answer.as_bytes()).await, [expected]);
    }
}

#[tokio::test]
async fn what_breaks_http_or_the_stream_ends_with_a_reason() {
    let compressed = format!("{STREAM}content-encoding: gzip\r\ncontent-length: 3\r\n\r\nxyz");
    let mut no_utf8 = format!("{STREAM}\r\n").into_bytes();
    no_utf8.extend_from_slice(b"data: \xff\n\n");
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(200_000));
    for (answer, expected) in [
        (compressed.into_bytes(), "over: the server compressed"),
        (no_utf8, "over: the server sent an event that is not UTF-8"),
        (endless.into_bytes(), "over: the connection broke"),
        (
            b"SSH-2.0-OpenSSH\r\n".to_vec(),
            "over: the connection broke",
        ),
        (Vec::new(), "over: the connection broke"),
    ] {
        let words = heard(&answer).await;
        let last = words.last().expect("an end");
        assert!(last.starts_with(expected), "{expected}: {words:?}");
    }
}

#[tokio::test]
async fn a_dead_port_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let mut ada = ada(&url, Component::Team, "t", LONG);
    ada.connect().await.expect("nothing to do yet");
    let asked = ada.say(start("s")).await.expect("it is recorded");
    let waited = ada.wait(asked, "an event", event).await;
    let error = waited.expect_err("no server").to_string();
    assert!(error.contains("connection refused"), "{error}");
}

#[tokio::test]
async fn silence_is_the_servers_where_it_answers_something_else() {
    let silent = format!("{STREAM}transfer-encoding: chunked\r\n\r\n").into_bytes();
    let short = Duration::from_millis(400);
    for answers_others in [true, false] {
        let url = server(vec![silent.clone()], answers_others, true).await;
        let mut ada = ada(&url, Component::Agent, "a", short);
        ada.connect().await.expect("nothing to do yet");
        let asked = ada.say(start("s")).await.expect("it is recorded");
        let waited = ada.wait(asked, "an event", event).await;
        let error = waited.expect_err("nothing comes");
        match answers_others {
            true => assert!(matches!(error, ViewerError::TimedOut { .. }), "{error}"),
            false => assert!(error.to_string().contains("the line is dead"), "{error}"),
        }
        ada.retire().await.expect("no panic");
    }
}

#[tokio::test]
async fn who_reads_nothing_takes_nothing() {
    let mut many = chunked(&[&EVENT.repeat(3)]);
    many.extend_from_slice(b"0\r\n\r\n");
    let url = server(vec![many], true, false).await;
    let mut ada = ada(&url, Component::Agent, "a", LONG);
    ada.connect().await.expect("nothing to do yet");
    ada.read(Reading::Events(2)).await.expect("it is open");
    let asked = ada.say(start("s")).await.expect("it is recorded");
    let mut seen = 0;
    let two = ada.wait(asked, "two events", |entry| {
        seen += usize::from(event(entry).is_some());
        (seen == 2).then_some(())
    });
    two.await.expect("they come");
    assert_eq!(
        ada.look_back(|entry| Some(word(entry))).as_deref(),
        Some("RunContent")
    );
    ada.read(Reading::Freely).await.expect("it is open");
    let rest = ada.wait(asked, "the end of the stream", |entry| {
        (word(entry) == "end of stream").then_some(())
    });
    rest.await.expect("it comes");
    ada.retire().await.expect("no panic");
}
