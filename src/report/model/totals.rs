//! How many requirements of which level got which verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Level;
use crate::report::model::verdict::Verdict;

/// How many requirements of each level got which verdict.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Totals {
    /// Of the MUSTs.
    pub must: Counts,
    /// Of the SHOULDs.
    pub should: Counts,
    /// Of the MAYs.
    pub may: Counts,
    /// Of the reader's own scenarios, which are no requirements.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub own: Counts,
}

impl Totals {
    /// Those of one level.
    #[must_use]
    pub fn of(&self, level: Level) -> &Counts {
        match level {
            Level::Must => &self.must,
            Level::Should => &self.should,
            Level::May => &self.may,
        }
    }

    pub(crate) fn of_mut(&mut self, level: Level) -> &mut Counts {
        match level {
            Level::Must => &mut self.must,
            Level::Should => &mut self.should,
            Level::May => &mut self.may,
        }
    }
}

impl Counts {
    fn is_empty(&self) -> bool {
        self.all() == 0
    }

    /// How many got this verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Passed => self.passed,
            Verdict::NotApplicable => self.not_applicable,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Failed => self.failed,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> usize {
        // A stored report may say anything.
        let others = [self.failed, self.inconclusive, self.not_applicable];
        others.into_iter().fold(self.passed, usize::saturating_add)
    }

    /// `180 passed, 1 failed`: those that there are.
    pub(crate) fn words(&self) -> String {
        let all = [
            Verdict::Passed,
            Verdict::Failed,
            Verdict::Inconclusive,
            Verdict::NotApplicable,
        ];
        let parts = all.into_iter().filter(|it| self.of(*it) > 0);
        let parts = parts.map(|it| format!("{} {}", self.of(it), it.words()));
        parts.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn of_mut(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Passed => &mut self.passed,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Failed => &mut self.failed,
        }
    }
}

/// How many requirements got which verdict.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Counts {
    /// It was tested, and no check found a violation.
    pub passed: usize,
    /// A check found a violation.
    pub failed: usize,
    /// It could not be tested.
    pub inconclusive: usize,
    /// The target has no such ability.
    pub not_applicable: usize,
}
