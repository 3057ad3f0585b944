//! The words of the features: viewers, parts of runs, positions.

use std::str::FromStr;

use cucumber::Parameter;

use crate::protocol::{self, Position};
use crate::transcript::Leaving;

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
#[param(name = "part", regex = "long|short|failing")]
pub struct Part(pub protocol::Part);

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        protocol::Part::of(text)
            .map(Self)
            .ok_or_else(|| format!("there is no part {text:?}"))
    }
}

/// With which position a viewer returns.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "position",
    regex = "with (?:her|his) position|without a position|with the position left out|with event \\d+ as (?:her|his) position"
)]
pub enum Naming {
    /// The last event that the viewer has seen.
    Own,
    /// `null`.
    Null,
    /// The field is left out.
    LeftOut,
    /// This event, counted from 0.
    Event(u64),
}

impl FromStr for Naming {
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

impl Naming {
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

/// How a viewer leaves.
#[derive(Clone, Copy, Debug, Eq, Parameter, PartialEq)]
#[param(
    name = "leaving",
    regex = "with a goodbye|by a lost connection|without a word|in the middle of a message"
)]
pub struct Way(pub Leaving);

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "with a goodbye" => Ok(Self(Leaving::Politely)),
            "by a lost connection" => Ok(Self(Leaving::Abruptly)),
            "without a word" => Ok(Self(Leaving::WithoutAWord)),
            "in the middle of a message" => Ok(Self(Leaving::MidMessage)),
            _ => Err(format!("{text:?} names no way of leaving")),
        }
    }
}
