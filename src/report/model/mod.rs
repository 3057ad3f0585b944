//! TODO report::model

pub(crate) mod outcomes;
pub mod run;
pub(crate) mod scenario_view;
pub mod shard;
pub(crate) mod specification;
pub mod time_limits;
pub(crate) mod totals;
