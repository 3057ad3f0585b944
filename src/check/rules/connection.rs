//! LIVENESS and CLOSE: the connection itself.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::trace::{Connection, Trace};
use crate::transcript::{Disconnect, Entry, EntryKind};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLOSE-1",
        level: Level::Should,
        sentence: "The server answers a closing handshake with one of its own.",
        why: "A connection that is not closed properly stays open on one side, and enough of them bring a server down.",
        source: "RFC 6455, section 7",
        good: "\
→ close frame, 1000
← close frame, 1000
(the server closes the TCP connection)",
        bad: "\
→ close frame, 1000
(the connection breaks off without a close frame)",
        check: check!(close),
    },
    Requirement {
        id: "LIVENESS-1",
        level: Level::Must,
        sentence: "Every request is answered, or the connection is closed, within the time limit.",
        why: "A person can act on an error, but not on a spinner.",
        source: "users of any resumable stream",
        good: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
← {\"event\": \"catch_up\", …}",
        bad: "\
→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}
(nothing, for longer than the time limit)",
        check: check!(no_silence),
    },
];

fn no_silence(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        silences_on(connection, &mut collector);
    }
    collector.check_verdict("no viewer sent a request and waited for the answer")
}

fn silences_on(connection: &Connection<'_>, collector: &mut Collector) {
    let mut open: Option<&Entry> = None;
    let mut unanswered: Option<(&Entry, &Entry)> = None;
    let mut further = 0;
    for &entry in &connection.entries {
        match &entry.what {
            // What is no request of the protocol is a matter of MALFORMED-1.
            EntryKind::Sent { .. } if !entry.is_malformed() => open = Some(entry),
            EntryKind::Received { .. } | EntryKind::ReceivedBinary(_) if open.take().is_some() => {
                collector.passed();
            }
            EntryKind::CloseReceived { .. } => open = None,
            EntryKind::Ended(_) => {
                if let Some(request) = open.take() {
                    collector.inconclusive(describe::unanswered(connection, request.number));
                }
            }
            EntryKind::TimedOut { .. } => match (open.take(), unanswered) {
                (Some(request), None) => unanswered = Some((request, entry)),
                (Some(_), Some(_)) => further += 1,
                (None, _) => {}
            },
            _ => {}
        }
    }
    if let Some((request, silence)) = unanswered {
        collector.failed(
            "an answer or a close frame",
            format!("{}{}", describe::entry(silence), describe::more(further)),
            [request.number, silence.number],
        );
    }
}

/// Whether a wait that timed out after the viewer had left was no silence: messages came until late in it, so that
/// what was waited for may have been on its way behind them, on a slow line.
fn is_behind(connection: &Connection<'_>, end: &Entry) -> bool {
    let EntryKind::TimedOut { after, .. } = &end.what else {
        return false;
    };
    let late = end.at().saturating_sub(*after / 2);
    connection
        .afterwards
        .iter()
        .any(|entry| entry.number < end.number && entry.at() > late && entry.message().is_some())
}

fn close(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        let disconnect = connection
            .left()
            .filter(|left| matches!(left.what, EntryKind::Disconnected(Disconnect::Close)));
        let Some(disconnect) = disconnect.filter(|_| connection.lost().is_none()) else {
            continue;
        };
        let end = connection.afterwards.iter().copied().find(|entry| {
            matches!(
                entry.what,
                EntryKind::CloseReceived { .. } | EntryKind::Ended(_) | EntryKind::TimedOut { .. }
            )
        });
        match end {
            Some(entry) if matches!(entry.what, EntryKind::CloseReceived { .. }) => {
                if connection.heard().next().is_some() {
                    collector.passed();
                }
            }
            Some(entry) if is_behind(connection, entry) => collector.inconclusive(format!(
                "messages were still arriving for {} when the suite ended the connection, so the \
                 server's close frame may have been behind them",
                connection.viewer
            )),
            Some(entry) => collector.failed(
                "a close frame in answer to the closing handshake",
                describe::entry(entry),
                [disconnect.number, entry.number],
            ),
            None => collector.inconclusive(format!(
                "what followed after {} had left was not recorded",
                connection.viewer
            )),
        }
    }
    collector.check_verdict("no viewer left with a closing handshake")
}
