//! The few fields that tell what a message is, read by serde from any JSON object.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::message::Index;

/// The fields that tell what a message is.
#[derive(Debug, Default, Deserialize, PartialEq)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) event: Loose<'a>,
    #[serde(default)]
    pub(super) event_index: Index,
    #[serde(default)]
    pub(super) nested_depth: Index,
    #[serde(borrow, default)]
    pub(super) run_id: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) workflow_run_id: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) parent_run_id: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) session_id: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) status: Loose<'a>,
    #[serde(borrow, default)]
    pub(super) error: Loose<'a>,
    #[serde(default)]
    pub(super) requires_auth: LooseBool,
    #[serde(default)]
    pub(super) missed_events: Index,
    #[serde(default)]
    pub(super) current_event_count: Index,
    #[serde(default)]
    pub(super) total_events: Index,
}

/// A text field; `None` for every other type.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Loose<'a>(pub(super) Option<Cow<'a, str>>);

/// A boolean field; `None` for every other type.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LooseBool(pub(super) Option<bool>);

/// Any JSON value, without what is in lists and objects.
enum Scalar<'a> {
    Null,
    Bool(bool),
    Whole(u64),
    Number(String),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Bool(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Scalar::Whole(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Number(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Number(value.to_string()))
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(value)))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(value.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Object)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Some(text),
            _ => None,
        }))
    }
}

impl<'de> Deserialize<'de> for LooseBool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::deserialize(deserializer)? {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }))
    }
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Whole(index) => Self::At(index),
            Scalar::Null => Self::from("null"),
            Scalar::Bool(value) => Self::from(&*value.to_string()),
            Scalar::Number(text) => Self::from(&*text),
            Scalar::Text(text) => Self::from(&*Value::from(text).to_string()),
            Scalar::List => Self::from("a list"),
            Scalar::Object => Self::from("an object"),
        })
    }
}
