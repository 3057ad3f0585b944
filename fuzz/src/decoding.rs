//! Frames from the wire: decoding is total, depends on nothing but the frame, and agrees with a second
//! reading of the same bytes that is written the simplest way.

use std::sync::Arc;

use reconnect_acceptance::protocol::decode::is_event_name;
use reconnect_acceptance::protocol::json::{self, Defect};
use reconnect_acceptance::protocol::{
    About, Action, Body, Control, Decoder, Event, EventStream, Framing, Index, Message, Route,
    RunRequest, framing, route,
};
use serde_json::{Map, Value};

/// Frames, with 0xFF between two.
pub fn decoding(bytes: &[u8]) {
    split(bytes);
    let mut used = Decoder::new();
    for frame in bytes.split(|byte| *byte == 0xFF).map(crate::text) {
        let message = Decoder::new().decode(frame);
        assert_eq!(
            used.decode(frame),
            message,
            "what came before changes how it is read"
        );
        unwrapped(frame, &message);
        read(frame, &message);
        wrapped(frame);
        said(frame);
        routed(frame);
        let _ = route::run_of_answer(frame);
    }
}

/// A stream of server-sent events has the blocks that its lines say, however its bytes come.
fn split(bytes: &[u8]) {
    let mut all = lines(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    // The last line has no end.
    all.pop();
    let expected: Vec<Vec<Vec<u8>>> = all
        .split_inclusive(|line| line.is_empty())
        .filter_map(|block| block.split_last())
        .filter(|(last, block)| last.is_empty() && !block.is_empty())
        .map(|(_, block)| block.to_vec())
        .collect();
    let length = usize::from(bytes.first().copied().unwrap_or(1)).max(1);
    for pieces in [length, bytes.len().max(1)] {
        let mut stream = EventStream::new(bytes.len());
        let mut blocks = Vec::new();
        for piece in bytes.chunks(pieces) {
            stream.feed(piece).expect("no block is longer than all");
            while let Some(block) = stream.next_block() {
                let mut block = lines(&block);
                // The empty line, and what is after its end.
                block.truncate(block.len() - 2);
                blocks.push(block);
            }
        }
        assert_eq!(blocks, expected, "by {pieces}");
    }
}

/// The lines, with what comes after the last one's end.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    let mut rest = bytes;
    while let Some((byte, more)) = rest.split_first() {
        rest = match byte {
            b'\r' => more.strip_prefix(b"\n").unwrap_or(more),
            _ => more,
        };
        match byte {
            b'\r' | b'\n' => lines.push(Vec::new()),
            byte => lines.last_mut().expect("a line").push(*byte),
        }
    }
    lines
}

/// The framing, as the HTML standard reads an event stream.
fn unwrapped(frame: &str, message: &Message) {
    let (framing, json) = framing::unwrap(frame);
    // Comments are an event stream without an event.
    match framing::is_comment(frame) {
        true => assert_eq!(message.framing, Framing::Sse),
        false => assert_eq!(framing, message.framing),
    }
    let body = frame.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
    let plain = body.starts_with(['{', '[']);
    let lines: Vec<String> = match plain {
        true => Vec::new(),
        false => body
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .split('\n')
            .map(str::to_owned)
            .collect(),
    };
    let values = |field: &str| -> Vec<&str> {
        let value = |line: &'_ String| -> Option<(usize, usize)> {
            let (name, from) = match line.find(':') {
                Some(colon) => (&line[..colon], colon + 1),
                None => (line.as_str(), line.len()),
            };
            let space = usize::from(line[from..].starts_with(' '));
            (name == field).then_some((from + space, line.len()))
        };
        let places = lines.iter().map(|line| (line, value(line)));
        places
            .filter_map(|(line, place)| place.map(|(from, to)| &line[from..to]))
            .collect()
    };
    let data = values("data");
    if data.is_empty() {
        assert_eq!((framing, &*json), (Framing::Plain, frame));
    } else {
        assert_eq!(framing, Framing::Sse);
        assert_eq!(json, data.join("\n"));
    }
    // A line of the field's name alone labels nothing.
    let label = values("event").last().copied();
    assert_eq!(
        framing::label(frame),
        label.filter(|label| !label.is_empty())
    );
}

/// What the message says, beside what a JSON parser makes of the same text.
fn read(frame: &str, message: &Message) {
    let text = framing::unwrap(frame).1;
    let lenient = json::parse(&text);
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        // NaN cannot stand in a value, so equal is equal.
        let (read, defect) = lenient.as_ref().expect("what is strict JSON is read");
        assert_eq!((read, defect), (&value, &None));
        assert_eq!(json::lone_surrogate(&text), None, "it is strict JSON");
    }
    match &lenient {
        Ok((value, defect)) => {
            if let Some(defect) = defect {
                stands_there(&text, defect);
                assert!(serde_json::from_str::<Value>(&text).is_err(), "{defect}");
            }
            assert_eq!(message.defect, *defect);
            match value {
                Value::Object(fields) => assert_eq!(message.body, body(fields)),
                _ => assert_eq!(
                    message.body,
                    Body::Unintelligible("not a JSON object".into())
                ),
            }
        }
        // The envelope is read without recursion, everything else with a bound to it.
        Err(error) if error.to_string().contains("recursion limit") => {}
        // Server-sent events may be nothing but comments.
        Err(_) if message.name() == ": comment" => {
            let comment = |line: &str| line.is_empty() || line.starts_with(':');
            assert!(frame.split(['\r', '\n']).all(comment), "{frame:?}");
        }
        Err(error) => {
            assert!(
                matches!(message.body, Body::Unintelligible(_)),
                "{error}: {message:?}"
            );
        }
    }
    if let Body::Unintelligible(why) = &message.body {
        assert!(!why.is_empty());
    }
}

/// Whether the defect is at the byte that it names.
fn stands_there(text: &str, defect: &Defect) {
    let text = text.trim_start_matches('\u{feff}');
    match defect {
        Defect::NonFinite(at) => {
            let rest = &text[*at as usize..];
            let words = ["NaN", "Infinity", "-Infinity"];
            assert!(words.iter().any(|word| rest.starts_with(word)), "{rest:?}");
        }
        Defect::LoneSurrogate(at) => {
            let rest = text[*at as usize..].to_ascii_lowercase();
            assert!(rest.starts_with("\\ud"), "{rest:?}");
        }
        Defect::ByteOrderMark => {}
    }
}

/// What an object says, field by field.
fn body(fields: &Map<String, Value>) -> Body {
    let word = |name: &str| fields.get(name).and_then(Value::as_str);
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    let Some(name) = word("event") else {
        return Body::Unintelligible("no text field `event`".into());
    };
    let run_id = word("run_id").map(Into::into);
    let status = word("status").map(Into::into);
    let current_event_count = number("current_event_count");
    Body::Control(Box::new(match name {
        "connected" => Control::Connected {
            requires_auth: fields.get("requires_auth").and_then(Value::as_bool),
        },
        "authenticated" => Control::Authenticated,
        "auth_error" => Control::AuthError,
        "auth_required" => Control::AuthRequired,
        "pong" => Control::Pong,
        "error" => Control::Error {
            error: word("error").map(Into::into),
        },
        "queued" => Control::Queued { run_id },
        "catch_up" => Control::CatchUp {
            run_id,
            status,
            missed_events: number("missed_events"),
            current_event_count,
        },
        "subscribed" => Control::Subscribed {
            run_id,
            status,
            current_event_count,
        },
        "replay" => Control::Replay {
            run_id,
            status,
            total_events: number("total_events"),
        },
        _ if !fields.contains_key("event_index") && !is_event_name(name) => {
            Control::Other { name: name.into() }
        }
        _ => {
            return Body::Event(Event {
                index: index(fields.get("event_index")),
                about: Arc::new(About {
                    name: name.into(),
                    run_id,
                    workflow_run_id: word("workflow_run_id").map(Into::into),
                    parent_run_id: word("parent_run_id").map(Into::into),
                    session_id: word("session_id").map(Into::into),
                    nested: number("nested_depth") >= Some(1),
                    pauses: false,
                    given_to: None,
                }),
            });
        }
    }))
}

fn index(value: Option<&Value>) -> Index {
    match value {
        None => Index::Missing,
        Some(Value::Array(_)) => Index::from("a list"),
        Some(Value::Object(_)) => Index::from("an object"),
        Some(value) => match (value.as_u64(), value.as_f64()) {
            (Some(index), _) => Index::At(index),
            // Without the notation of JSON, which has a point in every such number.
            (None, Some(number)) if value.is_f64() => Index::from(&*number.to_string()),
            _ => Index::from(&*value.to_string()),
        },
    }
}

/// A plain frame says the same as a server-sent event.
fn wrapped(frame: &str) {
    if frame.contains(['\r', '\n']) || framing::unwrap(frame).0 == Framing::Sse {
        return;
    }
    let wrapped = framing::wrap_sse("RunContent", frame);
    let (framing, json) = framing::unwrap(&wrapped);
    assert_eq!((framing, &*json), (Framing::Sse, frame));
    assert_eq!(framing::label(&wrapped), Some("RunContent"));
    let (plain, wrapped) = (
        Decoder::new().decode(frame),
        Decoder::new().decode(&wrapped),
    );
    assert_eq!(
        (plain.body, plain.defect),
        (wrapped.body, wrapped.defect),
        "the framing changes what it says"
    );
}

/// What a client says is said again with the same meaning.
fn said(frame: &str) {
    let action = Action::of(frame);
    if let Action::Other(text) = &action {
        assert_eq!(text, frame);
    }
    let again = Action::of(&action.to_text());
    // The parser does not promise the last digit of a fraction.
    let exact = !frame.contains(['.', 'e', 'E']) && !has_fraction(&action);
    assert!(!exact || again == action, "{action:?} became {again:?}");
}

/// Whole numbers beyond 64 bits are fractions, too.
fn has_fraction(action: &Action) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::Array(all) => all.iter().any(within),
            Value::Object(all) => all.values().any(within),
            _ => false,
        }
    }
    serde_json::from_str(&action.to_text()).is_ok_and(|value: Value| within(&value))
}

/// Paths are percent-decoded (RFC 3986, section 2.1), and written again with the same meaning.
fn routed(path: &str) {
    for method in ["GET", "POST"] {
        let Some(of) = Route::of(method, path) else {
            continue;
        };
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        assert_eq!(of.component.segment(), parts[0]);
        assert_eq!(of.id, decoded(parts[1]));
        match &of.request {
            RunRequest::Start => assert_eq!(parts.len(), 3),
            RunRequest::Cancel(run)
            | RunRequest::Resume(run)
            | RunRequest::Continue(run)
            | RunRequest::State(run) => assert_eq!(*run, decoded(parts[3])),
        }
        let written = of.path();
        assert_eq!(Route::of(method, &written), Some(of), "{written}");
    }
}

fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3);
        let digits = digits.filter(|it| it.iter().all(u8::is_ascii_hexdigit));
        let byte = digits
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        match (bytes[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
