//! Scenarios that only a thorough run has.

use crate::report::model::run::ScenarioReport;

/// The tag of scenarios that only a thorough run has: whole tables of cases.
pub const THOROUGH: &str = "thorough";

/// Whether only a thorough run has the scenario.
#[must_use]
pub fn is_thorough(report: &ScenarioReport) -> bool {
    report.tags.iter().any(|tag| tag == THOROUGH)
}

/// What lists add to the name of a scenario that only a thorough run has.
#[must_use]
pub fn note(report: &ScenarioReport) -> &'static str {
    match is_thorough(report) {
        true => " (with --thorough)",
        false => "",
    }
}
