//! Python literals for texts and JSON values, in printable ASCII whatever they contain.

use std::fmt::Write;

use serde_json::Value;

/// A Python string literal on one line. Nothing in it can end it.
pub(crate) fn text(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The inside of a string literal between any quotes, single lines of a docstring included.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            ' '..='~' => write!(out, "{c}"),
            c if (c as u32) < 0x100 => write!(out, "\\x{:02x}", c as u32),
            c if (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32),
            c => write!(out, "\\U{:08x}", c as u32),
        };
    }
    out
}

/// A Python expression for a JSON value; `special` may put an expression of its own in the place of
/// a text.
pub(crate) fn value(value: &Value, special: &dyn Fn(&str) -> Option<String>) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(it) => special(it).unwrap_or_else(|| text(it)),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(|it| self::value(it, special)).collect();
            format!("[{}]", all.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, it)| format!("{}: {}", text(name), self::value(it, special)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_ends_a_literal() {
        assert_eq!(
            text("a\"\\\n\r\u{1b}é\u{202e}😀\"\"\""),
            r#""a\"\\\n\x0d\x1b\xe9\u202e\U0001f600\"\"\"""#
        );
    }

    #[test]
    fn values_are_what_they_were() {
        let it = json!({"a": [null, true, -1.5, "x"], "b": {"c": "run"}});
        let special = |text: &str| (text == "run").then(|| "runs[SESSION]".to_owned());
        assert_eq!(
            value(&it, &special),
            r#"{"a": [None, True, -1.5, "x"], "b": {"c": runs[SESSION]}}"#
        );
    }
}
