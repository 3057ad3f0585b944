//! Reports with nothing in them, to be filled in.

use crate::check::Level;
use crate::report::model::run::{
    RequirementReport, RunReport, SCHEMA_VERSION, ScenarioReport, TargetReport, Verdict,
};

impl RunReport {
    /// The report of a run against this target, without requirements and scenarios.
    #[must_use]
    pub fn blank(target: TargetReport) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: "1970-01-01T00:00:00Z".to_owned(),
            duration_ms: 0,
            target,
            interrupted: None,
            strict: false,
            require_all: false,
            as_of: None,
            suite_errors: Vec::new(),
            misconfigured: Vec::new(),
            notes: Vec::new(),
            known_failures: None,
            shard: None,
            merged: None,
            repetitions: None,
            diagnosis: None,
            time_limits: Vec::new(),
            requirements: Vec::new(),
            features: Vec::new(),
            scenarios: Vec::new(),
        }
    }
}

impl RequirementReport {
    /// A MUST that was not judged yet.
    #[must_use]
    pub fn blank(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            level: Level::Must,
            title: String::new(),
            own: false,
            verdict: Verdict::Inconclusive,
            known_failure: false,
            not_scored: false,
            reason: None,
            scenarios: Vec::new(),
            unselected: 0,
            outcomes: None,
            flaky: false,
            findings: Vec::new(),
        }
    }
}

impl ScenarioReport {
    /// A scenario that has not run yet, of no feature.
    #[must_use]
    pub fn blank(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            feature: String::new(),
            path: String::new(),
            rule: String::new(),
            name: String::new(),
            line: 0,
            tags: Vec::new(),
            verdict: Verdict::Inconclusive,
            requirements: Vec::new(),
            judged_by: Vec::new(),
            duration_ms: 0,
            reason: None,
            by_steps: None,
            outcomes: None,
            repetition: None,
            time_limits: Vec::new(),
            steps: Vec::new(),
            transcript: None,
            findings: Vec::new(),
        }
    }
}
