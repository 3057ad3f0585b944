//! Verdicts: of a scenario, of a requirement over all scenarios, of the run, and what known failures change.

pub mod as_of;
pub(crate) mod diagnosis;
pub mod known;
pub mod of_run;
pub(crate) mod of_scenario;
pub(crate) mod own_scenario;
