//! What a check notes while it looks at one place after the other.

use crate::check::finding::{CheckVerdict, Finding};
use crate::transcript::Number;

/// More entries than this make a finding no clearer.
const EVIDENCE: usize = 8;

/// The notes of one check over one record.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    findings: Vec<Finding>,
    passed: bool,
    reason: Option<String>,
}

impl Collector {
    /// The situation came about, and the requirement passed in it.
    pub(crate) fn passed(&mut self) {
        self.passed = true;
    }

    /// The requirement failed here.
    pub(crate) fn failed(
        &mut self,
        expected: impl Into<String>,
        observed: impl Into<String>,
        evidence: impl IntoIterator<Item = Number>,
    ) {
        let mut evidence: Vec<Number> = evidence.into_iter().collect();
        evidence.sort_unstable();
        evidence.dedup();
        evidence.truncate(EVIDENCE);
        self.findings.push(Finding {
            expected: expected.into(),
            observed: observed.into(),
            evidence,
        });
    }

    /// The situation nearly came about; the reason why it did not. The first one stands.
    pub(crate) fn inconclusive(&mut self, reason: impl Into<String>) {
        if self.reason.is_none() {
            self.reason = Some(reason.into());
        }
    }

    /// The sum of the notes; `otherwise` is the reason where there are none.
    pub(crate) fn check_verdict(self, otherwise: &str) -> CheckVerdict {
        if !self.findings.is_empty() {
            CheckVerdict::Failed(self.findings)
        } else if self.passed {
            CheckVerdict::Passed
        } else {
            CheckVerdict::Inconclusive(self.reason.unwrap_or_else(|| otherwise.to_owned()))
        }
    }
}
