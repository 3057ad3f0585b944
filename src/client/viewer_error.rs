//! Why a viewer could not do something.

use std::sync::Arc;

use crate::client::dial::DialError;

/// Why a viewer could not do what a step asked for. None of these is a verdict: the checks judge the
/// transcript.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ViewerError {
    /// No connection came about.
    #[error("{0}")]
    NotConnected(#[from] DialError),
    /// It did not come within the time limit.
    #[error("{viewer} waited {} for {waiting_for}, and it did not come; if the server is only slow, raise --step-timeout", humantime::format_duration(*.after))]
    TimedOut {
        /// Who waited.
        viewer: Arc<str>,
        /// What for.
        waiting_for: String,
        /// For how long.
        after: std::time::Duration,
    },
    /// The server closed the connection with a close frame, so that a viewer waited without success, or could
    /// not send.
    #[error("{viewer} {trouble} {how}")]
    Lost {
        /// Who waited, or could not send.
        viewer: Arc<str>,
        /// "was waiting for … when", or "could not send:".
        trouble: String,
        /// How the connection ended.
        how: String,
    },
    /// The connection ended in any other way: because of the server, or of the network.
    #[error("{viewer} {trouble} {how}")]
    Cut {
        /// Who waited, or could not send.
        viewer: Arc<str>,
        /// "was waiting for … when", or "could not send:".
        trouble: String,
        /// How the connection ended.
        how: String,
    },
    /// The server asks for a token, and none was given.
    #[error(
        "the server asks for a token: name the environment variable that contains it with --token-env"
    )]
    TokenWanted,
    /// The server refused the token.
    #[error("the server refused the token that --token-env or the target file names")]
    TokenRefused,
    /// The server refused to start a run.
    #[error(
        "the workflow {workflow_id:?} was refused: {error}; choose another one with --workflow-id or a target file"
    )]
    Refused {
        /// The workflow that was to run.
        workflow_id: String,
        /// The server's own words.
        error: String,
    },
    /// The viewer speaks over HTTP, which has no such request.
    #[error("{viewer} speaks over HTTP, which has no {what}")]
    NoSuchRequest {
        /// Who.
        viewer: Arc<str>,
        /// What was to be sent: "`ping`".
        what: &'static str,
    },
    /// The step needs a viewer who is not connected: the suite's own fault.
    #[error("{0} is not connected")]
    NotHere(Arc<str>),
}
