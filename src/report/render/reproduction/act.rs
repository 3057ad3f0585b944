//! What a person without this suite has to do to reproduce a finding: a list of acts, derived from the
//! scenario's transcript.

use std::time::Duration;

use serde_json::Value;

use crate::protocol::Component;
use crate::transcript::{Disconnect, Number, ShownToken};

/// One act of one viewer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Whose; a place in [`Acts::viewers`].
    pub viewer: usize,
    pub act: Act,
}

/// What a viewer does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Opens a connection and reads the greeting.
    Connect,
    /// Sends a JSON object.
    Outgoing(Value),
    /// Sends a text that is not a JSON object.
    SendText(String),
    /// Sends a form over HTTP, on a connection of its own.
    Post {
        path: String,
        form: Vec<(String, String)>,
        token: Option<ShownToken>,
    },
    /// Sends a request over HTTP that is none of the protocol's, as it is written.
    Invalid(String),
    /// Sends so many zero bytes.
    SendBytes(usize),
    /// Reads until then, or until nothing has come for long.
    Read(Goal),
    /// Disconnects.
    Leave(Disconnect),
    /// Waits, without a connection, for as long as so many more events of the run take.
    AwayFor(u64),
    /// Waits for so long.
    AwayWhile(Duration),
    /// Sends a request over HTTP.
    Ask {
        method: String,
        path: String,
        with_token: bool,
    },
    /// Starts a run in the background over HTTP, in a session of its own.
    StartOverHttp {
        path: String,
        session: String,
        with_token: bool,
    },
    /// Asks the person at the keyboard to restart the server.
    Restart,
}

/// What a viewer reads until.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Goal {
    /// The event with this index, or a later one.
    Index(u64),
    /// A message of this name.
    Name(String),
    /// Nothing more comes.
    Silence,
    /// Nothing has come for as long as a viewer waits.
    Timeout,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Acts {
    pub viewers: Vec<String>,
    /// The sessions that the runs were started in, in order.
    pub sessions: Vec<String>,
    /// Run ids of the record, each with the place of its session.
    pub runs: Vec<(String, usize)>,
    /// Requests that started a run over HTTP, by number, each with its session.
    pub beside: Vec<(Number, String)>,
    pub steps: Vec<Step>,
    /// What the viewers run, where they speak over HTTP.
    pub over_http: Option<Component>,
    /// Whether a viewer returns to a run that is soon over, so that a second more or less matters.
    pub tight: bool,
    /// Whether the finding needs a run that was stopped at an exact event.
    pub luck: bool,
}

impl Acts {
    /// The session that a text of the record names, as a place.
    pub fn session(&self, text: &str) -> Option<usize> {
        self.sessions.iter().position(|it| it == text)
    }

    /// The session whose run a text of the record names, as a place.
    pub fn run(&self, text: &str) -> Option<usize> {
        let (_, session) = self.runs.iter().find(|(run, _)| run == text)?;
        Some(*session)
    }

    /// The session of the run that this HTTP request started.
    pub fn beside(&self, request: Number) -> Option<String> {
        let found = self.beside.iter().find(|(it, _)| *it == request);
        found.map(|(_, session)| session.clone())
    }

    /// How hard it is to do.
    pub fn effort(&self) -> usize {
        let restart = if self.uses(|act| matches!(act, Act::Restart)) {
            1_000
        } else {
            0
        };
        // A record that ends early looks tight, too.
        let tight = if self.tight { 8 } else { 0 };
        let luck = if self.luck { 60 } else { 0 };
        self.steps.len() + restart + tight + luck
    }

    pub fn uses(&self, is: impl Fn(&Act) -> bool) -> bool {
        self.steps.iter().any(|step| is(&step.act))
    }

    /// Whether the plan needs the server's token.
    pub fn needs_token(&self) -> bool {
        self.uses(|act| match act {
            Act::Outgoing(said) => is_masked_token(said),
            Act::Post { token, .. } => *token == Some(ShownToken::Own),
            Act::Ask { with_token, .. } | Act::StartOverHttp { with_token, .. } => *with_token,
            _ => false,
        })
    }
}

/// Whether it is an `authenticate` whose token was masked.
pub(crate) fn is_masked_token(said: &Value) -> bool {
    let token = said.get("token").and_then(Value::as_str);
    token.is_some_and(|token| token == MASK)
}

/// What the transcript has in place of a secret; equal to the redactor's, which a test checks.
pub(crate) const MASK: &str = "[secret]";
