//! From what the checks found to the verdicts on scenarios, requirements and the run. Pure functions.
//!
//! Two rules come before all others: a finding always means failed, and what could not be tested never
//! counts as a pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::over_http::{OverHttp, over_http};
use crate::check::{CheckVerdict, Finding, Requirement, registry};
use crate::protocol::Wire;
use crate::report::model::run::{
    BySteps, RequirementFinding, RequirementReport, Run, RunReport, ScenarioFinding,
    ScenarioReport, TargetKind, TargetReport, Verdict,
};
pub use crate::report::verdict::of_scenario::Judged;
use crate::report::verdict::of_scenario::{Told, own, show_on_a_step};
use crate::report::verdict::{diagnosis, own_scenario};
use crate::trace::Trace;
use crate::transcript::Transcript;

/// What is known of a run besides its scenarios.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was under test.
    pub target: TargetReport,
    /// Whether a failed SHOULD counts like a failed MUST.
    pub strict: bool,
    /// Why the run was cut short, in one sentence, if it was.
    pub interrupted: Option<String>,
    /// Errors of the suite itself, one sentence each.
    pub suite_errors: Vec<String>,
}

/// The whole run: verdicts of scenarios, of the `selected` requirements and of the run.
#[must_use]
pub fn run(about: Circumstances, judged: Vec<Judged>, selected: &[&Requirement]) -> Run {
    let mut scenarios = Vec::with_capacity(judged.len());
    let mut transcripts = BTreeMap::new();
    let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for mut one in judged {
        let own = own(&one);
        scenario(&mut one, &own);
        for (id, verdict) in own {
            told.entry(id).or_default().push(verdict);
        }
        if let Some(transcript) = one.transcript {
            transcripts.insert(one.scenario.id.clone(), transcript);
        }
        scenarios.push(one.scenario);
    }
    let told = |id: &str| told.get(id).map_or(&[][..], Vec::as_slice);
    let is_over_http = !about.target.wires().contains(&Wire::WebSocket);
    let sentence = |it: &Requirement| match over_http(it.id) {
        OverHttp::Adapted(sentence) if is_over_http => sentence,
        _ => it.sentence,
    };
    let catalogued = selected.iter().map(|it| RequirementReport {
        level: it.level,
        title: sentence(it).to_owned(),
        ..requirement(it.id, told(it.id), &scenarios)
    });
    let own = own_scenario::all(&scenarios).map(|it| RequirementReport {
        own: true,
        title: own_scenario::title(it),
        ..requirement(&it.requirements[0], told(&it.requirements[0]), &scenarios)
    });
    let requirements: Vec<_> = catalogued.chain(own).collect();
    let is_open =
        |it: &&ScenarioReport| matches!(it.verdict, Verdict::Failed | Verdict::Inconclusive);
    let open = scenarios.iter().filter(is_open);
    let open: BTreeSet<&str> = open.map(|it| it.id.as_str()).collect();
    // The connections of a client that is judged are ended on purpose.
    let diagnosis = match about.target.kind {
        TargetKind::Client => None,
        _ => diagnosis::of(&transcripts, &open),
    };
    let report = RunReport {
        diagnosis,
        started_at: about.started_at,
        duration_ms: about.duration_ms,
        interrupted: about.interrupted,
        strict: about.strict,
        suite_errors: about.suite_errors,
        requirements,
        scenarios,
        ..RunReport::blank(about.target)
    };
    Run {
        report,
        transcripts,
    }
}

/// The results of all checks for the record of a scenario.
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
    let under_its_name = own_scenario::verdict(report, &judged.check_verdicts);
    let under_its_name = under_its_name.as_ref().map(|(id, it)| (id.as_str(), it));
    let all = judged.check_verdicts.iter().map(|(id, it)| (*id, it));
    for (id, check_verdict) in all.chain(under_its_name) {
        let CheckVerdict::Failed(findings) = check_verdict else {
            continue;
        };
        // It failed, even where the check names no transcript entries.
        let nameless = findings.is_empty().then(|| Finding {
            expected: "the requirement to hold".to_owned(),
            observed: "a violation; the check names no transcript entries".to_owned(),
            evidence: Vec::new(),
        });
        let findings = findings.iter().cloned().chain(nameless);
        report
            .findings
            .extend(findings.map(|finding| RequirementFinding {
                requirement: id.to_owned(),
                finding,
            }));
    }
    show_on_a_step(report);
}

fn requirement(id: &str, told: &[Told], scenarios: &[ScenarioReport]) -> RequirementReport {
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
        verdict,
        reason,
        scenarios: scenarios
            .iter()
            .filter(|scenario| scenario.requirements.iter().any(|own| own == id))
            .map(|scenario| scenario.id.clone())
            .collect(),
        findings,
        ..RequirementReport::blank(id)
    }
}

#[cfg(test)]
mod tests;
