//! A requirement: its id, level, sentence and check.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check::finding::CheckVerdict;
use crate::trace::Trace;

/// One sentence that a server must, should or may keep, and the check that judges it.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// A word that never changes its meaning: `CATCHUP-2`.
    pub id: &'static str,
    /// How much it binds (RFC 2119).
    pub level: Level,
    /// The sentence that must hold.
    pub sentence: &'static str,
    /// Why it matters to the person who watches.
    pub why: &'static str,
    /// Where the sentence comes from.
    pub source: &'static str,
    /// An exchange that keeps it: one message a line, `→` to the server, `←` from it.
    pub good: &'static str,
    /// An exchange that breaks it.
    pub bad: &'static str,
    /// Judges it over one scenario's record.
    pub check: fn(&Trace<'_>) -> CheckVerdict,
}

/// How much a requirement binds (RFC 2119).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Breaking it fails the run.
    Must,
    /// Breaking it is reported; it fails the run with `--strict`.
    Should,
    /// Breaking it is reported.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}
