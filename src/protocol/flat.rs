//! The envelope of a flat object, read in one pass over its bytes: the shape of nearly every message.
//!
//! It reads only what it can be sure of: an object whose values are texts, whole numbers, booleans
//! and `null`, with nothing unusual in a field of the envelope. Everything else is left to serde,
//! which reads the same text from its beginning, so the result never depends on which of the two has
//! read it.

use std::borrow::Cow;

use super::envelope::{Envelope, Loose, LooseBool};
use super::message::Index;

/// The envelope of a flat object.
pub(super) struct Flat<'a> {
    pub(super) envelope: Envelope<'a>,
    /// Whether there is an escape of a code unit in it, which may be half a surrogate pair.
    pub(super) has_units: bool,
}

/// Reads the envelope of a flat object; `None` where the text needs a full parser.
pub(super) fn read(json: &str) -> Option<Flat<'_>> {
    let mut text = Cursor {
        json,
        at: 0,
        has_units: false,
    };
    let mut envelope = Envelope::default();
    let mut seen = 0;
    text.blank();
    text.take(b'{')?;
    text.blank();
    text.take(b'"')?;
    loop {
        let key = text.string()?.plain?;
        text.pass(b": ", b':')?;
        let value = text.value()?;
        if let Some(field) = keep(&mut envelope, key, value)? {
            let bit = 1 << field;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
        }
        if text.pass(b", ", b',').is_none() {
            break;
        }
        text.take(b'"')?;
    }
    text.take(b'}')?;
    text.blank();
    (text.at == json.len()).then_some(Flat {
        envelope,
        has_units: text.has_units,
    })
}

/// Puts a value into its field and gives the field's number; `Some(None)` where no field has this key,
/// `None` where no release sends such a value in the field.
fn keep<'a>(envelope: &mut Envelope<'a>, key: &str, value: Value<'a>) -> Option<Option<u8>> {
    let (number, text) = match key {
        "event" => (0, &mut envelope.event),
        "run_id" => (1, &mut envelope.run_id),
        "workflow_run_id" => (2, &mut envelope.workflow_run_id),
        "session_id" => (3, &mut envelope.session_id),
        "status" => (4, &mut envelope.status),
        "error" => (5, &mut envelope.error),
        "parent_run_id" => (12, &mut envelope.parent_run_id),
        _ => {
            let (number, index) = match key {
                "event_index" => (6, &mut envelope.event_index),
                "missed_events" => (7, &mut envelope.missed_events),
                "current_event_count" => (8, &mut envelope.current_event_count),
                "total_events" => (9, &mut envelope.total_events),
                "nested_depth" => (11, &mut envelope.nested_depth),
                "requires_auth" => {
                    let Value::Bool(value) = value else {
                        return None;
                    };
                    envelope.requires_auth = LooseBool(Some(value));
                    return Some(Some(10));
                }
                _ => return Some(None),
            };
            let Value::Whole(digits) = value else {
                return None;
            };
            *index = Index::At(digits.parse().ok()?);
            return Some(Some(number));
        }
    };
    *text = match value {
        Value::Text(text) => Loose(Some(Cow::Borrowed(text.plain?))),
        Value::Bool(_) | Value::Null => Loose(None),
        // Serde decides how large a number may be.
        Value::Whole(_) | Value::Negative => return None,
    };
    Some(Some(number))
}

/// A value of a flat object.
enum Value<'a> {
    Text(Quoted<'a>),
    /// The digits of a whole number from 0.
    Whole(&'a str),
    Negative,
    Bool(bool),
    Null,
}

/// A text between its quotes.
struct Quoted<'a> {
    /// The text, where there is no escape in it.
    plain: Option<&'a str>,
}

struct Cursor<'a> {
    json: &'a str,
    at: usize,
    has_units: bool,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes over this byte and the blanks around it; `usual` is how nearly every server writes it, and
    /// looked for first. Passes over the blanks before it where it is not there.
    #[inline]
    fn pass(&mut self, usual: &[u8; 2], byte: u8) -> Option<()> {
        let rest = self.json.as_bytes().get(self.at..)?;
        if rest.first_chunk() == Some(usual) {
            self.at += 2;
        } else {
            self.blank();
            if self.peek() != Some(byte) {
                return None;
            }
            self.at += 1;
        }
        self.blank();
        Some(())
    }

    fn value(&mut self) -> Option<Value<'a>> {
        Some(match self.peek()? {
            b'"' => {
                self.at += 1;
                Value::Text(self.string()?)
            }
            b'0'..=b'9' => Value::Whole(self.digits()?),
            b'-' => {
                self.at += 1;
                self.digits()?;
                Value::Negative
            }
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => return None,
        })
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        let end = self.at + word.len();
        let found = self.json.as_bytes().get(self.at..end)?;
        self.at = end;
        (found == word.as_bytes()).then_some(value)
    }

    /// A whole number: not one with a fraction or an exponent, and no needless zero before it.
    fn digits(&mut self) -> Option<&'a str> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        let digits = self.json.get(from..self.at)?;
        let is_strict = digits == "0" || !digits.is_empty() && !digits.starts_with('0');
        let goes_on = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        (is_strict && !goes_on).then_some(digits)
    }

    /// The text behind a quote, up to the quote that ends it.
    fn string(&mut self) -> Option<Quoted<'a>> {
        let bytes = self.json.as_bytes();
        let from = self.at;
        let mut escaped = false;
        loop {
            self.at = interruption(bytes, self.at);
            match self.next()? {
                b'"' => break,
                b'\\' => escaped = true,
                // A control character has to be escaped.
                _ => return None,
            }
            match self.next()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let digits = bytes.get(self.at..self.at + 4)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 4;
                    self.has_units = true;
                }
                _ => return None,
            }
        }
        let plain = match escaped {
            true => None,
            false => Some(self.json.get(from..self.at - 1)?),
        };
        Some(Quoted { plain })
    }
}

/// The place of the first quote, backslash or control character from `at` on, or the end: eight bytes
/// at a time.
fn interruption(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES * 0x80;
    // The high bit of each byte that is zero. A byte above one that is may be taken for another, so
    // only the lowest counts.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let found = control | quote | backslash;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|b| matches!(b, b'"' | b'\\' | ..0x20));
    found.map_or(bytes.len(), |found| at + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the text is read; then it must be read as serde reads it.
    fn agrees(json: &str) -> bool {
        let Some(flat) = read(json) else { return false };
        let whole: Envelope<'_> = serde_json::from_str(json).expect("strict JSON");
        assert_eq!(flat.envelope, whole, "{json:?}");
        let strict = serde_json::from_str::<serde::de::IgnoredAny>(json);
        assert!(strict.is_ok(), "{json:?}");
        assert_eq!(flat.has_units, has_units(json), "{json:?}");
        true
    }

    /// Whether there is an escape of a code unit, found without any knowledge of objects.
    fn has_units(json: &str) -> bool {
        let mut bytes = json.bytes();
        while let Some(byte) = bytes.next() {
            if byte == b'\\' && bytes.next() == Some(b'u') {
                return true;
            }
        }
        false
    }

    #[test]
    fn a_flat_object_is_read() {
        for json in [
            r#"{"event": "RunContent", "run_id": "r", "workflow_run_id": "w", "event_index": 20,
               "content": "a \"quoted\" word, \u00e9 and \ud800", "nested_depth": 0, "x": -3, "y": null,
               "session_id": null, "status": true, "workflow_agent": false}"#,
            r#"{"event":"connected","requires_auth":true}"#,
            r#"{"event": "StepStarted", "run_id": "i", "nested_depth": 2, "event_index": 5}"#,
            r#" {"event" : "catch_up" , "missed_events":0,"current_event_count":18446744073709551615} "#,
            r#"{"total_events": 1, "error": "é", "event_index2": 01234567890123456789}"#
                .replace("012", "12")
                .as_str(),
        ] {
            assert!(agrees(json), "{json:?}");
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_serde() {
        for json in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"event": "x"} x"#,
            r#"{"event": "x",}"#,
            r#"{"event": "x" "run_id": "r"}"#,
            r#"{"event": "x", "event": "y"}"#,
            r#"{"ev\u0065nt": "x"}"#,
            r#"{"event": "\u0078"}"#,
            r#"{"event": "x", "content": {}}"#,
            r#"{"event": "x", "content": []}"#,
            r#"{"event": "x", "content": 1.5}"#,
            r#"{"event": "x", "content": 1e5}"#,
            r#"{"event": "x", "content": 01}"#,
            r#"{"event": "x", "content": -}"#,
            r#"{"event": "x", "content": NaN}"#,
            r#"{"event": "x", "content": tru}"#,
            r#"{"event": "x", "content": "\x"}"#,
            r#"{"event": "x", "content": "\u00g0"}"#,
            "{\"event\": \"x\", \"content\": \"a\nb\"}",
            r#"{"event": "x", "event_index": null}"#,
            r#"{"event": "x", "event_index": -1}"#,
            r#"{"event": "x", "event_index": "1"}"#,
            r#"{"event": "x", "event_index": 18446744073709551616}"#,
            r#"{"event": "x", "requires_auth": null}"#,
            r#"{"event": "x", "status": 7}"#,
            r#"{"event": "x", "nested_depth": -1}"#,
        ] {
            assert!(!agrees(json), "{json:?}");
        }
    }

    #[test]
    fn every_place_of_an_interruption_is_found() {
        for length in 0..40 {
            for at in 0..length {
                for byte in ["\"", "\\", "\u{1f}", "\0"] {
                    let mut text = "\u{e9}".repeat(length);
                    text.truncate(at * 2);
                    text.push_str(byte);
                    text.push_str(&"!\u{7f}".repeat(length - at));
                    text.push_str(byte);
                    assert_eq!(interruption(text.as_bytes(), 0), at * 2, "{text:?}");
                }
            }
        }
        assert_eq!(interruption(b"nothing here", 3), 12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_is_read_is_what_serde_reads(
            fields in prop::collection::vec((
                "event|event_index|run_id|workflow_run_id|parent_run_id|session_id|status|error|requires_auth|\
                 missed_events|current_event_count|total_events|nested_depth|content|[a-z\\\\]{0,3}",
                "\"([ -~é\u{0}-\u{1f}]|\\\\[\"\\\\/bfnrtu]|\\\\u[0-9a-dA-D]{3,4}){0,12}\"|-?[0-9]{1,21}|\
                 -?[0-9]\\.[0-9]|true|false|null|\\{\\}|\\[1\\]|NaN|",
            ), 0..6),
            blank in "[ \n\t]?",
            end in "\\}?[ x]?",
        ) {
            let fields: Vec<String> = fields
                .into_iter()
                .map(|(key, value)| format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}"))
                .collect();
            agrees(&format!("{blank}{{{}{end}", fields.join(",")));
        }
    }
}
