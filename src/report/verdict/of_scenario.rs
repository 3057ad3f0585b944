//! What one scenario says about the requirements of its own rule.

use std::sync::Arc;

use crate::check::CheckVerdict;
use crate::report::model::run::{ScenarioReport, StepOutcome, StepReport, Verdict};
use crate::report::verdict::own_scenario;
use crate::transcript::{EntryKind, Transcript};

/// A scenario that ran (or should have run), and what the checks found in its transcript.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its steps, reason and own requirements. `verdict` is that of the steps so far; `findings` are
    /// added to.
    pub scenario: ScenarioReport,
    /// The result of every check, by requirement id.
    pub check_verdicts: Vec<(&'static str, CheckVerdict)>,
    /// What was recorded; `None` where nothing was.
    pub transcript: Option<Arc<Transcript>>,
}

/// The verdict of one scenario on one requirement.
pub(crate) struct Told {
    pub verdict: Verdict,
    pub reason: Option<String>,
}

impl Told {
    fn new(verdict: Verdict, reason: impl Into<Option<String>>) -> Self {
        let reason = reason.into();
        Self { verdict, reason }
    }
}

/// The verdict on each requirement of the scenario's own rule; one for the steps alone, under no id,
/// where the rule names none.
pub(crate) fn own(judged: &Judged) -> Vec<(String, Told)> {
    let scenario = &judged.scenario;
    if let Some((name, verdict)) = own_scenario::verdict(scenario, &judged.check_verdicts) {
        return vec![(name, told(judged, Some(&verdict)))];
    }
    let of = |id: &str| {
        let check_verdict = judged.check_verdicts.iter().find(|(of, _)| *of == id);
        told(judged, check_verdict.map(|(_, it)| it))
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

fn told(judged: &Judged, check_verdict: Option<&CheckVerdict>) -> Told {
    if matches!(check_verdict, Some(CheckVerdict::Failed(_))) {
        return Told::new(Verdict::Failed, None);
    }
    // A step's reason is more concrete than the check's.
    if let Some(stopped) = by_steps(&judged.scenario) {
        return stopped;
    }
    let transcript = judged.transcript.as_deref();
    match check_verdict {
        Some(CheckVerdict::Inconclusive(reason)) => {
            Told::new(Verdict::Inconclusive, reason.clone())
        }
        None => Told::new(
            Verdict::Inconclusive,
            "no check judged its requirement".to_owned(),
        ),
        Some(_) if is_empty(transcript) => Told::new(
            Verdict::Inconclusive,
            "nothing was sent or received".to_owned(),
        ),
        Some(_) => Told::new(Verdict::Passed, left_out(transcript)),
    }
}

/// The verdict of a scenario whose steps did not all do what they say; `None` where they did.
fn by_steps(scenario: &ScenarioReport) -> Option<Told> {
    // The step that decided comes first; those after it are skipped.
    let decisive = |outcome| scenario.steps.iter().find(|step| step.outcome == outcome);
    let reason = |step: &StepReport| {
        let reason = step.reason.clone().or_else(|| scenario.reason.clone());
        reason.unwrap_or_else(|| format!("`{}` gave no reason", step.text))
    };
    let whole = |otherwise: &str| {
        let reason = scenario.reason.clone();
        reason.unwrap_or_else(|| otherwise.to_owned())
    };
    if let Some(step) = decisive(StepOutcome::Inconclusive) {
        return Some(Told::new(Verdict::Inconclusive, reason(step)));
    }
    if matches!(scenario.verdict, Verdict::Inconclusive | Verdict::Failed) {
        return Some(Told::new(Verdict::Inconclusive, whole("it gave no reason")));
    }
    if let Some(step) = decisive(StepOutcome::NotApplicable) {
        return Some(Told::new(Verdict::NotApplicable, reason(step)));
    }
    if scenario.verdict == Verdict::NotApplicable {
        let reason = whole("it gave no reason");
        return Some(Told::new(Verdict::NotApplicable, reason));
    }
    if scenario.steps.is_empty() {
        return Some(Told::new(Verdict::Inconclusive, whole("it has no steps")));
    }
    let step = decisive(StepOutcome::Skipped)?;
    // The same words for all that never began, so that reports can group them.
    let otherwise = match scenario.steps.first() {
        Some(first) if first.outcome == StepOutcome::Skipped => {
            "the run was cut short before it began".to_owned()
        }
        _ => format!("it was cut short before `{}`", step.text),
    };
    let reason = step.reason.clone().unwrap_or_else(|| whole(&otherwise));
    Some(Told::new(Verdict::Inconclusive, reason))
}

/// Shows the verdict of the checks on a step, so that every report has one that did not pass: the
/// `Then` that declares what failed, or the last one. Give it a scenario with its verdict, reason and
/// findings.
pub(crate) fn show_on_a_step(scenario: &mut ScenarioReport) {
    let all_passed = |it: &StepReport| it.outcome == StepOutcome::Passed;
    if !scenario.steps.iter().all(all_passed) {
        return;
    }
    let (outcome, reason) = match scenario.verdict {
        Verdict::Failed => (StepOutcome::Failed, headline(scenario)),
        Verdict::Inconclusive => (StepOutcome::Inconclusive, scenario.reason.clone()),
        Verdict::Passed | Verdict::NotApplicable => return,
    };
    let at = match scenario.verdict {
        Verdict::Failed => failed_then(scenario),
        _ => None,
    };
    let step = match at {
        Some(at) => scenario.steps.get_mut(at),
        None => scenario.steps.last_mut(),
    };
    if let Some(step) = step {
        step.outcome = outcome;
        step.reason = reason;
    }
}

/// The place of the first `Then` that declares a requirement with a finding: one of the scenario's own, or any where
/// it has none.
fn failed_then(scenario: &ScenarioReport) -> Option<usize> {
    let counts = |id: &String| !scenario.judged_by.is_empty() || scenario.requirements.contains(id);
    let failed = |id: &String| scenario.findings.iter().any(|it| it.requirement == *id);
    let mut steps = scenario.steps.iter();
    steps.position(|step| {
        let mut ids = step.requirements.iter();
        ids.any(|id| counts(id) && failed(id))
    })
}

/// Takes back what [`show_on_a_step`] did, for a scenario whose steps say this.
pub(crate) fn unshow(scenario: &mut ScenarioReport, by_steps: Verdict) {
    if by_steps != Verdict::Passed {
        return;
    }
    for step in &mut scenario.steps {
        step.outcome = StepOutcome::Passed;
        step.reason = None;
    }
}

/// The first finding on a requirement of the scenario's own, in one line.
fn headline(scenario: &ScenarioReport) -> Option<String> {
    let own = |id: &String| scenario.requirements.contains(id);
    let first = scenario.findings.iter().find(|it| own(&it.requirement))?;
    let (id, finding) = (&first.requirement, &first.finding);
    Some(format!(
        "{id}: expected {}; observed {}",
        finding.expected, finding.observed
    ))
}

/// What was left out of a scenario that passed.
fn left_out(transcript: Option<&Transcript>) -> Option<String> {
    transcript?.entries().iter().find_map(|it| match &it.what {
        EntryKind::NotTried(what) => Some(what.clone()),
        _ => None,
    })
}

/// Whether nothing was tried: the suite's own notes are no exchange.
fn is_empty(transcript: Option<&Transcript>) -> bool {
    transcript.is_none_or(|transcript| {
        transcript.entries().iter().all(|entry| {
            matches!(
                entry.what,
                EntryKind::Client(_)
                    | EntryKind::BreakpointReached { .. }
                    | EntryKind::BreakpointCleared { .. }
                    | EntryKind::Part { .. }
                    | EntryKind::Retention { .. }
                    | EntryKind::Quiet(_)
                    | EntryKind::LongestSilence(_)
                    | EntryKind::RunDropped { .. }
                    | EntryKind::Restarted
                    | EntryKind::NotTried(_)
                    | EntryKind::User { .. }
                    | EntryKind::NotPermitted { .. }
                    | EntryKind::ReplicaKilled
                    | EntryKind::AtAnotherReplica
                    | EntryKind::ShowsToken(_)
                    | EntryKind::SpeaksOverHttp
            )
        })
    })
}
