//! Text from a server, made safe to show, and text cut to a width.
//!
//! Whatever a server sends, it can neither move the cursor, recolour the terminal, hide a character
//! nor turn the reading direction: what is not visible is written out.

use unicode_width::UnicodeWidthChar;

/// `text` in visible characters only, at most `max` of them and at most `max` columns wide. What is
/// too long loses its middle, and says how much.
///
/// Control characters become their pictures (`␛`, `␊`), so that they cannot be taken for an escape
/// that JSON already contains; other invisible ones become `\u{202e}`.
#[must_use]
pub fn escape_visible(text: &str, max: usize) -> String {
    if let Some(whole) = take(text, max).whole {
        return whole;
    }
    let total = text.chars().count();
    // The number can only become shorter than this one.
    let longest = elision(total);
    let room = max.saturating_sub(columns(&longest));
    if room < 2 {
        let head = take(text, max.saturating_sub(1));
        return if max == 0 {
            String::new()
        } else {
            format!("{}…", head.text)
        };
    }
    // The beginning says more than the end.
    let head = take(text, room - room / 3);
    let mut tail = take_back(text, room / 3, total - head.taken);
    let left_out = total - head.taken - tail.taken;
    tail.text.insert_str(0, &elision(left_out));
    head.text + &tail.text
}

/// `text` in visible characters, whatever its length.
#[must_use]
pub fn escape_whole(text: &str) -> String {
    escape_visible(text, usize::MAX)
}

/// How many columns `text` takes, if it contains visible characters only; never less than its
/// characters, so that combining marks cannot pile up without a bound.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(cost).sum()
}

/// `text`, escaped, cut at its end to `max` columns.
#[must_use]
pub fn shorten(text: &str, max: usize) -> String {
    let taken = take(text, max);
    match taken.whole {
        Some(whole) => whole,
        None if max == 0 => String::new(),
        None => {
            let head = take(text, max - 1);
            format!("{}…", head.text.trim_end())
        }
    }
}

/// `text` (visible characters only) in lines of at most `max` columns: broken at spaces, and within
/// a word where it is too long for a line, after a comma if there is one.
#[must_use]
pub fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut wide = 0;
    for word in text.split(' ') {
        let word_wide = columns(word);
        if !line.is_empty() && wide + 1 + word_wide > max && !starves(wide, word_wide, max) {
            lines.push(std::mem::take(&mut line));
            wide = 0;
        } else if !line.is_empty() {
            line.push(' ');
            wide += 1;
        }
        for c in word.chars() {
            if wide + cost(c) > max {
                let rest = line.split_off(break_within(&line));
                lines.push(std::mem::replace(&mut line, rest));
                wide = columns(&line);
            }
            line.push(c);
            wide += cost(c);
        }
    }
    lines.push(line);
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Whether a new line would leave most of this one empty for a word that needs breaking anyway.
fn starves(wide: usize, word_wide: usize, max: usize) -> bool {
    word_wide > max && wide < max / 2
}

/// Where to break a line that is full, in bytes: JSON reads better broken after a comma.
fn break_within(line: &str) -> usize {
    match line.rfind(',') {
        Some(at) if at + 1 > line.len() / 2 => at + 1,
        _ => line.len(),
    }
}

struct Taken {
    text: String,
    /// How many characters of the source.
    taken: usize,
    /// The text, where it was taken to the end.
    whole: Option<String>,
}

fn take(source: &str, max: usize) -> Taken {
    let room = source.len().min(max.saturating_mul(4));
    let (mut text, mut taken, mut wide) = (String::with_capacity(room), 0, 0);
    let mut rest = source;
    loop {
        let plain = rest.bytes().take(max - wide);
        let plain = plain.take_while(|byte| matches!(byte, b' '..=b'~')).count();
        let (head, tail) = rest.split_at(plain);
        text.push_str(head);
        taken += plain;
        wide += plain;
        let mut chars = tail.chars();
        let Some(c) = chars.next() else {
            return Taken {
                text: String::new(),
                taken,
                whole: Some(text),
            };
        };
        let before = text.len();
        write_visible(c, &mut text);
        wide += columns(&text[before..]);
        if wide > max {
            text.truncate(before);
            return Taken {
                text,
                taken,
                whole: None,
            };
        }
        taken += 1;
        rest = chars.as_str();
    }
}

fn take_back(source: &str, max: usize, at_most: usize) -> Taken {
    let (mut parts, mut wide) = (Vec::new(), 0);
    for c in source.chars().rev().take(at_most) {
        let mut written = String::new();
        write_visible(c, &mut written);
        wide += columns(&written);
        if wide > max {
            break;
        }
        parts.push(written);
    }
    Taken {
        taken: parts.len(),
        text: parts.into_iter().rev().collect(),
        whole: None,
    }
}

fn elision(left_out: usize) -> String {
    format!(" […{left_out} characters…] ")
}

fn cost(c: char) -> usize {
    c.width().unwrap_or(1).max(1)
}

fn write_visible(c: char, out: &mut String) {
    match c {
        '\0'..='\x1f' => out.extend(char::from_u32(0x2400 + u32::from(c))),
        '\x7f' => out.push('␡'),
        c if is_invisible(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// What cannot be seen, or changes how its neighbours are seen. Tabs and newlines belong to it.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            // Zero-width characters and marks of direction; separators of lines and paragraphs.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            // No characters at all, and refused by XML.
            | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_visible_is_written_out() {
        assert_eq!(escape_whole("a\x1b[31mb\r\n\t\0"), "a␛[31mb␍␊␉␀");
        assert_eq!(escape_whole("x\u{202e}y\u{9b}z"), "x\\u{202e}y\\u{9b}z");
        assert_eq!(escape_whole("größer 事件 🎉"), "größer 事件 🎉");
    }

    #[test]
    fn a_long_text_loses_its_middle_and_says_how_much() {
        let long = format!("BEGIN{}END", "x".repeat(1 << 20));
        let shown = escape_visible(&long, 60);
        assert!(columns(&shown) <= 60, "{shown}");
        assert!(
            shown.starts_with("BEGINxx") && shown.ends_with("xxEND"),
            "{shown}"
        );
        assert!(shown.contains("characters…]"), "{shown}");
        assert_eq!(escape_visible("abcdef", 4), "abc…");
        assert_eq!(escape_visible("abcdef", 0), "");
        assert_eq!(escape_visible("", 0), "");
    }

    #[test]
    fn a_sentence_is_cut_at_its_end() {
        assert_eq!(
            shorten("As many events follow", 21),
            "As many events follow"
        );
        assert_eq!(shorten("As many events follow", 9), "As many…");
        assert_eq!(shorten("事件事件", 5), "事件…");
    }

    #[test]
    fn lines_break_at_spaces_or_within_a_long_word() {
        assert_eq!(
            wrap("as many as announced", 10),
            ["as many as", "announced"]
        );
        assert_eq!(wrap("a abcdefghijkl", 6), ["a abcd", "efghij", "kl"]);
        assert_eq!(wrap("", 6), [""]);
        assert_eq!(wrap("{\"a\":1,\"b\":2}", 10), ["{\"a\":1,", "\"b\":2}"]);
    }

    proptest! {
        #[test]
        fn nothing_invisible_and_never_too_long(
            text in proptest::collection::vec(any::<char>(), 0..200)
                .prop_map(|chars| chars.into_iter().collect::<String>()),
            noise in "[\\x00-\\x1f\\x7f-\\x9f\u{202a}-\u{202e}\u{2066}-\u{2069}a-z]{0,80}",
            max in 0usize..120,
        ) {
            for text in [text.as_str(), &noise, &format!("{noise}{text}{noise}")] {
                for shown in [escape_visible(text, max), shorten(text, max)] {
                    prop_assert!(shown.chars().count() <= max);
                    prop_assert!(columns(&shown) <= max);
                    prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
                    prop_assert!(!shown.contains('\x1b'));
                }
                let mut one_by_one = String::new();
                text.chars().for_each(|c| write_visible(c, &mut one_by_one));
                prop_assert!(!one_by_one.chars().any(is_invisible));
                prop_assert_eq!(escape_whole(text), one_by_one);
            }
        }

        #[test]
        fn wrapped_lines_fit_and_lose_no_letter(text in "[a-z,事 ]{0,120}", max in 2usize..40) {
            let lines = wrap(&text, max);
            prop_assert!(lines.iter().all(|line| columns(line) <= max));
            let letters = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
