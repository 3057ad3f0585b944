//! The verdicts on a requirement, a scenario and a run, with their words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit;

/// The verdict on a requirement or a scenario. Later is worse.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was tested, and no check found a violation.
    Passed,
    /// The target declares that it has no such ability, or no workflow for the part.
    NotApplicable,
    /// It could not be tested. This never counts as a pass.
    Inconclusive,
    /// A check found a violation.
    Failed,
}

impl Verdict {
    /// The word that people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotApplicable => "not applicable",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }

    /// The mark that goes with the word, so that colour alone says nothing.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Passed => "✔",
            Self::NotApplicable => "–",
            Self::Inconclusive => "?",
            Self::Failed => "✘",
        }
    }
}

/// The verdict on a run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// Every MUST passed, and nothing is inconclusive.
    Passed,
    /// A requirement that counts failed.
    Failed,
    /// Nothing that counts failed, but something could not be tested.
    Inconclusive,
    /// The target file says what is not so: the run shows nothing about that.
    Misconfigured,
    /// The suite itself failed.
    SuiteError,
}

impl RunVerdict {
    /// The words that a headline begins with.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Inconclusive => "Inconclusive",
            Self::Misconfigured => "Wrong configuration",
            Self::SuiteError => "The suite itself failed",
        }
    }

    /// The verdict whose mark and colour go with it: an error of the suite looks like a failure.
    #[must_use]
    pub fn as_verdict(self) -> Verdict {
        match self {
            Self::Passed => Verdict::Passed,
            Self::Failed | Self::SuiteError => Verdict::Failed,
            Self::Inconclusive | Self::Misconfigured => Verdict::Inconclusive,
        }
    }

    /// The exit code that goes with it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => exit::OK,
            Self::Failed => exit::FAILED,
            Self::Inconclusive => exit::INCONCLUSIVE,
            Self::Misconfigured => exit::USAGE,
            Self::SuiteError => exit::SUITE,
        }
    }
}
