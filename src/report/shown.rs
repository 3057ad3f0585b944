//! What outputs that know scenarios only (JUnit, Cucumber JSON) show of a scenario.
//!
//! A requirement may be broken in a scenario of another rule alone. Such an output would be green
//! though the run is broken; so the scenario that shows the finding is shown as broken there.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::model::{RequirementFinding, RequirementReport, RunReport, ScenarioReport, Verdict};
use super::text::escape_visible;

/// The longest text of expected or observed, in characters.
const LONGEST: usize = 2_000;
/// How many findings of one scenario are written out.
const MOST_FINDINGS: usize = 20;

/// The requirements that no scenario of their own shows as broken.
pub(super) struct Elsewhere<'r>(BTreeSet<&'r str>);

impl<'r> Elsewhere<'r> {
    pub(super) fn of(report: &'r RunReport) -> Self {
        let broken = report
            .requirements
            .iter()
            .filter(|it| it.verdict == Verdict::Broken);
        Self(
            broken
                .filter(|it| {
                    !report.scenarios.iter().any(|scenario| {
                        scenario.verdict == Verdict::Broken
                            && scenario.requirements.contains(&it.id)
                    })
                })
                .map(|it| it.id.as_str())
                .collect(),
        )
    }

    /// The verdict to show, and the findings behind it: those first whose requirement binds most.
    pub(super) fn show<'s>(
        &self,
        report: &RunReport,
        scenario: &'s ScenarioReport,
    ) -> (Verdict, Vec<&'s RequirementFinding>) {
        let mut findings: Vec<_> = scenario
            .findings
            .iter()
            .filter(|it| {
                scenario.requirements.contains(&it.requirement)
                    || self.0.contains(it.requirement.as_str())
            })
            .collect();
        let all = &report.requirements;
        findings.sort_by_key(|it| {
            let place = all.iter().position(|of| of.id == it.requirement);
            (
                place.is_none(),
                place.map(|at| (all[at].known_failure, all[at].level, at)),
            )
        });
        if findings.is_empty() {
            (scenario.verdict, findings)
        } else {
            (Verdict::Broken, findings)
        }
    }
}

/// The requirements behind these findings, in the order of the report.
pub(super) fn requirements<'r>(
    report: &'r RunReport,
    findings: &[&RequirementFinding],
) -> Vec<&'r RequirementReport> {
    let behind = |id: &str| findings.iter().any(|it| it.requirement == id);
    report
        .requirements
        .iter()
        .filter(|it| behind(&it.id))
        .collect()
}

/// The findings as text, visible characters and newlines only.
pub(super) fn text(report: &RunReport, findings: &[&RequirementFinding]) -> String {
    let mut text = String::new();
    for it in findings.iter().take(MOST_FINDINGS) {
        let requirement = report
            .requirements
            .iter()
            .find(|of| of.id == it.requirement);
        let show = |text: &str| escape_visible(text, LONGEST);
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = match requirement {
            Some(of) => writeln!(text, "{} ({}): {}", of.id, of.level, show(&of.title)),
            None => writeln!(text, "{}", show(&it.requirement)),
        };
        let _ = writeln!(text, "  expected: {}", show(&it.finding.expected));
        let _ = writeln!(text, "  observed: {}", show(&it.finding.observed));
        if !it.finding.evidence.is_empty() {
            let numbers: Vec<_> = it.finding.evidence.iter().map(u32::to_string).collect();
            let numbers = escape_visible(&numbers.join(", "), LONGEST);
            let _ = writeln!(text, "  transcript entries: {numbers}");
        }
    }
    if let Some(more @ 1..) = findings.len().checked_sub(MOST_FINDINGS) {
        let _ = writeln!(text, "\nand {more} more");
    }
    text
}

/// A reason in one line.
pub(super) fn reason(scenario: &ScenarioReport) -> String {
    escape_visible(
        scenario.reason.as_deref().unwrap_or("no reason given"),
        LONGEST,
    )
}
