//! A connection that its owner reads, and that nobody records: for a viewer who only watches.

use std::time::Duration;

use secrecy::SecretString;

use super::dial::{DialError, RecvBuffer};
use super::http::Exchange;
use super::timer;
use super::transport::{Heard, Over, Transport};
use super::viewer::Server;
use super::websocket::WebSocket;
use crate::protocol::Action;
use crate::transcript::EntryKind;

/// How long a closing handshake may take: nobody waits for it.
const FAREWELL: Duration = Duration::from_millis(500);

/// One connection to a server.
pub struct Line(Wire);

enum Wire {
    WebSocket(Box<WebSocket>),
    Http(Box<Exchange>),
}

/// What has come on a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum News {
    /// A text message, or a server-sent event.
    Text(String),
    /// A binary message of so many bytes.
    Binary(usize),
    /// A close frame, with its code and reason.
    Closing(Option<u16>, String),
    /// An answer over HTTP that is no stream of events: its status, and the beginning of its text.
    Refused(u16, String),
    /// A sign of life.
    Alive,
    /// The end; how, unless it was a clean one.
    Over(Option<String>),
}

impl Line {
    /// Opens a connection. Over HTTP that is done when something is asked.
    ///
    /// `limit` bounds each write.
    ///
    /// # Errors
    ///
    /// [`DialError`] of the step that failed.
    pub async fn open(
        server: &Server,
        token: Option<SecretString>,
        limit: Duration,
    ) -> Result<Self, DialError> {
        Ok(Self(match server {
            Server::WebSocket(address) => {
                let socket = address.dial(RecvBuffer::Usual).await?;
                Wire::WebSocket(Box::new(WebSocket::new(socket, limit)))
            }
            Server::Http(place) => {
                let place = place.clone();
                Wire::Http(Box::new(Exchange::new(place, token, RecvBuffer::Usual)))
            }
        }))
    }

    /// Whether the server greets, and asks for the token by that. Over HTTP the token goes with each request.
    #[must_use]
    pub fn greets(&self) -> bool {
        matches!(self.0, Wire::WebSocket(_))
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// Why the connection is over; nothing where it was a clean end.
    pub async fn say(&mut self, action: &Action) -> Result<(), Option<String>> {
        let said = match &mut self.0 {
            Wire::WebSocket(socket) => socket.send(action).await,
            Wire::Http(exchange) => exchange.send(action).await,
        };
        said.map_err(|Over(reason)| reason)
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    ///
    /// As for [`Line::say`].
    pub async fn ping(&mut self, number: u64) -> Result<(), Option<String>> {
        let asked = match &mut self.0 {
            Wire::WebSocket(socket) => socket.ping(number).await,
            Wire::Http(exchange) => exchange.ping(number).await,
        };
        asked.map_err(|Over(reason)| reason)
    }

    /// The next thing that comes. Nothing is lost where this is dropped before it came.
    pub async fn next(&mut self) -> News {
        match &mut self.0 {
            Wire::WebSocket(socket) => news(socket.next().await),
            Wire::Http(exchange) => news(exchange.next().await),
        }
    }

    /// Leaves, by a closing handshake where there is one.
    pub async fn close(self) {
        if let Wire::WebSocket(mut socket) = self.0 {
            let _ = timer::within(FAREWELL, async {
                if socket.close().await.is_ok() {
                    while !matches!(socket.next().await, Heard::Over(_)) {}
                }
            })
            .await;
        }
    }
}

fn news<T: AsRef<str>>(heard: Heard<T>) -> News {
    match heard {
        Heard::Text(text) => News::Text(text.as_ref().to_owned()),
        Heard::Other(EntryKind::ReceivedBinary(bytes)) => News::Binary(bytes),
        Heard::Other(EntryKind::CloseReceived { code, reason }) => News::Closing(code, reason),
        Heard::Other(EntryKind::Refused { status, text, .. }) => News::Refused(status, text.into()),
        Heard::Other(EntryKind::StreamEnded { .. }) => News::Over(None),
        Heard::Other(_) | Heard::Pong(_) | Heard::Nothing => News::Alive,
        Heard::Over(Over(reason)) => News::Over(reason),
    }
}
