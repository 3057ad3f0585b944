//! Totals, verdict and exit code of a run: computed from the rest of its report, so that they cannot be
//! out of date.

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::exit;
use crate::report::model::run::{RequirementReport, RunReport, RunVerdict, Totals, Verdict};

impl RunReport {
    /// The requirements that the verdict rests on: all, or those that the version of `--as-of` had.
    pub fn scored(&self) -> impl Iterator<Item = &RequirementReport> {
        self.requirements.iter().filter(|it| !it.not_scored)
    }

    /// How many of the scored requirements of each level got which verdict.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for requirement in self.scored() {
            let counts = match requirement.own {
                true => &mut totals.own,
                false => totals.of_mut(requirement.level),
            };
            *counts.of_mut(requirement.verdict) += 1;
        }
        totals
    }

    /// The verdict on the whole run. A requirement that is listed as a known failure does not make it
    /// fail.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        let all: Vec<_> = self.scored().collect();
        let any = |verdict| all.iter().any(|it| it.verdict == verdict);
        let is_untested =
            any(Verdict::Inconclusive) || (self.require_all && any(Verdict::NotApplicable));
        // Nothing was tested at all; a shard that no scenario was assigned to has nothing to test.
        let nothing = all.iter().all(|it| it.verdict == Verdict::NotApplicable);
        if !self.suite_errors.is_empty() {
            RunVerdict::SuiteError
        } else if !self.misconfigured.is_empty() {
            RunVerdict::Misconfigured
        } else if all.iter().any(|it| it.counts(self.strict)) {
            RunVerdict::Failed
        } else if self.is_idle() {
            RunVerdict::Passed
        } else if self.interrupted.is_some() || is_untested || nothing {
            RunVerdict::Inconclusive
        } else {
            RunVerdict::Passed
        }
    }

    /// The exit code that goes with the verdict; see [`crate::exit`].
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let list = self.known_failures.as_ref();
        let stale = list.is_some_and(|list| list.stale().next().is_some());
        let stale = if stale { exit::STALE } else { exit::OK };
        exit::worse(self.verdict().exit_code(), stale)
    }
}

/// A run: its requirements and scenarios, with the verdict on each. Later versions may have further fields.
#[derive(JsonSchema)]
#[schemars(rename = "Report")]
#[expect(
    dead_code,
    reason = "it has only a schema: that of what is written below"
)]
pub(crate) struct WrittenReport {
    #[schemars(flatten)]
    report: RunReport,
    /// The verdict on the whole run.
    verdict: RunVerdict,
    /// The exit code of `run` that goes with the verdict.
    exit_code: u8,
    /// How many of the scored requirements of each level got which verdict.
    totals: Totals,
}

impl Serialize for RunReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // No field can be forgotten.
        let Self {
            schema_version,
            suite_version,
            started_at,
            duration_ms,
            target,
            interrupted,
            strict,
            require_all,
            as_of,
            suite_errors,
            misconfigured,
            notes,
            known_failures,
            shard,
            merged,
            repetitions,
            diagnosis,
            time_limits,
            requirements,
            features,
            scenarios,
        } = self;
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("schema_version", schema_version)?;
        out.serialize_entry("suite_version", suite_version)?;
        out.serialize_entry("started_at", started_at)?;
        out.serialize_entry("duration_ms", duration_ms)?;
        out.serialize_entry("target", target)?;
        if let Some(interrupted) = interrupted {
            out.serialize_entry("interrupted", interrupted)?;
        }
        out.serialize_entry("strict", strict)?;
        if *require_all {
            out.serialize_entry("require_all", require_all)?;
        }
        if let Some(as_of) = as_of {
            out.serialize_entry("as_of", as_of)?;
        }
        if !suite_errors.is_empty() {
            out.serialize_entry("suite_errors", suite_errors)?;
        }
        if !misconfigured.is_empty() {
            out.serialize_entry("misconfigured", misconfigured)?;
        }
        if !notes.is_empty() {
            out.serialize_entry("notes", notes)?;
        }
        out.serialize_entry("verdict", &self.verdict())?;
        out.serialize_entry("exit_code", &self.exit_code())?;
        if let Some(known_failures) = known_failures {
            out.serialize_entry("known_failures", known_failures)?;
        }
        if let Some(shard) = shard {
            out.serialize_entry("shard", shard)?;
        }
        if let Some(merged) = merged {
            out.serialize_entry("merged", merged)?;
        }
        if let Some(repetitions) = repetitions {
            out.serialize_entry("repetitions", repetitions)?;
        }
        if let Some(diagnosis) = diagnosis {
            out.serialize_entry("diagnosis", diagnosis)?;
        }
        if !time_limits.is_empty() {
            out.serialize_entry("time_limits", time_limits)?;
        }
        out.serialize_entry("totals", &self.totals())?;
        out.serialize_entry("requirements", requirements)?;
        if !features.is_empty() {
            out.serialize_entry("features", features)?;
        }
        out.serialize_entry("scenarios", scenarios)?;
        out.end()
    }
}
