//! How findings say things: short, and safe to print whatever the server sent.

use std::fmt::Write;
use std::time::Duration;

use crate::protocol::{Body, Control, Index, Message};
use crate::trace::Connection;
use crate::transcript::{Entry, EntryKind, Number};

/// The longest stretch of a server's text in a finding, in characters.
const LONGEST: usize = 60;

/// A server's text, short and without control characters.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at == LONGEST {
            out.push('…');
            break;
        }
        match letter {
            '"' | '\'' => out.push(letter),
            _ => out.extend(letter.escape_debug()),
        }
    }
    out
}

/// A server's text in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

/// A field of the server's that may be absent.
pub(super) fn field(value: Option<&str>) -> String {
    value.map_or_else(|| "(missing)".to_owned(), quoted)
}

/// A number of the server's that may be absent.
pub(super) fn count(value: Option<u64>) -> String {
    value.map_or_else(|| "(missing)".to_owned(), |value| value.to_string())
}

/// `1 event`, `2 events`.
pub(super) fn events(count: u64) -> String {
    match count {
        1 => "1 event".to_owned(),
        _ => format!("{count} events"),
    }
}

/// ` (and 2 more)`, or nothing.
pub(super) fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        _ => format!(" (and {count} more)"),
    }
}

/// Indices in a row: `20`, `20 and 21`, `20 to 29`.
pub(super) fn span(first: u64, last: u64) -> String {
    match last.saturating_sub(first) {
        0 => first.to_string(),
        1 => format!("{first} and {last}"),
        _ => format!("{first} to {last}"),
    }
}

/// `3s`, `500ms`.
pub(super) fn lasted(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_millis(millis)).to_string()
}

/// An answer over HTTP, with the beginning of what it says.
pub(super) fn answered(status: u16, text: &str) -> String {
    match text.trim() {
        "" => format!("HTTP {status}"),
        text => format!("HTTP {status} {}", quoted(text)),
    }
}

/// What a message is, with the values that tell most.
pub(super) fn message(message: &Message) -> String {
    match &message.body {
        Body::Control(control) => match &**control {
            Control::Error { error: Some(text) } => format!("`error` {}", quoted(text)),
            Control::Replay { status, .. } => {
                format!("`replay` with the status {}", field(status.as_deref()))
            }
            Control::CatchUp { missed_events, .. } => {
                format!("`catch_up` with missed_events {}", count(*missed_events))
            }
            control => format!("`{}`", shown(control.name())),
        },
        Body::Event(event) => match &event.index {
            Index::At(index) => format!("event {index} ({})", shown(&event.name)),
            Index::Missing => format!("{} without an index", shown(&event.name)),
            Index::Odd(text) => format!(
                "{} with the index {}",
                shown(&event.name),
                shown(&text.to_string())
            ),
        },
        Body::Unintelligible(reason) => format!("a message that cannot be read: {}", shown(reason)),
    }
}

/// Why a request on this connection that was not answered is inconclusive.
pub(super) fn unanswered(connection: &Connection<'_>, request: Number) -> String {
    let viewer = connection.viewer;
    match connection.lost().filter(|lost| lost.number > request) {
        Some(lost) => format!(
            "{viewer} lost the connection before an answer came: {}",
            entry(lost)
        ),
        None => format!("{viewer} left, or the transcript ends, before an answer came"),
    }
}

/// Why a viewer did not see what was to come: how their part of the transcript ends, before this.
pub(super) fn gone(connection: &Connection<'_>, before: &str) -> String {
    let viewer = connection.viewer;
    match (connection.lost(), connection.left()) {
        (Some(lost), _) => format!(
            "{viewer} lost the connection before {before}: {}",
            entry(lost)
        ),
        (None, Some(_)) => format!("{viewer} left before {before}"),
        (None, None) => format!("the transcript ends before {before}, while {viewer} is watching"),
    }
}

/// An entry as a noun phrase.
pub(super) fn entry(entry: &Entry) -> String {
    match &entry.what {
        EntryKind::Received { message: m, .. } => message(m),
        EntryKind::ReceivedBinary(length) => format!("a binary message of {length} bytes"),
        EntryKind::TimedOut { after, .. } => format!("silence for {}", lasted(*after)),
        EntryKind::Watched(after) => format!("silence for {}", lasted(*after)),
        EntryKind::Refused { status, text, .. } => answered(*status, text),
        // Only over HTTP it comes after a request.
        EntryKind::Opened => "a stream of events".to_owned(),
        EntryKind::StreamEnded { unfinished: 0 } => "the end of the stream".to_owned(),
        EntryKind::StreamEnded { unfinished } => {
            format!("the end of the stream, in the middle of an event ({unfinished} bytes of it)")
        }
        EntryKind::HttpResponse { status, text } => answered(*status, text),
        EntryKind::CloseReceived { code, reason } => {
            let mut out = "the connection closed by the server".to_owned();
            if let Some(code) = code {
                let _ = write!(out, " with {code}");
            }
            if !reason.is_empty() {
                let _ = write!(out, " {}", quoted(reason));
            }
            out
        }
        EntryKind::Ended(reason) => match reason {
            Some(reason) => format!("a lost connection ({})", shown(reason)),
            None => "a lost connection".to_owned(),
        },
        _ => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_short_and_harmless() {
        let text = format!("\u{1b}[31mred\u{202e}\n{}", "x".repeat(500));
        let shown = shown(&text);
        assert!(shown.starts_with("\\u{1b}[31mred\\u{202e}\\n"), "{shown}");
        assert!(shown.chars().count() < 120);
    }

    #[test]
    fn numbers_are_said_as_people_say_them() {
        assert_eq!(span(3, 3), "3");
        assert_eq!(span(3, 4), "3 and 4");
        assert_eq!(span(3, 9), "3 to 9");
        assert_eq!(events(1), "1 event");
        assert_eq!(more(0), "");
        assert_eq!(lasted(Duration::from_micros(2_500_400)), "2s 500ms");
    }
}
