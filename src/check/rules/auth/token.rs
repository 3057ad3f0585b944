//! Whether a wrong token gives access to anything: AUTH-2.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::auth::unauthenticated::{Fate, is_authenticate, requests, shows};
use crate::check::shared::http_requests::refused_without_token;
use crate::protocol::action::WRONG_TOKEN;
use crate::protocol::{Action, Control};
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, EntryKind, ShownToken};

pub(crate) fn wrong(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        if connection.guarded() == Some(true) {
            tried_on(connection, &mut collector);
        } else if shows(connection, ShownToken::Wrong) {
            tried_over_http(trace, connection, &mut collector);
        }
    }
    collector.check_verdict("no viewer sent a wrong token to a server that asks for one")
}

/// Notes what a request over HTTP got that a wrong token went with.
fn tried_over_http(trace: &Trace<'_>, connection: &Connection<'_>, collector: &mut Collector) {
    let viewer = connection.viewer;
    if refused_without_token(trace).is_none() {
        return collector.inconclusive(format!(
            "nothing shows that the server asks {viewer} for a token"
        ));
    }
    for request in requests(connection, 0, connection.entries.len()) {
        match request.fate {
            Fate::Barred => collector.passed(),
            Fate::Effect(entry) | Fate::Other(entry) | Fate::Unanswered(entry) => collector.failed(
                "401, and nothing else, with a wrong token",
                describe::entry(entry),
                [request.entry.number, entry.number],
            ),
            Fate::Open => {
                collector.inconclusive(describe::unanswered(connection, request.entry.number));
            }
        }
    }
}

fn tried_on(connection: &Connection<'_>, collector: &mut Collector) {
    let tries: Vec<usize> = (0..connection.entries.len())
        .filter(|at| is_authenticate(connection.entries[*at]))
        .collect();
    let late = connection.entries.iter().position(|it| makes_late(it));
    for (place, &at) in tries.iter().enumerate() {
        // What a wrong token does after the right one is the server's choice.
        let tried = connection.entries[at];
        if !is_wrong(tried) {
            return;
        }
        let until = tries.get(place + 1).copied();
        let until = until.unwrap_or(connection.entries.len());
        let answer = connection.entries[at + 1..until]
            .iter()
            .copied()
            .find(answers);
        match answer {
            Some(answer) if is(answer, &Control::AuthError) => {
                opened(connection, (at, until), [tried, answer], collector);
            }
            // It may be the late answer to an earlier request.
            Some(answer) if answer.message().is_some() && late.is_some_and(|late| late < at) => {
                collector.inconclusive(format!(
                    "{} had not got the answer to an earlier request, and what came may be that",
                    connection.viewer
                ))
            }
            Some(answer) => collector.failed(
                "`auth_error` in answer to a wrong token",
                describe::entry(answer),
                [tried.number, answer.number],
            ),
            None => collector.inconclusive(describe::unanswered(connection, tried.number)),
        }
    }
}

/// Notes whether a request after a refused token had an effect.
fn opened(
    connection: &Connection<'_>,
    (from, until): (usize, usize),
    refused: [&Entry; 2],
    collector: &mut Collector,
) {
    let requests = requests(connection, from, until);
    // Who is shown out after the refusal has access to nothing.
    let closed = connection.closed();
    let is_shown_out = |request: u32| closed.is_some_and(|it| it.number > request);
    if requests.is_empty() && is_shown_out(refused[1].number) {
        collector.passed();
    } else if requests.is_empty() {
        collector.inconclusive(format!(
            "{} sent no request after the wrong token",
            connection.viewer
        ));
    }
    for request in requests {
        match request.fate {
            Fate::Effect(entry) => collector.failed(
                "nothing but `auth_required` after a wrong token",
                describe::entry(entry),
                refused
                    .map(|entry| entry.number)
                    .into_iter()
                    .chain([request.entry.number, entry.number]),
            ),
            // Whether it was refused in the right words is a matter of AUTH-1.
            Fate::Barred | Fate::Other(_) | Fate::Unanswered(_) => collector.passed(),
            Fate::Open if is_shown_out(request.entry.number) => collector.passed(),
            Fate::Open => {
                collector.inconclusive(describe::unanswered(connection, request.entry.number))
            }
        }
    }
}

/// Whether the entry may answer `authenticate`.
fn answers(entry: &&Entry) -> bool {
    match &entry.what {
        EntryKind::Received { message, .. } => !matches!(
            message.control(),
            Some(Control::Connected { .. } | Control::Other { .. })
        ),
        EntryKind::ReceivedBinary(_)
        | EntryKind::TimedOut { .. }
        | EntryKind::CloseReceived { .. } => true,
        _ => false,
    }
}

/// Whether an answer may come later than it is looked for, from here on.
fn makes_late(entry: &Entry) -> bool {
    matches!(
        entry.what,
        EntryKind::TimedOut { .. } | EntryKind::StopsReading { .. }
    )
}

fn is(entry: &Entry, control: &Control) -> bool {
    entry.message().and_then(|message| message.control()) == Some(control)
}

fn is_wrong(entry: &Entry) -> bool {
    match entry.action() {
        Some(Action::Authenticate { token }) => {
            matches!(token.as_deref(), None | Some("" | WRONG_TOKEN))
        }
        _ => false,
    }
}
