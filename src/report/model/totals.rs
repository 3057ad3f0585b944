//! How many requirements of which level got which verdict.

use serde::{Deserialize, Serialize};

use crate::check::Level;
use crate::report::model::run::Verdict;

/// How many requirements of each level got which verdict.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Totals {
    /// Of the MUSTs.
    pub must: Counts,
    /// Of the SHOULDs.
    pub should: Counts,
    /// Of the MAYs.
    pub may: Counts,
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
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Counts {
    /// It came about, and held.
    pub passed: usize,
    /// There is a finding.
    pub failed: usize,
    /// It could not be tried.
    pub inconclusive: usize,
    /// The target has no such ability.
    pub not_applicable: usize,
}
