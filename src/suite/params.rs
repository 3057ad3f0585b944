//! The words of the features: viewers, parts of runs, positions.

use std::borrow::Cow;
use std::str::FromStr;

use cucumber::Parameter;
use serde_json::json;

use crate::protocol::{self, Position};
use crate::target::Variant;
use crate::transcript::Disconnect;

/// A viewer's name.
#[derive(Clone, Debug, Eq, Parameter, PartialEq)]
#[param(name = "viewer", regex = "[A-Z][a-z]+")]
pub struct Name(pub String);

impl FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// The part that a run's workflow plays.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(name = "part", regex = "long|short|failing|pausing|endless|talkative")]
pub struct Part(pub protocol::Part);

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        protocol::Part::of(text)
            .map(Self)
            .ok_or_else(|| format!("there is no part {text:?}"))
    }
}

/// What a run is told, and has to repeat.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "saying",
    regex = "line breaks|the words of the wire|quotes and backslashes|control characters|emoji and accents|odd separators|a very long text"
)]
pub enum Payload {
    /// Every kind of line break of ASCII.
    LineBreaks,
    /// What stands around events on the wire.
    Wire,
    /// What JSON escapes.
    Quotes,
    /// The invisible characters of ASCII.
    Controls,
    /// Characters outside ASCII, one of them made of several.
    Emoji,
    /// What Unicode takes for a line break or for nothing.
    Separators,
    /// More than the buffers of a slow line hold.
    VeryLong,
}

impl FromStr for Payload {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "line breaks" => Self::LineBreaks,
            "the words of the wire" => Self::Wire,
            "quotes and backslashes" => Self::Quotes,
            "control characters" => Self::Controls,
            "emoji and accents" => Self::Emoji,
            "odd separators" => Self::Separators,
            "a very long text" => Self::VeryLong,
            _ => return Err(format!("{text:?} is nothing that a run can be told")),
        })
    }
}

/// How long a very long text is, in bytes: more than what lies between a slow viewer and the bundled
/// server.
const LONG: usize = 384 << 10;

impl Payload {
    /// The text.
    #[must_use]
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::VeryLong => return Cow::Owned("Word after word. ".repeat(LONG / 17)),
            Self::LineBreaks => "one\ntwo\r\nthree\rfour\n\nfive\n",
            Self::Wire => {
                "event: pong\ndata: {\"event\": \"pong\"}\n\ndata: [DONE]\n\n: ping\n\nid: 7"
            }
            Self::Quotes => "\"quoted\" 'single' back\\slash \\n \\u0041 \\\" </script> %s {}",
            Self::Controls => "\u{1}bell \u{7} tab \t escape \u{1b}[31m delete \u{7f} next \u{85}",
            Self::Emoji => {
                "\u{1f389} \u{1f469}\u{200d}\u{1f4bb} na\u{ef}ve \u{65}\u{301} \u{4f60}\u{597d} \u{5e9}"
            }
            Self::Separators => {
                "line \u{2028} paragraph \u{2029} mark \u{feff} joined\u{200b} \u{fffd} \u{202e}"
            }
        })
    }
}

/// With which position a viewer returns.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "position",
    regex = "with (?:her|his) position|without a position|with the position left out|with event \\d+ as (?:her|his) position"
)]
pub enum PositionArg {
    /// The last event that the viewer has seen.
    Own,
    /// `null`.
    Null,
    /// The field is left out.
    LeftOut,
    /// This event, counted from 0.
    Event(u64),
}

impl FromStr for PositionArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "with her position" | "with his position" => Ok(Self::Own),
            "without a position" => Ok(Self::Null),
            "with the position left out" => Ok(Self::LeftOut),
            _ => text
                .split(' ')
                .find_map(|word| word.parse().ok())
                .map(Self::Event)
                .ok_or_else(|| format!("{text:?} names no position")),
        }
    }
}

impl PositionArg {
    /// The position on the wire, for a viewer whose own one is this.
    #[must_use]
    pub fn position(self, own: Position) -> Position {
        match self {
            Self::Own => own,
            Self::Null => Position::Null,
            Self::LeftOut => Position::Absent,
            Self::Event(index) => Position::At(index),
        }
    }
}

/// A position that no viewer can have.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "invalid_position",
    regex = "with a position (?:far|just) beyond the last event|with a (?:negative number|fraction|word|boolean|list) as (?:her|his) position"
)]
pub enum InvalidPosition {
    /// Further than any run goes.
    FarBeyond,
    /// The next index but one.
    JustBeyond,
    /// A negative number.
    Negative,
    /// A fraction.
    Fraction,
    /// A text.
    Word,
    /// A truth value.
    Boolean,
    /// A list.
    List,
}

impl FromStr for InvalidPosition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [
            (" far ", Self::FarBeyond),
            (" just ", Self::JustBeyond),
            (" negative ", Self::Negative),
            (" fraction ", Self::Fraction),
            (" word ", Self::Word),
            (" boolean ", Self::Boolean),
            (" list ", Self::List),
        ];
        all.into_iter()
            .find_map(|(word, invalid_position)| text.contains(word).then_some(invalid_position))
            .ok_or_else(|| format!("{text:?} names no position"))
    }
}

impl InvalidPosition {
    /// How far ahead of every run the furthest position is.
    const FAR: u64 = 1_000_000;

    /// The position on the wire, in a run whose last event has this index.
    #[must_use]
    pub fn position(self, last: u64) -> Position {
        match self {
            Self::FarBeyond => Position::At(last.saturating_add(Self::FAR)),
            Self::JustBeyond => Position::At(last.saturating_add(2)),
            Self::Negative => Position::Odd(json!(-5)),
            Self::Fraction => Position::Odd(json!(4.5)),
            Self::Word => Position::Odd(json!("latest")),
            Self::Boolean => Position::Odd(json!(true)),
            Self::List => Position::Odd(json!([4])),
        }
    }
}

/// Something that is no request of the protocol.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "invalid_message",
    regex = "no message at all|a bare list|a bare number|nothing to be done|an unknown action|something in binary"
)]
pub enum InvalidMessage {
    /// A text that is no JSON.
    NoJson,
    /// JSON, but a list.
    List,
    /// JSON, but a number.
    Number,
    /// An object without an action.
    NoAction,
    /// An action that no server knows.
    UnknownAction,
    /// A binary message.
    Binary,
}

impl FromStr for InvalidMessage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "no message at all" => Self::NoJson,
            "a bare list" => Self::List,
            "a bare number" => Self::Number,
            "nothing to be done" => Self::NoAction,
            "an unknown action" => Self::UnknownAction,
            "something in binary" => Self::Binary,
            _ => return Err(format!("{text:?} is nothing that a viewer can say")),
        })
    }
}

impl InvalidMessage {
    /// The text of the message; none where it is binary.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::NoJson => "hello, is anybody there?",
            Self::List => "[1, 2, 3]",
            Self::Number => "42",
            Self::NoAction => r#"{"greeting": "hello"}"#,
            Self::UnknownAction => r#"{"action": "dance"}"#,
            Self::Binary => return None,
        })
    }
}
/// How a viewer leaves.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "disconnect",
    regex = "with a goodbye|by a lost connection|without a word|in the middle of a message|with something unread|in the middle of catching up"
)]
pub enum DisconnectArg {
    /// At an exact event, all of which has been read.
    Plainly(Disconnect),
    /// The connection is lost, with events in it that were sent and never read.
    Unread,
    /// The connection is lost twice: the second time after the first of the missed events.
    CatchingUp,
}

impl FromStr for DisconnectArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "with a goodbye" => Ok(Self::Plainly(Disconnect::Close)),
            "by a lost connection" => Ok(Self::Plainly(Disconnect::Reset)),
            "without a word" => Ok(Self::Plainly(Disconnect::Silent)),
            "in the middle of a message" => Ok(Self::Plainly(Disconnect::MidMessage)),
            "with something unread" => Ok(Self::Unread),
            "in the middle of catching up" => Ok(Self::CatchingUp),
            _ => Err(format!("{text:?} names no way of leaving")),
        }
    }
}

/// So many events that a server may treat them otherwise than a few.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(name = "many", regex = "a hundred|more than a thousand")]
pub enum EventCount {
    /// More than fit into small buffers and batches.
    Hundred,
    /// More than fit into usual ones.
    Thousand,
}

impl FromStr for EventCount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "a hundred" => Ok(Self::Hundred),
            "more than a thousand" => Ok(Self::Thousand),
            _ => Err(format!("{text:?} is no number of events")),
        }
    }
}

impl EventCount {
    /// How many events these are.
    #[must_use]
    pub fn events(self) -> u64 {
        match self {
            Self::Hundred => 100,
            Self::Thousand => 1024,
        }
    }
}

/// Which variant of the target a scenario needs.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "target_variant",
    regex = "the server itself|a server that asks for a token|a server that knows its users|a server that keeps users apart|two replicas of one server"
)]
pub enum TargetVariant {
    /// None: the target as it is.
    Itself,
    /// See [`Variant::Guarded`].
    Guarded,
    /// See [`Variant::Users`].
    Users,
    /// See [`Variant::IsolatedUsers`].
    Apart,
    /// See [`Variant::Replica`].
    Replicas,
}

impl FromStr for TargetVariant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "the server itself" => Self::Itself,
            "a server that asks for a token" => Self::Guarded,
            "a server that knows its users" => Self::Users,
            "a server that keeps users apart" => Self::Apart,
            "two replicas of one server" => Self::Replicas,
            _ => return Err(format!("{text:?} is no variant of a target")),
        })
    }
}

impl TargetVariant {
    /// The variant; `None` for the target as it is.
    #[must_use]
    pub fn variant(self) -> Option<Variant> {
        match self {
            Self::Itself => None,
            Self::Guarded => Some(Variant::Guarded),
            Self::Users => Some(Variant::Users),
            Self::Apart => Some(Variant::IsolatedUsers),
            Self::Replicas => Some(Variant::Replica),
        }
    }
}

/// With what a viewer authenticates who has not the right token.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "proof",
    regex = "with no token|with an empty token|with a wrong token|with the right token but for one letter"
)]
pub enum BadToken {
    /// The field is left out.
    None,
    /// A text without a character.
    Empty,
    /// Something else altogether.
    Wrong,
    /// A forgery.
    NearlyRight,
}

impl FromStr for BadToken {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "with no token" => Self::None,
            "with an empty token" => Self::Empty,
            "with a wrong token" => Self::Wrong,
            "with the right token but for one letter" => Self::NearlyRight,
            _ => return Err(format!("{text:?} is nothing to authenticate with")),
        })
    }
}
