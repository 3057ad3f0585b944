//! A WebSocket as a viewer's transport.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message as Frame, Utf8Bytes};

use crate::client::dial::LARGEST_MESSAGE;
use crate::client::stream::Stream;
use crate::client::timer;
use crate::client::transport::{Heard, Over, Transport, WIDE_BUFFER};
use crate::protocol::Action;
use crate::transcript::EntryKind;

/// The beginning of a masked text frame of 64 bytes (RFC 6455, section 5.2), with the mask 0: 10 bytes
/// of text come, and 54 never do.
const HALF_A_FRAME: [u8; 16] = *b"\x81\xc0\0\0\0\0{\"action\":";

/// An open WebSocket.
pub(super) struct WebSocket {
    socket: WebSocketStream<Stream>,
    /// Bounds each write.
    limit: Duration,
    /// The server has sent a close frame: nothing can be sent to it any more (RFC 6455, section 5.5.1).
    is_closing: bool,
}

impl WebSocket {
    /// Takes over an open socket. `limit` bounds each write.
    pub(super) fn new(socket: WebSocketStream<Stream>, limit: Duration) -> Self {
        Self {
            socket,
            limit,
            is_closing: false,
        }
    }

    async fn send_frame(&mut self, frame: Frame) -> Result<(), Over> {
        match timer::within(self.limit, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Over(explain(&error))),
            Err(late) => Err(Over::because(format!(
                "the server did not read what was sent: {late}"
            ))),
        }
    }
}

impl Transport for WebSocket {
    type Text = Utf8Bytes;

    fn written(&self, action: &Action) -> String {
        action.to_text()
    }

    fn is_closing(&self) -> bool {
        self.is_closing
    }

    async fn send(&mut self, action: &Action) -> Result<(), Over> {
        self.send_frame(Frame::text(action.to_text())).await
    }

    async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), Over> {
        self.send_frame(Frame::binary(bytes)).await
    }

    /// A ping of RFC 6455, section 5.5.2.
    async fn ping(&mut self, number: u64) -> Result<(), Over> {
        let ping = Frame::Ping(number.to_be_bytes().to_vec().into());
        self.send_frame(ping).await
    }

    async fn next(&mut self) -> Heard<Utf8Bytes> {
        match self.socket.next().await {
            Some(Ok(Frame::Text(text))) => Heard::Text(text),
            Some(Ok(Frame::Binary(bytes))) => Heard::Other(EntryKind::ReceivedBinary(bytes.len())),
            Some(Ok(Frame::Close(frame))) => {
                self.is_closing = true;
                let code = frame.as_ref().map(|frame| u16::from(frame.code));
                let reason = frame.map(|frame| frame.reason.to_string());
                let reason = reason.unwrap_or_default();
                Heard::Other(EntryKind::CloseReceived { code, reason })
            }
            Some(Ok(Frame::Pong(payload))) => match payload.as_ref().try_into() {
                Ok(number) => Heard::Pong(u64::from_be_bytes(number)),
                Err(_) => Heard::Nothing,
            },
            Some(Ok(Frame::Ping(_) | Frame::Frame(_))) => Heard::Nothing,
            Some(Err(error)) => Heard::Over(Over(explain(&error))),
            None => Heard::Over(Over(None)),
        }
    }

    fn widen(&self) {
        let tcp = socket2::SockRef::from(self.socket.get_ref().tcp());
        let _ = tcp.set_recv_buffer_size(WIDE_BUFFER);
    }

    async fn close(&mut self) -> Result<(), Over> {
        // The answer to the server's close frame is sent automatically.
        if self.is_closing {
            return Ok(());
        }
        let closing = self.socket.close(None).await;
        closing.map_err(|error| Over(explain(&error)))
    }

    async fn send_half_a_message(&mut self) {
        let stream = self.socket.get_mut();
        let _ = timer::within(self.limit, async {
            stream.write_all(&HALF_A_FRAME).await?;
            stream.flush().await
        })
        .await;
    }

    fn reset(self) {
        // With a linger of zero, dropping the socket resets the connection.
        let _ = self.socket.get_ref().tcp().set_zero_linger();
    }
}

/// One sentence for an error of the socket; none for a clean close.
fn explain(error: &tungstenite::Error) -> Option<String> {
    use tungstenite::error::{CapacityError, ProtocolError};
    Some(match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => return None,
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { size, .. }) => format!(
            "the suite hung up: a message of {size} bytes or more came, and {} MiB is the most that it takes",
            LARGEST_MESSAGE >> 20
        ),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            "the server dropped the connection without a closing handshake".to_owned()
        }
        tungstenite::Error::Protocol(ProtocolError::SendAfterClosing) => {
            "the connection was being closed".to_owned()
        }
        tungstenite::Error::Io(error) => format!("the connection broke: {error}"),
        tungstenite::Error::Utf8(_) => {
            "the server sent a text message that is not UTF-8".to_owned()
        }
        other => format!("the server broke the WebSocket protocol: {other}"),
    })
}
