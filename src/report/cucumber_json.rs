//! `cucumber.json`: the classic Cucumber JSON, for the many tools that still read it. It validates
//! against `cucumber-jvm.json` of cucumber/cucumber-json-schema.
//!
//! The format knows nothing but steps. A verdict that no step shows (a check judged the record
//! afterwards) is shown on the last step, so that no reader takes the scenario for green.

use std::io::Write;

use serde::Serialize;

use super::model::{RunReport, ScenarioReport, StepOutcome, StepReport, Verdict};
use super::shown::{self, Elsewhere};
use super::text::{escape_visible, escape_whole};

/// The name of the file in the report folder.
pub const FILE: &str = "cucumber.json";

/// The longest name or reason, in characters.
const LONGEST: usize = 2_000;

#[derive(Serialize)]
struct Feature {
    uri: String,
    id: String,
    keyword: &'static str,
    name: String,
    description: &'static str,
    line: usize,
    elements: Vec<Element>,
}

#[derive(Serialize)]
struct Element {
    id: String,
    keyword: &'static str,
    r#type: &'static str,
    name: String,
    /// The rule's sentence: the format knows no rules.
    description: String,
    line: usize,
    tags: Vec<Tag>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
}

#[derive(Serialize)]
struct Step {
    /// With the space that the format keeps.
    keyword: String,
    name: String,
    line: usize,
    r#match: Match,
    result: StepResult,
}

#[derive(Serialize)]
struct Match {
    location: String,
}

#[derive(Serialize)]
struct StepResult {
    status: &'static str,
    /// In nanoseconds.
    duration: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

/// Writes the report.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &RunReport, mut out: impl Write) -> std::io::Result<()> {
    let elsewhere = Elsewhere::of(report);
    let mut features: Vec<Feature> = Vec::new();
    for scenario in &report.scenarios {
        let uri = escape_whole(&scenario.path);
        let at = features.iter().position(|feature| feature.uri == uri);
        let at = at.unwrap_or_else(|| {
            features.push(Feature {
                id: slug(&escape_visible(&scenario.feature, LONGEST)),
                uri,
                keyword: "Feature",
                name: escape_visible(&scenario.feature, LONGEST),
                description: "",
                line: 1,
                elements: Vec::new(),
            });
            features.len() - 1
        });
        let element = element(report, scenario, &elsewhere);
        features[at].elements.push(element);
    }
    serde_json::to_writer_pretty(&mut out, &features)?;
    out.write_all(b"\n")
}

fn element(report: &RunReport, scenario: &ScenarioReport, elsewhere: &Elsewhere<'_>) -> Element {
    let mut steps: Vec<_> = scenario
        .steps
        .iter()
        .map(|it| step(it, &scenario.path))
        .collect();
    let (verdict, findings) = elsewhere.show(report, scenario);
    let (status, message) = match verdict {
        Verdict::Holds => ("passed", None),
        Verdict::NotApplicable => ("skipped", Some(shown::reason(scenario))),
        Verdict::CannotTell => ("pending", Some(shown::reason(scenario))),
        Verdict::Broken => ("failed", Some(shown::text(report, &findings))),
    };
    if status != "passed" && !steps.iter().any(|step| step.result.status == status) {
        if steps.is_empty() {
            steps.push(Step {
                keyword: "* ".to_owned(),
                name: "the scenario".to_owned(),
                line: scenario.line.max(1),
                r#match: location(&scenario.path, scenario.line),
                result: StepResult {
                    status,
                    duration: 0,
                    error_message: None,
                },
            });
        }
        if let Some(last) = steps.last_mut() {
            last.result.status = status;
            last.result.error_message = message;
        }
    } else if status == "failed"
        && let Some(failed) = steps.iter_mut().find(|step| step.result.status == status)
    {
        // The findings say more than the step's own words.
        failed.result.error_message = message;
    }
    Element {
        id: format!(
            "{};{};{}",
            slug(&escape_visible(&scenario.feature, LONGEST)),
            slug(&scenario.requirements.join(" ")),
            slug(scenario.name_and_row())
        ),
        keyword: "Scenario",
        r#type: "scenario",
        name: escape_visible(scenario.name_and_row(), LONGEST),
        description: escape_whole(&scenario.rule),
        line: scenario.line.max(1),
        tags: scenario
            .tags
            .iter()
            .map(|tag| Tag {
                name: format!("@{}", escape_whole(tag)),
            })
            .collect(),
        steps,
    }
}

fn step(step: &StepReport, path: &str) -> Step {
    let status = match step.outcome {
        StepOutcome::Passed => "passed",
        StepOutcome::Failed => "failed",
        StepOutcome::CannotTell => "pending",
        StepOutcome::NotApplicable | StepOutcome::Skipped => "skipped",
    };
    let reason = step.reason.as_deref();
    // Tools refuse a failed step without a message.
    let reason = reason.or((status == "failed").then_some("the step failed"));
    Step {
        keyword: format!("{} ", step.keyword.trim()),
        name: escape_visible(&step.text, LONGEST),
        line: step.line,
        r#match: location(path, step.line),
        result: StepResult {
            status,
            duration: step.duration_ms.saturating_mul(1_000_000),
            error_message: reason.map(|reason| escape_visible(reason, LONGEST)),
        },
    }
}

fn location(path: &str, line: usize) -> Match {
    Match {
        location: format!("{}:{line}", escape_whole(path)),
    }
}

/// `Catching up` as `catching-up`: what the format's ids are made of.
fn slug(text: &str) -> String {
    let words: Vec<_> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").to_lowercase()
}
