//! The scenarios that a selection takes from the specification.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cucumber::gherkin::{self, Feature, tagexpr::TagOperation};
use cucumber::tag::Ext as _;
use regex::Regex;

use super::argument::Argument;
use super::params::TargetVariant;
use super::{declared, features, mistakes, shard};
use crate::check::registry;
use crate::plan::{Selection, Shard};
use crate::report::model::run::{
    FeatureReport, RuleReport, ScenarioReport, ShardReport, StepOutcome, StepReport, Verdict,
};
use crate::target::Variant;

pub use super::nearest::closest;
pub use error::SelectionError;
pub use thorough::{THOROUGH, is_thorough, note};

use error::{nothing, unknown};

mod error;
mod thorough;

/// A word of a tag expression.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[^\s()]+").unwrap_or_else(|error| unreachable!("{error}")));

/// The tag by which a scenario is known during a run: `place:` and its place in the selection.
const PLACE: &str = "place:";

/// The tag of scenarios that need a target with breakpoints.
pub const BREAKPOINT: &str = "breakpoint";

/// The selected scenarios: the features that cucumber runs, and the report of each scenario before
/// anything has happened.
#[derive(Clone, Debug)]
pub struct Scenarios {
    /// The features, examples expanded, with only the selected scenarios in them. Each scenario has
    /// a tag that tells its place in `reports`.
    pub features: Vec<Feature>,
    /// One report a scenario, in the order of the feature files.
    pub reports: Vec<ScenarioReport>,
    /// How many scenarios of each requirement are not selected, by its id.
    pub unselected: BTreeMap<String, usize>,
    /// Which shard they are, where they are one of several; then there may be none.
    pub shard: Option<ShardReport>,
}

/// The features to select from: the embedded ones, and the reader's own. One of the same path takes the place of an
/// embedded one.
fn features_of(selection: &Selection) -> Result<Vec<Feature>, SelectionError> {
    let own = match &selection.features {
        Some(folder) => {
            mistakes::none_in(features::from_folder(folder)?).map_err(SelectionError::Mistakes)?
        }
        None => Vec::new(),
    };
    if selection.only_own {
        return Ok(own);
    }
    let mut all = features::embedded(selection.side)?;
    all.retain(|it| own.iter().all(|own| own.path != it.path));
    all.extend(own);
    Ok(all)
}

impl Scenarios {
    /// Reads the features and takes the selected scenarios.
    ///
    /// # Errors
    ///
    /// [`SelectionError`] for files that cannot be read and for a selection that matches nothing.
    pub fn select(selection: &Selection) -> Result<Self, SelectionError> {
        let features = features_of(selection)?;
        let tags = selection.tags.as_deref().map(parse_tags).transpose()?;
        let mut all = Vec::new();
        let mut chosen = Self {
            features: Vec::new(),
            reports: Vec::new(),
            unselected: BTreeMap::new(),
            shard: None,
        };
        for mut feature in features {
            let path = features::shown_path(&feature);
            let outside = feature.tags.clone();
            let head = feature.clone();
            let mut keep = |scenario: &mut gherkin::Scenario, rule: Option<&gherkin::Rule>| {
                let mut report = report(&head, &path, rule, scenario, &outside, &mut all);
                if !is_wanted(selection, &report) {
                    return false;
                }
                if !is_selected(selection, tags.as_ref(), &report) {
                    for id in report
                        .requirements
                        .into_iter()
                        .filter(|id| is_catalogued(id))
                    {
                        *chosen.unselected.entry(id).or_default() += 1;
                    }
                    return false;
                }
                // A rule may name others besides those that were asked for.
                report.requirements.retain(|id| is_required(selection, id));
                // Those of its feature and its rule, too: cucumber passes on nothing else.
                scenario.tags.clone_from(&report.tags);
                let place = format!("{PLACE}{}", chosen.reports.len());
                scenario.tags.push(place);
                chosen.reports.push(report);
                true
            };
            feature
                .scenarios
                .retain_mut(|scenario| keep(scenario, None));
            for rule in &mut feature.rules {
                let heading = gherkin::Rule {
                    scenarios: Vec::new(),
                    ..rule.clone()
                };
                rule.scenarios
                    .retain_mut(|scenario| keep(scenario, Some(&heading)));
            }
            feature.rules.retain(|rule| !rule.scenarios.is_empty());
            if !(feature.scenarios.is_empty() && feature.rules.is_empty()) {
                chosen.features.push(feature);
            }
        }
        let idle = |words: &&String| !all.iter().any(|it| is_meant(words, it));
        if let Some(words) = selection.what.iter().find(idle) {
            return Err(unknown(words, &all));
        }
        if chosen.reports.is_empty() {
            return Err(nothing(selection, &all));
        }
        Ok(match &selection.shard {
            Some(shard) => chosen.part(shard),
            None => chosen,
        })
    }

    /// How long each may be expected to take, by its id, in milliseconds.
    #[must_use]
    pub fn expected(&self, selection: &Selection) -> Vec<(String, u64)> {
        let expected = shard::expected(&self.reports, selection.shard.as_ref());
        let ids = self.reports.iter().map(|it| it.id.clone());
        ids.zip(expected).collect()
    }

    /// Those of this shard.
    fn part(mut self, shard: &Shard) -> Self {
        let mut requirements: BTreeMap<String, usize> = BTreeMap::new();
        let ids = self.reports.iter().flat_map(|report| &report.requirements);
        for id in ids.filter(|id| is_catalogued(id)) {
            *requirements.entry(id.clone()).or_default() += 1;
        }
        self.shard = Some(ShardReport {
            number: shard.number,
            of: shard.of,
            scenarios: self.reports.len(),
            requirements,
        });
        let kept = shard::part_of(&self.reports, shard);
        self.features = only(self.features, |scenario| {
            place_of(scenario).is_some_and(|place| kept.contains(&place))
        });
        let features = self.features.iter_mut();
        for scenario in features.flat_map(scenarios_of) {
            let new = place_of(scenario).and_then(|old| kept.iter().position(|it| *it == old));
            scenario.tags.retain(|tag| !tag.starts_with(PLACE));
            scenario.tags.extend(new.map(|new| format!("{PLACE}{new}")));
        }
        for (place, report) in std::mem::take(&mut self.reports).into_iter().enumerate() {
            if kept.contains(&place) {
                self.reports.push(report);
                continue;
            }
            for id in report
                .requirements
                .into_iter()
                .filter(|id| is_catalogued(id))
            {
                *self.unselected.entry(id).or_default() += 1;
            }
        }
        self
    }

    /// The introductions of the features and rules of these scenarios.
    #[must_use]
    pub fn introductions(&self) -> Vec<FeatureReport> {
        self.features.iter().map(introduction).collect()
    }

    /// The target variants that the selected scenarios need.
    #[must_use]
    pub fn variants(&self) -> Vec<Variant> {
        let ruled = |feature: &Feature| -> Vec<gherkin::Scenario> {
            let rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
            feature.scenarios.iter().chain(rules).cloned().collect()
        };
        let steps = self.features.iter().flat_map(ruled);
        let used: Vec<Variant> = steps
            .flat_map(|scenario| scenario.steps)
            .filter_map(|step| TargetVariant::of(&step.value)?.variant())
            .collect();
        let all = Variant::ALL.into_iter();
        all.filter(|variant| used.contains(variant)).collect()
    }

    /// The ids of the requirements that the selected scenarios are about, in the order of the
    /// catalogue.
    #[must_use]
    pub fn requirements(&self) -> Vec<&'static str> {
        registry::both()
            .map(|requirement| requirement.id)
            .filter(|id| {
                self.reports
                    .iter()
                    .any(|report| report.requirements.iter().any(|own| own == id))
            })
            .collect()
    }
}

/// The features with only these scenarios in them.
pub(super) fn only(
    mut features: Vec<Feature>,
    mut keep: impl FnMut(&gherkin::Scenario) -> bool,
) -> Vec<Feature> {
    for feature in &mut features {
        feature.scenarios.retain(&mut keep);
        for rule in &mut feature.rules {
            rule.scenarios.retain(&mut keep);
        }
        feature.rules.retain(|rule| !rule.scenarios.is_empty());
    }
    features.retain(|feature| !(feature.rules.is_empty() && feature.scenarios.is_empty()));
    features
}

fn scenarios_of(feature: &mut Feature) -> impl Iterator<Item = &mut gherkin::Scenario> {
    let ruled = feature.rules.iter_mut().flat_map(|it| &mut it.scenarios);
    feature.scenarios.iter_mut().chain(ruled)
}

/// The place in the selection of a scenario that cucumber runs.
#[must_use]
pub fn place_of(scenario: &gherkin::Scenario) -> Option<usize> {
    scenario
        .tags
        .iter()
        .find_map(|tag| tag.strip_prefix(PLACE)?.parse().ok())
}

fn parse_tags(expression: &str) -> Result<TagOperation, SelectionError> {
    // The library needs an `@` before every tag; people leave it out.
    let marked = WORD.replace_all(expression, |found: &regex::Captures<'_>| match &found[0] {
        word @ ("and" | "or" | "not") => word.to_owned(),
        tag if tag.starts_with('@') => tag.to_owned(),
        tag => format!("@{tag}"),
    });
    marked.parse().map_err(|error| SelectionError::Tags {
        expression: expression.to_owned(),
        reason: format!("{error}"),
    })
}

/// Whether the scenario belongs to a run of this kind. What only a thorough run has is not missing in
/// others, unless a previous run had it.
fn is_wanted(selection: &Selection, report: &ScenarioReport) -> bool {
    let again = selection.rerun.as_ref();
    selection.thorough
        || !is_thorough(report)
        || again.is_some_and(|it| it.takes(&report.id, &report.requirements))
}

fn is_selected(
    selection: &Selection,
    tags: Option<&TagOperation>,
    report: &ScenarioReport,
) -> bool {
    let again = selection.rerun.as_ref();
    tags.is_none_or(|tags| tags.eval(report.tags.iter()))
        && again.is_none_or(|it| it.takes(&report.id, &report.requirements))
        && selection
            .name
            .as_ref()
            .is_none_or(|name| name.is_match(&report.name))
        && (selection.what.is_empty() || selection.what.iter().any(|it| is_meant(it, report)))
        && (selection.require.is_empty()
            || report
                .requirements
                .iter()
                .any(|id| is_required(selection, id)))
}

/// Whether this requirement was asked for by its id: all are, where none is named.
fn is_required(selection: &Selection, id: &str) -> bool {
    let mut prefixes = selection.require.iter();
    selection.require.is_empty() || prefixes.any(|prefix| id.starts_with(prefix.as_str()))
}

/// Whether these words mean this scenario: the id of its requirement, the family of it (`CATCHUP`), or a part
/// of its name; the case does not matter.
fn is_meant(words: &str, report: &ScenarioReport) -> bool {
    let words = words.to_lowercase();
    let is_own = |id: &String| {
        let id = id.to_lowercase();
        let rest = id.strip_prefix(words.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    report.requirements.iter().any(is_own) || report.name.to_lowercase().contains(&words)
}

/// What the file says besides its scenarios.
fn introduction(feature: &Feature) -> FeatureReport {
    let prose = |description: Option<&String>| {
        let lines = description.into_iter().flat_map(|text| text.lines());
        let lines: Vec<_> = lines.map(str::trim).collect();
        lines.join("\n").trim().to_owned()
    };
    let rule = |rule: &gherkin::Rule| RuleReport {
        name: rule.name.clone(),
        description: prose(rule.description.as_ref()),
        line: rule.position.line,
    };
    FeatureReport {
        path: features::shown_path(feature),
        name: feature.name.clone(),
        description: prose(feature.description.as_ref()),
        line: feature.position.line,
        rules: feature.rules.iter().map(rule).collect(),
    }
}

fn report(
    feature: &Feature,
    path: &str,
    rule: Option<&gherkin::Rule>,
    scenario: &gherkin::Scenario,
    outside: &[String],
    all: &mut Vec<ScenarioReport>,
) -> ScenarioReport {
    let rule_name = rule.map_or("", |rule| rule.name.as_str());
    let tags: Vec<String> = outside
        .iter()
        .chain(rule.iter().flat_map(|rule| &rule.tags))
        .chain(&scenario.tags)
        .cloned()
        .collect();
    let mut requirements: Vec<String> = Vec::new();
    for tag in tags.iter().filter(|tag| is_catalogued(tag)) {
        if !requirements.contains(tag) {
            requirements.push(tag.clone());
        }
    }
    let base = format!("{path} › {rule_name} › {}", scenario.name);
    // Rows of an outline whose name contains none of their values are distinguished by their number.
    let same = all
        .iter()
        .filter(|other| other.id == base || other.id.starts_with(&format!("{base} [")))
        .count();
    let id = if same == 0 {
        base
    } else {
        format!("{base} [{}]", same + 1)
    };
    let background = feature
        .background
        .iter()
        .chain(rule.iter().filter_map(|rule| rule.background.as_ref()));
    let steps = background
        .flat_map(|background| &background.steps)
        .chain(&scenario.steps)
        .map(|step| StepReport {
            keyword: step.keyword.trim().to_owned(),
            text: step.value.clone(),
            line: step.position.line,
            outcome: StepOutcome::Skipped,
            duration_ms: 0,
            reason: None,
            requirements: declared::of(step).to_vec(),
        })
        .collect();
    let mut report = ScenarioReport {
        id,
        feature: feature.name.clone(),
        path: path.to_owned(),
        rule: rule_name.to_owned(),
        name: scenario.name.clone(),
        line: scenario.position.line,
        tags,
        verdict: Verdict::Inconclusive,
        requirements,
        judged_by: Vec::new(),
        duration_ms: 0,
        reason: None,
        by_steps: None,
        outcomes: None,
        repetition: None,
        time_limits: Vec::new(),
        steps,
        transcript: None,
        findings: Vec::new(),
    };
    if report.requirements.is_empty() {
        let thens = report.steps.iter().map(|step| step.requirements.clone());
        report.judged_by = thens.filter(|ids| !ids.is_empty()).collect();
        report.requirements = vec![own_name(&report, all)];
    }
    all.push(report.clone());
    report
}

fn is_catalogued(id: &str) -> bool {
    registry::find(id).is_some()
}

/// The name under which a scenario without a requirement's tag counts: its own, with its place where there is
/// another one of that name.
fn own_name(report: &ScenarioReport, all: &[ScenarioReport]) -> String {
    let name = report.name_and_row().to_owned();
    let is_taken = |it: &ScenarioReport| it.requirements.contains(&name);
    if is_catalogued(&name) || all.iter().any(is_taken) {
        return format!("{name} ({}:{})", report.path, report.line);
    }
    name
}

#[cfg(test)]
mod tests;
