//! What the benchmarks share: frames as a real AgentOS sends them, and a server that sends them at
//! full speed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use futures::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

/// Recorded from agno 3.1.10.
const RECORDED: &str = include_str!("../../tests/data/wire/3.1.10/return-under-way.jsonl");

/// The workflow's run id in the recorded frames.
pub const RUN: &str = "b3c5d38d-cd6d-4343-bdf7-71f0bb7c3673";

/// This many `RunContent` frames with ascending indices from 0.
pub fn run_contents(count: usize) -> Vec<String> {
    let frame = recorded("RunContent");
    (0..count).map(|index| frame.with(index)).collect()
}

/// A recorded frame in three pieces: before its content, before its index, and after it.
pub struct Recorded([String; 3]);

impl Recorded {
    /// The frame with this index, which its content names too.
    pub fn with(&self, index: usize) -> String {
        let [head, middle, tail] = &self.0;
        format!("{head}w{index} {middle}{index}{tail}")
    }
}

/// The first recorded plain frame of this event that has the content of a token.
pub fn recorded(name: &str) -> Recorded {
    let event = format!("\"event\": \"{name}\"");
    let frame = RECORDED
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a recorded line"))
        .filter_map(|line| Some(line["text"].as_str()?.to_owned()))
        .find(|text| text.starts_with('{') && text.contains(&event))
        .expect("a recorded frame");
    let (head, rest) = frame.split_once("\"content\": \"w").expect("a content");
    let (_, rest) = rest.split_once(' ').expect("the content's end");
    let (middle, rest) = rest.split_once("\"event_index\": ").expect("an index");
    let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    Recorded([
        format!("{head}\"content\": \""),
        format!("{middle}\"event_index\": "),
        tail.to_owned(),
    ])
}

/// Texts as unmasked WebSocket frames (RFC 6455, section 5.2), one behind the other.
pub fn on_the_wire(texts: &[String]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(texts.iter().map(|text| text.len() + 4).sum());
    for text in texts {
        let length = u16::try_from(text.len()).expect("a short text");
        assert!(length > 125, "a length that two bytes say");
        wire.extend([0x81, 126]);
        wire.extend(length.to_be_bytes());
        wire.extend(text.as_bytes());
    }
    wire
}

/// A server on a thread and runtime of its own: greets nobody, and answers the first message on a
/// connection with everything it has, as fast as the connection takes it.
pub fn serve(wire: Vec<u8>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("a listener");
            let wire = Arc::new(wire);
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&wire)));
            }
        });
    });
    address
}

async fn answer(stream: TcpStream, wire: Arc<Vec<u8>>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
        return;
    };
    if let Some(Ok(_)) = socket.next().await {
        let _ = socket.get_mut().write_all(&wire).await;
    }
    while let Some(Ok(_)) = socket.next().await {}
}
