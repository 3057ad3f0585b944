//! What a delivery carries: whether two are the same, and where they differ.
//!
//! Payloads are compared as JSON values, since neither the framing nor the order of fields is a
//! contract; what is no JSON is compared as text.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::check::describe;
use crate::protocol::{Text, framing, json};
use crate::transcript::{Entry, EntryKind};

/// More paths than this make a finding no clearer.
const PATHS: usize = 64;

/// The JSON text of a message, without its framing.
pub(crate) fn text(entry: &Entry) -> Text {
    let EntryKind::Received { text, .. } = &entry.what else {
        return Text::default();
    };
    let text = text.read();
    match framing::unwrap(&text).1 {
        // The whole frame.
        Cow::Borrowed(json) if json.len() == text.len() => text,
        json => Text::from(&*json),
    }
}

/// Whether two messages carry the same, compared as JSON values.
#[must_use]
pub fn same(one: &Entry, other: &Entry) -> bool {
    difference(one, other).is_none()
}

/// What says which event it is, whatever its index: its type, content and ids, as JSON. `None` where
/// the message is no JSON object.
pub(crate) fn identity(entry: &Entry) -> Option<String> {
    let Ok((Value::Object(fields), _)) = json::parse(&text(entry)) else {
        return None;
    };
    let mut fields: Vec<_> = fields
        .into_iter()
        .filter(|(name, value)| names_the_event(name) && !value.is_null())
        .collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    serde_json::to_string(&fields).ok()
}

fn names_the_event(field: &str) -> bool {
    matches!(field, "event" | "content") || field.ends_with("_id")
}

/// Two payloads that differ.
pub(crate) enum Difference {
    /// As JSON values.
    Values(Value, Value),
    /// One of them is no JSON.
    Texts,
}

/// How two messages differ; `None` where they carry the same.
pub(crate) fn difference(one: &Entry, other: &Entry) -> Option<Difference> {
    let (one, other) = (text(one), text(other));
    if one == other {
        return None;
    }
    match (json::parse(&one), json::parse(&other)) {
        (Ok((one, _)), Ok((other, _))) if one == other => None,
        (Ok((one, _)), Ok((other, _))) => Some(Difference::Values(one, other)),
        _ => Some(Difference::Texts),
    }
}

impl Difference {
    /// The names of the differing fields that say which event it is: its type, content and ids.
    /// `null` is the same as absent.
    pub(crate) fn identity(&self) -> Vec<String> {
        let (one, other) = match self {
            Self::Values(Value::Object(one), Value::Object(other)) => (one, other),
            Self::Values(..) | Self::Texts => return vec!["the whole text".to_owned()],
        };
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let value = |fields: &'_ serde_json::Map<String, Value>, name: &str| {
            fields.get(name).filter(|value| !value.is_null()).cloned()
        };
        names
            .into_iter()
            .filter(|name| names_the_event(name))
            .filter(|name| value(one, name) != value(other, name))
            .take(PATHS)
            .map(|name| describe::shown(name))
            .collect()
    }

    /// Where the payloads differ, as paths: `content`, `metrics.tokens`, `step_index[1]`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        match self {
            Self::Values(one, other) => walk(one, other, &mut String::new(), &mut paths),
            Self::Texts => paths.push("the whole text".to_owned()),
        }
        paths
    }

    /// Where something that the first payload said is missing from the other, as paths: text, lists and
    /// objects that are absent, empty or cut short, but for measurements.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut paths = Vec::new();
        // Two events under one index are a matter of IDENTITY-1.
        if let Self::Values(one, other) = self
            && one.get("event") == other.get("event")
        {
            lacks(one, other, &mut String::new(), &mut paths);
        }
        paths
    }

    /// What stands at a path of each, short; `None` where no path of that name can be followed.
    pub(crate) fn values(&self, path: &str) -> Option<(String, String)> {
        let Self::Values(one, other) = self else {
            return None;
        };
        let (one, other) = (follow(one, path), follow(other, path));
        let shown = |value: Option<&Value>| match value {
            None => "absent".to_owned(),
            Some(value) => describe::shown(&value.to_string()),
        };
        (one.is_some() || other.is_some()).then(|| (shown(one), shown(other)))
    }
}

/// The value at a path that [`walk`] wrote.
fn follow<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split(['.', '['])
        .try_fold(value, |value, step| match step.strip_suffix(']') {
            Some(place) => value.get(place.parse::<usize>().ok()?),
            None => value.get(step),
        })
}

fn walk(one: &Value, other: &Value, path: &mut String, paths: &mut Vec<String>) {
    if one == other || paths.len() >= PATHS {
        return;
    }
    let length = path.len();
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&describe::shown(name));
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => walk(a, b, path, paths),
                    _ if paths.len() < PATHS => paths.push(path.clone()),
                    _ => {}
                }
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                path.push_str(&format!("[{at}]"));
                walk(a, b, path, paths);
                path.truncate(length);
            }
        }
        _ if path.is_empty() => paths.push("the whole message".to_owned()),
        _ => paths.push(path.clone()),
    }
}

/// Whether a field measures something: it may be another number each time it is sent.
fn measures(field: &str) -> bool {
    matches!(
        field,
        "metrics" | "session_state" | "time" | "timestamp" | "duration"
    ) || field.ends_with("_at")
        || field.ends_with("_time")
        || field.ends_with("_timestamp")
        || field.ends_with("_duration")
}

/// Whether there is something to read in a value: text, or a list or object that is not empty.
fn says(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| !measures(name) && !value.is_null()),
        _ => false,
    }
}

/// Notes where something of `one` is missing from `other`.
fn lacks(one: &Value, other: &Value, path: &mut String, paths: &mut Vec<String>) {
    if one == other || paths.len() >= PATHS {
        return;
    }
    let length = path.len();
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a.iter().filter(|(name, _)| !measures(name)) {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&describe::shown(name));
                lacks(value, b.get(name).unwrap_or(&Value::Null), path, paths);
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() <= b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                path.push_str(&format!("[{at}]"));
                lacks(a, b, path, paths);
                path.truncate(length);
            }
        }
        (Value::Array(_), Value::Array(_)) => paths.push(path.clone()),
        (Value::String(text), Value::String(rest)) => {
            let cut = text.starts_with(&**rest) || text.ends_with(&**rest);
            if cut && rest.len() < text.len() {
                paths.push(path.clone());
            }
        }
        (one, Value::Null) if says(one) => paths.push(path.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(one: Value, other: Value) -> Vec<String> {
        Difference::Values(one, other).paths()
    }

    #[test]
    fn differences_are_named_by_their_paths() {
        assert_eq!(
            paths(
                json!({"a": 1, "b": {"c": [1, 2], "d": null}, "same": {}}),
                json!({"a": 2, "b": {"c": [1, 3]}, "same": {}}),
            ),
            ["a", "b.c[1]", "b.d"]
        );
        assert_eq!(paths(json!({"a": [1]}), json!({"a": [1, 2]})), ["a"]);
        assert_eq!(paths(json!(1), json!([])), ["the whole message"]);
    }

    #[test]
    fn identity_is_the_type_the_content_and_the_ids() {
        let difference = Difference::Values(
            json!({"event": "x", "run_id": "r", "step_id": null, "created_at": 1}),
            json!({"event": "y", "run_id": "s", "created_at": 2}),
        );
        assert_eq!(difference.identity(), ["event", "run_id"]);
    }

    #[test]
    fn what_is_missing_is_what_could_be_read() {
        let missing = |one: Value, other: Value| Difference::Values(one, other).missing();
        assert_eq!(
            missing(
                json!({"a": "said", "b": [1, 2], "c": {"d": "x"}, "e": "whole text", "f": [{"g": "h"}]}),
                json!({"b": [1], "c": {"d": ""}, "e": "whole", "f": [{}]}),
            ),
            ["a", "b", "c.d", "e", "f[0].g"]
        );
        let nothing: [&str; 0] = [];
        assert_eq!(
            missing(
                json!({"n": 1, "yes": true, "empty": "", "list": [], "metrics": {"a": "b"},
                       "session_state": {"a": "b"}, "created_at": "today", "text": "one", "o": {"n": null}}),
                json!({"text": "another", "more": "said"}),
            ),
            nothing
        );
    }

    #[test]
    fn hostile_payloads_are_named_in_few_words() {
        let many = |value: u32| {
            let fields =
                (0..10_000).map(|at| (format!("\u{1b}[31m{at}{}", "x".repeat(500)), value));
            json!(fields.collect::<std::collections::BTreeMap<_, _>>())
        };
        let paths = paths(many(1), many(2));
        assert_eq!(paths.len(), PATHS);
        assert!(
            paths
                .iter()
                .all(|path| path.len() < 100 && !path.contains('\u{1b}'))
        );
    }
}
