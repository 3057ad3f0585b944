//! The parameters of the steps: each phrase that may stand for one, and its value.

use std::borrow::Cow;

use serde_json::json;

use crate::protocol::{self, Position};
use crate::target::Variant;
use crate::transcript::Disconnect;

/// What a step function takes from its phrase.
pub trait Argument: Sized {
    /// The name of the parameter, as in `{viewer}`.
    const NAME: &'static str;

    /// The value that this text stands for.
    fn of(text: &str) -> Option<Self>;
}

/// A parameter with a fixed set of phrases.
pub trait Parameter: Copy + 'static {
    /// As in `{part}`.
    const NAME: &'static str;
    /// Every phrase, and its value.
    const PHRASES: &'static [(&'static str, Self)];

    /// The value of a phrase that contains a number, `{int}`.
    #[must_use]
    fn numbered(self, _number: u64) -> Self {
        self
    }
}

impl<P: Parameter> Argument for P {
    const NAME: &'static str = P::NAME;

    fn of(text: &str) -> Option<Self> {
        let values = P::PHRASES.iter();
        let mut said = values.filter(|(phrase, _)| length_of(phrase, text) == Some(text.len()));
        let (phrase, value) = said.next()?;
        let number = phrase.split_once("{int}").and_then(|(before, after)| {
            let number = text.strip_prefix(before)?.strip_suffix(after)?;
            number.parse().ok()
        });
        Some(number.map_or(*value, |number| value.numbered(number)))
    }
}

/// A viewer's name.
impl Argument for String {
    const NAME: &'static str = "viewer";

    fn of(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Argument for u64 {
    const NAME: &'static str = "int";

    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The phrases of every parameter that has a fixed set of them, by its name.
#[must_use]
pub fn all() -> Vec<(&'static str, Vec<&'static str>)> {
    fn of<P: Parameter>() -> (&'static str, Vec<&'static str>) {
        let phrases = P::PHRASES.iter().map(|(phrase, _)| *phrase);
        (<P as Parameter>::NAME, phrases.collect())
    }
    vec![
        of::<protocol::Part>(),
        of::<Payload>(),
        of::<PositionArg>(),
        of::<InvalidPosition>(),
        of::<InvalidMessage>(),
        of::<DisconnectArg>(),
        of::<EventCount>(),
        of::<TargetVariant>(),
        of::<BadToken>(),
    ]
}

/// How many bytes at the beginning of the text the parameter of this name may be.
pub(super) fn lengths(name: &str, text: &str) -> Vec<usize> {
    match name {
        "viewer" => {
            let mut letters = text.chars();
            let capital = letters.next().is_some_and(|it| it.is_ascii_uppercase());
            let small = letters.take_while(char::is_ascii_lowercase).count();
            Vec::from_iter((capital && small > 0).then_some(1 + small))
        }
        "int" => Vec::from_iter(digits(text)),
        name => {
            let known = all().into_iter().find(|(of, _)| *of == name);
            let phrases = known.into_iter().flat_map(|(_, phrases)| phrases);
            phrases.filter_map(|it| length_of(it, text)).collect()
        }
    }
}

/// How many bytes at the beginning of the text this phrase takes.
fn length_of(phrase: &str, text: &str) -> Option<usize> {
    let (before, after) = match phrase.split_once("{int}") {
        None => return text.starts_with(phrase).then_some(phrase.len()),
        Some(parts) => parts,
    };
    let number = digits(text.strip_prefix(before)?)?;
    let length = before.len() + number;
    let rest = text.get(length..)?;
    rest.starts_with(after).then_some(length + after.len())
}

fn digits(text: &str) -> Option<usize> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    (count > 0).then_some(count)
}

impl Parameter for protocol::Part {
    const NAME: &'static str = "part";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("long", Self::Long),
        ("short", Self::Short),
        ("failing", Self::Failing),
        ("pausing", Self::Pausing),
        ("endless", Self::Endless),
        ("talkative", Self::Talkative),
    ];
}

/// The text that a run gets, and has to repeat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Payload {
    /// Every kind of line break of ASCII.
    LineBreaks,
    /// What surrounds events in the protocol's framing.
    Framing,
    /// What JSON escapes.
    Quotes,
    /// The invisible characters of ASCII.
    Controls,
    /// Characters outside ASCII, one of them made of several.
    Emoji,
    /// What Unicode treats as a line break or as nothing.
    Separators,
    /// More than the buffers of a slow connection hold.
    VeryLong,
}

impl Parameter for Payload {
    const NAME: &'static str = "payload";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("line breaks", Self::LineBreaks),
        ("text that looks like protocol framing", Self::Framing),
        ("quotes and backslashes", Self::Quotes),
        ("control characters", Self::Controls),
        ("emoji and accents", Self::Emoji),
        ("unusual separators", Self::Separators),
        ("a very long text", Self::VeryLong),
    ];
}

/// How long a very long text is, in bytes: more than what fits between a slow viewer and the bundled
/// server.
const LONG: usize = 384 << 10;

impl Payload {
    /// The text.
    #[must_use]
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::VeryLong => return Cow::Owned("Word after word. ".repeat(LONG / 17)),
            Self::LineBreaks => "one\ntwo\r\nthree\rfour\n\nfive\n",
            Self::Framing => {
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

/// The position with which a viewer returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

impl Parameter for PositionArg {
    const NAME: &'static str = "position";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with their position", Self::Own),
        ("without a position", Self::Null),
        ("with the position left out", Self::LeftOut),
        ("with event {int} as their position", Self::Event(0)),
    ];

    fn numbered(self, index: u64) -> Self {
        Self::Event(index)
    }
}

impl PositionArg {
    /// The position as it is sent, for a viewer whose own one is this.
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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
    /// A boolean.
    Boolean,
    /// A list.
    List,
}

impl Parameter for InvalidPosition {
    const NAME: &'static str = "invalid_position";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with a position far beyond the last event", Self::FarBeyond),
        (
            "with a position just beyond the last event",
            Self::JustBeyond,
        ),
        ("with a negative number as their position", Self::Negative),
        ("with a fraction as their position", Self::Fraction),
        ("with a word as their position", Self::Word),
        ("with a boolean as their position", Self::Boolean),
        ("with a list as their position", Self::List),
    ];
}

impl InvalidPosition {
    /// How far ahead of every run the furthest position is.
    const FAR: u64 = 1_000_000;

    /// The position as it is sent, in a run whose last event has this index.
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

/// A message that is no request of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InvalidMessage {
    /// Text that is not JSON.
    NotJson,
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

impl Parameter for InvalidMessage {
    const NAME: &'static str = "invalid_message";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("text that is not JSON", Self::NotJson),
        ("a list instead of an object", Self::List),
        ("a number instead of an object", Self::Number),
        ("an object without an action", Self::NoAction),
        ("an unknown action", Self::UnknownAction),
        ("a binary message", Self::Binary),
    ];
}

impl InvalidMessage {
    /// The text of the message; `None` where it is binary.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::NotJson => "hello, is anybody there?",
            Self::List => "[1, 2, 3]",
            Self::Number => "42",
            Self::NoAction => r#"{"greeting": "hello"}"#,
            Self::UnknownAction => r#"{"action": "dance"}"#,
            Self::Binary => return None,
        })
    }
}

/// How a viewer disconnects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DisconnectArg {
    /// At an exact event, with everything read.
    Plainly(Disconnect),
    /// By a reset, with events in the connection that were sent and never read.
    Unread,
    /// By two resets: the second one after the first of the missed events.
    CatchingUp,
}

impl Parameter for DisconnectArg {
    const NAME: &'static str = "disconnect";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with a closing handshake", Self::Plainly(Disconnect::Close)),
        ("by a reset", Self::Plainly(Disconnect::Reset)),
        (
            "silently, with the connection left open",
            Self::Plainly(Disconnect::Silent),
        ),
        (
            "in the middle of a message",
            Self::Plainly(Disconnect::MidMessage),
        ),
        ("with events unread", Self::Unread),
        ("in the middle of catching up", Self::CatchingUp),
    ];
}

/// So many events that a server may treat them differently from a few.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EventCount {
    /// More than fit into small buffers and batches.
    Hundred,
    /// More than fit into usual ones.
    Thousand,
}

impl Parameter for EventCount {
    const NAME: &'static str = "event_count";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("a hundred", Self::Hundred),
        ("more than a thousand", Self::Thousand),
    ];
}

impl EventCount {
    /// The number of events.
    #[must_use]
    pub fn events(self) -> u64 {
        match self {
            Self::Hundred => 100,
            Self::Thousand => 1024,
        }
    }
}

/// The variant of the target that a scenario uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

impl Parameter for TargetVariant {
    const NAME: &'static str = "target_variant";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("the server itself", Self::Itself),
        ("a server that asks for a token", Self::Guarded),
        ("a server that knows its users", Self::Users),
        ("a server that keeps users apart", Self::Apart),
        ("two replicas of one server", Self::Replicas),
    ];
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

/// What a viewer authenticates with who does not have the right token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BadToken {
    /// The field is left out.
    None,
    /// An empty text.
    Empty,
    /// Something else altogether.
    Wrong,
    /// The right token with one letter changed.
    NearlyRight,
}

impl Parameter for BadToken {
    const NAME: &'static str = "bad_token";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with no token", Self::None),
        ("with an empty token", Self::Empty),
        ("with a wrong token", Self::Wrong),
        ("with a token that differs in one letter", Self::NearlyRight),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_means_its_value() {
        assert_eq!(Payload::of("emoji and accents"), Some(Payload::Emoji));
        assert_eq!(
            PositionArg::of("with their position"),
            Some(PositionArg::Own)
        );
        let event = PositionArg::of("with event 17 as their position");
        assert_eq!(event, Some(PositionArg::Event(17)));
        assert_eq!(PositionArg::of("with event x as their position"), None);
        assert_eq!(PositionArg::of("with their position and more"), None);
        assert_eq!(
            protocol::Part::of("echoing").map(|part| part.word()),
            Some("echoing")
        );
        assert_eq!(<protocol::Part as Argument>::of("echoing"), None);
    }
}
