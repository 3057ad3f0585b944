//! CLIENT-AUTH: how a client shows its token.

use super::SOURCE;
use super::view::was_watched;
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Action, Control};
use crate::trace::{Connection, Trace};
use crate::transcript::entry::ShownToken;
use crate::transcript::{ClientEntry, Entry, EntryKind};

/// So often a client may show a token that was refused.
const FEW: usize = 3;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-AUTH-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "Where the greeting asks for a token, a client shows it first on every connection.",
        why: "A token counts for one connection. Without it the server refuses everything, the return as well.",
        harm: "After a lost connection the person gets nothing more.",
        source: SOURCE,
        good: "← {\"event\": \"connected\", \"requires_auth\": true}\n→ {\"action\": \"authenticate\", \"token\": …}\n→ {\"action\": \"reconnect\", …}",
        bad: "← {\"event\": \"connected\", \"requires_auth\": true}\n→ {\"action\": \"reconnect\", …}\n← auth_required",
        check: check!(first_of_all),
    },
    Requirement {
        id: "CLIENT-AUTH-2",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client does not show a refused token again and again.",
        why: "A token that was refused stays wrong. Servers lock out a client that tries too often.",
        harm: "The person is locked out, and is not told that they must log in again.",
        source: SOURCE,
        good: "→ {\"action\": \"authenticate\", …}\n← auth_error\n(the client tells its user)",
        bad: "→ {\"action\": \"authenticate\", …}\n← auth_error\n→ {\"action\": \"authenticate\", …}\n← auth_error\n(and so on)",
        check: check!(not_again),
    },
    Requirement {
        id: "CLIENT-AUTH-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client's token is not part of the address.",
        why: "Addresses are in the logs of every server and proxy on the way.",
        harm: "Anybody who can read a log can act as the person.",
        source: SOURCE,
        good: "→ GET /workflows/ws",
        bad: "→ GET /workflows/ws?token=…",
        check: check!(not_in_the_address),
    },
];

fn controls<'t>(trace: &Trace<'t>) -> impl Iterator<Item = (&'t Entry, &'t Control)> {
    let entries = trace.transcript.entries().iter();
    entries.filter_map(|entry| Some((entry, entry.message()?.control()?)))
}

/// Whether the greeting on it asks for a token.
fn is_guarded(connection: &Connection<'_>) -> bool {
    connection.heard().any(|entry| {
        let control = entry.message().and_then(|message| message.control());
        let asks = Some(true);
        matches!(control, Some(Control::Connected { requires_auth }) if *requires_auth == asks)
    })
}

fn first_of_all(trace: &Trace<'_>) -> CheckVerdict {
    if trace.connections.iter().any(Connection::is_over_http) {
        return with_every_request(trace);
    }
    let mut collector = Collector::default();
    let mut shown = 0;
    for connection in trace.connections.iter().filter(|it| is_guarded(it)) {
        let mut sent = connection.entries.iter();
        let first = sent.find(|entry| {
            matches!(
                entry.what,
                EntryKind::Sent { .. } | EntryKind::SentBinary(_)
            )
        });
        match first {
            None => {}
            Some(first) if matches!(first.action(), Some(Action::Authenticate { .. })) => {
                shown += 1;
            }
            Some(first) => collector.failed(
                "`authenticate` first, as the greeting asks for a token",
                "another message",
                [first.number],
            ),
        }
    }
    // At least once more after a loss.
    if shown > 1 {
        collector.passed();
    }
    collector.check_verdict("Ada did not speak on two connections whose greeting asks for a token")
}

/// Over HTTP: once the client knows that a token is asked for, because it has shown one that was taken or was refused
/// without one, it shows it.
fn with_every_request(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let (mut knows, mut shown) = (false, 0);
    for connection in trace.connections.iter().filter(|it| it.is_over_http()) {
        let was_refused = connection.barred().is_some();
        match connection.shown_token() {
            Some(ShownToken::None) if knows => collector.failed(
                "the token with the request, as the server asks for it",
                "a request without it",
                connection.entries.iter().map(|it| it.number).take(FEW),
            ),
            Some(ShownToken::Own) => shown += 1,
            _ => {}
        }
        knows |= was_refused || connection.authenticated().is_some();
    }
    // At least once more after a loss.
    if knows && shown > 1 {
        collector.passed();
    }
    collector.check_verdict("Ada did not ask twice on a server that asks for a token")
}

/// The refusals of the client's token.
fn refusals<'t>(trace: &Trace<'t>) -> Vec<&'t Entry> {
    let over_http = trace.connections.iter();
    let over_http = over_http.filter(|it| it.shown_token() == Some(ShownToken::Own));
    let over_http = over_http.filter_map(|it| it.barred());
    let over_websocket = controls(trace).filter(|(_, it)| matches!(it, Control::AuthError));
    let all = over_websocket.map(|(entry, _)| entry).chain(over_http);
    all.collect()
}

fn not_again(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let refused = refusals(trace);
    let Some(first) = refused.first() else {
        return collector.check_verdict("no token was refused");
    };
    if refused.len() > FEW {
        collector.failed(
            format!("at most {FEW} times a token that is refused"),
            format!("{} refusals", refused.len()),
            refused.iter().map(|it| it.number),
        );
    } else if was_watched(trace, first.number) {
        collector.passed();
    } else {
        collector.inconclusive("the transcript ends before it could be seen");
    }
    collector.check_verdict("no token was refused")
}

fn not_in_the_address(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for entry in trace.transcript.entries().iter() {
        if let Some(ClientEntry::Asked {
            path,
            with_token: true,
        }) = entry.of_client()
        {
            let path = format!("the address {}", describe::quoted(path));
            collector.failed("an address without the token", path, [entry.number]);
        }
    }
    let mut connections = trace.connections.iter();
    if connections.any(|it| it.authenticated().is_some()) {
        collector.passed();
    }
    collector.check_verdict("Ada showed no token")
}
