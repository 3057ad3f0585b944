//! Why runs cannot be merged.

use crate::report::combine::rejudge;

/// Why runs cannot be merged. `from`, `one` and `other` are folders, as people name them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was given.
    #[error("merge shards: no report folder given")]
    Nothing,
    /// A run that is no shard.
    #[error("merge {0}: it was not made with --shard, so it is unknown what it left out")]
    NoShard(String),
    /// A shard of several repetitions.
    #[error("merge {0}: it was made with --repeat; only single runs can be merged")]
    Repeated(String),
    /// A shard whose numbers cannot be.
    #[error("merge {from}: there is no shard {number} of {of}")]
    Nonsense {
        /// The folder.
        from: String,
        /// The number that it gives itself.
        number: usize,
        /// How many it says there are.
        of: usize,
    },
    /// A time that is none.
    #[error("merge {from}: its start time {text:?} is not a time")]
    Time {
        /// The folder.
        from: String,
        /// What it says.
        text: String,
    },
    /// Two shards that are not of one run.
    #[error("merge {one} and {other}: {what}: {of_one} there, {of_other} here")]
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
    #[error("merge {one} and {other}: both are shard {number}")]
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
        "merge {one} and {other}: {scenario} is in both; --durations must name the same run for every shard"
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
        "merge the shards: they have {there} of {all} scenarios; --durations must name the same run for every shard"
    )]
    Incomplete {
        /// How many scenarios are there.
        there: usize,
        /// How many there must be.
        all: usize,
    },
    /// Lists of known failures that are not the same.
    #[error(
        "merge {one} and {other}: they were judged with different lists of known failures; name the one to use with --known-failures"
    )]
    KnownFailures {
        /// A folder.
        one: String,
        /// The other.
        other: String,
    },
    /// A requirement that this suite does not know.
    #[error(transparent)]
    Rejudge(#[from] rejudge::Error),
}
