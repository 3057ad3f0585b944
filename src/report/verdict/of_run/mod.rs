//! From judgements to verdicts. Pure functions.
//!
//! Two rules stand above the others: a finding beats everything, and what could not be tried is
//! never green.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{CheckVerdict, Finding, Requirement, registry};
use crate::exit;
use crate::report::model::run::{
    BySteps, RequirementFinding, RequirementReport, Run, RunReport, RunVerdict, SCHEMA_VERSION,
    ScenarioFinding, ScenarioReport, TargetReport, Totals, Verdict,
};
use crate::report::model::shard;
use crate::report::verdict::of_scenario::{Told, own, show_on_the_last_step};
use crate::trace::Trace;
use crate::transcript::Transcript;

/// A scenario that has run (or was to run), and what the checks say of its record.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its steps, reason and own requirements. `verdict` is that of the steps so far; `findings` are
    /// added to.
    pub scenario: ScenarioReport,
    /// What every check says, by requirement id.
    pub check_verdicts: Vec<(&'static str, CheckVerdict)>,
    /// What was recorded; `None` where nothing was.
    pub transcript: Option<Arc<Transcript>>,
}

/// What is known of a run besides its scenarios.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was under test.
    pub target: TargetReport,
    /// Whether a broken SHOULD counts like a broken MUST.
    pub strict: bool,
    /// Why the run was cut short, in one sentence, if it was.
    pub interrupted: Option<String>,
    /// What the suite itself did wrong, one sentence each.
    pub suite_errors: Vec<String>,
}

/// The whole run: verdicts of scenarios, of the `selected` requirements and of the run.
#[must_use]
pub fn run(about: Circumstances, judged: Vec<Judged>, selected: &[&Requirement]) -> Run {
    let mut scenarios = Vec::with_capacity(judged.len());
    let mut transcripts = BTreeMap::new();
    let mut told: BTreeMap<&str, Vec<Told>> = BTreeMap::new();
    for mut one in judged {
        let own = own(&one);
        scenario(&mut one, &own);
        for (id, verdict) in own {
            if let Some(requirement) = selected.iter().find(|requirement| requirement.id == id) {
                told.entry(requirement.id).or_default().push(verdict);
            }
        }
        if let Some(transcript) = one.transcript {
            transcripts.insert(one.scenario.id.clone(), transcript);
        }
        scenarios.push(one.scenario);
    }
    let requirements: Vec<_> = selected
        .iter()
        .map(|it| requirement(it, told.get(it.id).map_or(&[], Vec::as_slice), &scenarios))
        .collect();
    let mut report = RunReport {
        schema_version: SCHEMA_VERSION,
        suite_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: about.started_at,
        duration_ms: about.duration_ms,
        target: about.target,
        interrupted: about.interrupted,
        strict: about.strict,
        suite_errors: about.suite_errors,
        verdict: RunVerdict::Inconclusive,
        exit_code: exit::INCONCLUSIVE,
        known_failures: None,
        shard: None,
        merged: None,
        repetitions: None,
        time_limits: Vec::new(),
        totals: Totals::default(),
        requirements,
        features: Vec::new(),
        scenarios,
    };
    settle(&mut report);
    Run {
        report,
        transcripts,
    }
}

/// What every check says of a scenario's record.
#[must_use]
pub fn judge(scenario: ScenarioReport, transcript: Option<Arc<Transcript>>) -> Judged {
    let check_verdicts = match &transcript {
        Some(transcript) => registry::judge(&Trace::of(transcript)),
        None => Vec::new(),
    };
    Judged {
        scenario,
        check_verdicts,
        transcript,
    }
}

/// A single scenario's report, with its verdict, reason and findings, before the run is over. Give
/// [`run`] what was given here, not what came out.
#[must_use]
pub fn of_scenario(judged: &Judged) -> ScenarioReport {
    let own = own(judged);
    let mut judged = judged.clone();
    scenario(&mut judged, &own);
    judged.scenario
}

/// Makes verdict, exit code and totals agree with the requirements again, after some were marked as
/// known failures.
pub fn settle(report: &mut RunReport) {
    report.totals = totals(&report.requirements);
    report.verdict = of_run(
        &report.requirements,
        report.strict,
        report.interrupted.is_some(),
        !report.suite_errors.is_empty(),
    );
    if report.verdict == RunVerdict::Inconclusive && shard::is_idle(report) {
        // Nothing was asked of it, so nothing was left untold.
        report.verdict = RunVerdict::Passed;
    }
    let list = report.known_failures.as_ref();
    let stale = list.is_some_and(|list| list.stale().next().is_some());
    let stale = if stale { exit::STALE } else { exit::OK };
    report.exit_code = exit::worse(report.verdict.exit_code(), stale);
}

/// The verdict on a run. A requirement that is listed as a known failure does not make it broken.
#[must_use]
pub fn of_run(
    requirements: &[RequirementReport],
    strict: bool,
    interrupted: bool,
    suite_error: bool,
) -> RunVerdict {
    let any = |verdict| requirements.iter().any(|it| it.verdict == verdict);
    if suite_error {
        RunVerdict::SuiteError
    } else if requirements.iter().any(|it| it.counts(strict)) {
        RunVerdict::Failed
    } else if interrupted
        || any(Verdict::Inconclusive)
        // Nothing was tried at all.
        || requirements.iter().all(|it| it.verdict == Verdict::NotApplicable)
    {
        RunVerdict::Inconclusive
    } else {
        RunVerdict::Passed
    }
}

/// How many requirements of each level got which verdict.
#[must_use]
pub fn totals(requirements: &[RequirementReport]) -> Totals {
    let mut totals = Totals::default();
    for requirement in requirements {
        *totals.of_mut(requirement.level).of_mut(requirement.verdict) += 1;
    }
    totals
}

fn scenario(judged: &mut Judged, own: &[(String, Told)]) {
    let report = &mut judged.scenario;
    report.by_steps = Some(BySteps {
        verdict: report.verdict,
        reason: report.reason.clone(),
    });
    let worst = own.iter().rev().max_by_key(|(_, told)| told.verdict);
    if let Some((_, told)) = worst {
        report.verdict = told.verdict;
        report.reason.clone_from(&told.reason);
    }
    report.findings.clear();
    for (id, check_verdict) in &judged.check_verdicts {
        let CheckVerdict::Failed(findings) = check_verdict else {
            continue;
        };
        // Broken is broken, also where the check names no place.
        let nameless = findings.is_empty().then(|| Finding {
            expected: "that it holds".to_owned(),
            observed: "that it does not; the check names no place".to_owned(),
            evidence: Vec::new(),
        });
        let findings = findings.iter().cloned().chain(nameless);
        report
            .findings
            .extend(findings.map(|finding| RequirementFinding {
                requirement: (*id).to_owned(),
                finding,
            }));
    }
    show_on_the_last_step(report);
}

fn requirement(
    requirement: &Requirement,
    told: &[Told],
    scenarios: &[ScenarioReport],
) -> RequirementReport {
    let id = requirement.id;
    let findings: Vec<_> = scenarios
        .iter()
        .flat_map(|scenario| {
            let failed = scenario.findings.iter().filter(|it| it.requirement == id);
            failed.map(|it| ScenarioFinding {
                scenario: scenario.id.clone(),
                finding: it.finding.clone(),
            })
        })
        .collect();
    let first = |verdict| told.iter().find(|it| it.verdict == verdict);
    let (verdict, reason) = if !findings.is_empty() || first(Verdict::Failed).is_some() {
        (Verdict::Failed, None)
    } else if let Some(inconclusive) = first(Verdict::Inconclusive) {
        (Verdict::Inconclusive, inconclusive.reason.clone())
    } else if first(Verdict::Passed).is_some() {
        (Verdict::Passed, None)
    } else if let Some(inapplicable) = first(Verdict::NotApplicable) {
        (Verdict::NotApplicable, inapplicable.reason.clone())
    } else {
        (
            Verdict::Inconclusive,
            Some("no scenario of its own rule was selected".to_owned()),
        )
    };
    RequirementReport {
        id: id.to_owned(),
        level: requirement.level,
        title: requirement.sentence.to_owned(),
        verdict,
        known_failure: false,
        reason,
        scenarios: scenarios
            .iter()
            .filter(|scenario| scenario.requirements.iter().any(|own| own == id))
            .map(|scenario| scenario.id.clone())
            .collect(),
        unselected: 0,
        outcomes: None,
        flaky: false,
        findings,
    }
}

#[cfg(test)]
mod tests;
