//! The parameters of the steps: each phrase that may stand for one, and its value.

use std::borrow::Cow;

use serde_json::json;

use crate::client_mode::{Cut, Provocation, ReturnAnswer, TurnedAway};
use crate::protocol::{self, Position};
use crate::suite::altered::JwtChange;
use crate::suite::argument::{Parameter, digits, length_of};
use crate::target::Variant;
use crate::transcript::Disconnect;

/// A parameter, as lists explain it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// As in `{part}`.
    pub name: &'static str,
    /// What it says, in a few words.
    pub meaning: &'static str,
    /// Its phrases; none where any of a kind will do.
    pub values: Vec<&'static str>,
}

/// Every parameter of the steps.
#[must_use]
pub fn explained() -> Vec<Explained> {
    fn of<P: Parameter>() -> Explained {
        let phrases = P::PHRASES.iter().map(|(phrase, _)| *phrase);
        Explained {
            name: <P as Parameter>::NAME,
            meaning: P::MEANING,
            values: phrases.collect(),
        }
    }
    let any = |name, meaning| Explained {
        name,
        meaning,
        values: Vec::new(),
    };
    vec![
        any("viewer", "a name with a capital letter: Ada, Ben, Cleo"),
        any("int", "a whole number: 20"),
        of::<protocol::Part>(),
        of::<Payload>(),
        of::<PositionArg>(),
        of::<InvalidPosition>(),
        of::<InvalidMessage>(),
        of::<DisconnectArg>(),
        of::<EventCount>(),
        of::<TargetVariant>(),
        of::<BadToken>(),
        of::<Break>(),
        of::<Unreadable>(),
        of::<Turned>(),
        of::<Answered>(),
    ]
}

/// The phrases of every parameter that has a fixed set of them, by its name.
#[must_use]
pub fn all() -> Vec<(&'static str, Vec<&'static str>)> {
    let explained = explained().into_iter();
    let fixed = explained.filter(|it| !it.values.is_empty());
    fixed.map(|it| (it.name, it.values)).collect()
}

/// The phrase in small letters, with a value for each of its parameters, and without what may be left out.
pub(super) fn example(phrase: &str) -> String {
    let mut text = phrase.replace("{viewer}", "ada").replace("{int}", "20");
    for (name, values) in all() {
        let first = values.first().copied().unwrap_or_default();
        text = text.replace(&format!("{{{name}}}"), first);
    }
    let text = text.replace("{int}", "20").replace("(n)", "");
    text.replace("(s)", "s").to_lowercase()
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

impl Parameter for protocol::Part {
    const NAME: &'static str = "part";
    const MEANING: &'static str = "which kind of run: what its workflow does";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("long", Self::Long),
        ("short", Self::Short),
        ("failing", Self::Failing),
        ("pausing", Self::Pausing),
        ("endless", Self::Endless),
        ("talkative", Self::Talkative),
        ("quiet", Self::Quiet),
        ("nested", Self::Nested),
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
    /// What ends a text in C.
    Zero,
    /// What a reader that guesses takes for an object.
    Json,
    /// What a reader that guesses takes for a number.
    Number,
    /// More than most buffers hold.
    Megabyte,
    /// More than the buffers of a slow connection hold.
    VeryLong,
}

impl Parameter for Payload {
    const NAME: &'static str = "payload";
    const MEANING: &'static str = "the text that a run is started with";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("line breaks", Self::LineBreaks),
        ("text that looks like protocol framing", Self::Framing),
        ("quotes and backslashes", Self::Quotes),
        ("control characters", Self::Controls),
        ("emoji and accents", Self::Emoji),
        ("unusual separators", Self::Separators),
        ("a null character", Self::Zero),
        ("text that looks like JSON", Self::Json),
        ("a bare number", Self::Number),
        ("a megabyte of text", Self::Megabyte),
        ("a very long text", Self::VeryLong),
    ];
}

/// How long a very long text is, in bytes: more than what fits between a slow viewer and the bundled
/// server.
const LONG: usize = 384 << 10;

/// How long a megabyte of text is, in bytes, or a little less.
const MEGABYTE: usize = 1 << 20;

impl Payload {
    /// The text.
    #[must_use]
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::VeryLong => return Cow::Owned("Word after word. ".repeat(LONG / 17)),
            Self::Megabyte => return Cow::Owned("A word of a book. ".repeat(MEGABYTE / 18)),
            Self::Zero => "before\u{0}after",
            Self::Json => {
                "{\"event\": \"WorkflowCompleted\", \"n\": 1.0, \"all\": [null, true, \"\"]}"
            }
            // Neither an integer nor a float of 64 bits can hold it.
            Self::Number => "12345678901234567890.10",
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
    const MEANING: &'static str = "what a viewer says about the last event that they have seen";
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
    /// Further than 32 bits, or a float, can count.
    Enormous,
    /// The next index but one.
    JustBeyond,
    /// A negative number.
    Negative,
    /// A fraction.
    Fraction,
    /// A text.
    Word,
    /// The right number, as a text.
    NumberAsText,
    /// A boolean.
    Boolean,
    /// A list.
    List,
}

impl Parameter for InvalidPosition {
    const NAME: &'static str = "invalid_position";
    const MEANING: &'static str = "a position that no viewer can have";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with a position far beyond the last event", Self::FarBeyond),
        ("with an enormous position", Self::Enormous),
        (
            "with a position just beyond the last event",
            Self::JustBeyond,
        ),
        ("with a negative number as their position", Self::Negative),
        ("with a fraction as their position", Self::Fraction),
        ("with a word as their position", Self::Word),
        (
            "with a number as text as their position",
            Self::NumberAsText,
        ),
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
            Self::Enormous => Position::At(i64::MAX.unsigned_abs()),
            Self::JustBeyond => Position::At(last.saturating_add(2)),
            Self::Negative => Position::Odd(json!(-5)),
            Self::Fraction => Position::Odd(json!(4.5)),
            Self::Word => Position::Odd(json!("latest")),
            Self::NumberAsText => Position::Odd(json!(last.to_string())),
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
    const MEANING: &'static str = "what is sent instead of a request";
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
    const MEANING: &'static str = "how a connection ends";
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
    const MEANING: &'static str = "how many events go by";
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
    /// See [`Variant::Expiring`].
    Expiring,
    /// See [`Variant::Permissions`].
    Permissions,
}

impl Parameter for TargetVariant {
    const NAME: &'static str = "target_variant";
    const MEANING: &'static str = "which configuration of the server";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("the server itself", Self::Itself),
        ("a server that asks for a token", Self::Guarded),
        ("a server that knows its users", Self::Users),
        ("a server that keeps users apart", Self::Apart),
        ("two replicas of one server", Self::Replicas),
        ("a server whose tokens expire", Self::Expiring),
        (
            "a server that gives permissions for single workflows",
            Self::Permissions,
        ),
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
            Self::Expiring => Some(Variant::Expiring),
            Self::Permissions => Some(Variant::Permissions),
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
    /// The first half of the right token.
    Truncated,
    /// The right token, a JWT, with a change.
    Changed(JwtChange),
}

impl Parameter for BadToken {
    const NAME: &'static str = "bad_token";
    const MEANING: &'static str = "what a viewer authenticates with";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("with no token", Self::None),
        ("with an empty token", Self::Empty),
        ("with a wrong token", Self::Wrong),
        ("with a token that differs in one letter", Self::NearlyRight),
        ("with half a token", Self::Truncated),
        ("with an expired token", Self::Changed(JwtChange::Expired)),
        (
            "with a token that is not valid yet",
            Self::Changed(JwtChange::NotYetValid),
        ),
        (
            "with a token for another audience",
            Self::Changed(JwtChange::OtherAudience),
        ),
        (
            "with a token signed by another key",
            Self::Changed(JwtChange::OtherKey),
        ),
        (
            "with a token that needs no signature",
            Self::Changed(JwtChange::Unsigned),
        ),
    ];
}

/// How the suite breaks a client's connection.
#[derive(Clone, Copy, Debug)]
pub struct Break(pub Cut);

impl Parameter for Break {
    const NAME: &'static str = "breaks";
    const MEANING: &'static str = "how the connection of a client that is judged is cut";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("is reset", Self(Cut::Reset)),
        ("ends in the middle of a message", Self(Cut::MidMessage)),
        ("is closed with a server error", Self(Cut::Close(1011))),
        ("is closed normally", Self(Cut::Close(1000))),
        (
            "is closed because the server goes away",
            Self(Cut::Close(1001)),
        ),
        (
            "is closed because the server restarts",
            Self(Cut::Close(1012)),
        ),
        ("goes dead", Self(Cut::Dead)),
    ];
}

/// How a client's tries to connect are turned away.
#[derive(Clone, Copy, Debug)]
pub struct Turned(pub TurnedAway);

impl Parameter for Turned {
    const NAME: &'static str = "turned_away";
    const MEANING: &'static str =
        "how the tries to connect of a client that is judged are turned away";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("answered with an error", Self(TurnedAway::Status(503))),
        ("closed at once", Self(TurnedAway::Closed)),
    ];
}

/// How the return of a client that is judged is answered.
#[derive(Clone, Copy, Debug)]
pub enum Answered {
    /// From the beginning of the run.
    FromTheBeginning,
    /// With some of the missed events, and nothing more.
    CutShort,
    /// Without one of the missed events.
    Without,
    /// Not at all.
    Silence,
}

impl Answered {
    /// As the bundled server takes it.
    #[must_use]
    pub fn answer(self) -> ReturnAnswer {
        match self {
            Self::FromTheBeginning => ReturnAnswer::FromTheBeginning,
            Self::CutShort => ReturnAnswer::CutShort(3),
            Self::Without => ReturnAnswer::Without(1),
            Self::Silence => ReturnAnswer::Silence,
        }
    }
}

impl Parameter for Answered {
    const NAME: &'static str = "answered";
    const MEANING: &'static str = "how the return of a client that is judged is answered";
    const PHRASES: &'static [(&'static str, Self)] = &[
        (
            "answered from the beginning of the run",
            Self::FromTheBeginning,
        ),
        ("cut short after three missed events", Self::CutShort),
        ("answered without the second missed event", Self::Without),
        ("met by silence", Self::Silence),
    ];
}

/// A message that a client cannot read.
#[derive(Clone, Copy, Debug)]
pub enum Unreadable {
    /// No strict JSON.
    NotANumber,
    /// A binary message.
    Binary,
}

impl Unreadable {
    /// What the server sends.
    #[must_use]
    pub fn provocation(self) -> Provocation {
        match self {
            Self::NotANumber => {
                Provocation::Say("{\"event\": \"RunContent\", \"content\": NaN,".to_owned())
            }
            Self::Binary => Provocation::SayBinary(vec![0, 159, 146, 150]),
        }
    }
}

impl Parameter for Unreadable {
    const NAME: &'static str = "unreadable";
    const MEANING: &'static str = "a message that a client cannot read";
    const PHRASES: &'static [(&'static str, Self)] = &[
        ("a text that is cut off", Self::NotANumber),
        ("a binary message", Self::Binary),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::argument::Argument;

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
