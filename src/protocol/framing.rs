//! The two framings of a text frame, which one connection can mix.
//!
//! Control messages and everything sent to a viewer who reconnected are plain JSON; run events on
//! the connection that sent `start-workflow` are wrapped as a server-sent event,
//! `event: <name>\ndata: <json>\n\n` (agno 2.3.16 to 3.1.10, without the durable queue).

use std::borrow::Cow;

/// How a JSON object is framed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Framing {
    /// The frame is the JSON object.
    Plain,
    /// The frame is one server-sent event whose `data` is the JSON object.
    Sse,
}

/// The framing of a frame, and the JSON text in it.
///
/// A frame that starts with `{` or `[` (after white space) is plain. Otherwise the lines are read
/// as the HTML standard reads an event stream: LF, CRLF or CR end a line, one space after the colon
/// is dropped, several `data` lines are joined by a newline, and lines of other fields and comments
/// are passed over. A frame without any `data` line is plain, whatever it contains.
#[must_use]
pub fn unwrap(frame: &str) -> (Framing, Cow<'_, str>) {
    let start = frame.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
    if start.starts_with(['{', '[']) {
        return (Framing::Plain, Cow::Borrowed(frame));
    }
    let mut data: Option<Cow<'_, str>> = None;
    for line in lines(start) {
        let Some(value) = value(line, "data") else {
            continue;
        };
        data = Some(match data {
            None => Cow::Borrowed(value),
            Some(before) => Cow::Owned(format!("{before}\n{value}")),
        });
    }
    match data {
        Some(json) => (Framing::Sse, json),
        None => (Framing::Plain, Cow::Borrowed(frame)),
    }
}

/// The label of a server-sent event: the value of its last `event` line, where that is not empty.
/// `None` for plain JSON.
#[must_use]
pub fn label(frame: &str) -> Option<&str> {
    let start = frame.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
    if start.starts_with(['{', '[']) {
        return None;
    }
    let last = lines(start)
        .filter_map(|line| value(line, "event"))
        .last()?;
    Some(last).filter(|label| !label.is_empty())
}

/// Whether a frame has comments of an event stream, and nothing else.
#[must_use]
pub fn is_comment(frame: &str) -> bool {
    let mut all = lines(frame).filter(|line| !line.is_empty()).peekable();
    all.peek().is_some() && all.all(|line| line.starts_with(':'))
}

/// A JSON text, wrapped as AgentOS does on the connection that started the run.
#[must_use]
pub fn wrap_sse(name: &str, json: &str) -> String {
    format!("event: {name}\ndata: {json}\n\n")
}

/// The value of this field in a line; `None` where it is another field's. A name alone has an empty value.
fn value<'l>(line: &'l str, field: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(field)?;
    match rest.strip_prefix(':') {
        Some(value) => Some(value.strip_prefix(' ').unwrap_or(value)),
        None => rest.is_empty().then_some(""),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let line = &rest[..end];
        let step = match &bytes[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        rest = &rest[end + step..];
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_left_as_it_is() {
        let frame = r#"{"event": "x", "content": "data: not a field\n\n"}"#;
        assert_eq!(unwrap(frame), (Framing::Plain, Cow::Borrowed(frame)));
    }

    #[test]
    fn a_comment_is_no_message() {
        for frame in [":", ": keepalive\n\n", ":a\r\n: b\r\n\r\n"] {
            assert!(is_comment(frame), "{frame:?}");
        }
        for frame in ["", "\n", ": a\ndata: {}\n\n", "a: b", "{}", " : a"] {
            assert!(!is_comment(frame), "{frame:?}");
        }
    }

    #[test]
    fn an_sse_frame_gives_its_data() {
        let frame = wrap_sse("RunContent", r#"{"a": "data: b"}"#);
        assert_eq!(
            unwrap(&frame),
            (Framing::Sse, Cow::Borrowed(r#"{"a": "data: b"}"#))
        );
    }

    #[test]
    fn a_server_sent_event_may_have_a_label() {
        let frame = wrap_sse("RunContent", r#"{"a": "event: b"}"#);
        assert_eq!(label(&frame), Some("RunContent"));
        assert_eq!(label("event:x\nevent: y\ndata: 1\n\n"), Some("y"));
        for frame in [
            "data: 1\n\n",
            "event:\ndata: 1\n\n",
            "event: x\nevent\ndata: 1\n\n",
            r#"{"event: x": 1}"#,
        ] {
            assert_eq!(label(frame), None, "{frame:?}");
        }
    }

    #[test]
    fn every_line_end_of_the_html_standard_is_known() {
        for end in ["\n", "\r\n", "\r"] {
            let frame = format!(": hi{end}event: x{end}data:{{\"a\":{end}data: 1}}{end}{end}");
            let (framing, json) = unwrap(&frame);
            assert_eq!(framing, Framing::Sse);
            assert_eq!(json, "{\"a\":\n1}");
        }
    }

    #[test]
    fn a_frame_without_data_is_plain() {
        for frame in ["", "hello", "database: 1", "event: x\n\n"] {
            assert_eq!(unwrap(frame).0, Framing::Plain, "{frame:?}");
        }
    }
}
