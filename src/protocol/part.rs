//! The parts that workflows play in the features.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The role that a workflow plays in the features. A target file names the workflow for each.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
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
    /// Says nothing for 30 s or more between two of its events.
    Quiet,
    /// Has another workflow as one of its steps, and lives for 40 events or more, over some seconds.
    Nested,
    /// Lives like `long`, and repeats its start message as it is in the content of an event.
    Echoing,
}

impl Part {
    /// Every part, in the order in which the documentation names them.
    pub const ALL: [Self; 9] = [
        Self::Long,
        Self::Short,
        Self::Failing,
        Self::Pausing,
        Self::Endless,
        Self::Talkative,
        Self::Quiet,
        Self::Nested,
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
            Self::Quiet => "quiet",
            Self::Nested => "nested",
            Self::Echoing => "echoing",
        }
    }

    /// What a run of it must do, every time, in one line.
    #[must_use]
    pub fn must(self) -> &'static str {
        match self {
            Self::Long => "has 40 events or more, over some seconds",
            Self::Short => "ends soon",
            Self::Failing => "ends in WorkflowError, without a long silence before it",
            Self::Pausing => {
                "asks a person for a yes or no (WorkflowPaused), after 20 events or more"
            }
            Self::Endless => "has more events than `retention`",
            Self::Talkative => "has 1,200 events or more, and the server keeps them all",
            Self::Quiet => "says nothing for 30 s or more between two of its events",
            Self::Nested => "like long, and one of its steps is another workflow",
            Self::Echoing => "like long, and repeats its message in the content of an event",
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
