//! What the run cost the server, counted from the record.

use crate::report::model::run::Run;
use crate::transcript::EntryKind;

/// What was opened, sent and received in all scenarios together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Cost {
    pub connections: u64,
    /// Messages to the server, and their bytes.
    pub sent: (u64, u64),
    /// Messages from the server, and their bytes.
    pub received: (u64, u64),
    /// Requests over HTTP.
    pub http: u64,
}

pub(crate) fn of(run: &Run) -> Cost {
    let mut cost = Cost::default();
    let entries = run.transcripts.values().flat_map(|it| it.entries());
    for entry in entries {
        let bytes = |length: usize| length as u64;
        let (sum, length) = match &entry.what {
            EntryKind::Opened => {
                cost.connections += 1;
                continue;
            }
            EntryKind::HttpRequest { .. } => {
                cost.http += 1;
                continue;
            }
            EntryKind::Sent { text, .. } => (&mut cost.sent, bytes(text.len())),
            EntryKind::SentBinary(length) => (&mut cost.sent, bytes(*length)),
            EntryKind::Received { text, .. } => (&mut cost.received, bytes(text.len())),
            EntryKind::ReceivedBinary(length) => (&mut cost.received, bytes(*length)),
            _ => continue,
        };
        sum.0 += 1;
        // A stored record may say anything.
        sum.1 = sum.1.saturating_add(length);
    }
    cost
}
