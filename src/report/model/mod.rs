//! What `report.json` holds, as types: the run, its scenarios and requirements, and their verdicts.

pub mod known_failures;
pub mod names;
pub(crate) mod outcomes;
pub mod run;
pub mod shard;
pub(crate) mod specification;
pub mod time_limits;
pub(crate) mod totals;
pub(crate) mod verdict;
