//! JSON, read strictly first; then leniently, keeping what strict parsers refuse.
//!
//! Python's `json` writes bare `NaN`, `Infinity` and lone surrogate escapes, and real releases put
//! them on the wire. RFC 8259 allows none of them. Such a text is still readable: a non-finite number
//! becomes the string of its name, a lone surrogate stays as the six characters of its escape, so
//! that two deliveries of the same text still compare as equal.

use std::fmt;

use serde_json::Value;

/// What makes a text no strict JSON (RFC 8259).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Defect {
    /// A bare `NaN`, `Infinity` or `-Infinity`, at this byte of the JSON text.
    NonFinite(u32),
    /// An escape of half a surrogate pair, at this byte of the JSON text.
    LoneSurrogate(u32),
    /// A byte order mark before the JSON text (RFC 8259, section 8.1).
    ByteOrderMark,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonFinite(at) => write!(f, "a number that is not finite, at byte {at}"),
            Self::LoneSurrogate(at) => write!(f, "half a surrogate pair, at byte {at}"),
            Self::ByteOrderMark => write!(f, "a byte order mark before it"),
        }
    }
}

/// The place of a byte. No message is too long for this.
fn byte(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The value of a JSON text, read leniently, and the first thing in it that strict JSON refuses.
///
/// # Errors
///
/// The message of the strict parser, where the text is no JSON even so.
pub fn parse(text: &str) -> Result<(Value, Option<Defect>), serde_json::Error> {
    if let Some(text) = without_mark(text) {
        return parse(text).map(|(value, _)| (value, Some(Defect::ByteOrderMark)));
    }
    let strict = serde_json::from_str(text);
    match strict {
        Ok(value) => Ok((value, None)),
        Err(error) => {
            let (fixed, defect) = fix(text);
            match serde_json::from_str(&fixed) {
                Ok(value) => Ok((value, defect)),
                Err(_) => Err(error),
            }
        }
    }
}

/// The text behind one or more byte order marks; `None` where there is none.
#[must_use]
pub fn without_mark(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches('\u{feff}');
    (rest.len() < text.len()).then_some(rest)
}

/// The first escape of half a surrogate pair. Fast where there is no escape of a surrogate at all.
#[must_use]
pub fn lone_surrogate(text: &str) -> Option<Defect> {
    if !memchr::memchr_iter(b'\\', text.as_bytes()).any(|at| {
        matches!(
            text.as_bytes().get(at + 1..at + 3),
            Some([b'u', b'd' | b'D'])
        )
    }) {
        return None;
    }
    match fix(text).1 {
        Some(Defect::LoneSurrogate(at)) => Some(Defect::LoneSurrogate(at)),
        _ => None,
    }
}

/// Rewrites what strict JSON refuses, and names the first such thing. Numbers too large for a double become strings too, but are no
/// defect: RFC 8259 has no limit.
fn fix(text: &str) -> (String, Option<Defect>) {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 16);
    let mut defect = None;
    let mut at = 0;
    let mut copied = 0;
    let mut in_string = false;
    while at < bytes.len() {
        if in_string {
            match bytes[at] {
                b'"' => {
                    in_string = false;
                    at += 1;
                }
                b'\\' if bytes.get(at + 1) == Some(&b'u') => match escape(bytes, at) {
                    Some(unit) if is_high(unit) && escape(bytes, at + 6).is_some_and(is_low) => {
                        at += 12
                    }
                    Some(unit) if is_high(unit) || is_low(unit) => {
                        defect.get_or_insert(Defect::LoneSurrogate(byte(at)));
                        out.push_str(&text[copied..at]);
                        out.push('\\');
                        copied = at;
                        at += 6;
                    }
                    _ => at += 2,
                },
                b'\\' => at += 2,
                _ => at += 1,
            }
            continue;
        }
        match bytes[at] {
            b'"' => {
                in_string = true;
                at += 1;
            }
            b'N' | b'I' | b'-' | b'0'..=b'9' => {
                let end = at + token(&bytes[at..]);
                let word = &text[at..end];
                let non_finite = matches!(word, "NaN" | "Infinity" | "-Infinity");
                if non_finite || word.parse::<f64>().is_ok_and(f64::is_infinite) {
                    if non_finite {
                        defect.get_or_insert(Defect::NonFinite(byte(at)));
                    }
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(word);
                    out.push('"');
                    copied = end;
                }
                at = end.max(at + 1);
            }
            _ => at += 1,
        }
    }
    out.push_str(&text[copied..]);
    (out, defect)
}

fn token(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')))
        .unwrap_or(bytes.len())
}

/// The code unit of the `\uXXXX` at `at`, if there is one.
fn escape(bytes: &[u8], at: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else {
        return None;
    };
    let digits = std::str::from_utf8(digits).ok()?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

fn is_high(unit: u16) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

fn is_low(unit: u16) -> bool {
    (0xDC00..0xE000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn strict_text_has_no_defect() {
        let text = r#"{"a": "NaN \ud83d\ude00 \\ud800", "b": [1e5, -0.5]}"#;
        let (value, defect) = parse(text).expect("strict");
        assert_eq!(defect, None);
        assert_eq!(value["a"], json!("NaN 😀 \\ud800"));
        assert_eq!(lone_surrogate(text), None);
    }

    #[test]
    fn what_python_writes_is_read_and_named() {
        let (value, defect) = parse(r#"{"a": NaN, "b": [-Infinity, Infinity]}"#).expect("lenient");
        assert_eq!(defect, Some(Defect::NonFinite(6)));
        assert_eq!(value, json!({"a": "NaN", "b": ["-Infinity", "Infinity"]}));

        let text = r#"{"a": "x\ud800b", "b": "\udc00"}"#;
        let (value, defect) = parse(text).expect("lenient");
        assert_eq!(defect, Some(Defect::LoneSurrogate(8)));
        assert_eq!(value, json!({"a": "x\\ud800b", "b": "\\udc00"}));
        assert_eq!(lone_surrogate(text), Some(Defect::LoneSurrogate(8)));
    }

    #[test]
    fn a_number_beyond_a_double_is_no_defect() {
        let (value, defect) = parse(r#"{"a": 1e999}"#).expect("lenient");
        assert_eq!((value, defect), (json!({"a": "1e999"}), None));
    }

    #[test]
    fn what_is_no_json_stays_an_error() {
        for text in ["", "{", "{\"a\": Nan}", "nope", "\"\\u12", "\"\\ud8"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_without_a_panic(text in "\\PC*|[\\\\u\"dD8{}NaI0-9-]*") {
            let _ = parse(&text);
            let _ = lone_surrogate(&text);
        }
    }
}
