//! Escapes of JSON, Python, JavaScript, URLs and HTML, without knowing which of them a text is in.

use std::ops::Range;

use memchr::memchr3;

/// How often escapes are taken off: JSON in JSON in a URL is three.
pub(crate) const DEEPEST: usize = 6;

/// One escape: how long it is, and the bytes that it stands for.
struct Escape {
    length: usize,
    bytes: [u8; 4],
    /// How many of the bytes there are, from 1.
    count: usize,
}

impl Escape {
    fn byte(length: usize, byte: u8) -> Self {
        Self {
            length,
            bytes: [byte, 0, 0, 0],
            count: 1,
        }
    }

    fn char(length: usize, c: char) -> Self {
        let mut bytes = [0; 4];
        let count = c.encode_utf8(&mut bytes).len();
        Self {
            length,
            bytes,
            count,
        }
    }
}

/// The text with its escapes taken off, once; nothing where there are none.
pub(crate) fn take_off(text: &[u8]) -> Option<Vec<u8>> {
    let (first, _) = next(text, 0)?;
    let mut plain = Vec::with_capacity(text.len());
    plain.extend_from_slice(&text[..first]);
    let mut at = first;
    while let Some((start, escape)) = next(text, at) {
        plain.extend_from_slice(&text[at..start]);
        plain.extend_from_slice(&escape.bytes[..escape.count]);
        at = start + escape.length;
    }
    plain.extend_from_slice(&text[at..]);
    Some(plain)
}

/// The spans of the text that spans of what [`take_off`] made of it come from. They are in order and
/// do not overlap; nor do those that come back.
pub(crate) fn with_them(text: &[u8], spans: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut walk = Walk::new(text);
    let back = spans.iter().map(|span| {
        let start = walk.start_of(span.start);
        start..walk.end_of(span.end)
    });
    back.collect()
}

/// The spans, widened where they begin or end within an escape. They are in order and do not overlap;
/// those that come back may.
pub(crate) fn whole(text: &[u8], spans: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut wide = spans.to_vec();
    let (mut starts, mut ends) = (0, 0);
    let mut at = 0;
    while let Some((start, escape)) = next(text, at) {
        let end = start + escape.length;
        while starts < wide.len() && wide[starts].start < end {
            if wide[starts].start > start {
                wide[starts].start = start;
            }
            starts += 1;
        }
        while ends < wide.len() && wide[ends].end < end {
            if wide[ends].end > start {
                wide[ends].end = end;
            }
            ends += 1;
        }
        if starts == wide.len() && ends == wide.len() {
            break;
        }
        at = end;
    }
    wide
}

/// Goes through a text and what is left of it without its escapes, both at once.
struct Walk<'t> {
    text: &'t [u8],
    /// How far in the text, and in what is left of it.
    outer: usize,
    inner: usize,
    /// The next escape, and where it is.
    ahead: Option<(usize, Escape)>,
}

impl<'t> Walk<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            outer: 0,
            inner: 0,
            ahead: next(text, 0),
        }
    }

    /// Where the byte at this place begins: never within an escape.
    fn start_of(&mut self, inner: usize) -> usize {
        self.pass(|place, count| place + count <= inner);
        self.outer + self.plain(inner)
    }

    /// Where the byte before this place ends: never within an escape.
    fn end_of(&mut self, inner: usize) -> usize {
        self.pass(|place, _| place < inner);
        self.outer + self.plain(inner)
    }

    /// Passes the escapes that it is asked to (where what they stand for begins, and how much it is),
    /// with what stands before them.
    fn pass(&mut self, goes_on: impl Fn(usize, usize) -> bool) {
        while let Some((start, escape)) = &self.ahead {
            let place = self.inner + (start - self.outer);
            if !goes_on(place, escape.count) {
                return;
            }
            self.outer = start + escape.length;
            self.inner = place + escape.count;
            self.ahead = next(self.text, self.outer);
        }
    }

    /// How many plain bytes there are from here to this place, or to the next escape where that comes
    /// before.
    fn plain(&self, inner: usize) -> usize {
        let bytes = inner.saturating_sub(self.inner);
        let ahead = self.ahead.as_ref();
        ahead.map_or(bytes, |(start, _)| bytes.min(start - self.outer))
    }
}

/// The next escape from here on, and where it is.
fn next(text: &[u8], mut from: usize) -> Option<(usize, Escape)> {
    loop {
        let at = from + memchr3(b'\\', b'%', b'&', text.get(from..)?)?;
        if let Some(escape) = read(&text[at..]) {
            return Some((at, escape));
        }
        from = at + 1;
    }
}

fn read(text: &[u8]) -> Option<Escape> {
    match text[0] {
        b'\\' => backslash(text),
        b'%' => Some(Escape::byte(
            3,
            u8::try_from(hexadecimal(text.get(1..3)?)?).ok()?,
        )),
        _ => reference(text),
    }
}

/// JSON (RFC 8259, section 7), and what Python and JavaScript write besides: `\'`, `\x41`, `\u{41}`.
fn backslash(text: &[u8]) -> Option<Escape> {
    let plain = match text.get(1)? {
        b'u' => return unicode(text),
        b'x' => {
            return Some(Escape::byte(
                4,
                u8::try_from(hexadecimal(text.get(2..4)?)?).ok()?,
            ));
        }
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        same @ (b'"' | b'\'' | b'\\' | b'/') => *same,
        _ => return None,
    };
    Some(Escape::byte(2, plain))
}

fn unicode(text: &[u8]) -> Option<Escape> {
    if text.get(2) == Some(&b'{') {
        let end = text.iter().take(12).position(|byte| *byte == b'}')?;
        let c = char::from_u32(hexadecimal(&text[3..end])?)?;
        return Some(Escape::char(end + 1, c));
    }
    let unit = |from: usize| -> Option<u32> {
        let escape = text.get(from..from + 6)?;
        escape.starts_with(b"\\u").then_some(())?;
        hexadecimal(&escape[2..])
    };
    let first = unit(0)?;
    if let Some(c) = char::from_u32(first) {
        return Some(Escape::char(6, c));
    }
    // Half a surrogate pair alone is no character.
    let pair = 0x10000 + ((first & 0x3ff) << 10) + (unit(6)? & 0x3ff);
    Some(Escape::char(12, char::from_u32(pair)?))
}

/// A character reference of HTML: by number, or by the name of what is not a letter or a digit.
fn reference(text: &[u8]) -> Option<Escape> {
    let end = text.iter().take(12).position(|byte| *byte == b';')?;
    let c = match &text[1..end] {
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hexadecimal(digits)?)?,
        [b'#', digits @ ..] => {
            let digits = std::str::from_utf8(digits).ok()?;
            char::from_u32(digits.parse().ok()?)?
        }
        b"quot" => '"',
        b"apos" => '\'',
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"plus" => '+',
        b"equals" => '=',
        b"sol" => '/',
        b"bsol" => '\\',
        b"percnt" => '%',
        _ => return None,
    };
    Some(Escape::char(end + 1, c))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Option<String> {
        take_off(text.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn escapes_are_taken_off_once() {
        for (text, left) in [
            (r#"a\"b\\n\/"#, r#"a"b\n/"#),
            (r"\u0041\u00e9\ud83d\ude00", "Aé😀"),
            (r"\x41\u{1f600}", "A😀"),
            ("%41%2b%2B%C3%A9", "A++é"),
            ("%2541", "%41"),
            ("&#65;&#x41;&quot;&amp;amp;&sol;", "AA\"&amp;/"),
            (
                "100% \\q & \\u12 &nothing; %4",
                "100% \\q & \\u12 &nothing; %4",
            ),
        ] {
            assert_eq!(plain(text).as_deref().unwrap_or(text), left, "{text}");
        }
        assert_eq!(plain(r"\ud83d"), None, "half a pair");
        assert_eq!(plain("no escape"), None);
    }

    #[test]
    fn a_span_leads_back_to_what_it_came_from() {
        let text = br"ab\ncd%41%42&lt;e";
        let inner = take_off(text).expect("escapes");
        assert_eq!(inner, b"ab\ncdAB<e");
        for (span, came_from) in [
            (0..1, 0..1),
            (1..2, 1..2),
            (2..3, 2..4),
            (1..4, 1..5),
            (3..5, 4..6),
            (4..6, 5..9),
            (5..8, 6..16),
            (8..9, 16..17),
            (0..9, 0..17),
        ] {
            assert_eq!(
                with_them(text, std::slice::from_ref(&span)),
                [came_from],
                "{span:?}"
            );
        }
        assert_eq!(with_them(text, &[0..3, 5..6]), [0..4, 6..9]);
    }

    #[test]
    fn a_span_is_widened_to_whole_escapes() {
        let text = br"ab\ncd%41";
        for (span, wide) in [
            (0..2, 0..2),
            (0..3, 0..4),
            (3..5, 2..5),
            (3..8, 2..9),
            (4..6, 4..6),
            (7..8, 6..9),
        ] {
            assert_eq!(whole(text, std::slice::from_ref(&span)), [wide], "{span:?}");
        }
        assert_eq!(whole(text, &[0..1, 3..4, 8..9]), [0..1, 2..4, 6..9]);
    }
}
