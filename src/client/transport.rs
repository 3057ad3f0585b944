//! What carries a viewer's requests to the server, and brings what the server sends: a WebSocket, or HTTP.

use crate::protocol::Action;
use crate::transcript::EntryKind;

/// The receive buffer of a viewer who reads normally again, in bytes.
pub(super) const WIDE_BUFFER: usize = 1 << 20;

/// One connection to the server, which only its task reads and writes.
pub(super) trait Transport: Send + Sized + 'static {
    /// The text of a message.
    type Text: AsRef<str> + Send;

    /// The request as it is written: what the transcript shows.
    fn written(&self, action: &Action) -> String;

    /// Whether the server has said that it takes nothing more on this connection.
    fn is_closing(&self) -> bool;

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// [`Over`] where the connection is, or never came about.
    fn send(&mut self, action: &Action) -> impl Future<Output = Result<(), Over>> + Send;

    /// Sends what is no request of the protocol.
    ///
    /// # Errors
    ///
    /// As for [`Transport::send`].
    fn send_binary(&mut self, bytes: Vec<u8>) -> impl Future<Output = Result<(), Over>> + Send;

    /// Asks the server for a sign of life, which is heard as [`Heard::Pong`] with this number.
    ///
    /// # Errors
    ///
    /// As for [`Transport::send`].
    fn ping(&mut self, number: u64) -> impl Future<Output = Result<(), Over>> + Send;

    /// The next thing that the server sends. Nothing is lost where this is dropped before it came.
    fn next(&mut self) -> impl Future<Output = Heard<Self::Text>> + Send;

    /// Makes the receive buffer as large as it is for a viewer who reads normally.
    fn widen(&self);

    /// Begins the closing handshake.
    ///
    /// # Errors
    ///
    /// [`Over`] where nothing is to be waited for after it.
    fn close(&mut self) -> impl Future<Output = Result<(), Over>> + Send;

    /// Writes the beginning of a message that is never completed, where that can be done.
    fn send_half_a_message(&mut self) -> impl Future<Output = ()> + Send;

    /// Resets the connection.
    fn reset(self);
}

/// What came.
pub(super) enum Heard<T> {
    /// A text message.
    Text(T),
    /// Something else that is recorded as it is.
    Other(EntryKind),
    /// The answer to the ping of this number.
    Pong(u64),
    /// Nothing that says anything.
    Nothing,
    /// The end.
    Over(Over),
}

/// The connection is over; how, unless it was a clean end.
pub(super) struct Over(pub(super) Option<String>);

impl Over {
    /// For this reason.
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Self(Some(reason.into()))
    }
}
