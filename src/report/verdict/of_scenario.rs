//! What one scenario tells of the requirements of its own rule.

use crate::check::{CheckVerdict, Finding};
use crate::report::model::run::{ScenarioReport, StepOutcome, StepReport, Verdict};
use crate::report::verdict::of_run::Judged;
use crate::transcript::{EntryKind, Transcript};

/// What one scenario tells of one requirement.
pub(crate) struct Told {
    pub verdict: Verdict,
    pub reason: Option<String>,
    /// What a step saw broken where no check did.
    pub by_step: Option<Finding>,
}

impl Told {
    fn new(verdict: Verdict, reason: Option<String>) -> Self {
        Self {
            verdict,
            reason,
            by_step: None,
        }
    }
}

/// The verdict on each requirement of the scenario's own rule; one that stands for the steps alone,
/// under no id, where the rule names none.
pub(crate) fn own(judged: &Judged) -> Vec<(String, Told)> {
    let scenario = &judged.scenario;
    let any_finding = judged
        .check_verdicts
        .iter()
        .any(|(_, check_verdict)| matches!(check_verdict, CheckVerdict::Failed(_)));
    let of = |id: &str| {
        let check_verdict = judged.check_verdicts.iter().find(|(of, _)| *of == id);
        told(judged, check_verdict.map(|(_, it)| it), any_finding)
    };
    if scenario.requirements.is_empty() {
        return vec![(String::new(), of(""))];
    }
    scenario
        .requirements
        .iter()
        .map(|id| (id.clone(), of(id)))
        .collect()
}

fn told(judged: &Judged, check_verdict: Option<&CheckVerdict>, any_finding: bool) -> Told {
    if matches!(check_verdict, Some(CheckVerdict::Failed(_))) {
        return Told::new(Verdict::Failed, None);
    }
    let steps = steps(&judged.scenario);
    match (steps.verdict, check_verdict) {
        // A step that saw it broken is believed, though no check agrees, unless another finding
        // explains why it failed.
        (Verdict::Failed, _) if any_finding => Told::new(Verdict::Inconclusive, steps.reason),
        (Verdict::Failed, _) => Told {
            verdict: Verdict::Failed,
            reason: None,
            by_step: steps.by_step,
        },
        // The step's reason is more concrete than the check's.
        (Verdict::Inconclusive | Verdict::NotApplicable, _) => steps,
        (Verdict::Passed, Some(CheckVerdict::Inconclusive(reason))) => {
            Told::new(Verdict::Inconclusive, Some(reason.clone()))
        }
        (Verdict::Passed, None) => Told::new(
            Verdict::Inconclusive,
            Some("no check judged its requirement".to_owned()),
        ),
        (Verdict::Passed, Some(_)) if is_empty(judged.transcript.as_deref()) => Told::new(
            Verdict::Inconclusive,
            Some("nothing was sent or received".to_owned()),
        ),
        (Verdict::Passed, Some(_)) => {
            Told::new(Verdict::Passed, left_out(judged.transcript.as_deref()))
        }
    }
}

/// What the steps tell, whatever the checks say.
fn steps(scenario: &ScenarioReport) -> Told {
    // The step that decided comes first; those after it are skipped.
    let decisive = |outcome| scenario.steps.iter().find(|step| step.outcome == outcome);
    let reason = |step: &StepReport| {
        let reason = step.reason.clone().or_else(|| scenario.reason.clone());
        Some(reason.unwrap_or_else(|| format!("`{}` gave no reason", step.text)))
    };
    if let Some(step) = decisive(StepOutcome::Failed) {
        return Told {
            verdict: Verdict::Failed,
            reason: reason(step),
            by_step: Some(Finding {
                expected: step.text.clone(),
                observed: step
                    .reason
                    .clone()
                    .unwrap_or_else(|| "the step failed".to_owned()),
                evidence: Vec::new(),
            }),
        };
    }
    if scenario.verdict == Verdict::Failed {
        return Told {
            verdict: Verdict::Failed,
            reason: scenario.reason.clone(),
            by_step: Some(Finding {
                expected: scenario.rule.clone(),
                observed: scenario
                    .reason
                    .clone()
                    .unwrap_or_else(|| "the scenario failed".to_owned()),
                evidence: Vec::new(),
            }),
        };
    }
    if let Some(step) = decisive(StepOutcome::Inconclusive) {
        return Told::new(Verdict::Inconclusive, reason(step));
    }
    let whole = |otherwise: &str| {
        let reason = scenario.reason.clone();
        Some(reason.unwrap_or_else(|| otherwise.to_owned()))
    };
    if scenario.verdict == Verdict::Inconclusive {
        return Told::new(Verdict::Inconclusive, whole("it gave no reason"));
    }
    if let Some(step) = decisive(StepOutcome::NotApplicable) {
        return Told::new(Verdict::NotApplicable, reason(step));
    }
    if scenario.verdict == Verdict::NotApplicable {
        return Told::new(Verdict::NotApplicable, whole("it gave no reason"));
    }
    if scenario.steps.is_empty() {
        return Told::new(Verdict::Inconclusive, whole("it has no steps"));
    }
    if let Some(step) = decisive(StepOutcome::Skipped) {
        // The same words for all that never began, so that they can be told once.
        let otherwise = match scenario.steps.first() {
            Some(first) if first.outcome == StepOutcome::Skipped => {
                "the run was cut short before it began".to_owned()
            }
            _ => format!("it was cut short before `{}`", step.text),
        };
        return Told::new(
            Verdict::Inconclusive,
            step.reason.clone().or_else(|| whole(&otherwise)),
        );
    }
    Told::new(Verdict::Passed, None)
}

/// What was left out of a scenario that holds all the same.
fn left_out(transcript: Option<&Transcript>) -> Option<String> {
    transcript?.entries().iter().find_map(|it| match &it.what {
        EntryKind::NotTried(what) => Some(what.clone()),
        _ => None,
    })
}

/// Whether nothing was tried: what the suite notes for itself is no exchange.
fn is_empty(transcript: Option<&Transcript>) -> bool {
    transcript.is_none_or(|transcript| {
        transcript.entries().iter().all(|entry| {
            matches!(
                entry.what,
                EntryKind::BreakpointReached { .. }
                    | EntryKind::BreakpointCleared { .. }
                    | EntryKind::Part { .. }
                    | EntryKind::Retention { .. }
                    | EntryKind::RunDropped { .. }
                    | EntryKind::Restarted
                    | EntryKind::NotTried(_)
                    | EntryKind::User { .. }
                    | EntryKind::AtAnotherReplica
            )
        })
    })
}
