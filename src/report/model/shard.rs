//! Which part of a run a report is: one of several shards, or what was put together from them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most shards that a selection can be divided into.
pub const MOST: usize = 1000;

/// One of several runs that share the scenarios of a selection among them.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct ShardReport {
    /// Which one, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// How many scenarios all of them have together.
    pub scenarios: usize,
    /// How many scenarios of its own rule each requirement has in all of them together, by its id.
    pub requirements: BTreeMap<String, usize>,
}

/// The shards that a run was put together from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Merged {
    /// How many shards there are, those that are missing included.
    pub of: usize,
    /// Those that are there, in the order of their numbers.
    pub shards: Vec<MergedShard>,
    /// How many scenarios of its own rule each requirement has in shards that are missing, by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub missing: BTreeMap<String, usize>,
}

/// A shard of a run that was put together.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct MergedShard {
    /// Which one, counted from 1.
    pub number: usize,
    /// The URL of its server.
    pub url: String,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Merged {
    /// `shard 3 of 4`, `shards 2, 3 of 4`: those that are missing; nothing where none is.
    #[must_use]
    pub fn missing_shards(&self) -> Option<String> {
        let there: BTreeSet<_> = self.shards.iter().map(|it| it.number).collect();
        let all = 1..=self.of.min(MOST);
        let missing: Vec<_> = all.filter(|number| !there.contains(number)).collect();
        let named: Vec<_> = missing.iter().take(20).map(usize::to_string).collect();
        let more = match missing.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let noun = match missing.len() {
            0 => return None,
            1 => "shard",
            _ => "shards",
        };
        Some(format!("{noun} {}{more} of {}", named.join(", "), self.of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(of: usize, there: &[usize]) -> Merged {
        let shards = there.iter().map(|number| MergedShard {
            number: *number,
            url: String::new(),
            started_at: String::new(),
            duration_ms: 0,
        });
        Merged {
            of,
            shards: shards.collect(),
            missing: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_missing_is_named_and_bounded() {
        let missing = |of, there: &[usize]| merged(of, there).missing_shards();
        assert_eq!(missing(2, &[1, 2]), None);
        assert_eq!(missing(4, &[4, 1, 2]).as_deref(), Some("shard 3 of 4"));
        assert_eq!(missing(4, &[2, 9]).as_deref(), Some("shards 1, 3, 4 of 4"));
        // A stored run may say anything.
        let many = missing(usize::MAX, &[]).expect("many");
        assert!(many.contains("19, 20 and 980 more of"), "{many}");
    }
}
