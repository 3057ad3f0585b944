//! `cucumber.json`: the classic Cucumber JSON, for the many tools that still read it. It validates
//! against `cucumber-jvm.json` of cucumber/cucumber-json-schema.
//!
//! The format knows nothing but steps. A verdict that no step shows (a check judged the record
//! afterwards) is shown on the last step, so that no reader takes the scenario for green.

use std::io::Write;

use serde::Serialize;

use crate::report::model::run::{RunReport, ScenarioReport};
use crate::report::model::specification::visible;
use crate::report::text::escape::{escape_visible, escape_whole, is_invisible};
use crate::report::view::grouped;
use crate::report::view::scenario as scenario_view;
use crate::report::view::scenario::{Elsewhere, ShownStep, Status};

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
    description: String,
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
    let feature = |(path, scenarios): (&str, Vec<&ScenarioReport>)| {
        let introduction = report.feature(path);
        let name = scenarios.first().map_or("", |it| &it.feature);
        let name = escape_visible(name, LONGEST);
        Feature {
            uri: escape_whole(path),
            id: slug(&name),
            keyword: "Feature",
            name,
            description: introduction.map_or_else(String::new, |it| visible(&it.description)),
            line: introduction.map_or(1, |it| it.line.max(1)),
            elements: scenarios
                .iter()
                .map(|it| element(report, it, &elsewhere))
                .collect(),
        }
    };
    let features = grouped(&report.scenarios, |it| &it.path).into_iter();
    let features: Vec<Feature> = features.map(feature).collect();
    serde_json::to_writer_pretty(&mut out, &features)?;
    out.write_all(b"\n")
}

fn element(report: &RunReport, scenario: &ScenarioReport, elsewhere: &Elsewhere<'_>) -> Element {
    let steps = scenario_view::steps(report, scenario, elsewhere);
    let steps = steps
        .into_iter()
        .map(|it| step(it, &scenario.path))
        .collect();
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
        tags: scenario_view::tags(report, scenario, elsewhere)
            .iter()
            .map(|tag| Tag {
                name: format!("@{tag}"),
            })
            .collect(),
        steps,
    }
}

fn step(step: ShownStep, path: &str) -> Step {
    Step {
        keyword: format!("{} ", step.keyword),
        name: step.text,
        line: step.line,
        r#match: location(path, step.line),
        result: StepResult {
            status: match step.status {
                Status::Passed => "passed",
                Status::Skipped => "skipped",
                Status::Pending => "pending",
                Status::Failed => "failed",
            },
            duration: step.duration_ms.saturating_mul(1_000_000),
            error_message: step.message,
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
        .split(|c: char| !c.is_alphanumeric() || is_invisible(c))
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").to_lowercase()
}
