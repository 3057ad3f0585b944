//! One thing that happened.

use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{Action, Decoder, Message};
use crate::transcript::spill::StoredText;
use crate::transcript::work;

pub use crate::protocol::Part;

/// The number of an entry within its transcript, counted from 1.
pub type Number = u32;

/// How the reason of a [`EntryKind::Ended`] begins where the viewer hung up since nothing came any more, not even
/// the answer to a WebSocket ping: the server hangs, or the line to it is dead, and nobody can tell which.
pub const DEAD_LINE: &str = "the line is dead";

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

/// What happened.
#[derive(Clone, Debug)]
pub enum EntryKind {
    /// The WebSocket upgrade succeeded.
    Opened,
    /// No connection came about; the reason in one sentence.
    NotOpened(String),
    /// The viewer sent a text. Secrets in it are masked before it is recorded.
    Sent {
        /// The text, secrets masked.
        text: String,
        /// What it says.
        action: Box<Action>,
    },
    /// The viewer sent a binary message of this many bytes, which is no request of the protocol.
    SentBinary(usize),
    /// A text message came.
    Received {
        /// The text as it came, secrets masked.
        text: StoredText,
        /// What it says.
        message: Message,
    },
    /// A binary message of this many bytes came.
    ReceivedBinary(usize),
    /// The viewer left. What comes after it on this visit was not seen by the viewer.
    Left(Disconnect),
    /// The server's close frame came.
    CloseReceived {
        /// The close code (RFC 6455, section 7.4), if one was given.
        code: Option<u16>,
        /// The reason that the server gave.
        reason: String,
    },
    /// The connection is over; how, in one sentence, where it was no clean close.
    Ended(Option<String>),
    /// The viewer waited in vain.
    TimedOut {
        /// What for, as a noun phrase: "the answer to `ping`".
        waiting_for: String,
        /// For how long.
        after: Duration,
    },
    /// The viewer stops reading: what comes stays in the buffers between the server and them.
    StopsReading {
        /// How many bytes those buffers certainly cannot hold, as far as the suite knows the target.
        too_many: u64,
    },
    /// The viewer reads again.
    ReadsOn,
    /// On purpose, the viewer watched for this long to see that nothing more comes.
    Watched(Duration),
    /// The viewer asked something over HTTP.
    Asked {
        /// The method: `POST`.
        method: String,
        /// The path below the server's HTTP address, secrets masked.
        path: String,
        /// Whether the viewer's token went with it.
        with_token: bool,
    },
    /// The answer over HTTP came.
    Answered {
        /// The status code.
        status: u16,
        /// The beginning of the body, secrets masked.
        text: String,
    },
    /// No answer came over HTTP; the reason in one sentence.
    NotAnswered(String),
    /// The target says that the run of this session stands still right after this event index,
    /// counted from 0, and that nothing comes until it is released. Only a target that can be held
    /// says so.
    Held {
        /// The session of the run.
        session_id: Arc<str>,
        /// The index of the last event that has happened.
        after: u64,
    },
    /// The target was asked to let the run of this session go on.
    Released {
        /// The session of the run.
        session_id: Arc<str>,
    },
    /// What the suite could have tried in this scenario and did not, in one sentence.
    LeftOut(String),
    /// The viewer comes with the token of this user, as the target declares it. Two names are two
    /// users.
    ComesAs {
        /// A name for the user; not the server's.
        user: String,
    },
    /// The connection of this visit is to another replica of the server than usual, as the target
    /// declares it. It comes before everything else on the visit.
    AtAnotherReplica,
    /// Which part a workflow plays, as the target declares it.
    Plays {
        /// The workflow.
        workflow_id: String,
        /// Its part.
        part: Part,
    },
    /// How many events of a run the target keeps at most, as it declares.
    Keeps {
        /// So many, the newest.
        events: u64,
    },
    /// The target dropped this finished run from its memory, by its own word.
    Forgot {
        /// The workflow's run id.
        run_id: Arc<str>,
    },
    /// The target was stopped and started again, and is back.
    Restarted,
}

/// How a viewer leaves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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
    /// Every way of leaving.
    pub const ALL: [Self; 4] = [Self::Close, Self::Reset, Self::Silent, Self::MidMessage];

    /// The word for it in transcripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Close => "politely",
            Self::Reset => "abruptly",
            Self::Silent => "without a word",
            Self::MidMessage => "in the middle of a message",
        }
    }

    /// The way of leaving that this word means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|disconnect| disconnect.word() == word)
    }
}

impl EntryKind {
    /// The viewer sent this text.
    #[must_use]
    pub fn sent(text: impl Into<String>) -> Self {
        let text = text.into();
        let action = Box::new(Action::of(&text));
        Self::Sent { text, action }
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

    /// The decoded message, where a text message came.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        work::count();
        match &self.what {
            EntryKind::Received { message, .. } => Some(message),
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

    /// Whether the viewer sent what is no request of the protocol.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.what, EntryKind::SentBinary(_))
            || matches!(self.action(), Some(Action::Other(_)))
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
