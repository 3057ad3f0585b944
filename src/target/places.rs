//! In which lines of a target file its keys are, for errors that are noticed later.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// In which line of which target file each key is. Without a file, keys have no place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    file: String,
    lines: BTreeMap<String, usize>,
}

impl Places {
    /// The keys in the text of this file, those of a table as `[guarded] token_env`. Empty where it is no TOML.
    #[must_use]
    pub fn of(file: String, text: &str) -> Self {
        let mut lines = BTreeMap::new();
        if let Ok(table) = DeTable::parse(text) {
            note(text, "", table.get_ref(), &mut lines);
        }
        Self { file, lines }
    }

    /// `restart (line 7 of target.toml)`, for a key such as `restart` or `[guarded] token_env`.
    #[must_use]
    pub fn of_key(&self, key: &str) -> String {
        match self.lines.get(key) {
            Some(line) if self.file.is_empty() => format!("{key} (line {line})"),
            Some(line) => format!("{key} (line {line} of {})", self.file),
            None => key.to_owned(),
        }
    }

    /// Whether a target file has this key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.lines.contains_key(key)
    }

    /// The line of a key, counted from 1.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }
}

fn note(text: &str, table: &str, keys: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in keys {
        let name = key.get_ref();
        let whole = match table {
            "" => name.to_string(),
            table => format!("[{table}] {name}"),
        };
        lines.insert(whole, line_of(text, &key.span()));
        if let DeValue::Table(inner) = value.get_ref() {
            let inner_name = match table {
                "" => name.to_string(),
                table => format!("{table}.{name}"),
            };
            lines.insert(format!("[{inner_name}]"), line_of(text, &key.span()));
            note(text, &inner_name, inner, lines);
        }
    }
}

/// The line in which this part of the text begins, counted from 1.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.get(..span.start).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = "url = \"ws://h\"\n\nrestart = \"true\"\n[guarded]\n# a remark\ntoken_env = \"T\"\n\
                    [parts.long]\nworkflow_id = \"w\"\n";
        let places = Places::of("t.toml".to_owned(), text);
        assert_eq!(places.of_key("restart"), "restart (line 3 of t.toml)");
        assert_eq!(
            places.of_key("[guarded] token_env"),
            "[guarded] token_env (line 6 of t.toml)"
        );
        assert_eq!(places.line("[parts.long] workflow_id"), Some(8));
        assert_eq!(places.of_key("replica"), "replica");
        assert_eq!(
            Places::of(String::new(), "no toml at all"),
            Places::default()
        );
    }
}
