//! How a server ends the connections of a client on purpose, and turns it away.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a connection ends on purpose.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// By a TCP reset.
    Reset,
    /// By a close frame with this code (RFC 6455, section 7.4).
    Close(u16),
    /// After half a message.
    MidMessage,
    /// Over HTTP: the stream ends as if everything had been sent.
    EndOfStream,
    /// The connection stays open, and is neither read nor written any more.
    Dead,
}

/// How a try to connect is turned away.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnedAway {
    /// By an HTTP status.
    Status(u16),
    /// The TCP connection is accepted and closed at once.
    Closed,
}

impl Cut {
    /// Whether the connection ends as it does where all is well: by 1000, 1001 or 1012, or as HTTP ends a stream.
    #[must_use]
    pub fn is_clean(self) -> bool {
        matches!(self, Self::Close(1000 | 1001 | 1012) | Self::EndOfStream)
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => f.write_str("reset"),
            Self::Close(code) => write!(f, "closed with {code}"),
            Self::MidMessage => f.write_str("cut in the middle of a message"),
            Self::EndOfStream => f.write_str("ended as if everything had been sent"),
            Self::Dead => f.write_str("made dead: it is neither read nor written"),
        }
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "answered with HTTP {status}"),
            Self::Closed => f.write_str("closed at once"),
        }
    }
}
