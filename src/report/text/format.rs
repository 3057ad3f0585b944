//! Sentences and numbers that all reports write the same way.

use std::time::Duration;

use crate::check::Finding;
use crate::report::text::escape::escape_visible;
use crate::transcript::{Entry, EntryKind, ShownToken};

/// The longest text of a message that is shown whole, in columns.
const LONGEST_MESSAGE: usize = 300;

/// `1 scenario`, `2 scenarios`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `0.4 s`, `2 min 5 s`.
pub(crate) fn seconds(milliseconds: u64) -> String {
    let took = Duration::from_millis(milliseconds);
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `expected X, observed Y`.
pub(crate) fn finding(of: &Finding) -> String {
    format!("expected {}, observed {}", of.expected, of.observed)
}

/// The same in visible characters, each part at most so long, in columns.
pub(crate) fn finding_within(of: &Finding, longest: usize) -> String {
    let (expected, observed) = (&of.expected, &of.observed);
    format!(
        "expected {}, observed {}",
        escape_visible(expected, longest),
        escape_visible(observed, longest)
    )
}

/// `, connection 2`, to follow the viewer's name; nothing where the entry belongs to no connection.
pub(crate) fn connection(entry: &Entry) -> String {
    match entry.connection {
        0 => String::new(),
        number => format!(", connection {number}"),
    }
}

/// What happened, beginning with an arrow or a dot and a space.
pub(crate) fn said(what: &EntryKind) -> String {
    let show = |text: &str| escape_visible(text, LONGEST_MESSAGE);
    match what {
        EntryKind::Opened => "· the connection opened".to_owned(),
        EntryKind::NotOpened(reason) => format!("· no connection: {}", show(reason)),
        EntryKind::Sent { text, .. } => format!("→ {}", show(text)),
        EntryKind::Received { text, .. } => format!("← {}", show(&text.read())),
        EntryKind::SentBinary(length) => format!("→ a binary message of {length} bytes"),
        EntryKind::ReceivedBinary(length) => format!("← a binary message of {length} bytes"),
        EntryKind::Disconnected(disconnect) => format!("· left {}", disconnect.word()),
        EntryKind::CloseReceived { code, reason } => {
            let code = code.map_or_else(|| "without a code".to_owned(), |code| code.to_string());
            format!("← close {code} {}", show(reason))
                .trim_end()
                .to_owned()
        }
        EntryKind::Refused { status, text, .. } => format!("← HTTP {status} {}", show(text)),
        EntryKind::StreamEnded { unfinished: 0 } => "← the end of the stream".to_owned(),
        EntryKind::StreamEnded { unfinished } => {
            format!(
                "← the end of the stream, after {unfinished} bytes of an event that is not whole"
            )
        }
        EntryKind::Ended(None) => "· the connection ended".to_owned(),
        EntryKind::Ended(Some(how)) => format!("· the connection ended: {}", show(how)),
        EntryKind::TimedOut { waiting_for, after } => {
            let after = after.as_secs_f64();
            format!(
                "· timed out after {after:.1} s waiting for {}",
                show(waiting_for)
            )
        }
        EntryKind::Watched(lasted) => format!("· watched for {:.1} s", lasted.as_secs_f64()),
        EntryKind::HttpRequest {
            method,
            path,
            with_token,
        } => format!(
            "→ HTTP {} {}{}",
            show(method),
            show(path),
            if *with_token { "" } else { " (no token)" }
        ),
        EntryKind::HttpResponse { status, text } => format!("← HTTP {status} {}", show(text)),
        EntryKind::HttpFailed(reason) => format!("· no answer over HTTP: {}", show(reason)),
        EntryKind::StopsReading { .. } => "· stopped reading".to_owned(),
        EntryKind::ReadsOn => "· reads again".to_owned(),
        EntryKind::NotTried(what) => format!("· {}", show(what)),
        EntryKind::BreakpointReached { after, .. } => {
            format!("· the run waits at a breakpoint after event {after}")
        }
        EntryKind::BreakpointCleared { .. } => "· the run continues".to_owned(),
        EntryKind::AtAnotherReplica => "· connects to another replica of the server".to_owned(),
        EntryKind::SpeaksOverHttp => "· speaks over HTTP".to_owned(),
        EntryKind::ShowsToken(ShownToken::Own) => "· shows the token".to_owned(),
        EntryKind::ShowsToken(ShownToken::None) => "· shows no token".to_owned(),
        EntryKind::ShowsToken(ShownToken::Wrong) => "· shows a wrong token".to_owned(),
        EntryKind::User { user } => format!("· authenticates as {}", show(user)),
        EntryKind::ReplicaKilled => "· the other replica was killed".to_owned(),
        EntryKind::TokenExpired => "· the token has expired".to_owned(),
        EntryKind::NotPermitted { workflow_id } => {
            format!("· the token is not for the workflow {}", show(workflow_id))
        }
        EntryKind::Part { workflow_id, part } => {
            format!(
                "· the workflow {} is used for the part `{part}`",
                show(workflow_id)
            )
        }
        EntryKind::Retention { events } => format!("· the server keeps {events} events of a run"),
        EntryKind::Quiet(lasts) => format!(
            "· the run says nothing for {} between two events",
            humantime::format_duration(*lasts)
        ),
        EntryKind::LongestSilence(limit) => format!(
            "· the server says something on a stream at least every {}",
            humantime::format_duration(*limit)
        ),
        EntryKind::RunDropped { .. } => "· the server dropped the run from memory".to_owned(),
        EntryKind::Restarted => "· the server was restarted".to_owned(),
        EntryKind::Client(entry) => format!("· {}", show(&entry.to_string())),
    }
}
