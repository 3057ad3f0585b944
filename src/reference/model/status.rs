//! The state of a run.

/// The state of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Events are still to come.
    Running,
    /// It ended with `WorkflowCompleted`.
    Completed,
    /// It ended with `WorkflowError`.
    Failed,
    /// It ended with `WorkflowCancelled`, and then `WorkflowCompleted` as the end of the stream.
    Cancelled,
    /// It waits after `WorkflowPaused`, until a person has answered.
    Paused,
}

impl Status {
    /// Whether nothing more happens in it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::Paused)
    }

    /// The word of `replay` (agno 3.1.10 writes it in upper case).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "ERROR",
            Self::Cancelled => "CANCELLED",
            Self::Paused => "PAUSED",
        }
    }
}
