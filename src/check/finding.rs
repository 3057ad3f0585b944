//! What a check found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::transcript::Number;

/// What a check says of one transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckVerdict {
    /// The situation came about, and the requirement passed in it.
    Passed,
    /// The requirement failed, at least once.
    Failed(Vec<Finding>),
    /// The situation did not come about, so nothing can be said; the reason, and where it helps,
    /// what to change ("the run ended before Ada could leave: ...").
    Inconclusive(String),
}

/// One place where a requirement failed.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Finding {
    /// What the requirement asks for here, as a fragment: "event 20 next".
    pub expected: String,
    /// What was seen instead.
    pub observed: String,
    /// The numbers of the transcript entries that show it, counted from 1.
    pub evidence: Vec<Number>,
}
