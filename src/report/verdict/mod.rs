//! Verdicts: of a scenario, of a requirement over all scenarios, of the run, and what known failures change.

pub mod known;
pub mod of_run;
pub(crate) mod of_scenario;
