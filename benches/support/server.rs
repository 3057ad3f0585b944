//! A server that sends what it has at full speed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use futures::StreamExt;
use tokio::io::AsyncWriteExt;
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

/// A server on a thread and runtime of its own: greets, and answers the first message on a connection
/// with everything it has, as fast as the connection takes it.
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
