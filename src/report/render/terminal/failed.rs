//! What is broken: what was done, the rule, expected, observed, and the messages that show it.

use std::collections::BTreeMap;

use crate::report::model::run::{
    RequirementReport, Run, RunReport, ScenarioFinding, ScenarioReport, StepOutcome, Verdict,
};
use crate::report::render::terminal::paint::{BOLD, DIM, hanging, paint, style_of};
use crate::report::text::escape::{columns, escape_visible, shorten, wrap};
use crate::report::text::format::{count, said};
use crate::transcript::Entry;

/// The longest sentence, name or finding that is shown whole, in columns.
const LONGEST: usize = 400;
/// How many messages of one finding are shown.
const MOST_ENTRIES: usize = 8;
/// How many further scenarios are named.
const MOST_SCENARIOS: usize = 8;

/// A line for each broken requirement.
pub(crate) fn lines(report: &RunReport, width: usize) -> String {
    let mut out = String::new();
    for requirement in failed(report) {
        let mut line = format!("✘ {}", heading(requirement));
        if let Some(finding) = requirement.clearest() {
            let finding = &finding.finding;
            line += &format!(
                ": expected {}, observed {}",
                escape_visible(&finding.expected, LONGEST),
                escape_visible(&finding.observed, LONGEST)
            );
        }
        out += &hanging("", &line, width);
    }
    out
}

/// A block for each broken requirement.
pub(crate) fn blocks(run: &Run, width: usize) -> String {
    failed(&run.report)
        .iter()
        .map(|requirement| block(run, requirement, width))
        .collect()
}

/// Those that count first.
fn failed(report: &RunReport) -> Vec<&RequirementReport> {
    let mut failed: Vec<_> = report
        .requirements
        .iter()
        .filter(|it| it.verdict == Verdict::Failed)
        .collect();
    failed.sort_by_key(|it| (!it.counts(report.strict), it.known_failure));
    failed
}

fn heading(requirement: &RequirementReport) -> String {
    let known = if requirement.known_failure {
        ", known failure"
    } else {
        ""
    };
    let id = escape_visible(&requirement.id, LONGEST);
    format!("{id} ({}{known})", requirement.level)
}

fn block(run: &Run, requirement: &RequirementReport, width: usize) -> String {
    let style = style_of(requirement, run.report.strict);
    let heading = format!("FAILED {}", heading(requirement));
    let mut out = String::from("\n");
    for line in wrap(&heading, width) {
        out += &format!("{}\n", paint(style, &line));
    }
    let show = |text: &str| escape_visible(text, LONGEST);
    out += &hanging("  ", &show(&requirement.title), width);
    out.push('\n');
    if let Some(finding) = requirement.clearest() {
        let scenario = run.report.scenario(&finding.scenario);
        if let Some(outcomes) = requirement.outcomes.as_ref().filter(|_| requirement.flaky) {
            out += &label("Flaky", &outcomes.words(), width);
        }
        if let Some(scenario) = scenario {
            out += &done(scenario, width);
        }
        out += &label("Expected", &show(&finding.finding.expected), width);
        out += &label("Observed", &show(&finding.finding.observed), width);
        out += &evidence(run, finding, scenario, width);
        out += &others(run, requirement, finding, width);
    }
    let list = run.report.known_failures.iter();
    for entry in list.flat_map(|list| list.of(&requirement.id)) {
        out += &label("Known", &show(&entry.why()), width);
    }
    let command = format!("reconnect-acceptance explain {}", show(&requirement.id));
    out + &label("Read on", &command, width)
}

fn label(name: &str, text: &str, width: usize) -> String {
    // The label is painted after the lines were cut: colours take no columns.
    let first = format!("  {name:<10}");
    let lines = hanging(&first, text, width);
    lines.replacen(name, &paint(BOLD, name), 1)
}

fn done(scenario: &ScenarioReport, width: usize) -> String {
    let name = escape_visible(
        &format!("{} › {}", scenario.feature, scenario.name_and_row()),
        LONGEST,
    );
    let mut out = label("Scenario", &name, width);
    if let Some(repetition) = scenario.repetition {
        out += &hanging(
            &format!("{:12}", ""),
            &format!("as in repetition {repetition}"),
            width,
        );
    }
    for step in &scenario.steps {
        let note = match step.outcome {
            StepOutcome::Passed => "",
            StepOutcome::Failed => "  ✘ failed",
            StepOutcome::Inconclusive => "  ? inconclusive",
            StepOutcome::NotApplicable => "  – not applicable",
            StepOutcome::Skipped => "  – not reached",
        };
        let keyword = escape_visible(step.keyword.trim(), 10);
        let text = format!("{}{note}", escape_visible(&step.text, LONGEST));
        out += &hanging(&format!("{:12}{keyword:<5} ", ""), &text, width);
    }
    out
}

fn evidence(
    run: &Run,
    finding: &ScenarioFinding,
    scenario: Option<&ScenarioReport>,
    width: usize,
) -> String {
    let numbers = &finding.finding.evidence;
    let entries: Vec<_> = numbers
        .iter()
        .take(MOST_ENTRIES)
        .filter_map(|number| run.evidence(&finding.scenario, *number))
        .collect();
    let file = scenario.and_then(|it| it.transcript.as_deref());
    let mut out = String::new();
    if !entries.is_empty() {
        out += &label("Seen", "on the wire (→ to the server, ← from it)", width);
        for entry in &entries {
            out += &message(entry, width);
        }
    }
    let left_out = numbers.len() - entries.len();
    if left_out > 0 || (!entries.is_empty() && file.is_some()) {
        let more = match (left_out, entries.len()) {
            (0, _) => "the full transcript".to_owned(),
            (_, 0) => count(left_out, "message"),
            (left_out, _) => format!("{left_out} more"),
        };
        let place = file.map_or_else(String::new, |file| {
            format!(": {}", escape_visible(file, LONGEST))
        });
        out += &hanging(&format!("{:12}", ""), &format!("{more}{place}"), width);
    }
    out
}

fn message(entry: &Entry, width: usize) -> String {
    let connection = match entry.connection {
        0 => String::new(),
        connection => format!(", connection {connection}"),
    };
    let viewer = escape_visible(&entry.viewer, 30);
    let seconds = entry.at().as_secs_f64();
    let head = format!(
        "#{:<4} {seconds:>8.3} s  {viewer}{connection}",
        entry.number
    );
    let text = said(&entry.what);
    let indent = 4;
    // Two spaces and an arrow follow.
    let head = format!("{}  ", shorten(&head, width - indent - 3));
    if indent + columns(&head) + columns(&text) <= width {
        return format!("{:indent$}{}{text}\n", "", paint(DIM, &head));
    }
    let (arrow, text) = text.split_at(text.find(' ').map_or(0, |at| at + 1));
    let mut out = format!("{:indent$}{}{}\n", "", paint(DIM, &head), arrow.trim_end());
    for line in wrap(text, width - 10) {
        out += &format!("{:10}{line}\n", "");
    }
    out
}

/// The further findings, one line a scenario.
fn others(
    run: &Run,
    requirement: &RequirementReport,
    shown: &ScenarioFinding,
    width: usize,
) -> String {
    let rest: Vec<_> = requirement
        .findings
        .iter()
        .filter(|it| !std::ptr::eq(*it, shown))
        .collect();
    if rest.is_empty() {
        return String::new();
    }
    let mut order = Vec::new();
    let mut by_scenario: BTreeMap<&str, Vec<&ScenarioFinding>> = BTreeMap::new();
    for finding in rest.iter().copied() {
        let of = by_scenario.entry(&finding.scenario).or_default();
        if of.is_empty() {
            order.push(finding.scenario.as_str());
        }
        of.push(finding);
    }
    let total = format!(
        "{} in {}:",
        count(rest.len(), "further finding"),
        count(order.len(), "scenario")
    );
    let mut out = label("Also", &total, width);
    for id in order.iter().take(MOST_SCENARIOS) {
        let findings = &by_scenario[id];
        let name = match run.report.scenario(id) {
            Some(scenario) if *id == shown.scenario => {
                format!("the same scenario, {}", scenario.name_and_row())
            }
            Some(scenario) => scenario.name_and_row().to_owned(),
            None => (*id).to_owned(),
        };
        let times = match findings.len() {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        let name = shorten(&name, (width - 12) / 2);
        let line = format!("{name}{times}: {}", findings[0].finding.observed);
        out += &format!("{:12}{}\n", "", shorten(&line, width - 12));
    }
    if let Some(more @ 1..) = order.len().checked_sub(MOST_SCENARIOS) {
        out += &format!("{:12}and {} more\n", "", count(more, "scenario"));
    }
    out
}
