//! Every feature, rule, scenario and step, as cucumber users know them.

use crate::report::model::run::{RunReport, ScenarioReport};
use crate::report::render::terminal::paint::{BOLD, DIM, hanging, mark, paint_lines};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::seconds;
use crate::report::view::grouped;

/// The longest text that is shown whole, in columns.
const LONGEST: usize = 400;

/// The features in their order, with everything below them.
pub(crate) fn of(report: &RunReport, width: usize) -> String {
    let mut out = String::new();
    for (_, scenarios) in grouped(&report.scenarios, |it| &it.path) {
        let name = scenarios.first().map_or("", |it| &it.feature);
        out += &paint_lines(BOLD, &hanging("Feature: ", &show(name), width));
        for (rule, scenarios) in grouped(scenarios, |it| &it.rule) {
            if !rule.is_empty() {
                out += &paint_lines(BOLD, &hanging("  Rule: ", &show(rule), width));
            }
            for one in scenarios {
                out += &scenario(one, width);
            }
        }
        out.push('\n');
    }
    out
}

fn scenario(it: &ScenarioReport, width: usize) -> String {
    let took = seconds(it.duration_ms);
    let head = format!("{}  {took}", show(it.name_and_row()));
    let mut out = format!("    {} ", mark(it.verdict));
    out += &hanging("Scenario: ", &head, width.saturating_sub(6)).replace('\n', "\n      ");
    out.truncate(out.trim_end().len());
    out.push('\n');
    for step in &it.steps {
        let (sign, _) = step.outcome.words();
        let keyword = escape_visible(step.keyword.trim(), 10);
        let text = format!("{sign} {keyword} {}", show(&step.text));
        out += &hanging("        ", &text, width);
        if let Some(reason) = &step.reason {
            out += &paint_lines(DIM, &hanging("            ", &show(reason), width));
        }
    }
    for finding in &it.findings {
        let text = format!(
            "{} failed: expected {}, observed {}",
            show(&finding.requirement),
            show(&finding.finding.expected),
            show(&finding.finding.observed)
        );
        out += &hanging("        ", &text, width);
    }
    out
}

fn show(text: &str) -> String {
    escape_visible(text, LONGEST)
}
