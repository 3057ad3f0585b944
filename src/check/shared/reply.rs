//! What came after a request.

use crate::protocol::Action;
use crate::trace::{Origin, Trace};
use crate::transcript::Entry;

/// What came after a request.
pub(crate) enum Reply<'t> {
    /// An answer to this request.
    Answered,
    /// A timeout, or the server's close frame.
    TimedOut(&'t Entry),
    /// Neither: the viewer left, the transcript ends, or the connection ended for another reason, which
    /// may be the network's.
    Unknown,
}

/// What came after a request on this connection, a place in [`Trace::connections`].
pub(crate) fn reply<'t>(trace: &Trace<'t>, place: usize, request: &Entry) -> Reply<'t> {
    let connection = trace.connection(place);
    let number = request.number;
    let is_answered = match request.action() {
        Some(Action::Ping) => connection.pong_after(number),
        Some(Action::Authenticate { .. }) => connection.authentication_after(number),
        Some(Action::Other(_)) => connection.error_after(number),
        Some(Action::Start { .. } | Action::Reconnect { .. } | Action::Continue { .. }) => {
            trace.subscription(number).is_some_and(|it| {
                let has_started = it.origin == Origin::Started && it.run.is_some();
                has_started || it.answer().is_some()
            })
        }
        None => false,
    };
    if is_answered {
        return Reply::Answered;
    }
    let is_explained = connection.malformed().is_some() || connection.stopped_reading();
    let closed = connection
        .closed()
        .filter(|closed| closed.number > number && !is_explained);
    match connection.timeout_after(number).or(closed) {
        Some(entry) => Reply::TimedOut(entry),
        None => Reply::Unknown,
    }
}
