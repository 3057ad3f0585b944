//! Why a step stops its scenario.
//!
//! Cucumber carries a step's error as text only, so the first words of the text say which kind it
//! is, and [`StepError::read`] reads them again on the other side.

use std::fmt;

use crate::client::ViewerError;

/// Why a step stops its scenario.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StepError {
    /// The check found the requirement broken; the finding is in the record.
    Failed(String),
    /// The step could not do what it says.
    Inconclusive(String),
    /// The target declares that it has no such ability, or no workflow for the part.
    NotApplicable(String),
    /// The suite's own fault.
    Suite(String),
}

const FAILED: &str = "broken: ";
const INCONCLUSIVE: &str = "cannot tell: ";
const NOT_APPLICABLE: &str = "not applicable: ";

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(reason) => write!(f, "{FAILED}{reason}"),
            Self::Inconclusive(reason) => write!(f, "{INCONCLUSIVE}{reason}"),
            Self::NotApplicable(reason) => write!(f, "{NOT_APPLICABLE}{reason}"),
            Self::Suite(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StepError {}

impl StepError {
    /// Reads what [`fmt::Display`] wrote. Whatever else made a step panic is the suite's own fault.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Some(reason) = text.strip_prefix(FAILED) {
            Self::Failed(reason.to_owned())
        } else if let Some(reason) = text.strip_prefix(INCONCLUSIVE) {
            Self::Inconclusive(reason.to_owned())
        } else if let Some(reason) = text.strip_prefix(NOT_APPLICABLE) {
            Self::NotApplicable(reason.to_owned())
        } else {
            Self::Suite(text.to_owned())
        }
    }
}

impl From<ViewerError> for StepError {
    fn from(trouble: ViewerError) -> Self {
        match trouble {
            ViewerError::NotHere(_) => Self::Suite(trouble.to_string()),
            _ => Self::Inconclusive(trouble.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for stop in [
            StepError::Failed("a: b".into()),
            StepError::Inconclusive("broken: not really".into()),
            StepError::NotApplicable("c".into()),
            StepError::Suite("index out of bounds".into()),
        ] {
            assert_eq!(StepError::read(&stop.to_string()), stop);
        }
    }
}
