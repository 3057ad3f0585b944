//! Why there is no script for a finding.

/// What a script cannot do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WhyNot {
    /// The record of the scenario is not there.
    #[error("the record of the scenario is not there")]
    NoRecord,
    /// A connection did not come about.
    #[error("a connection did not come about, so there is no message to show")]
    NoConnection,
    /// Somebody stops reading, and the system's buffers matter.
    #[error(
        "somebody stops reading until the buffers on the way are full, which takes a client with small buffers"
    )]
    StopsReading,
    /// Several users.
    #[error("several users come, each with a token of their own")]
    Users,
    /// Several replicas.
    #[error("it takes a second replica of the server")]
    Replicas,
    /// The server has to drop a run.
    #[error(
        "the server has to drop a finished run from its memory in between, which no message can ask for"
    )]
    Forgot,
    /// Two runs share a session.
    #[error("several runs were started in one session, so that a script cannot tell them apart")]
    OneSession,
    /// The check needs more than messages.
    #[error("the finding rests on what nobody can see in the messages")]
    NotAlone,
    /// Nobody saw the run's id.
    #[error("the viewer returns before any message has told the run's id")]
    Unheard,
    /// Too many steps.
    #[error("it takes more steps than a script that one can read should have")]
    Long,
    /// A long text.
    #[error("a viewer says a text that is too long for a script")]
    LongText,
}
