//! One connection of a viewer.

use crate::transcript::entry::{Entry, EntryKind, Number};

/// One connection of a viewer, from open to close.
#[derive(Debug)]
pub struct Connection<'t> {
    /// Whose it is.
    pub viewer: &'t str,
    /// Which one of that viewer, counted from 1.
    pub number: u32,
    /// What happened on it, up to and including the viewer's leaving.
    pub entries: Vec<&'t Entry>,
    /// What came after the viewer had left.
    pub afterwards: Vec<&'t Entry>,
    pub(crate) opened: bool,
    pub(crate) at_another_replica: bool,
    pub(crate) lost: Option<&'t Entry>,
    pub(crate) guarded: Option<bool>,
    pub(crate) authenticated: Option<&'t Entry>,
    pub(crate) barred: Option<&'t Entry>,
    pub(crate) malformed: Option<&'t Entry>,
    pub(crate) silences: Vec<&'t Entry>,
}

impl<'t> Connection<'t> {
    /// The text messages that the viewer saw, in order.
    pub fn heard(&self) -> impl Iterator<Item = &'t Entry> {
        self.entries
            .iter()
            .copied()
            .filter(|entry| entry.message().is_some())
    }

    /// What happened on it after the entry of this number, up to and including the leaving.
    #[must_use]
    pub fn after(&self, number: Number) -> &[&'t Entry] {
        let from = self.entries.partition_point(|entry| entry.number <= number);
        &self.entries[from..]
    }

    /// The viewer's leaving, if they left.
    #[must_use]
    pub fn left(&self) -> Option<&'t Entry> {
        self.entries
            .last()
            .copied()
            .filter(|entry| matches!(entry.what, EntryKind::Left(_)))
    }

    /// Whether the WebSocket upgrade succeeded.
    #[must_use]
    pub fn opened(&self) -> bool {
        self.opened
    }

    /// Whether it is to another replica of the server than usual.
    #[must_use]
    pub fn at_another_replica(&self) -> bool {
        self.at_another_replica
    }

    /// The end of the connection by another's doing, before the viewer left: the server's close frame or
    /// the end of the stream.
    #[must_use]
    pub fn lost(&self) -> Option<&'t Entry> {
        self.lost
    }

    /// The server's close frame, where it ended the connection before the viewer left. Every other end the
    /// network can bring about as well: a proxy that restarts, a tunnel.
    #[must_use]
    pub fn closed(&self) -> Option<&'t Entry> {
        self.lost
            .filter(|lost| matches!(lost.what, EntryKind::CloseReceived { .. }))
    }

    /// Whether the line certainly worked at some time after the entry of this number, so that what the
    /// server had said until then had come: the viewer watched for silence or gave up, which both take an
    /// answer from the server; something came; or a closing handshake was brought to its end.
    #[must_use]
    pub fn worked_after(&self, number: Number) -> bool {
        let came = |entry: &&Entry| {
            let later = entry.number > number;
            later
                && matches!(
                    entry.what,
                    EntryKind::Received { .. }
                        | EntryKind::ReceivedBinary(_)
                        | EntryKind::CloseReceived { .. }
                )
        };
        self.silence_after(number).is_some()
            || self.after(number).iter().any(came)
            || self.afterwards.iter().any(came)
    }

    /// How the visit ended, by either side's doing.
    #[must_use]
    pub fn over(&self) -> Option<&'t Entry> {
        self.lost.or_else(|| self.left())
    }

    /// Whether the greeting asked for a token; `None` where it did not say, or none came.
    #[must_use]
    pub fn guarded(&self) -> Option<bool> {
        self.guarded
    }

    /// The first `authenticated`.
    #[must_use]
    pub fn authenticated(&self) -> Option<&'t Entry> {
        self.authenticated
    }

    /// Where the viewer was not let in: the first `auth_required`, or the first request that came
    /// before `authenticated` although the greeting had asked for a token. What becomes of it is a
    /// matter of authentication alone.
    #[must_use]
    pub fn barred(&self) -> Option<&'t Entry> {
        self.barred
    }

    /// The first text that is no request of the protocol. A server may close the connection on it.
    #[must_use]
    pub fn malformed(&self) -> Option<&'t Entry> {
        self.malformed
    }

    /// The first wait in vain or watch for silence that ended after the entry of this number.
    #[must_use]
    pub fn silence_after(&self, number: Number) -> Option<&'t Entry> {
        self.silences_after(number).first().copied()
    }

    /// The first wait in vain that ended after the entry of this number.
    #[must_use]
    pub fn gave_up_after(&self, number: Number) -> Option<&'t Entry> {
        self.silences_after(number)
            .iter()
            .copied()
            .find(|entry| matches!(entry.what, EntryKind::TimedOut { .. }))
    }

    fn silences_after(&self, number: Number) -> &[&'t Entry] {
        let from = self
            .silences
            .partition_point(|entry| entry.number <= number);
        &self.silences[from..]
    }
}
