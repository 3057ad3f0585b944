//! The envelope of an ordinary message, read in one pass.
//!
//! Real servers send the same shape a thousand times. [`Scanner`] takes what is strict JSON beyond
//! doubt and has fields of the expected types, and leaves everything else (escapes in names and ids,
//! repeated fields, fields of another type, deep nesting, defects) to the careful reading.

use std::borrow::Cow;
use std::ops::Range;

use super::envelope::{Envelope, Loose, LooseBool};
use super::message::Index;

/// Lists and objects within each other that are followed; deeper ones are left to the careful reading.
const DEEPEST: u32 = 32;

/// The longest text that the next one is compared with, in bytes.
const LONGEST: usize = 4096;

/// Reads ordinary messages, each from where it differs from the one before: a stream repeats most
/// of an event in the next.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    before: Vec<u8>,
    /// Where the members of the message before began, and what was known there.
    members: Vec<Member>,
    fields: [Field; FIELDS.len()],
}

/// An envelope, and what the scan saw on the way.
#[derive(Debug)]
pub(super) struct Scanned<'a> {
    pub(super) envelope: Envelope<'a>,
    /// Whether some string has an escape of a surrogate, half of a pair or not.
    pub(super) surrogates: bool,
}

/// What is known where a member begins. It depends on nothing but the bytes before that place.
#[derive(Clone, Copy, Debug, Default)]
struct Member {
    at: usize,
    /// The fields that stood before, a bit for each place in [`FIELDS`].
    seen: u16,
    surrogates: bool,
}

/// The names of the envelope's fields; their places are those of [`Scanner::fields`].
const FIELDS: [&str; 11] = [
    "event",
    "event_index",
    "run_id",
    "workflow_run_id",
    "session_id",
    "status",
    "error",
    "requires_auth",
    "missed_events",
    "current_event_count",
    "total_events",
];

/// What a field of the envelope holds, texts as their place in the message.
#[derive(Clone, Debug, Default)]
enum Field {
    #[default]
    Null,
    Bool(bool),
    Whole(u64),
    Text(Range<usize>),
}

impl Scanner {
    /// Reads an ordinary message. `None` says nothing about the text.
    pub(super) fn scan<'t>(&mut self, text: &'t str) -> Option<Scanned<'t>> {
        let same = common(&self.before, text.as_bytes());
        let known = self.members.partition_point(|member| member.at <= same);
        self.members.truncate(known);
        let read = self.read(text);
        self.before.clear();
        match read {
            Some(_) if text.len() <= LONGEST => self.before.extend_from_slice(text.as_bytes()),
            _ => self.members.clear(),
        }
        let Member {
            seen, surrogates, ..
        } = read?;
        let field = |place: usize| {
            let seen = seen & (1 << place) != 0;
            if seen {
                &self.fields[place]
            } else {
                &Field::Null
            }
        };
        let word = |place| match field(place) {
            Field::Text(range) => Loose(text.get(range.clone()).map(Cow::Borrowed)),
            _ => Loose(None),
        };
        let whole = |place| match field(place) {
            Field::Whole(number) => Index::At(*number),
            _ => Index::Missing,
        };
        let envelope = Envelope {
            event: word(0),
            event_index: whole(1),
            run_id: word(2),
            workflow_run_id: word(3),
            session_id: word(4),
            status: word(5),
            error: word(6),
            requires_auth: match field(7) {
                Field::Bool(answer) => LooseBool(Some(*answer)),
                _ => LooseBool(None),
            },
            missed_events: whole(8),
            current_event_count: whole(9),
            total_events: whole(10),
        };
        Some(Scanned {
            envelope,
            surrogates,
        })
    }

    /// Reads on from the last known member, and tells what is known at the end.
    fn read(&mut self, text: &str) -> Option<Member> {
        let mut cursor = Cursor {
            bytes: text.as_bytes(),
            at: 0,
            surrogates: false,
        };
        let mut seen = 0;
        match self.members.pop() {
            Some(member) => {
                cursor.at = member.at;
                cursor.surrogates = member.surrogates;
                seen = member.seen;
            }
            None => {
                cursor.space();
                cursor.expect(b'{')?;
                cursor.space();
            }
        }
        loop {
            if cursor.at < LONGEST {
                self.members.push(Member {
                    at: cursor.at,
                    seen,
                    surrogates: cursor.surrogates,
                });
            }
            cursor.expect(b'"')?;
            let name = cursor.plain()?;
            cursor.space();
            cursor.expect(b':')?;
            cursor.space();
            match place(&cursor.bytes[name]) {
                Some(place) => {
                    let bit = 1 << place;
                    if seen & bit != 0 {
                        return None;
                    }
                    seen |= bit;
                    self.fields[place] = match place {
                        0 | 2..=6 => cursor.word()?,
                        7 => cursor.answer()?,
                        _ => cursor.whole()?,
                    };
                }
                None => cursor.value(DEEPEST)?,
            }
            cursor.space();
            match cursor.next()? {
                b',' => cursor.space(),
                b'}' => break,
                _ => return None,
            }
        }
        cursor.space();
        (cursor.at == text.len()).then_some(Member {
            at: cursor.at,
            seen,
            surrogates: cursor.surrogates,
        })
    }
}

/// How many bytes two texts have in common at their beginning, in steps of 32.
fn common(one: &[u8], other: &[u8]) -> usize {
    let pairs = one
        .as_chunks::<32>()
        .0
        .iter()
        .zip(other.as_chunks::<32>().0);
    pairs.take_while(|(one, other)| one == other).count() * 32
}

/// The place of this name in [`FIELDS`].
fn place(name: &[u8]) -> Option<usize> {
    match name {
        [b'e' | b'r' | b'w' | b's' | b'm' | b'c' | b't', ..] => {
            FIELDS.iter().position(|field| field.as_bytes() == name)
        }
        _ => None,
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    surrogates: bool,
}

impl Cursor<'_> {
    /// A text without escapes, or `null`.
    fn word(&mut self) -> Option<Field> {
        match self.next()? {
            b'"' => self.plain().map(Field::Text),
            b'n' => self.rest(b"ull").map(|()| Field::Null),
            _ => None,
        }
    }

    /// A boolean.
    fn answer(&mut self) -> Option<Field> {
        match self.next()? {
            b't' => self.rest(b"rue").map(|()| Field::Bool(true)),
            b'f' => self.rest(b"alse").map(|()| Field::Bool(false)),
            _ => None,
        }
    }

    /// A whole number from 0, of few enough digits to fit.
    fn whole(&mut self) -> Option<Field> {
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
        (canonical && over).then_some(Field::Whole(number))
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

    /// The rest of a string without escapes, as its place.
    fn plain(&mut self) -> Option<Range<usize>> {
        let from = self.at;
        self.skip();
        let until = self.at;
        self.expect(b'"')?;
        Some(from..until)
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

    fn scan(text: &str) -> Option<Scanned<'_>> {
        Scanner::default().scan(text)
    }

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
        fn what_came_before_changes_nothing(
            texts in prop::collection::vec(
                "\\{\"a\":\"[a-z]{33,40}\",(\"event\":\"[xy]\",|\"status\":(null|7),)?\"b\":\"(\\\\ud83d)?[a-z]{30,34}\",(\"event\":\"z\",)?\"event_index\":[0-9]{1,2}[\\},]",
                1..4),
            order in prop::collection::vec((0..4_usize, 0..120_usize, any::<bool>()), 0..20),
        ) {
            let mut warm = Scanner::default();
            for (at, cut, mended) in order {
                let text = &texts[at % texts.len()];
                // The same beginning with another end.
                let cut = cut.min(text.len());
                let text = if mended { format!("{}\"c\":1}}", &text[..cut]) } else { text.clone() };
                prop_assert_eq!(
                    format!("{:?}", warm.scan(&text)),
                    format!("{:?}", scan(&text)),
                );
            }
        }

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
