//! The catalogue: every requirement with its id, level and sentence, in the order of the
//! documentation. The requirements of a family stand beside their checks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::finding::Judgement;
use crate::transcript::Story;

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
    pub check: fn(&Story<'_>) -> Judgement,
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

/// Every requirement, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The requirement of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id)
}

const FAMILIES: &[&[Requirement]] = &[
    super::greeting::FAMILY,
    super::auth::FAMILY,
    super::start::FAMILY,
    super::catchup::FAMILY,
    super::history::FAMILY,
    super::replay::FAMILY,
    super::failing::FAMILY,
    super::cancel::FAMILY,
    super::pause::FAMILY,
    super::http::FAMILY,
    super::content::FAMILY,
    super::identity::FAMILY,
    super::seam::FAMILY,
    super::flapping::FAMILY,
    super::viewers::FAMILY,
    super::position::FAMILY,
    super::retention::FAMILY,
    super::refusal::FAMILY,
    super::malformed::FAMILY,
    super::owner::FAMILY,
    super::restart::FAMILY,
    super::replica::FAMILY,
    super::connection::FAMILY,
];
