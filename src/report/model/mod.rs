//! What `report.json` contains, as types: the run, its scenarios and requirements, and their verdicts.

mod blank;
pub mod known_failures;
pub mod names;
pub(crate) mod outcomes;
pub(crate) mod result;
pub mod run;
pub mod shard;
pub(crate) mod specification;
pub mod target;
pub mod time_limits;
pub(crate) mod totals;
pub(crate) mod verdict;
