//! One event of a run, and its text on the wire.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::reference::model::status::Status;
use crate::reference::model::wire;

/// An event that will happen: everything but its index and its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The fields, `event` among them, without `event_index` and `created_at`.
    pub fields: Map<String, Value>,
    /// The run's status from this event on, where the event ends the run.
    pub ends: Option<Status>,
    /// Whether it happens together with the event before it, without any time between.
    pub at_once: bool,
    /// For how long nothing happens before it.
    pub rests: Duration,
    /// Whether it is the last word that an agent says in the run. Faults of single events strike
    /// here: late enough for a viewer who left early not to get them.
    pub last_word: bool,
}

impl Draft {
    /// A draft with these fields that neither ends the run nor is its last word.
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            ends: None,
            at_once: false,
            rests: Duration::ZERO,
            last_word: false,
        }
    }
}

/// An event that has happened. It never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its `event_index`, counted from 0 for each run.
    pub index: u64,
    /// Whether it was the [last word](Draft::last_word).
    pub last_word: bool,
    fields: Map<String, Value>,
    text: String,
    /// Whether the text is no longer what the fields say. Only faults make it so.
    spoilt: bool,
}

impl Event {
    /// The event that a draft becomes, with its index (from 0) and its time (Unix seconds).
    #[must_use]
    pub fn new(draft: Draft, index: u64, created_at: u64) -> Self {
        let mut fields = draft.fields;
        fields.insert("event_index".into(), index.into());
        fields.insert("created_at".into(), created_at.into());
        Self::of(fields, index, draft.last_word)
    }

    fn of(fields: Map<String, Value>, index: u64, last_word: bool) -> Self {
        let value = Value::Object(fields);
        let text = wire::text(&value);
        let fields = match value {
            Value::Object(fields) => fields,
            // Cannot happen.
            _ => Map::new(),
        };
        Self {
            index,
            last_word,
            fields,
            text,
            spoilt: false,
        }
    }

    /// Its `event`: `WorkflowStarted`, `RunContent`, ...
    #[must_use]
    pub fn name(&self) -> &str {
        self.field("event").and_then(Value::as_str).unwrap_or("")
    }

    /// One of its fields.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Its JSON text, the same in every delivery.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same JSON without spaces between, and with every character as it is.
    #[must_use]
    pub fn compact(&self) -> Cow<'_, str> {
        match serde_json::to_string(&self.fields) {
            Ok(text) if !self.spoilt => Cow::Owned(text),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// A copy with another value in one field. For faults only: an event never changes.
    #[must_use]
    pub fn altered(&self, field: &str, value: Value) -> Self {
        let mut fields = self.fields.clone();
        fields.insert(field.into(), value);
        Self::of(fields, self.index, self.last_word)
    }

    /// A copy with a byte order mark before its text. No JSON, so for faults only.
    #[must_use]
    pub fn marked(&self) -> Self {
        let mut copy = self.clone();
        copy.text.insert(0, '\u{feff}');
        copy.spoilt = true;
        copy
    }

    /// A copy whose text has `more` before its closing brace. Need not be JSON, so for faults only.
    #[must_use]
    pub fn scribbled(&self, more: &str) -> Self {
        let mut copy = self.clone();
        copy.text.pop();
        copy.text.push_str(more);
        copy.text.push('}');
        copy.spoilt = true;
        copy
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Event {
        let mut fields = Map::new();
        fields.insert("event".into(), json!("RunContent"));
        Event::new(Draft::new(fields), 4, 17)
    }

    #[test]
    fn a_draft_becomes_an_event_with_index_and_time() {
        assert_eq!(event().name(), "RunContent");
        assert_eq!(
            event().text(),
            r#"{"created_at": 17, "event": "RunContent", "event_index": 4}"#
        );
    }

    #[test]
    fn over_http_there_are_no_spaces_and_no_escapes() {
        let event = event().altered("content", json!("é\u{2028}"));
        assert_eq!(
            event.compact(),
            "{\"content\":\"é\u{2028}\",\"created_at\":17,\"event\":\"RunContent\",\"event_index\":4}"
        );
        assert_eq!(event.marked().compact(), event.marked().text());
    }

    #[test]
    fn copies_can_differ() {
        assert_eq!(
            event().altered("created_at", json!(18)).text(),
            r#"{"created_at": 18, "event": "RunContent", "event_index": 4}"#
        );
        assert!(
            event()
                .scribbled(", \"x\": NaN")
                .text()
                .ends_with(r#", "x": NaN}"#)
        );
    }
}
