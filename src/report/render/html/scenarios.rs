//! Scenarios with their steps, what became of each, and their transcripts.

use maud::{Markup, html};

use crate::report::model::run::{Run, RunReport, ScenarioReport, Verdict};
use crate::report::render::html::files;
use crate::report::render::html::format::{badge, often, prose, show};
use crate::report::text::format::seconds;

/// With more scenarios than these, the steps of those that passed are left out.
const MOST_WITH_STEPS: usize = 400;

fn is_whole(report: &RunReport) -> bool {
    report.scenarios.len() <= MOST_WITH_STEPS
}

/// Says where steps are left out.
pub(crate) fn note(report: &RunReport) -> Markup {
    html! {
        @if !is_whole(report) {
            p.note { "There are more than " (MOST_WITH_STEPS) " scenarios: the steps of those that passed are left out here; report.json has them." }
        }
    }
}

/// The scenarios of one rule.
pub(crate) fn of(run: &Run, all: &[&ScenarioReport]) -> Markup {
    html! { @for scenario in all { (one(run, scenario)) } }
}

fn one(run: &Run, scenario: &ScenarioReport) -> Markup {
    html! {
        details.scenario {
            summary {
                (badge(scenario.verdict)) (often(scenario.outcomes.as_ref())) " " (show(scenario.name_and_row()))
                " " span.dim { (seconds(scenario.duration_ms)) }
            }
            @if let Some(reason) = &scenario.reason { p.reason { (prose(reason)) } }
            @if is_whole(&run.report) || scenario.verdict != Verdict::Passed { (steps(scenario)) }
            @if scenario.transcript.is_some() {
                p.dim {
                    "Transcript: " (files::transcript(run, scenario))
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
