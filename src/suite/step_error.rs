//! Why a step stops its scenario.
//!
//! Cucumber carries a step's error as text only, so the first words of the text say which kind it
//! is, and [`Stop::read`] reads them again on the other side.

use std::fmt;

use crate::client::Trouble;

/// Why a step stops its scenario.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stop {
    /// The check found the requirement broken; the finding is in the record.
    Broken(String),
    /// The step could not do what it says.
    CannotTell(String),
    /// The target declares that it has no such ability, or no workflow for the part.
    NotApplicable(String),
    /// The suite's own fault.
    Suite(String),
}

const BROKEN: &str = "broken: ";
const CANNOT_TELL: &str = "cannot tell: ";
const NOT_APPLICABLE: &str = "not applicable: ";

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => write!(f, "{BROKEN}{reason}"),
            Self::CannotTell(reason) => write!(f, "{CANNOT_TELL}{reason}"),
            Self::NotApplicable(reason) => write!(f, "{NOT_APPLICABLE}{reason}"),
            Self::Suite(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Stop {}

impl Stop {
    /// Reads what [`fmt::Display`] wrote. Whatever else made a step panic is the suite's own fault.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Some(reason) = text.strip_prefix(BROKEN) {
            Self::Broken(reason.to_owned())
        } else if let Some(reason) = text.strip_prefix(CANNOT_TELL) {
            Self::CannotTell(reason.to_owned())
        } else if let Some(reason) = text.strip_prefix(NOT_APPLICABLE) {
            Self::NotApplicable(reason.to_owned())
        } else {
            Self::Suite(text.to_owned())
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotHere(_) => Self::Suite(trouble.to_string()),
            _ => Self::CannotTell(trouble.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for stop in [
            Stop::Broken("a: b".into()),
            Stop::CannotTell("broken: not really".into()),
            Stop::NotApplicable("c".into()),
            Stop::Suite("index out of bounds".into()),
        ] {
            assert_eq!(Stop::read(&stop.to_string()), stop);
        }
    }
}
