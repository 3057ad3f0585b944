//! Why a sub-command cannot be carried out, and how errors are printed.

use std::io::Write;

use crate::report::text::escape::escape_whole;

/// Why a sub-command cannot be carried out: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// What failed, as a fragment.
    #[error("failed to {0}")]
    Failed(String),
    /// What is wrong with the command line, as a sentence.
    #[error("{0}")]
    Wrong(String),
}

impl UsageError {
    pub(super) fn of(error: &impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// The same error, of one of several: `client a: …`.
    pub(super) fn about(self, which: &str) -> Self {
        match self {
            Self::Failed(what) => Self::Wrong(format!("{which}: failed to {what}")),
            Self::Wrong(what) => Self::Wrong(format!("{which}: {what}")),
        }
    }

    pub(super) fn wrong(error: impl Into<String>) -> Self {
        Self::Wrong(error.into())
    }
}

/// Prints what failed, a fragment; returns the exit code.
pub(super) fn failed_to(error: &str, code: u8) -> u8 {
    complain(&format!("failed to {error}"), code)
}

pub(super) fn complain(error: &str, code: u8) -> u8 {
    let mut out = anstream::stderr().lock();
    // It may quote text of a file, which may hold control characters.
    let lines: Vec<_> = error.lines().map(escape_whole).collect();
    let error = lines.join("\n");
    let _ = writeln!(out, "reconnect-acceptance: {error}");
    code
}
