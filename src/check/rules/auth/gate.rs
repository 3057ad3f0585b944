//! Whether a server that asks for a token in its greeting, or over HTTP, gives nothing without one.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::auth::unauthenticated::{Fate, before_any_token, shows};
use crate::check::shared::http_requests::refused_without_token;
use crate::trace::{Connection, Trace};
use crate::transcript::ShownToken;

/// By viewer, the first connection on which they authenticated to a server whose greeting asks for it, or showed the
/// right token over HTTP.
fn known<'t>(trace: &Trace<'t>) -> HashMap<&'t str, u32> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    for it in &trace.connections {
        let asks = it.guarded() == Some(true) || it.is_over_http();
        if asks && it.authenticated().is_some() {
            let first = known.entry(it.viewer).or_insert(it.number);
            *first = (*first).min(it.number);
        }
    }
    known
}

/// Whether the viewer of this connection had authenticated on an earlier one.
fn is_known(known: &HashMap<&str, u32>, connection: &Connection<'_>) -> bool {
    let first = known.get(connection.viewer);
    first.is_some_and(|first| *first < connection.number)
}

pub(crate) fn new_viewers(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let known = known(trace);
    for connection in &trace.connections {
        if is_known(&known, connection) {
            continue;
        }
        if connection.guarded() == Some(true) {
            shut(connection, &mut collector);
        } else if shows(connection, ShownToken::None) {
            shut_over_http(trace, connection, &mut collector);
        }
    }
    collector.check_verdict("no new viewer connected to a server that asks for a token")
}

pub(crate) fn returning(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let known = known(trace);
    for connection in &trace.connections {
        if !is_known(&known, connection) {
            continue;
        }
        match connection.guarded() {
            _ if shows(connection, ShownToken::None) => {
                shut_over_http(trace, connection, &mut collector);
            }
            Some(true) => shut(connection, &mut collector),
            Some(false) => {
                if let Some(greeting) = connection.heard().next() {
                    collector.failed(
                        "a greeting that asks for a token, as on the viewer's earlier connection",
                        "a greeting that does not ask for a token",
                        [greeting.number],
                    );
                }
            }
            None => {}
        }
    }
    collector.check_verdict("no viewer who had authenticated connected again")
}

/// Likewise over HTTP, where 401 asks for a token, and where the refusal of another request shows that one is needed.
fn shut_over_http(trace: &Trace<'_>, connection: &Connection<'_>, collector: &mut Collector) {
    match refused_without_token(trace) {
        Some(_) => shut(connection, collector),
        None => collector.inconclusive(format!(
            "nothing shows that the server asks {} for a token",
            connection.viewer
        )),
    }
}

/// Notes whether everything that was asked for before authentication was answered by
/// `auth_required` alone, or over HTTP by 401.
fn shut(connection: &Connection<'_>, collector: &mut Collector) {
    let requests = before_any_token(connection);
    if requests.is_empty() {
        collector.inconclusive(format!(
            "{} sent no request before authenticating",
            connection.viewer
        ));
    }
    for request in requests {
        match request.fate {
            Fate::Barred => collector.passed(),
            Fate::Effect(entry) | Fate::Other(entry) | Fate::Unanswered(entry) => collector.failed(
                match connection.is_over_http() {
                    true => "401, and nothing else, without a token",
                    false => "`auth_required`, and nothing else, before `authenticate`",
                },
                describe::entry(entry),
                [request.entry.number, entry.number],
            ),
            Fate::Open => {
                collector.inconclusive(describe::unanswered(connection, request.entry.number))
            }
        }
    }
}

pub(crate) fn as_over_http(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let Some(refusal) = refused_without_token(trace) else {
        return collector.check_verdict("no HTTP request was refused because it had no token");
    };
    for connection in
        trace
            .connections
            .iter()
            .filter(|connection| match connection.is_over_http() {
                true => shows(connection, ShownToken::None),
                false => connection.opened(),
            })
    {
        for request in before_any_token(connection) {
            match request.fate {
                Fate::Effect(entry) => collector.failed(
                    match connection.is_over_http() {
                        true => "401, because the server asks for a token for its list",
                        false => "`auth_required`, because the server asks for a token over HTTP",
                    },
                    describe::entry(entry),
                    [refusal.number, request.entry.number, entry.number],
                ),
                Fate::Barred => collector.passed(),
                // It asked when it greeted.
                Fate::Other(_) | Fate::Unanswered(_) if connection.guarded() == Some(true) => {
                    collector.passed()
                }
                Fate::Other(entry) | Fate::Unanswered(entry) => collector.inconclusive(format!(
                    "{} sent a request without a token, and got {}",
                    connection.viewer,
                    describe::entry(entry)
                )),
                Fate::Open => {
                    collector.inconclusive(describe::unanswered(connection, request.entry.number))
                }
            }
        }
    }
    collector.check_verdict("no viewer sent a request without a token")
}
