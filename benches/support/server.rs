//! A server that sends what it has at full speed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use futures::StreamExt;
use reconnect_acceptance::protocol::framing::wrap_sse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it says to everybody who comes.
const GREETING: &str =
    r#"{"event": "connected", "message": "Connected to AgentOS.", "requires_auth": false}"#;

/// Texts as unmasked WebSocket frames (RFC 6455, section 5.2), one behind the other.
pub fn on_the_wire(texts: &[String]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(texts.iter().map(|text| text.len() + 4).sum());
    for text in texts {
        frame(&mut wire, text);
    }
    wire
}

fn frame(wire: &mut Vec<u8>, text: &str) {
    wire.push(0x81);
    match u8::try_from(text.len()) {
        Ok(length @ ..=125) => wire.push(length),
        _ => {
            wire.push(126);
            let length = u16::try_from(text.len()).expect("a length that two bytes say");
            wire.extend(length.to_be_bytes());
        }
    }
    wire.extend(text.as_bytes());
}

/// Texts as the events of an answer over HTTP, each in a chunk of its own (RFC 9112, section 7.1), as uvicorn sends
/// them.
pub fn as_an_answer(texts: &[String]) -> Vec<u8> {
    let mut wire = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        transfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for text in texts {
        let event = wrap_sse("message", text);
        wire.extend(format!("{:x}\r\n{event}\r\n", event.len()).bytes());
    }
    wire.extend(b"0\r\n\r\n");
    wire
}

/// A server on a thread and runtime of its own: greets, and answers the first message on a connection
/// with everything it has, as fast as the connection takes it.
pub fn serve(wire: Vec<u8>) -> SocketAddr {
    serving(wire, answer)
}

/// Likewise over HTTP: answers the first request on a connection.
pub fn serve_over_http(wire: Vec<u8>) -> SocketAddr {
    serving(wire, answer_over_http)
}

fn serving<A: Future<Output = ()> + Send + 'static>(
    wire: Vec<u8>,
    answer: fn(TcpStream, Arc<Vec<u8>>) -> A,
) -> SocketAddr {
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
    let mut greeting = Vec::new();
    frame(&mut greeting, GREETING);
    if socket.get_mut().write_all(&greeting).await.is_err() {
        return;
    }
    if let Some(Ok(_)) = socket.next().await {
        let _ = socket.get_mut().write_all(&wire).await;
    }
    while let Some(Ok(_)) = socket.next().await {}
}

async fn answer_over_http(mut stream: TcpStream, wire: Arc<Vec<u8>>) {
    let mut request = [0; 4 << 10];
    if matches!(stream.read(&mut request).await, Ok(1..)) {
        let _ = stream.write_all(&wire).await;
    }
    // Until the other side has had enough of it.
    while let Ok(1..) = stream.read(&mut request).await {}
}
