//! What the events of all scripts have in common.

use serde_json::{Map, Value};

use crate::reference::model::wire;

/// What one run of a script has of its own.
#[derive(Clone, Debug)]
pub struct RunIds<'a> {
    /// The workflow's run id.
    pub run_id: &'a str,
    /// The session that the run belongs to.
    pub session_id: &'a str,
    /// The start message: any JSON. A text is repeated as it is, anything else as JSON.
    pub message: &'a Value,
}

impl RunIds<'_> {
    /// The start message as an agent repeats it.
    pub(super) fn said(&self) -> String {
        match self.message {
            Value::String(text) => text.clone(),
            other => wire::text(other),
        }
    }
}

/// The error of a failing run.
pub(super) const GAVE_UP: &str = "the agent of the last step gave up";

/// The question of a pausing run.
pub(super) const GO_ON: &str = "Go on?";

/// Adds these fields.
pub(super) fn put(fields: &mut Map<String, Value>, more: &[(&str, Value)]) {
    for (name, value) in more {
        fields.insert((*name).into(), value.clone());
    }
}
