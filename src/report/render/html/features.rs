//! The features as living documentation: each rule with its scenarios and their verdicts.

use maud::{Markup, html};

use crate::check::registry;
use crate::report::model::names::{requirement_anchor, slug};
use crate::report::model::run::{FeatureReport, RunReport, ScenarioReport, Verdict};
use crate::report::model::specification::paragraphs;
use crate::report::render::html::format::{Ids, badge, often, prose, prose_within, show};
use crate::report::text::format::{count, seconds};
use crate::report::view::grouped;

/// With more scenarios than these, the steps of those that passed are left out.
const MOST_WITH_STEPS: usize = 400;
/// The longest paragraph of a feature file's prose, in characters.
const LONGEST: usize = 2_000;

pub(crate) fn of(report: &RunReport) -> Markup {
    let whole = report.scenarios.len() <= MOST_WITH_STEPS;
    html! {
        section id="features" aria-labelledby="features-title" {
            h2 id="features-title" { "The features, rule by rule" }
            @if !whole {
                p.note { "There are more than " (MOST_WITH_STEPS) " scenarios: the steps of those that passed are left out here; report.json has them." }
            }
            @let mut ids = Ids::default();
            @for (_, feature) in grouped(&report.scenarios, |it| &it.path) {
                (of_feature(report, &feature, whole, &mut ids))
            }
        }
    }
}

fn of_feature(
    report: &RunReport,
    scenarios: &[&ScenarioReport],
    whole: bool,
    ids: &mut Ids,
) -> Markup {
    let Some(first) = scenarios.first() else {
        return html! {};
    };
    let introduction = report.feature(&first.path);
    let passed = scenarios.iter().filter(|it| it.verdict == Verdict::Passed);
    let passed = passed.count();
    // As for a requirement: passed, where some passed and the others are not applicable.
    let worst = scenarios.iter().map(|it| it.verdict).max();
    let worst = worst.map(|worst| match worst {
        Verdict::NotApplicable if passed > 0 => Verdict::Passed,
        worst => worst,
    });
    html! {
        details.feature id=[ids.first(format!("feature-{}", slug(&first.path)))] open[worst == Some(Verdict::Failed)] {
            summary {
                h3 { (show(&first.feature)) }
                " "
                @if let Some(worst) = worst { (badge(worst)) }
                " "
                span.dim { (passed) " of " (count(scenarios.len(), "scenario")) " passed · " (show(&first.path)) }
            }
            @if let Some(of) = introduction { (paragraphs_of("introduction", &of.description)) }
            @for (_, rule) in grouped(scenarios.iter().copied(), |it| &it.rule) {
                (of_rule(report, introduction, &rule, whole))
            }
        }
    }
}

/// The prose of a feature file.
fn paragraphs_of(class: &str, description: &str) -> Markup {
    html! { @for paragraph in paragraphs(description) { p.(class) { (prose_within(&paragraph, LONGEST)) } } }
}

fn of_rule(
    report: &RunReport,
    feature: Option<&FeatureReport>,
    scenarios: &[&ScenarioReport],
    whole: bool,
) -> Markup {
    let Some(first) = scenarios.first() else {
        return html! {};
    };
    // A rule may have requirements that were not selected, and have no row.
    let is_there = |id: &String| report.requirements.iter().any(|it| it.id == *id);
    let why = first
        .requirements
        .iter()
        .filter_map(|id| registry::find(id));
    html! {
        div.rule {
            h4 {
                (prose(&first.rule))
                @for id in &first.requirements {
                    " "
                    @if is_there(id) { a.id href={ "#" (requirement_anchor(id)) } { (show(id)) } }
                    @else { span.id { (show(id)) } }
                }
            }
            @if let Some(rule) = feature.and_then(|it| it.rule(&first.rule)) { (paragraphs_of("description", &rule.description)) }
            @for known in why { p.why { (prose(known.why)) } }
            @for scenario in scenarios { (of_scenario(scenario, whole)) }
        }
    }
}

fn of_scenario(scenario: &ScenarioReport, whole: bool) -> Markup {
    html! {
        details.scenario {
            summary {
                (badge(scenario.verdict)) (often(scenario.outcomes.as_ref())) " " (show(scenario.name_and_row()))
                " " span.dim { (seconds(scenario.duration_ms)) }
            }
            @if let Some(reason) = &scenario.reason { p.reason { (prose(reason)) } }
            @if whole || scenario.verdict != Verdict::Passed { (steps(scenario)) }
            @if let Some(file) = &scenario.transcript {
                p.dim {
                    "Record: " code { (show(file)) }
                    @if let Some(repetition) = scenario.repetition { ", of repetition " (repetition) }
                }
            }
        }
    }
}

/// The steps of a scenario, each with what became of it.
pub(crate) fn steps(scenario: &ScenarioReport) -> Markup {
    html! {
        ol.steps {
            @for step in &scenario.steps {
                @let (sign, words) = step.outcome.words();
                li {
                    span.sign aria-hidden="true" { (sign) } " "
                    strong { (show(step.keyword.trim())) } " " (show(&step.text))
                    @if words != "passed" { " " em { "(" (words) ")" } }
                    @if let Some(reason) = &step.reason { p.reason { (prose(reason)) } }
                }
            }
        }
    }
}
