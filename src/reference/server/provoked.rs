//! What is done to the TCP connections of a client that is judged.

use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::protocol::TurnedAway;

/// The head of a text frame of 256 bytes, and the beginning of its text (RFC 6455, section 5.2).
const HALF: &[u8] = b"\x81\x7e\x01\x00{\"event\": \"RunContent\", \"content\": \"half of a";

/// How long a client may take to ask for the upgrade that it is not given.
const ASKS_WITHIN: Duration = Duration::from_secs(10);
/// The most that is read of what it asks.
const MOST: usize = 16 << 10;

/// Lets the connection be reset as soon as it is dropped.
pub(super) fn reset(tcp: &TcpStream) {
    // Without it the connection only ends otherwise.
    let _ = SockRef::from(tcp).set_linger(Some(Duration::ZERO));
}

/// Writes half a message, and ends the connection.
pub(super) async fn half_a_message(tcp: &mut TcpStream) {
    let _ = tcp.write_all(HALF).await;
    let _ = tcp.shutdown().await;
}

/// Answers a try to connect so that nothing comes of it.
pub(super) async fn turn_away(mut tcp: TcpStream, how: TurnedAway) {
    let TurnedAway::Status(status) = how else {
        return;
    };
    // What is not read would make a reset of the end.
    let asked = async {
        let mut read = Vec::new();
        let mut part = [0; 1024];
        while read.len() < MOST && !read.windows(4).any(|it| it == b"\r\n\r\n") {
            match tcp.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(length) => read.extend_from_slice(&part[..length]),
            }
        }
        let answer = format!(
            "HTTP/1.1 {status} Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let _ = tcp.write_all(answer.as_bytes()).await;
        let _ = tcp.shutdown().await;
        while !matches!(tcp.read(&mut part).await, Ok(0) | Err(_)) {}
    };
    let _ = timeout(ASKS_WITHIN, asked).await;
}
