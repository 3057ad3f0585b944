//! JSON as Python's `json.dumps` writes it: `", "` and `": "` between, ASCII only.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// The text of a JSON value as real servers put it on the wire: everything outside printable ASCII
/// is escaped as `\uXXXX`, astral characters as surrogate pairs.
pub(crate) fn text(value: &Value) -> String {
    let mut bytes = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, Python));
    match (written, String::from_utf8(bytes)) {
        (Ok(()), Ok(text)) => text,
        // Cannot happen: a `Value` always serializes into memory, and into ASCII.
        _ => value.to_string(),
    }
}

struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        comma(writer, first)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        comma(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut units = [0; 2];
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| !matches!(c, ' '..='~')) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut chars = rest[at..].chars();
            for c in chars.by_ref().take(1) {
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

fn comma<W: ?Sized + io::Write>(writer: &mut W, first: bool) -> io::Result<()> {
    if first {
        Ok(())
    } else {
        writer.write_all(b", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_looks_like_python() {
        let value = json!({"a": [1, "é😀\u{7f}\n\"\\", {}], "b": null});
        assert_eq!(
            text(&value),
            r#"{"a": [1, "\u00e9\ud83d\ude00\u007f\n\"\\", {}], "b": null}"#
        );
        assert_eq!(
            serde_json::from_str::<Value>(&text(&value)).expect("JSON"),
            value
        );
    }
}
