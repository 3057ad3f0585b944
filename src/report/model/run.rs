//! The run model: what `report.json` contains (schema version 2), and the transcripts beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{Finding, Level};
pub use crate::report::model::known_failures::{KnownFailure, KnownFailures, Standing};
pub use crate::report::model::outcomes::{Odd, Outcomes, Repetitions};
pub use crate::report::model::shard::{Merged, MergedShard, ShardReport};
pub use crate::report::model::specification::{FeatureReport, RuleReport};
pub use crate::report::model::target::{TargetKind, TargetReport};
use crate::report::model::time_limits;
pub use crate::report::model::time_limits::{Limit, LimitUsage};
pub use crate::report::model::totals::{Counts, Totals};
pub use crate::report::model::verdict::{RunVerdict, Verdict};
use crate::transcript::{Number, Transcript};

/// The version of `report.json` that this suite writes.
pub const SCHEMA_VERSION: u32 = 2;

/// A finished (or interrupted) run: the report, and the transcripts that it is judged from.
#[derive(Clone, Debug)]
pub struct Run {
    /// What `report.json` contains.
    pub report: RunReport,
    /// The transcript of each scenario that has one, by [`ScenarioReport::id`].
    pub transcripts: BTreeMap<String, Arc<Transcript>>,
}

/// What `report.json` contains, with [`RunReport::verdict`], [`RunReport::exit_code`] and
/// [`RunReport::totals`], which are computed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct RunReport {
    /// The version of this schema.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    pub schema_version: u32,
    /// The release of this suite.
    pub suite_version: String,
    /// When the run began, RFC 3339, UTC.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was under test.
    pub target: TargetReport,
    /// Whether the run was cut short (Ctrl-C, `--deadline`); the reason in one sentence.
    #[serde(default)]
    pub interrupted: Option<String>,
    /// Whether a failed SHOULD counts like a failed MUST.
    #[serde(default)]
    pub strict: bool,
    /// Whether what is not applicable counts as inconclusive (`--require-all`).
    #[serde(default)]
    pub require_all: bool,
    /// The version whose requirements are scored (`--as-of`); newer ones are judged and not scored.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Errors of the suite itself, one sentence each.
    #[serde(default)]
    pub suite_errors: Vec<String>,
    /// What the target file says and the server does not do, one sentence each.
    #[serde(default)]
    pub misconfigured: Vec<String>,
    /// What else is to be known of the run, one sentence each; no verdict depends on it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The list of known failures that the run was judged with, and how each entry stands.
    #[serde(default)]
    pub known_failures: Option<KnownFailures>,
    /// Which shard of a run this is, if it is one.
    #[serde(default)]
    pub shard: Option<ShardReport>,
    /// The shards that it was merged from, if it was.
    #[serde(default)]
    pub merged: Option<Merged>,
    /// How many repetitions of the suite it combines (`--repeat`); none where it ran once.
    #[serde(default)]
    pub repetitions: Option<Repetitions>,
    /// What many scenarios have in common, where everything ends in the same way.
    #[serde(default)]
    pub diagnosis: Option<Diagnosis>,
    /// How much of each time limit was used in the worst case; empty where it was not measured.
    #[serde(default)]
    pub time_limits: Vec<LimitUsage>,
    /// Every requirement that was selected, in the order of the catalogue.
    pub requirements: Vec<RequirementReport>,
    /// How the features of these scenarios introduce themselves, in their order.
    #[serde(default)]
    pub features: Vec<FeatureReport>,
    /// Every scenario that was selected, in the order of the feature files.
    pub scenarios: Vec<ScenarioReport>,
}

/// What many scenarios have in common, where everything ends in the same way.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Diagnosis {
    /// What ends, and how, in one sentence.
    pub sentence: String,
    /// The ids of the scenarios in which it does.
    pub scenarios: Vec<String>,
}

/// One requirement's verdict.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct RequirementReport {
    /// `CATCHUP-2`.
    pub id: String,
    /// MUST, SHOULD or MAY.
    pub level: Level,
    /// Its sentence.
    pub title: String,
    /// Whether it is no requirement of the catalogue, but a scenario of the reader's own without a requirement's
    /// tag, which counts under its own name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// The worst that any scenario showed.
    pub verdict: Verdict,
    /// Whether it failed, and every place where it did is listed as a known failure.
    pub known_failure: bool,
    /// Whether it is newer than the version of `--as-of`: judged, and never the reason for a verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_scored: bool,
    /// For `inconclusive` and `not_applicable`: why, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The ids of the scenarios of its own rule.
    pub scenarios: Vec<String>,
    /// How many further scenarios of its own rule were not selected.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unselected: usize,
    /// With `--repeat`: how often it got which verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Outcomes>,
    /// Whether repetitions differ. A flaky requirement never passes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
    /// Every violation, in whichever scenario it was found.
    pub findings: Vec<ScenarioFinding>,
}

/// A finding, and the scenario that it came up in.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct ScenarioFinding {
    /// The scenario's id.
    pub scenario: String,
    /// The finding: `expected`, `observed`, `evidence` (numbers of transcript entries, from 1).
    #[serde(flatten)]
    pub finding: Finding,
}

/// One scenario's outcome.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct ScenarioReport {
    /// `features/catching_up.feature › rule › scenario`, with the row for outlines; stable.
    pub id: String,
    /// The feature's name.
    pub feature: String,
    /// The feature file, as in `features/catching_up.feature`.
    pub path: String,
    /// The rule's sentence.
    pub rule: String,
    /// The scenario's name.
    pub name: String,
    /// The line of its `Scenario:` in the feature file, counted from 1; 0 where it is not known.
    #[serde(default)]
    pub line: usize,
    /// Tags of feature, rule and scenario, without `@`.
    pub tags: Vec<String>,
    /// The verdict on the requirement of its rule.
    pub verdict: Verdict,
    /// The ids of its rule's requirements.
    pub requirements: Vec<String>,
    /// For a scenario without a requirement's tag, which counts under its own name: the requirements that judge
    /// it, for each of its `Then`s.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judged_by: Vec<Vec<String>>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// For `inconclusive` and `not_applicable`: why, and what to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was known before any check judged its record, so that a stored run can be judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_steps: Option<BySteps>,
    /// With `--repeat`: how often it got which verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Outcomes>,
    /// With `--repeat`: the repetition that is shown here, the first of the worst; counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<usize>,
    /// How much of its time limits it used in the worst case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_limits: Vec<LimitUsage>,
    /// Its steps, in order, those of the background first.
    pub steps: Vec<StepReport>,
    /// The file with its transcript, relative to the report folder; none where nothing was
    /// recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// What the checks found in it, whichever requirement it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RequirementFinding>,
}

/// The verdict of the steps alone, before any check judged the record.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct BySteps {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A finding, and the requirement that it breaks.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct RequirementFinding {
    /// The requirement's id.
    pub requirement: String,
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
}

/// One step's outcome.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
pub struct StepReport {
    /// `Given`, `When`, `Then`, `And` or `But`.
    pub keyword: String,
    /// Its text.
    pub text: String,
    /// The line in the feature file, counted from 1.
    pub line: usize,
    /// What became of it.
    pub outcome: StepOutcome,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why, where it was not passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The ids of the requirements that it declares, where it is a `Then`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It did what it says.
    Passed,
    /// It found a violation.
    Failed,
    /// It could not do what it says.
    Inconclusive,
    /// The target has no such ability.
    NotApplicable,
    /// An earlier step did not pass, or the run was cut short.
    Skipped,
}

impl StepOutcome {
    /// The sign and the words for it.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        let verdict = match self {
            Self::Passed => Verdict::Passed,
            Self::Failed => Verdict::Failed,
            Self::Inconclusive => Verdict::Inconclusive,
            Self::NotApplicable => Verdict::NotApplicable,
            Self::Skipped => return ("–", "not reached"),
        };
        (verdict.sign(), verdict.words())
    }
}

impl RequirementReport {
    /// The finding that all outputs show: of a scenario of its own where one failed, and there the one that the
    /// fewest messages show.
    #[must_use]
    pub fn clearest(&self) -> Option<&ScenarioFinding> {
        let findings = self.findings.iter();
        findings.min_by_key(|it| self.unclearness(it))
    }

    /// Orders its findings, the clearest first.
    pub(crate) fn unclearness(&self, it: &ScenarioFinding) -> (bool, bool, usize) {
        let evidence = &it.finding.evidence;
        let is_own = self.scenarios.contains(&it.scenario);
        (!is_own, evidence.is_empty(), evidence.len())
    }

    /// `MUST`, or what it is instead of a requirement.
    #[must_use]
    pub fn kind(&self) -> String {
        match self.own {
            true => "own scenario".to_owned(),
            false => self.level.to_string(),
        }
    }

    /// Whether the run fails because of it: it failed, it is scored and no known failure, and its level counts.
    #[must_use]
    pub fn counts(&self, strict: bool) -> bool {
        self.verdict == Verdict::Failed
            && !self.known_failure
            && !self.not_scored
            && match self.level {
                Level::Must => true,
                Level::Should => strict,
                Level::May => false,
            }
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ScenarioReport {
    /// Its name with the row of an outline: what its id says after the file and the rule.
    #[must_use]
    pub fn name_and_row(&self) -> &str {
        self.id
            .strip_prefix(&self.path)
            .and_then(|rest| rest.strip_prefix(" › "))
            .and_then(|rest| rest.strip_prefix(&self.rule))
            .and_then(|rest| rest.strip_prefix(" › "))
            .unwrap_or(&self.name)
    }
}

impl RunReport {
    /// The scenario of this id.
    #[must_use]
    pub fn scenario(&self, id: &str) -> Option<&ScenarioReport> {
        self.scenarios.iter().find(|scenario| scenario.id == id)
    }

    /// The feature of this file; none in reports of suites that did not store it.
    #[must_use]
    pub fn feature(&self, path: &str) -> Option<&FeatureReport> {
        self.features.iter().find(|feature| feature.path == path)
    }

    /// The worst use of each time limit over the scenarios, with the scenario where that was.
    #[must_use]
    pub fn worst_time_limits(&self) -> Vec<LimitUsage> {
        let of_scenario = |scenario: &ScenarioReport| {
            let id = Some(scenario.id.clone());
            let usages = scenario.time_limits.clone().into_iter();
            usages.map(move |usage| LimitUsage {
                scenario: id.clone(),
                ..usage
            })
        };
        time_limits::over(self.scenarios.iter().flat_map(of_scenario))
    }

    /// The known failures that fail only sometimes in this run and do not say so: they are right today,
    /// and stale on the first day that all repetitions pass.
    pub fn unsteady(&self) -> impl Iterator<Item = &KnownFailure> {
        let passed = move |id: &str| {
            let mut all = self.requirements.iter();
            all.any(|it| {
                let outcomes = it.outcomes.as_ref();
                it.id == id && it.flaky && outcomes.is_some_and(|of| of.counts.passed > 0)
            })
        };
        let failed = |it: &&KnownFailure| it.standing == Standing::Failed && !it.sometimes;
        let lists = self.known_failures.iter();
        let entries = lists.flat_map(|list| &list.entries).filter(failed);
        entries.filter(move |it| passed(&it.id))
    }

    /// Whether scenarios of the selection may be in other shards, which are not part of this report.
    #[must_use]
    pub fn is_part(&self) -> bool {
        let one_of_several = self.shard.as_ref().is_some_and(|it| it.of > 1);
        one_of_several
            || self
                .merged
                .as_ref()
                .is_some_and(|it| !it.missing.is_empty())
    }

    /// Whether it is a shard that no scenario was assigned to.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let is_shard = self.shard.as_ref().is_some_and(|it| it.scenarios > 0);
        is_shard && self.interrupted.is_none() && self.scenarios.is_empty()
    }
}

impl Run {
    /// The raw text of a transcript entry, for showing evidence: what was sent or received.
    #[must_use]
    pub fn evidence(&self, scenario: &str, number: Number) -> Option<&crate::transcript::Entry> {
        self.transcripts.get(scenario)?.entry(number)
    }
}
