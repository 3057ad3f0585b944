//! What came of a request.

use crate::protocol::{Action, Control};
use crate::trace::Trace;
use crate::transcript::Entry;

/// What came of a request.
pub(crate) enum Answer<'t> {
    /// An answer to this request.
    ReleaseOutcome,
    /// A wait in vain, or the server's close frame.
    Vain(&'t Entry),
    /// Neither: the viewer left, the record ends, or the connection ended for another reason, which may be
    /// the network's.
    Open,
}

/// What came of a request on this visit.
pub(crate) fn answer<'t>(trace: &Trace<'t>, place: usize, request: &Entry) -> Answer<'t> {
    let connection = trace.connection(place);
    let after = connection.after(request.number);
    let came = |wanted: fn(&Control) -> bool| {
        after.iter().any(|entry| {
            let control = entry.message().and_then(|message| message.control());
            control.is_some_and(wanted)
        })
    };
    let answered = match request.action() {
        Some(Action::Ping) => came(|control| *control == Control::Pong),
        Some(Action::Start { .. }) => trace
            .starts
            .binary_search_by_key(&request.number, |start| start.request.number)
            .is_ok_and(|at| trace.starts[at].refusal.is_some() || trace.starts[at].run.is_some()),
        Some(Action::Reconnect { .. }) => trace
            .returns
            .binary_search_by_key(&request.number, |ret| ret.request.number)
            .is_ok_and(|at| trace.returns[at].answer().is_some()),
        Some(Action::Continue { .. }) => trace
            .continuations
            .iter()
            .find(|it| it.request.number == request.number)
            .is_some_and(|it| it.refusal.is_some() || !it.heard.is_empty()),
        Some(Action::Authenticate { .. }) => {
            came(|control| matches!(control, Control::Authenticated | Control::AuthError))
        }
        Some(Action::Other(_)) => came(|control| matches!(control, Control::Error { .. })),
        None => false,
    };
    if answered {
        return Answer::ReleaseOutcome;
    }
    let closed = connection
        .closed()
        .filter(|closed| closed.number > request.number && connection.malformed().is_none());
    match connection.gave_up_after(request.number).or(closed) {
        Some(entry) => Answer::Vain(entry),
        None => Answer::Open,
    }
}
