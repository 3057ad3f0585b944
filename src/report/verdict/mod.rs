//! TODO report::verdict

pub mod known;
pub mod of_run;
pub(crate) mod of_scenario;
