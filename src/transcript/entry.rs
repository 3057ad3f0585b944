//! One thing that happened.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{Action, Decoder, Message, form};
use crate::transcript::codec;
use crate::transcript::judged_client::ClientEntry;
use crate::transcript::spill::StoredText;
use crate::transcript::work;

pub use crate::protocol::Part;

/// The number of an entry within its transcript, counted from 1.
pub type Number = u32;

/// How the reason of an [`EntryKind::Ended`] begins where the viewer hung up because nothing came any
/// more, not even the answer to a WebSocket ping: the server or the network hangs, and it is not known
/// which.
pub const DEAD_LINE: &str = "the line is dead";

/// The code of a close frame that says that all is well (RFC 6455, section 7.4.1).
pub const NORMAL: u16 = 1000;

/// The name in place of a viewer's for what no viewer of the scenario did.
pub const THE_SUITE: &str = "the suite";

/// The name of the viewer who stays connected beside the suite's own, or watches a control run: what comes of that
/// shows no requirement as passed.
pub const BESIDE: &str = "the suite, beside";

/// One thing that happened, as the reader task saw it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the transcript, counted from 1.
    pub number: Number,
    /// On which connection of that viewer, counted from 1; 0 where it was on none.
    pub connection: u32,
    /// When, since the transcript began, in microseconds: as exact as it is stored.
    at_us: u64,
    /// Whose doing or hearing it was: a viewer's name, or `the suite`.
    pub viewer: Arc<str>,
    /// What happened.
    pub what: EntryKind,
}

/// What happened. In a stored transcript the kind is the name of a line's last field.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The WebSocket upgrade succeeded; over HTTP, the answer is a stream of events.
    Opened,
    /// No connection came about; the reason in one sentence.
    NotOpened(String),
    /// The viewer sent a text, or a request over HTTP as [`Form::to_text`](crate::protocol::Form::to_text) writes it. Secrets in it are masked before it is recorded.
    #[serde(with = "codec::sent")]
    Sent {
        /// The text, secrets masked.
        text: String,
        /// What it says.
        action: Box<Action>,
    },
    /// The viewer sent a binary message of this many bytes, which is no request of the protocol.
    SentBinary(usize),
    /// A text message came.
    #[serde(with = "codec::received")]
    Received {
        /// The text as it came, secrets masked.
        text: StoredText,
        /// What it says.
        message: Message,
    },
    /// A binary message of this many bytes came.
    ReceivedBinary(usize),
    /// The viewer left. They did not see what comes after it on this connection.
    Disconnected(Disconnect),
    /// The server's close frame came.
    CloseReceived {
        /// The close code (RFC 6455, section 7.4), if one was given.
        code: Option<u16>,
        /// The reason that the server gave.
        reason: String,
    },
    /// The answer over HTTP to a viewer's request is no stream of events.
    #[serde(with = "codec::refused")]
    Refused {
        /// The status code.
        status: u16,
        /// The beginning of the body, secrets masked.
        text: Box<str>,
        /// What it says.
        message: Box<Message>,
    },
    /// The server ended the stream of an answer over HTTP, as HTTP ends one: by its last chunk, or after as many
    /// bytes as it had announced (RFC 9112, section 6).
    StreamEnded {
        /// How many bytes came after the last whole event.
        unfinished: usize,
    },
    /// The connection is over; how, in one sentence, where it was no clean close.
    Ended(Option<String>),
    /// What the viewer waited for did not come in time.
    TimedOut {
        /// What for, as a noun phrase: "the answer to `ping`".
        waiting_for: String,
        /// For how long; stored in microseconds.
        #[serde(rename = "after_us", with = "codec::micros")]
        after: Duration,
    },
    /// The viewer stops reading: what comes stays in the buffers between the server and them.
    StopsReading {
        /// How many bytes those buffers certainly cannot hold, as far as the suite knows the target.
        too_many: u64,
    },
    /// The viewer reads again.
    ReadsOn,
    /// On purpose, the viewer watched for this long to see that nothing more comes; stored in
    /// microseconds.
    #[serde(rename = "watched_us", with = "codec::micros")]
    Watched(Duration),
    /// The viewer asked something over HTTP.
    HttpRequest {
        /// The method: `POST`.
        method: String,
        /// The path below the server's HTTP address, secrets masked.
        path: String,
        /// Whether the viewer's token went with it.
        with_token: bool,
    },
    /// The answer over HTTP came.
    HttpResponse {
        /// The status code.
        status: u16,
        /// The beginning of the body, secrets masked.
        text: String,
    },
    /// No answer came over HTTP; the reason in one sentence.
    HttpFailed(String),
    /// The target says that the run of this session stands at a breakpoint right after this event
    /// index, counted from 0, and that nothing comes until it is cleared. Only a target with
    /// breakpoints says so.
    BreakpointReached {
        /// The session of the run.
        session_id: Arc<str>,
        /// The index of the last event that has happened.
        after: u64,
    },
    /// The target was asked to clear the breakpoint of this session's run.
    BreakpointCleared {
        /// The session of the run.
        session_id: Arc<str>,
    },
    /// What the suite could have tried in this scenario and did not, in one sentence.
    NotTried(String),
    /// The viewer uses the token of this user, as the target declares it. Two names are two users.
    User {
        /// A name for the user; not the server's.
        user: String,
    },
    /// From here on the viewer speaks over HTTP, in a scenario that says for each viewer over which wire they speak.
    SpeaksOverHttp,
    /// Over HTTP: which token goes with the viewer's request on this connection. It comes before the request;
    /// a viewer who has no token at all says nothing of one.
    ShowsToken(ShownToken),
    /// The connection is to another replica of the server than usual, as the target declares it. It
    /// comes before everything else on the connection.
    AtAnotherReplica,
    /// The other replica of the server was killed.
    ReplicaKilled,
    /// The token that the viewer has shown on this connection has expired, as the target declares it.
    TokenExpired,
    /// The viewer's token is not for this workflow, as the target declares it.
    NotPermitted {
        /// The workflow.
        workflow_id: String,
    },
    /// Which part a workflow plays, as the target declares it.
    Part {
        /// The workflow.
        workflow_id: String,
        /// Its part.
        part: Part,
    },
    /// How many events of a run the target keeps at most, as it declares.
    Retention {
        /// So many, the newest.
        events: u64,
    },
    /// For how long at least the part `quiet` says nothing between two of its events, as the target
    /// declares; stored in microseconds.
    #[serde(rename = "quiet_us", with = "codec::micros")]
    Quiet(Duration),
    /// After how long at the latest a stream over HTTP says something, if only a comment, as the target declares;
    /// stored in microseconds.
    #[serde(rename = "longest_silence_us", with = "codec::micros")]
    LongestSilence(Duration),
    /// The target says that it dropped this finished run from its memory.
    RunDropped {
        /// The workflow's run id.
        run_id: Arc<str>,
    },
    /// The target was stopped and started again, and is back.
    Restarted,
    /// What happens only where a client is judged.
    Client(Box<ClientEntry>),
}

/// The token that goes with a request over HTTP.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownToken {
    /// The viewer's own.
    Own,
    /// None, on purpose.
    None,
    /// One that is not right.
    Wrong,
}

/// How a viewer disconnects.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disconnect {
    /// With a closing handshake (RFC 6455, section 7).
    Close,
    /// The connection is reset.
    Reset,
    /// The connection stays open, but is no longer read or written: a closed laptop.
    Silent,
    /// Half a message is written, and then the connection is reset.
    MidMessage,
}

impl Disconnect {
    /// Every way to disconnect.
    pub const ALL: [Self; 4] = [Self::Close, Self::Reset, Self::Silent, Self::MidMessage];

    /// The phrase for it in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Close => "with a closing handshake",
            Self::Reset => "by a reset",
            Self::Silent => "silently",
            Self::MidMessage => "in the middle of a message",
        }
    }

    /// The one that this phrase means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

impl EntryKind {
    /// The viewer sent this text.
    #[must_use]
    pub fn sent(text: impl Into<String>) -> Self {
        let text = text.into();
        let action = Box::new(form::said(&text));
        Self::Sent { text, action }
    }

    /// The answer over HTTP was no stream of events, but this.
    #[must_use]
    pub fn refused(status: u16, text: &str) -> Self {
        Self::Refused {
            status,
            text: text.into(),
            message: Box::new(Message::refusal(status, text)),
        }
    }

    /// This text message came.
    #[must_use]
    pub fn received(text: &str, decoder: &mut Decoder) -> Self {
        let message = decoder.decode(text);
        let text = StoredText::from(text);
        Self::Received { text, message }
    }
}

impl Entry {
    pub(super) fn new(
        number: Number,
        at: Duration,
        viewer: Arc<str>,
        connection: u32,
        what: EntryKind,
    ) -> Self {
        Self {
            number,
            connection,
            at_us: u64::try_from(at.as_micros()).unwrap_or(u64::MAX),
            viewer,
            what,
        }
    }

    /// When it happened, since the transcript began; monotonic, in whole microseconds.
    #[must_use]
    pub fn at(&self) -> Duration {
        Duration::from_micros(self.at_us)
    }

    /// The decoded message, where a text message came, or a refusal over HTTP.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        work::count();
        match &self.what {
            EntryKind::Received { message, .. } => Some(message),
            EntryKind::Refused { message, .. } => Some(message),
            _ => None,
        }
    }

    /// What was said, where the viewer sent a text.
    #[must_use]
    pub fn action(&self) -> Option<&Action> {
        work::count();
        match &self.what {
            EntryKind::Sent { action, .. } => Some(action),
            _ => None,
        }
    }

    /// What happened to a client that is judged, or what it showed.
    #[must_use]
    pub fn of_client(&self) -> Option<&ClientEntry> {
        match &self.what {
            EntryKind::Client(entry) => Some(entry),
            _ => None,
        }
    }

    /// Whether the viewer sent what is no request of the protocol.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.what, EntryKind::SentBinary(_))
            || matches!(self.action(), Some(Action::Other(_)))
    }
}

/// What happened, with its durations as exact as they are stored.
pub(super) fn exactly(what: EntryKind) -> EntryKind {
    match what {
        EntryKind::TimedOut { waiting_for, after } => EntryKind::TimedOut {
            waiting_for,
            after: codec::exact(after),
        },
        EntryKind::Watched(lasted) => EntryKind::Watched(codec::exact(lasted)),
        what => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A long run has millions of them.
    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<Entry>() <= 96, "{} bytes", size_of::<Entry>());
    }
}
