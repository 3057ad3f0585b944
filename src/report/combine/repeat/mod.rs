//! Many repetitions as one run: the worst of each, and how often each got which verdict.
//!
//! Each repetition is a complete run. They are taken in one after another, so that a thousand of them
//! take no more memory than the worst of each scenario.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Finding;
use crate::report::model::names::folder_of;
use crate::report::model::run::{
    LimitUsage, Outcomes, Repetitions, RequirementReport, Run, RunReport, ScenarioFinding,
    ScenarioReport, Verdict,
};
use crate::report::model::time_limits;
use crate::transcript::Transcript;

/// What is known of the repetitions so far.
#[derive(Debug)]
pub struct Repeated {
    of: Repetitions,
    /// The first one's report, without scenarios and requirements, grown by what adds up.
    head: Option<RunReport>,
    scenarios: Vec<Shown>,
    places: BTreeMap<String, usize>,
    requirements: Vec<Tally>,
}

/// A scenario: the first of its worst repetitions, and how it came out in each.
#[derive(Debug)]
struct Shown {
    report: ScenarioReport,
    transcript: Option<Arc<Transcript>>,
    rank: Rank,
    repetition: usize,
    verdicts: Vec<(usize, Verdict)>,
    time_limits: Vec<LimitUsage>,
}

/// Later is worse: whether it came to a verdict, the verdict, and how many requirements fail in it.
type Rank = (bool, Verdict, usize);

/// A requirement: the first of its worst repetitions, and how it came out in each.
#[derive(Debug)]
struct Tally {
    report: RequirementReport,
    rank: (bool, Verdict),
    repetition: usize,
    verdicts: Vec<(usize, Verdict)>,
    /// By scenario: the first repetition in which it failed there, and what was found.
    failed: BTreeMap<String, (usize, Vec<Finding>)>,
}

/// Combines the runs; `None` if there are none.
#[must_use]
pub fn combine(runs: Vec<Run>) -> Option<Run> {
    let mut repeated = Repeated::new(runs.len());
    for run in runs {
        repeated.add(run);
    }
    repeated.finish()
}

impl Repeated {
    /// Nothing yet, of so many.
    #[must_use]
    pub fn new(asked: usize) -> Self {
        Self {
            of: Repetitions {
                asked,
                begun: 0,
                finished: 0,
            },
            head: None,
            scenarios: Vec::new(),
            places: BTreeMap::new(),
            requirements: Vec::new(),
        }
    }

    /// Takes in the next repetition.
    pub fn add(&mut self, run: Run) {
        let Run {
            mut report,
            mut transcripts,
        } = run;
        self.of.begun += 1;
        let number = self.of.begun;
        let cut = report.interrupted.is_some();
        self.of.finished += usize::from(!cut);
        let scenarios = std::mem::take(&mut report.scenarios);
        for requirement in std::mem::take(&mut report.requirements) {
            let counts = !cut || has_verdict(&requirement, &scenarios);
            self.count(requirement, number, counts);
        }
        for scenario in scenarios {
            let counts = !(cut && is_unfinished(&scenario));
            let transcript = transcripts.remove(&scenario.id);
            self.show(scenario, transcript, number, counts);
        }
        self.grow(report, number);
    }

    /// What adds up, and what is the first's.
    fn grow(&mut self, report: RunReport, number: usize) {
        let errors = report.suite_errors.iter();
        let errors: Vec<_> = errors
            .map(|error| format!("repetition {number}: {error}"))
            .collect();
        let measured = report.time_limits.clone();
        let head = match &mut self.head {
            Some(head) => {
                head.duration_ms = head.duration_ms.saturating_add(report.duration_ms);
                head.interrupted = report.interrupted;
                add_unknown(&mut head.misconfigured, report.misconfigured);
                add_unknown(&mut head.notes, report.notes);
                head
            }
            None => self.head.insert(RunReport {
                suite_errors: Vec::new(),
                time_limits: Vec::new(),
                ..report
            }),
        };
        head.suite_errors.extend(errors);
        time_limits::add(&mut head.time_limits, &measured, number);
    }

    fn show(
        &mut self,
        report: ScenarioReport,
        transcript: Option<Arc<Transcript>>,
        repetition: usize,
        counts: bool,
    ) {
        let rank = (counts, report.verdict, failures(&report));
        let outcome = counts.then_some((repetition, report.verdict));
        let measured = report.time_limits.clone();
        let new = |report: ScenarioReport| Shown {
            report,
            transcript,
            rank,
            repetition,
            verdicts: Vec::new(),
            time_limits: Vec::new(),
        };
        let shown = match self.places.get(&report.id) {
            Some(&at) => {
                let shown = &mut self.scenarios[at];
                if rank > shown.rank {
                    let verdicts = std::mem::take(&mut shown.verdicts);
                    let time_limits = std::mem::take(&mut shown.time_limits);
                    *shown = Shown {
                        verdicts,
                        time_limits,
                        ..new(report)
                    };
                }
                shown
            }
            None => {
                let at = self.scenarios.len();
                self.places.insert(report.id.clone(), at);
                self.scenarios.push(new(report));
                &mut self.scenarios[at]
            }
        };
        shown.verdicts.extend(outcome);
        time_limits::add(&mut shown.time_limits, &measured, repetition);
    }

    fn count(&mut self, report: RequirementReport, repetition: usize, counts: bool) {
        let outcome = counts.then_some((repetition, report.verdict));
        let rank = (counts, report.verdict);
        let of = self
            .requirements
            .iter()
            .position(|it| it.report.id == report.id);
        let at = of.unwrap_or_else(|| {
            self.requirements.push(Tally {
                report: report.clone(),
                rank,
                repetition,
                verdicts: Vec::new(),
                failed: BTreeMap::new(),
            });
            self.requirements.len() - 1
        });
        let tally = &mut self.requirements[at];
        tally.verdicts.extend(outcome);
        for it in &report.findings {
            let found = tally.failed.entry(it.scenario.clone());
            let (first, findings) = found.or_insert_with(|| (repetition, Vec::new()));
            if *first == repetition {
                findings.push(it.finding.clone());
            }
        }
        if rank > tally.rank {
            tally.report = report;
            tally.rank = rank;
            tally.repetition = repetition;
        }
    }

    /// The one run; none where there was no repetition.
    #[must_use]
    pub fn finish(self) -> Option<Run> {
        let mut report = self.head?;
        let asked = self.of.asked;
        report.repetitions = Some(self.of);
        report.requirements = self
            .requirements
            .into_iter()
            .map(|tally| tally.finish(&self.scenarios, asked))
            .collect();
        let mut transcripts = BTreeMap::new();
        for shown in self.scenarios {
            let (scenario, transcript) = shown.finish();
            transcripts.extend(transcript.map(|it| (scenario.id.clone(), it)));
            report.scenarios.push(scenario);
        }
        Some(Run {
            report,
            transcripts,
        })
    }
}

impl Shown {
    fn finish(self) -> (ScenarioReport, Option<Arc<Transcript>>) {
        let mut report = self.report;
        let outcomes = Outcomes::of(&self.verdicts);
        if outcomes.is_mixed() {
            report.verdict = outcomes.verdict();
            report.reason = reason(report.reason, report.verdict, &outcomes);
        }
        report.outcomes = Some(outcomes);
        report.repetition = Some(self.repetition);
        report.time_limits = self.time_limits;
        (report, self.transcript)
    }
}

impl Tally {
    fn finish(mut self, scenarios: &[Shown], asked: usize) -> RequirementReport {
        let findings = self.findings(scenarios, asked);
        let mut report = self.report;
        let outcomes = Outcomes::of(&self.verdicts);
        report.findings = findings;
        report.flaky = outcomes.is_mixed();
        if report.flaky {
            report.verdict = outcomes.verdict();
            report.reason = reason(report.reason, report.verdict, &outcomes);
        }
        report.outcomes = Some(outcomes);
        report
    }

    /// Those of the records that are shown. Where a scenario's record is that of another repetition,
    /// the numbers of its messages would mislead: they are left out, and the place is named.
    fn findings(&mut self, scenarios: &[Shown], asked: usize) -> Vec<ScenarioFinding> {
        let mut all = Vec::new();
        for shown in scenarios {
            let id = &shown.report.id;
            let of = |finding| ScenarioFinding {
                scenario: id.clone(),
                finding,
            };
            let before = all.len();
            let own = shown.report.findings.iter();
            let own = own.filter(|it| it.requirement == self.report.id);
            all.extend(own.map(|it| of(it.finding.clone())));
            if all.len() > before {
                continue;
            }
            if let Some((repetition, findings)) = self.failed.remove(id) {
                let place = folder_of(repetition, asked);
                all.extend(findings.into_iter().map(|it| {
                    of(Finding {
                        observed: format!("{} (its record is in {place})", it.observed),
                        evidence: Vec::new(),
                        ..it
                    })
                }));
            }
        }
        all
    }
}

/// Why it did not pass, where repetitions differ.
fn reason(first: Option<String>, verdict: Verdict, outcomes: &Outcomes) -> Option<String> {
    if verdict == Verdict::Failed {
        return None;
    }
    let first = first.unwrap_or_else(|| "it gave no reason".to_owned());
    Some(format!("flaky, {}: {first}", outcomes.words()))
}

/// Whether a run that was cut short still came to a verdict on this requirement.
fn has_verdict(requirement: &RequirementReport, scenarios: &[ScenarioReport]) -> bool {
    if requirement.verdict != Verdict::Inconclusive || requirement.scenarios.is_empty() {
        return true;
    }
    let own = |it: &&ScenarioReport| requirement.scenarios.contains(&it.id);
    let mut own = scenarios.iter().filter(own);
    own.any(|it| it.verdict == Verdict::Inconclusive && !is_unfinished(it))
}

/// Whether it is inconclusive only because the run was cut short: no step of it gave a reason.
fn is_unfinished(scenario: &ScenarioReport) -> bool {
    let by_steps = scenario.by_steps.as_ref().map(|it| it.verdict);
    scenario.verdict == Verdict::Inconclusive
        && by_steps.unwrap_or(scenario.verdict) == Verdict::Inconclusive
        && scenario.steps.iter().all(|it| it.reason.is_none())
}

/// How many requirements failed in it.
fn failures(scenario: &ScenarioReport) -> usize {
    let mut ids: Vec<_> = scenario.findings.iter().map(|it| &it.requirement).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// Adds the sentences that are not among the `known` ones.
fn add_unknown(known: &mut Vec<String>, sentences: Vec<String>) {
    let new = sentences.into_iter().filter(|it| !known.contains(it));
    let new: Vec<_> = new.collect();
    known.extend(new);
}
