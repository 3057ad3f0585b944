//! What followed the requests on a connection before its viewer had authenticated.

use crate::protocol::{Action, Control};
use crate::trace::Connection;
use crate::transcript::{Entry, EntryKind, ShownToken};

/// A request without authentication, and what came of it.
pub(crate) struct Request<'t> {
    pub(crate) entry: &'t Entry,
    pub(crate) fate: Fate<'t>,
}

/// What came of a request without authentication.
#[derive(Clone, Copy)]
pub(crate) enum Fate<'t> {
    /// `auth_required`, and nothing else.
    Barred,
    /// Something that shows that it had an effect.
    Effect(&'t Entry),
    /// Another answer.
    Other(&'t Entry),
    /// A wait that timed out, or the server's close frame.
    Unanswered(&'t Entry),
    /// Nothing: the viewer left, said something else or lost the connection, or the record ends.
    Open,
}

/// The requests on this connection that came before `authenticated`, up to the first `authenticate`.
pub(crate) fn before_any_token<'t>(connection: &Connection<'t>) -> Vec<Request<'t>> {
    let until = connection
        .entries
        .iter()
        .position(|entry| is_authenticate(entry))
        .unwrap_or(connection.entries.len());
    requests(connection, 0, until)
}

/// The requests on this connection after the entry at `from` and before the one at `until`, both counted
/// from 0.
pub(crate) fn requests<'t>(
    connection: &Connection<'t>,
    from: usize,
    until: usize,
) -> Vec<Request<'t>> {
    let mut found: Vec<Request<'t>> = Vec::new();
    for &entry in &connection.entries[from..until] {
        if is_request(entry) {
            found.push(Request {
                entry,
                fate: Fate::Open,
            });
        } else if let Some(request) = found.last_mut() {
            request.fate = later(request.fate, entry);
        }
    }
    found
}

/// What came of it, once this has come, too. An effect stands, whatever was said before it.
fn later<'t>(so_far: Fate<'t>, entry: &'t Entry) -> Fate<'t> {
    match (so_far, of(entry)) {
        (Fate::Open, Some(fate)) => fate,
        (Fate::Effect(_), _) => so_far,
        (_, Some(fate @ Fate::Effect(_))) => fate,
        _ => so_far,
    }
}

fn of(entry: &Entry) -> Option<Fate<'_>> {
    match &entry.what {
        EntryKind::Received { message, .. } => match message.control() {
            Some(Control::AuthRequired) => Some(Fate::Barred),
            Some(Control::Connected { .. } | Control::Other { .. }) => None,
            Some(Control::Error { .. } | Control::AuthError | Control::Authenticated) => {
                Some(Fate::Other(entry))
            }
            Some(_) => Some(Fate::Effect(entry)),
            None if message.event().is_some() => Some(Fate::Effect(entry)),
            None => Some(Fate::Other(entry)),
        },
        // A 401 is `auth_required`.
        EntryKind::Refused { message, .. } => match message.control() {
            Some(Control::AuthRequired) => Some(Fate::Barred),
            _ => Some(Fate::Other(entry)),
        },
        // After a request, it is the stream that answers it over HTTP.
        EntryKind::Opened => Some(Fate::Effect(entry)),
        EntryKind::ReceivedBinary(_) => Some(Fate::Other(entry)),
        EntryKind::TimedOut { .. } | EntryKind::CloseReceived { .. } => {
            Some(Fate::Unanswered(entry))
        }
        _ => None,
    }
}

/// Whether this token went with the connection's request over HTTP.
pub(crate) fn shows(connection: &Connection<'_>, token: ShownToken) -> bool {
    connection.is_over_http() && connection.shown_token() == Some(token)
}

/// What is no request of the protocol is a matter of MALFORMED-1.
fn is_request(entry: &Entry) -> bool {
    entry.action().is_some() && !entry.is_malformed() && !is_authenticate(entry)
}

pub(crate) fn is_authenticate(entry: &Entry) -> bool {
    matches!(entry.action(), Some(Action::Authenticate { .. }))
}
