//! Whether a token that has expired is asked for again: AUTH-5.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::auth::unauthenticated::{Fate, requests};
use crate::protocol::Control;
use crate::trace::Trace;
use crate::transcript::{Entry, EntryKind};

pub(crate) fn asked_again(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in trace.websockets() {
        if connection.authenticated().is_none() {
            continue;
        }
        let is_expiry = |entry: &&Entry| matches!(entry.what, EntryKind::TokenExpired);
        let Some(at) = connection.entries.iter().position(is_expiry) else {
            continue;
        };
        let expired = connection.entries[at].number;
        let requests = requests(connection, at, connection.entries.len());
        let Some(next) = requests.first() else {
            collector.inconclusive(format!(
                "{} asked for nothing after the token had expired",
                connection.viewer
            ));
            continue;
        };
        match next.fate {
            Fate::Barred => collector.passed(),
            Fate::Other(entry) if is_refused_token(entry) => collector.passed(),
            Fate::Effect(entry) | Fate::Other(entry) => collector.failed(
                "`auth_required`, because the token has expired",
                describe::entry(entry),
                [expired, next.entry.number, entry.number],
            ),
            Fate::Unanswered(entry) => collector.inconclusive(format!(
                "{} asked for something with the expired token, and got {}",
                connection.viewer,
                describe::entry(entry)
            )),
            Fate::Open => {
                collector.inconclusive(describe::unanswered(connection, next.entry.number));
            }
        }
    }
    collector.check_verdict("no viewer's token expired on an open connection")
}

fn is_refused_token(entry: &Entry) -> bool {
    let control = entry.message().and_then(|message| message.control());
    matches!(control, Some(Control::AuthError))
}
