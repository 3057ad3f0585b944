//! Why runs cannot be put together.

use crate::report::combine::rejudge;

/// Why runs cannot be put together. `from`, `one` and `other` are folders, as people name them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was given.
    #[error("put shards together: none is given")]
    Nothing,
    /// A run that is no shard.
    #[error(
        "put {0} together with others: it was not made with --shard, so what it left out cannot be known"
    )]
    NoShard(String),
    /// A shard of several repetitions.
    #[error("put {0} together with others: it was made with --repeat, and only single runs can be")]
    Repeated(String),
    /// A shard whose numbers cannot be.
    #[error("put {from} together with others: there is no shard {number} of {of}")]
    Nonsense {
        /// The folder.
        from: String,
        /// The number that it gives itself.
        number: usize,
        /// How many it says there are.
        of: usize,
    },
    /// A time that is none.
    #[error("put {from} together with others: it began at {text:?}, which is no time")]
    Time {
        /// The folder.
        from: String,
        /// What it says.
        text: String,
    },
    /// Two shards that are not of one run.
    #[error("put {one} and {other} together: {what}: {of_one} there, {of_other} here")]
    Differ {
        /// A folder.
        one: String,
        /// The other.
        other: String,
        /// In what they differ.
        what: &'static str,
        /// What the one says.
        of_one: String,
        /// What the other says.
        of_other: String,
    },
    /// A shard that is there twice.
    #[error("put {one} and {other} together: both are shard {number}")]
    SameShard {
        /// A folder.
        one: String,
        /// The other.
        other: String,
        /// The number.
        number: usize,
    },
    /// A scenario that is there twice.
    #[error(
        "put {one} and {other} together: {scenario} is in both; --durations must name the same run for every shard"
    )]
    SameScenario {
        /// A folder.
        one: String,
        /// The other.
        other: String,
        /// Its id.
        scenario: String,
    },
    /// Every shard is there, and not every scenario.
    #[error(
        "put the shards together: they have {there} of {all} scenarios; --durations must name the same run for every shard"
    )]
    Incomplete {
        /// How many scenarios are there.
        there: usize,
        /// How many there must be.
        all: usize,
    },
    /// Lists of known failures that are not the same.
    #[error(
        "put {one} and {other} together: they were judged with different lists of known failures; say with --known-failures which one counts"
    )]
    KnownFailures {
        /// A folder.
        one: String,
        /// The other.
        other: String,
    },
    /// A requirement that this suite does not know.
    #[error(transparent)]
    Again(#[from] rejudge::Error),
}
