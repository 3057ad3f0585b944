//! Why a report folder cannot be written or read, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::report::render::json;
use crate::transcript::jsonl;

/// Why a report folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be written.
    #[error("write {}: {source}", path.display())]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something is in the way of a file or folder.
    #[error("write {}: {reason}", path.display())]
    InTheWay {
        /// Of which one.
        path: PathBuf,
        /// What.
        reason: &'static str,
    },
    /// A file cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `report.json` is no report of this version.
    #[error("read {}: {source}", path.display())]
    Report {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: json::Error,
    },
    /// A transcript cannot be read.
    #[error("read {}: {source}", path.display())]
    Transcript {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: jsonl::Error,
    },
    /// A scenario names its transcript where none may be, or where another one's is.
    #[error("use {path:?} as the transcript of {scenario:?}: {reason}")]
    Name {
        /// The scenario's id.
        scenario: String,
        /// The name that it gave.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Error {
    /// What happened, and what to do about a folder that cannot be written.
    #[must_use]
    pub fn with_advice(&self) -> String {
        let advice = match self {
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room there, or name another folder with --report-dir"
                }
                io::ErrorKind::FileTooLarge => {
                    "raise the limit for the size of a file (`ulimit -f`)"
                }
                _ => "name a folder that can be written with --report-dir",
            },
            Self::InTheWay { .. } => "move it away, or name another folder with --report-dir",
            _ => return self.to_string(),
        };
        format!("{self}; {advice}")
    }
}

pub(super) fn in_the_way(path: &Path, reason: &'static str) -> Error {
    Error::InTheWay {
        path: path.to_owned(),
        reason,
    }
}

pub(crate) fn failed(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
