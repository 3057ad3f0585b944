//! How a phrase in a step becomes a value.

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
    /// What it says, in a few words.
    const MEANING: &'static str;
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

/// How many bytes at the beginning of the text this phrase takes.
pub(super) fn length_of(phrase: &str, text: &str) -> Option<usize> {
    let (before, after) = match phrase.split_once("{int}") {
        None => return text.starts_with(phrase).then_some(phrase.len()),
        Some(parts) => parts,
    };
    let number = digits(text.strip_prefix(before)?)?;
    let length = before.len() + number;
    let rest = text.get(length..)?;
    rest.starts_with(after).then_some(length + after.len())
}

pub(super) fn digits(text: &str) -> Option<usize> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    (count > 0).then_some(count)
}
