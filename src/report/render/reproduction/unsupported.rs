//! Why there is no script for a finding.

/// What a script cannot do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WhyNot {
    /// The scenario's transcript is missing.
    #[error("the scenario's transcript is missing")]
    NoRecord,
    /// A connection could not be opened.
    #[error("a connection could not be opened, so there is no message to show")]
    NoConnection,
    /// A viewer stops reading, and the system's buffers matter.
    #[error(
        "a viewer stops reading until the buffers on the way are full, which needs a client with small buffers"
    )]
    StopsReading,
    /// Several users.
    #[error("several users are needed, each with their own token")]
    Users,
    /// Both wires.
    #[error("viewers speak over the WebSocket and over HTTP, and a script speaks over one of them")]
    BothWires,
    /// Several replicas.
    #[error("it needs a second replica of the server")]
    Replicas,
    /// A token has to expire.
    #[error("it needs a token that expires meanwhile")]
    Expires,
    /// The server has to drop a run from its memory.
    #[error(
        "the server has to drop a finished run from its memory in between, which no message can ask for"
    )]
    Forgot,
    /// Two runs share a session.
    #[error("several runs were started in one session, so that a script cannot distinguish them")]
    OneSession,
    /// A client is judged, and not a server.
    #[error("it is about a client, which the suite itself starts: run it again with --name")]
    Client,
    /// The check needs more than messages.
    #[error("the finding needs more than the messages show")]
    NotAlone,
    /// No viewer saw the run's id.
    #[error("the viewer returns before any message has named the run")]
    Unheard,
    /// Too many steps.
    #[error("it needs more steps than a readable script should have")]
    Long,
    /// A long text.
    #[error("a viewer sends a text that is too long for a script")]
    LongText,
}
