//! The run model: what `report.json` holds (schema version 2), and the transcripts beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::check::{Finding, Level};
use crate::exit;
pub use crate::report::model::outcomes::{Odd, Outcomes, Repetitions};
pub use crate::report::model::shard::{Merged, MergedShard, ShardReport};
pub use crate::report::model::specification::{FeatureReport, RuleReport};
pub use crate::report::model::time_limits::{Limit, LimitUsage};
pub use crate::report::model::totals::{Counts, Totals};
pub use crate::report::verdict::known::{KnownFailure, KnownFailures, Standing};
use crate::transcript::{Number, Transcript};

/// The version of `report.json` that this suite writes.
pub const SCHEMA_VERSION: u32 = 2;

/// A finished (or interrupted) run: the report, and the record that it rests on.
#[derive(Clone, Debug)]
pub struct Run {
    /// What `report.json` holds.
    pub report: RunReport,
    /// The transcript of each scenario that has one, by [`ScenarioReport::id`].
    pub transcripts: BTreeMap<String, Arc<Transcript>>,
}

/// What `report.json` holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RunReport {
    /// [`SCHEMA_VERSION`].
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Whether a broken SHOULD counts like a broken MUST.
    #[serde(default)]
    pub strict: bool,
    /// What the suite itself did wrong, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suite_errors: Vec<String>,
    /// The one word for the whole run.
    pub verdict: RunVerdict,
    /// The exit code that goes with it; see [`crate::exit`].
    pub exit_code: u8,
    /// The list of known failures that the run was judged with, and how each entry stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_failures: Option<KnownFailures>,
    /// Which part of a run this is, where it is one of several shards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardReport>,
    /// The shards that it was put together from, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
    /// How many repetitions of the suite this is made of (`--repeat`); none where it ran once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetitions: Option<Repetitions>,
    /// How much of each time limit was used in the worst case; empty where nobody measured it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_limits: Vec<LimitUsage>,
    /// How many requirements of each level got which verdict.
    pub totals: Totals,
    /// Every requirement that was selected, in the order of the catalogue.
    pub requirements: Vec<RequirementReport>,
    /// How the features of these scenarios introduce themselves, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<FeatureReport>,
    /// Every scenario that was selected, in the order of the feature files.
    pub scenarios: Vec<ScenarioReport>,
}

/// What was under test.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TargetReport {
    /// Where the server came from.
    pub kind: TargetKind,
    /// Its URL, without user name, password and query values.
    pub url: String,
    /// `agno 3.1.10`, `reference` or `unknown`.
    pub server: String,
    /// The faults that were switched on; only the bundled server has some.
    pub faults: Vec<String>,
}

/// Where the server under test came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// Somebody's server, by URL.
    Url,
    /// The bundled reference server.
    Reference,
    /// A released AgentOS that the suite started.
    Agentos,
}

/// The verdict on a requirement or a scenario. Later is worse.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It came about, and held.
    Passed,
    /// The target declares that it has no such ability, or no workflow for the part.
    NotApplicable,
    /// It could not be tried. Never green.
    Inconclusive,
    /// There is a finding.
    Failed,
}

impl Verdict {
    /// The word that people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotApplicable => "not applicable",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "failed",
        }
    }
}

/// The verdict on a run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// Every MUST holds, and nothing was left untold.
    Passed,
    /// A requirement that counts is broken.
    Failed,
    /// Nothing is broken, but something could not be told.
    Inconclusive,
    /// The suite itself failed.
    SuiteError,
}

impl RunVerdict {
    /// The exit code that goes with it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => exit::OK,
            Self::Failed => exit::FAILED,
            Self::Inconclusive => exit::INCONCLUSIVE,
            Self::SuiteError => exit::SUITE,
        }
    }
}

/// One requirement's verdict.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RequirementReport {
    /// `CATCHUP-2`.
    pub id: String,
    /// How much it binds.
    pub level: Level,
    /// Its sentence.
    pub title: String,
    /// The worst that any scenario showed.
    pub verdict: Verdict,
    /// Whether it is broken, and listed as a known failure wherever it is.
    pub known_failure: bool,
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
    /// Whether repetitions differ. What is flaky is never green.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flaky: bool,
    /// What was found broken, wherever it was.
    pub findings: Vec<ScenarioFinding>,
}

/// A finding, and the scenario that it came up in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ScenarioFinding {
    /// The scenario's id.
    pub scenario: String,
    /// The finding: `expected`, `observed`, `evidence` (numbers of transcript entries, from 1).
    #[serde(flatten)]
    pub finding: Finding,
}

/// One scenario's outcome.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    /// The file that holds its transcript, relative to the report folder; none where nothing was
    /// recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// What the checks found in it, whichever requirement it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RequirementFinding>,
}

/// What the steps of a scenario tell, whatever the checks say.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BySteps {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A finding, and the requirement that it breaks.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RequirementFinding {
    /// The requirement's id.
    pub requirement: String,
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
}

/// One step's outcome.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
}

/// What became of a step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It did what it says.
    Passed,
    /// It found a requirement broken.
    Failed,
    /// It could not do what it says.
    Inconclusive,
    /// The target has no such ability.
    NotApplicable,
    /// An earlier step did not pass, or the run was cut short.
    Skipped,
}

impl RequirementReport {
    /// The finding that the fewest messages show.
    #[must_use]
    pub fn clearest(&self) -> Option<&ScenarioFinding> {
        let findings = self.findings.iter();
        findings.min_by_key(|it| (it.finding.evidence.is_empty(), it.finding.evidence.len()))
    }

    /// Whether it makes the run broken: it is broken, nobody listed it as a known failure, and its
    /// level binds.
    #[must_use]
    pub fn counts(&self, strict: bool) -> bool {
        self.verdict == Verdict::Failed
            && !self.known_failure
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
}

impl Run {
    /// The raw text of a transcript entry, for showing evidence: what was sent or received.
    #[must_use]
    pub fn evidence(&self, scenario: &str, number: Number) -> Option<&crate::transcript::Entry> {
        self.transcripts.get(scenario)?.entry(number)
    }
}
