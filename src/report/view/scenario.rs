//! What outputs that know scenarios only (JUnit, Cucumber JSON) show of a scenario.
//!
//! A requirement may fail only in a scenario of another rule. Such an output would be green though the
//! run failed; so the scenario with the finding is shown as failed there.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::report::model::run::{
    RequirementFinding, RequirementReport, RunReport, ScenarioReport, StepOutcome, StepReport,
    Verdict,
};
use crate::report::text::escape::escape_visible;

/// The longest text of expected or observed, in characters.
const LONGEST: usize = 2_000;
/// How many findings of one scenario are written out.
const MOST_FINDINGS: usize = 20;

/// Why a listed failure does not count.
const KNOWN: &str = "known failure";
/// Why a failure of a newer requirement does not count.
pub(crate) const NOT_SCORED: &str = "not scored, since it is newer than --as-of";
/// The tag of scenarios that show nothing but known failures, for readers that filter by tags.
const KNOWN_TAG: &str = "known-failure";

/// The requirements that failed, but in no scenario of their own.
pub(crate) struct Elsewhere<'r>(BTreeSet<&'r str>);

impl<'r> Elsewhere<'r> {
    pub(crate) fn of(report: &'r RunReport) -> Self {
        let failed = report
            .requirements
            .iter()
            .filter(|it| it.verdict == Verdict::Failed);
        Self(
            failed
                .filter(|it| {
                    !report.scenarios.iter().any(|scenario| {
                        scenario.verdict == Verdict::Failed
                            && scenario.requirements.contains(&it.id)
                    })
                })
                .map(|it| it.id.as_str())
                .collect(),
        )
    }

    /// The verdict to show, and the findings behind it: those of the most important requirement first.
    pub(crate) fn show<'s>(
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
            (Verdict::Failed, findings)
        }
    }
}

/// The requirements behind these findings, in the order of the report.
pub(crate) fn requirements<'r>(
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

/// Why a failure does not make the run fail, if it does not: CI must not be red in one place and green
/// in another.
pub(crate) fn uncounted(
    report: &RunReport,
    findings: &[&RequirementFinding],
) -> Option<&'static str> {
    match requirements(report, findings).as_slice() {
        [] => None,
        all if all.iter().any(|it| it.counts(report.strict)) => None,
        all if all.iter().all(|it| it.not_scored) => Some(NOT_SCORED),
        all if all.iter().all(|it| it.known_failure || it.not_scored) => Some(KNOWN),
        _ => Some("failed, which does not count without --strict"),
    }
}

/// Whether the scenario is about requirements that are newer than `--as-of`, and about no others.
pub(crate) fn is_not_scored(report: &RunReport, scenario: &ScenarioReport) -> bool {
    let own = |it: &&RequirementReport| scenario.requirements.contains(&it.id);
    let mut own = report.requirements.iter().filter(own).peekable();
    own.peek().is_some() && own.all(|it| it.not_scored)
}

/// Whether the run is not passed because this scenario's requirement is not applicable (`--require-all`).
pub(crate) fn is_required(report: &RunReport, scenario: &ScenarioReport) -> bool {
    let mut all = report.scored();
    report.require_all
        && all.any(|it| {
            it.verdict == Verdict::NotApplicable && scenario.requirements.contains(&it.id)
        })
}

/// The findings as text, visible characters and newlines only.
pub(crate) fn text(
    report: &RunReport,
    scenario: &ScenarioReport,
    findings: &[&RequirementFinding],
) -> String {
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
            Some(of) => {
                let (id, title) = (show(&of.id), show(&of.title));
                writeln!(text, "{id} ({}): {title}", of.kind())
            }
            None => writeln!(text, "{}", show(&it.requirement)),
        };
        let _ = writeln!(text, "  expected: {}", show(&it.finding.expected));
        let _ = writeln!(text, "  observed: {}", show(&it.finding.observed));
        let list = report.known_failures.iter();
        for entry in list.flat_map(|list| list.of(&it.requirement)) {
            if entry.scenario.as_ref().is_none_or(|at| *at == scenario.id) {
                let _ = writeln!(text, "  known failure: {}", show(&entry.why()));
            }
        }
        if !it.finding.evidence.is_empty() {
            let numbers: Vec<_> = it.finding.evidence.iter().map(u32::to_string).collect();
            let numbers = escape_visible(&numbers.join(", "), LONGEST);
            let _ = writeln!(text, "  transcript entries: {numbers}");
        }
    }
    if let Some(outcomes) = scenario.outcomes.as_ref().filter(|it| it.is_mixed()) {
        let _ = writeln!(text, "\nflaky: {}", outcomes.words());
    }
    if let Some(more @ 1..) = findings.len().checked_sub(MOST_FINDINGS) {
        let _ = writeln!(text, "\nand {more} more");
    }
    text
}

/// A reason in one line.
pub(crate) fn reason(scenario: &ScenarioReport) -> String {
    escape_visible(
        scenario.reason.as_deref().unwrap_or("no reason given"),
        LONGEST,
    )
}

/// What a format that knows steps only shows of one.
pub(crate) struct ShownStep {
    /// Without a space at its end.
    pub keyword: String,
    pub text: String,
    pub line: usize,
    pub status: Status,
    pub message: Option<String>,
    pub duration_ms: u64,
}

impl ShownStep {
    fn skip_failed(&mut self) {
        if self.status == Status::Failed {
            self.status = Status::Skipped;
        }
    }

    fn skip_pending(&mut self) {
        if self.status == Status::Pending {
            self.status = Status::Skipped;
        }
    }
}

/// The tags of a scenario: its own, and whether it shows nothing but known failures.
pub(crate) fn tags(
    report: &RunReport,
    scenario: &ScenarioReport,
    elsewhere: &Elsewhere<'_>,
) -> Vec<String> {
    let (verdict, findings) = elsewhere.show(report, scenario);
    let known = verdict == Verdict::Failed && uncounted(report, &findings) == Some(KNOWN);
    let own = scenario.tags.iter().map(|tag| escape_visible(tag, LONGEST));
    own.chain(known.then(|| KNOWN_TAG.to_owned())).collect()
}

/// The status of a step, in the words of Cucumber.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Passed,
    Skipped,
    Pending,
    Failed,
}

/// The steps of a scenario, its verdict on one of them: one that no step shows (a check judged the
/// record afterwards) is shown on the last, so that no reader takes the scenario for green.
pub(crate) fn steps(
    report: &RunReport,
    scenario: &ScenarioReport,
    elsewhere: &Elsewhere<'_>,
) -> Vec<ShownStep> {
    let mut steps: Vec<_> = scenario.steps.iter().map(step).collect();
    let (verdict, findings) = elsewhere.show(report, scenario);
    let (status, message) = match verdict {
        Verdict::Passed => return steps,
        Verdict::NotApplicable => (Status::Skipped, reason(scenario)),
        Verdict::Inconclusive if is_not_scored(report, scenario) => {
            for step in &mut steps {
                step.skip_pending();
            }
            let reason = reason(scenario);
            (Status::Skipped, format!("{NOT_SCORED}: {reason}"))
        }
        Verdict::Inconclusive => (Status::Pending, reason(scenario)),
        Verdict::Failed => {
            let text = text(report, scenario, &findings);
            match uncounted(report, &findings) {
                None => (Status::Failed, text),
                // These formats have no word for a failure that is expected; others skip it.
                Some(why) => {
                    for step in &mut steps {
                        step.skip_failed();
                    }
                    (Status::Skipped, format!("{why}\n\n{text}"))
                }
            }
        }
    };
    if let Some(shown) = steps.iter_mut().find(|step| step.status == status) {
        if verdict == Verdict::Failed {
            // The findings say more than the step's own reason.
            shown.message = Some(message);
        }
        return steps;
    }
    if steps.is_empty() {
        steps.push(ShownStep {
            keyword: "*".to_owned(),
            text: "the scenario".to_owned(),
            line: scenario.line.max(1),
            status,
            message: None,
            duration_ms: 0,
        });
    }
    if let Some(last) = steps.last_mut() {
        last.status = status;
        last.message = Some(message);
    }
    steps
}

fn step(step: &StepReport) -> ShownStep {
    let status = match step.outcome {
        StepOutcome::Passed => Status::Passed,
        StepOutcome::Failed => Status::Failed,
        StepOutcome::Inconclusive => Status::Pending,
        StepOutcome::NotApplicable | StepOutcome::Skipped => Status::Skipped,
    };
    let reason = step.reason.as_deref();
    // Tools refuse a failed step without a message.
    let reason = reason.or((status == Status::Failed).then_some("the step failed"));
    ShownStep {
        keyword: escape_visible(step.keyword.trim(), LONGEST),
        text: escape_visible(&step.text, LONGEST),
        line: step.line,
        status,
        message: reason.map(|reason| escape_visible(reason, LONGEST)),
        duration_ms: step.duration_ms,
    }
}
