//! The envelope of an ordinary message, read in one pass.
//!
//! Real servers send the same shape a thousand times. [`scan`] takes what is strict JSON beyond
//! doubt and has fields of the expected types, and leaves everything else (escapes in names and ids,
//! repeated fields, fields of another type, deep nesting, defects) to the careful reading.

use std::borrow::Cow;

use super::envelope::{Envelope, Loose, LooseBool};
use super::message::Index;

/// Lists and objects within each other that are followed; deeper ones are left to the careful reading.
const DEEPEST: u32 = 32;

/// An envelope, and what the scan saw on the way.
#[derive(Debug)]
pub(super) struct Scanned<'a> {
    pub(super) envelope: Envelope<'a>,
    /// Whether some string has an escape of a surrogate, half of a pair or not.
    pub(super) surrogates: bool,
}

/// Reads an ordinary message. `None` says nothing about the text.
pub(super) fn scan(text: &str) -> Option<Scanned<'_>> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        surrogates: false,
    };
    let envelope = scanner.message()?;
    Some(Scanned {
        envelope,
        surrogates: scanner.surrogates,
    })
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    surrogates: bool,
}

impl<'a> Scanner<'a> {
    fn message(&mut self) -> Option<Envelope<'a>> {
        let mut envelope = Envelope::default();
        let mut seen = 0_u16;
        let mut first = |bit: u16| {
            let new = seen & bit == 0;
            seen |= bit;
            new.then_some(())
        };
        self.space();
        self.expect(b'{')?;
        loop {
            self.space();
            self.expect(b'"')?;
            let name = self.plain()?;
            self.space();
            self.expect(b':')?;
            self.space();
            match name {
                "event" => {
                    first(1)?;
                    envelope.event = self.word()?;
                }
                "event_index" => {
                    first(1 << 1)?;
                    envelope.event_index = self.whole()?;
                }
                "run_id" => {
                    first(1 << 2)?;
                    envelope.run_id = self.word()?;
                }
                "workflow_run_id" => {
                    first(1 << 3)?;
                    envelope.workflow_run_id = self.word()?;
                }
                "session_id" => {
                    first(1 << 4)?;
                    envelope.session_id = self.word()?;
                }
                "status" => {
                    first(1 << 5)?;
                    envelope.status = self.word()?;
                }
                "error" => {
                    first(1 << 6)?;
                    envelope.error = self.word()?;
                }
                "requires_auth" => {
                    first(1 << 7)?;
                    envelope.requires_auth = self.answer()?;
                }
                "missed_events" => {
                    first(1 << 8)?;
                    envelope.missed_events = self.whole()?;
                }
                "current_event_count" => {
                    first(1 << 9)?;
                    envelope.current_event_count = self.whole()?;
                }
                "total_events" => {
                    first(1 << 10)?;
                    envelope.total_events = self.whole()?;
                }
                _ => self.value(DEEPEST)?,
            }
            self.space();
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        self.space();
        (self.at == self.bytes.len()).then_some(envelope)
    }

    /// A text without escapes, or `null`.
    fn word(&mut self) -> Option<Loose<'a>> {
        match self.next()? {
            b'"' => Some(Loose(Some(Cow::Borrowed(self.plain()?)))),
            b'n' => self.rest(b"ull").map(|()| Loose(None)),
            _ => None,
        }
    }

    /// A boolean.
    fn answer(&mut self) -> Option<LooseBool> {
        match self.next()? {
            b't' => self.rest(b"rue").map(|()| LooseBool(Some(true))),
            b'f' => self.rest(b"alse").map(|()| LooseBool(Some(false))),
            _ => None,
        }
    }

    /// A whole number from 0, of few enough digits to fit.
    fn whole(&mut self) -> Option<Index> {
        let from = self.at;
        let mut number = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let digits = self.at - from;
        let canonical = (1..19).contains(&digits) && (digits == 1 || self.bytes[from] != b'0');
        let over = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        (canonical && over).then_some(Index::At(number))
    }

    /// Passes over any value.
    fn value(&mut self, depth: u32) -> Option<()> {
        match self.next()? {
            b'"' => self.string(),
            b't' => self.rest(b"rue"),
            b'f' => self.rest(b"alse"),
            b'n' => self.rest(b"ull"),
            b'-' => {
                let digit = self.next()?;
                self.number(digit)
            }
            digit @ b'0'..=b'9' => self.number(digit),
            b'[' => self.list(depth.checked_sub(1)?),
            b'{' => self.object(depth.checked_sub(1)?),
            _ => None,
        }
    }

    fn list(&mut self, depth: u32) -> Option<()> {
        self.space();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.space();
            self.value(depth)?;
            self.space();
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn object(&mut self, depth: u32) -> Option<()> {
        self.space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.space();
            self.expect(b'"')?;
            self.string()?;
            self.space();
            self.expect(b':')?;
            self.space();
            self.value(depth)?;
            self.space();
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The rest of a number that begins with this digit.
    fn number(&mut self, first: u8) -> Option<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Some(())
    }

    fn some_digits(&mut self) -> Option<()> {
        let from = self.at;
        self.digits();
        (self.at > from).then_some(())
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    /// The rest of a string without escapes.
    fn plain(&mut self) -> Option<&'a str> {
        let from = self.at;
        self.skip();
        let text = self.text.get(from..self.at)?;
        self.expect(b'"')?;
        Some(text)
    }

    /// Passes over the rest of a string.
    fn string(&mut self) -> Option<()> {
        loop {
            self.skip();
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let digits = self.bytes.get(self.at..self.at + 4)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        self.surrogates |= matches!(digits[0], b'd' | b'D');
                        self.at += 4;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// Goes on to the next byte that may not stand as it is in a string: a quotation mark, a
    /// backslash or a control character. Eight bytes at a time.
    fn skip(&mut self) {
        const ONES: u64 = u64::MAX / 255;
        const HIGHS: u64 = ONES << 7;
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
        while let Some(chunk) = self.bytes[self.at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let control = word.wrapping_sub(ONES * 0x20) & !word;
            let quote = zeros(word ^ (ONES * u64::from(b'"')));
            let backslash = zeros(word ^ (ONES * u64::from(b'\\')));
            // A borrow can mark bytes behind the first marked one, never before it.
            let marks = (control | quote | backslash) & HIGHS;
            if marks != 0 {
                self.at += marks.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
        while let Some(byte) = self.peek() {
            if byte < 0x20 || byte == b'"' || byte == b'\\' {
                return;
            }
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn rest(&mut self, rest: &[u8]) -> Option<()> {
        let found = self.bytes[self.at..].starts_with(rest);
        self.at += rest.len();
        found.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is scanned is what serde reads.
    fn agrees(text: &str) -> bool {
        let Some(scanned) = scan(text) else {
            return false;
        };
        let read: Envelope<'_> = serde_json::from_str(text).expect("what was scanned is JSON");
        assert_eq!(
            format!("{:?}", scanned.envelope),
            format!("{read:?}"),
            "{text}"
        );
        let surrogates = ["\\ud", "\\uD"].iter().any(|it| text.contains(it));
        assert!(surrogates || !scanned.surrogates, "{text}");
        assert!(scanned.surrogates || crate::protocol::json::lone_surrogate(text).is_none());
        true
    }

    #[test]
    fn ordinary_messages_are_scanned() {
        for text in [
            r#"{"event": "connected", "message": "Connected to AgentOS.", "requires_auth": false}"#,
            r#"{"event":"RunContent","run_id":null,"content":{"a":[1,-0.5e+3,[],{}]},"event_index":7}"#,
            r#" {"event": "x", "content": "\u00e9 \ud83d \"\\ längere Worte", "event_index": 0} "#,
            r#"{"total_events": 123456789012345678}"#,
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_ordinary_is_left_to_the_careful_reading() {
        for text in [
            "",
            "{",
            "{}",
            "[1]",
            r#"{"event": "a\u0062"}"#,
            r#"{"ev\u0065nt": "a"}"#,
            r#"{"event": "a", "event": "b"}"#,
            r#"{"event_index": 01}"#,
            r#"{"event_index": 1.0}"#,
            r#"{"event_index": -1}"#,
            r#"{"event_index": 12345678901234567890}"#,
            r#"{"event_index": null}"#,
            r#"{"run_id": 7}"#,
            r#"{"a": NaN}"#,
            r#"{"a": 01}"#,
            r#"{"a": 1.}"#,
            r#"{"a": "\x"}"#,
            r#"{"a": "\u12"}"#,
            r#"{"a": 1,}"#,
            r#"{"a": [1,]}"#,
            r#"{"a": 1} x"#,
            r#"{"a": nul}"#,
            "{\"a\": \"\u{1}\"}",
            "{\"event\": \"\n\"}",
        ] {
            assert!(scan(text).is_none(), "{text}");
        }
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(100), "]".repeat(100));
        assert!(scan(&deep).is_none());
    }

    proptest! {
        #[test]
        fn a_string_ends_where_serde_ends_it(text in "[ -~\\u{80}-\\u{ff}\\u{0}-\\u{1f}😀\"\\\\]{0,40}") {
            agrees(&format!("{{\"content\": {}, \"event\": \"x\"}}", serde_json::Value::from(text.as_str())));
            agrees(&format!("{{\"content\": \"{text}\", \"event\": \"x\"}}"));
            agrees(&format!("{{\"event\": \"{text}\"}}"));
        }

        #[test]
        fn nearly_json_is_read_as_serde_reads_it(
            members in prop::collection::vec(
                ("(event|event_index|run_id|status|error|requires_auth|a)",
                 "(null|true|false|nul|\"[a-z\\\\u0d8\"]{0,9}\"|-?[0-9.eE+-]{0,5}|[0-9]{1,21}|\\[[0-9,]{0,3}\\]|\\{(\"a\":1,?)?\\})"),
                0..4),
            space in "[ \t\r\n]{0,2}",
        ) {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"))
                .collect();
            agrees(&format!("{space}{{{}}}{space}", members.join(",")));
        }
    }
}
