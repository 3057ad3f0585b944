//! Whether the door is shut that the greeting, or HTTP, shows as shut.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::auth::unauthenticated::{Fate, before_any_token};
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, EntryKind};

/// Whether the viewer of this visit had authenticated on an earlier one.
fn is_known(trace: &Trace<'_>, connection: &Connection<'_>) -> bool {
    let earlier = |other: &&Connection<'_>| {
        other.viewer == connection.viewer && other.number < connection.number
    };
    let mut earlier = trace.connections.iter().filter(earlier);
    earlier.any(|connection| {
        connection.guarded() == Some(true) && connection.authenticated().is_some()
    })
}

pub(crate) fn strangers(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        if connection.guarded() == Some(true) && !is_known(trace, connection) {
            shut(connection, &mut collector);
        }
    }
    collector.check_verdict("no stranger came to a server whose greeting asks for a token")
}

pub(crate) fn returning(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in trace
        .connections
        .iter()
        .filter(|connection| is_known(trace, connection))
    {
        match connection.guarded() {
            Some(true) => shut(connection, &mut collector),
            Some(false) => {
                if let Some(greeting) = connection.heard().next() {
                    collector.failed(
                        "a greeting that asks for a token, as on the viewer's connection before",
                        "a greeting that asks for none",
                        [greeting.number],
                    );
                }
            }
            None => {}
        }
    }
    collector.check_verdict("nobody who had authenticated came back")
}

/// Notes whether everything that was asked for before authentication was answered by
/// `auth_required` alone.
fn shut(connection: &Connection<'_>, collector: &mut Collector) {
    let requests = before_any_token(connection);
    if requests.is_empty() {
        collector.inconclusive(format!(
            "{} asked for nothing before authenticating",
            connection.viewer
        ));
    }
    for request in requests {
        match request.fate {
            Fate::Barred => collector.passed(),
            Fate::Effect(entry) | Fate::Other(entry) | Fate::Vain(entry) => collector.failed(
                "`auth_required`, and nothing else, before `authenticate`",
                describe::entry(entry),
                [request.entry.number, entry.number],
            ),
            Fate::Open => {
                collector.inconclusive(describe::unanswered(connection, request.entry.number))
            }
        }
    }
}

/// The path whose refusal shows that a token is asked for.
const ASKED: &str = "/workflows";

pub(crate) fn as_over_http(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(refusal) = refusal(trace) else {
        return collector.check_verdict("over HTTP nobody was refused for want of a token");
    };
    for connection in trace
        .connections
        .iter()
        .filter(|connection| connection.opened())
    {
        for request in before_any_token(connection) {
            match request.fate {
                Fate::Effect(entry) => collector.failed(
                    "`auth_required`, since the server asks for a token over HTTP",
                    describe::entry(entry),
                    [refusal.number, request.entry.number, entry.number],
                ),
                Fate::Barred => collector.passed(),
                // It asked when it greeted.
                Fate::Other(_) | Fate::Vain(_) if connection.guarded() == Some(true) => {
                    collector.passed()
                }
                Fate::Other(entry) | Fate::Vain(entry) => collector.inconclusive(format!(
                    "{} came without a token, and got {}",
                    connection.viewer,
                    describe::entry(entry)
                )),
                Fate::Open => {
                    collector.inconclusive(describe::unanswered(connection, request.entry.number))
                }
            }
        }
    }
    collector.check_verdict("nobody asked for anything on a WebSocket without a token")
}

/// The first answer over HTTP that refused a request without a token.
fn refusal<'t>(trace: &Trace<'t>) -> Option<&'t Entry> {
    let entries = trace.transcript.entries();
    entries.iter().enumerate().find_map(|(at, asked)| {
        let EntryKind::Asked {
            method,
            path,
            with_token: false,
        } = &asked.what
        else {
            return None;
        };
        if method != "GET" || path != ASKED {
            return None;
        }
        let answer = entries
            .skip(at + 1)
            .iter()
            .find(|entry| entry.connection == 0 && entry.viewer == asked.viewer)?;
        matches!(
            answer.what,
            EntryKind::Answered {
                status: 401 | 403,
                ..
            }
        )
        .then_some(answer)
    })
}
