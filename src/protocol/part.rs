//! The parts that workflows play in the features.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The role that a workflow plays in the features. A target file names the workflow for each.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Lives for 40 events or more, over some seconds.
    Long,
    /// Ends soon.
    Short,
    /// Ends in `WorkflowError`.
    Failing,
    /// Pauses for a person (`WorkflowPaused`), and goes on when it is continued.
    Pausing,
    /// Has more events than the server keeps.
    Endless,
    /// Has more than a thousand events, and the server keeps them all.
    Talkative,
    /// Lives like [`Part::Long`], and repeats its start message as it is in the content of an event.
    Echoing,
}

impl Part {
    /// Every part, in the order in which the documentation names them.
    pub const ALL: [Self; 7] = [
        Self::Long,
        Self::Short,
        Self::Failing,
        Self::Pausing,
        Self::Endless,
        Self::Talkative,
        Self::Echoing,
    ];

    /// The word for it in features and target files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
            Self::Failing => "failing",
            Self::Pausing => "pausing",
            Self::Endless => "endless",
            Self::Talkative => "talkative",
            Self::Echoing => "echoing",
        }
    }

    /// The part with this name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
