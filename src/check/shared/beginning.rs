//! Fields of a JSON object of which only the beginning may be there: what is recorded of an answer over HTTP.

/// The text from the value of this field on; `None` where the object has no such field of its own, or it comes later.
pub(crate) fn value_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'"' => {
                let end = end_of_text(bytes, at)?;
                let rest = text[end..].trim_start();
                if depth == 1
                    && &text[at + 1..end - 1] == name
                    && let Some(value) = rest.strip_prefix(':')
                {
                    return Some(value.trim_start());
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the text ends whose opening quotation mark is at this place: right after the closing one.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The text that a value is, without its quotation marks; `None` where it is no text, or has an escape.
pub(crate) fn as_text(value: &str) -> Option<&str> {
    let (text, _) = value.strip_prefix('"')?.split_once('"')?;
    (!text.contains('\\')).then_some(text)
}

/// Whether a value is a list with something in it.
pub(crate) fn has_items(value: &str) -> bool {
    let items = value.strip_prefix('[').map(str::trim_start);
    items.is_some_and(|items| !items.is_empty() && !items.starts_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_the_object_itself_is_found_also_where_the_end_is_missing() {
        let text = r#"{"tools": [{"status": "x"}], "a\"status": 1, "status": "PAUSED", "l": ["#;
        assert_eq!(value_of(text, "status").and_then(as_text), Some("PAUSED"));
        assert_eq!(value_of(text, "tools").map(has_items), Some(true));
        assert_eq!(value_of(text, "l").map(has_items), Some(false));
        for cut in 0..text.len() {
            let _ = value_of(&text[..cut], "status");
        }
        for text in [
            "",
            "[",
            "}",
            "\"",
            r#"{"status"#,
            r#"["status", "x"]"#,
            r#"{"x": "status"}"#,
        ] {
            assert_eq!(value_of(text, "status"), None, "{text}");
        }
    }

    #[test]
    fn an_empty_list_asks_nothing() {
        for (value, some) in [
            ("[]", false),
            ("[ ]", false),
            ("null", false),
            ("[{}]", true),
        ] {
            assert_eq!(has_items(value), some, "{value}");
        }
        assert_eq!(as_text("12"), None);
        assert_eq!(as_text(r#""a\"b""#), None);
    }
}
