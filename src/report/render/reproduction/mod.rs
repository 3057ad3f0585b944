//! How to reproduce a finding without this suite: a Python script for the people who maintain the
//! server, and the text of an issue.
//!
//! - `cast`, `derive`, `posting`: from the record of a scenario to the acts that the finding needs
//! - `script`: the acts as the plan in `viewer.py`, or `http_viewer.py`; `literal`: what texts become in it
//! - `issue`: the issue's text

mod act;
mod cast;
mod derive;
mod issue;
mod literal;
mod posting;
mod script;
#[cfg(test)]
mod tests;
mod unsupported;

use std::collections::{BTreeMap, BTreeSet};

pub use unsupported::WhyNot;

use crate::protocol::Wire;
use crate::report::model::names;
use crate::report::model::run::{
    RequirementReport, Run, ScenarioFinding, ScenarioReport, TargetReport, Verdict,
};
use crate::trace::Trace;
use crate::transcript::Transcript;
use act::Acts;

/// Of so many findings of a requirement, one per scenario, the one with the shortest script is taken.
const MOST_CANDIDATES: usize = 16;
/// So many messages of a transcript count as much as one more act.
const MESSAGES_AN_ACT: usize = 20;

/// How to reproduce one failed requirement.
#[derive(Clone, Debug)]
pub struct Reproduction<'r> {
    /// Its id, such as `CATCHUP-2`.
    pub id: &'r str,
    /// The name of the files, without its ending: `CATCHUP-2`, or `CATCHUP-2-agent-http` where ids name wires.
    pub file: String,
    /// The Python script, or why there is none.
    pub script: Result<String, WhyNot>,
    /// The issue's text, Markdown.
    pub issue: String,
    /// The id of the scenario that it comes from.
    pub scenario: &'r str,
}

impl Reproduction<'_> {
    /// The part of the script that is this finding's own; `None` where there is no script.
    #[must_use]
    pub fn plan(&self) -> Option<&str> {
        script::plan_of(self.script.as_deref().ok()?)
    }

    /// The one Python package that the script needs; `None` where there is no script.
    #[must_use]
    pub fn package(&self) -> Option<&'static str> {
        self.script.as_deref().ok().map(script::package)
    }

    /// Whether the script decides itself whether the finding is reproduced. Else a person has to look.
    #[must_use]
    pub fn decides(&self) -> bool {
        script::decides(Wire::part(self.id).0)
    }
}

/// What script and issue are about.
pub(crate) struct About<'r> {
    run: &'r Run,
    target: &'r TargetReport,
    requirement: &'r RequirementReport,
    finding: &'r ScenarioFinding,
    scenario: Option<&'r ScenarioReport>,
    transcript: Option<&'r Transcript>,
}

/// One for each failed requirement of the run, in the order of the report.
#[must_use]
pub fn of(run: &Run) -> Vec<Reproduction<'_>> {
    let mut traces = BTreeMap::new();
    let failed = run.report.requirements.iter();
    failed
        .filter(|it| it.verdict == Verdict::Failed && is_file_name(&it.id))
        .filter_map(|requirement| of_one(run, requirement, &mut traces))
        .collect()
}

/// The one of this requirement; `None` if it did not fail.
#[must_use]
pub fn of_requirement<'r>(
    run: &'r Run,
    requirement: &'r RequirementReport,
) -> Option<Reproduction<'r>> {
    let failed = requirement.verdict == Verdict::Failed && is_file_name(&requirement.id);
    let mut traces = BTreeMap::new();
    failed
        .then(|| of_one(run, requirement, &mut traces))
        .flatten()
}

/// A report that was edited by hand may have other ids.
fn is_file_name(id: &str) -> bool {
    let (id, _) = Wire::part(id);
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    !id.is_empty() && id.len() <= 40 && id.chars().all(plain)
}

/// The name of the files of a script.
pub(crate) fn file_name(id: &str) -> String {
    format!("{}{}", Wire::part(id).0, names::over(id))
}

fn of_one<'r>(
    run: &'r Run,
    requirement: &'r RequirementReport,
    traces: &mut BTreeMap<&'r str, Trace<'r>>,
) -> Option<Reproduction<'r>> {
    let mut findings: Vec<&ScenarioFinding> = requirement.findings.iter().collect();
    // Stable: the first of those that are as clear.
    findings.sort_by_key(|it| (it.finding.evidence.is_empty(), it.finding.evidence.len()));
    let mut best: Option<(usize, &ScenarioFinding, Acts)> = None;
    let mut why_not = None;
    let mut seen = BTreeSet::new();
    findings.retain(|it| seen.insert(it.scenario.as_str()));
    for finding in findings.iter().take(MOST_CANDIDATES) {
        match actions(run, Wire::part(&requirement.id).0, finding, traces) {
            Ok(actions) => {
                let record = run.transcripts.get(&finding.scenario);
                let messages = record.map_or(0, |it| it.entries().len());
                let effort = actions.effort() + messages / MESSAGES_AN_ACT;
                if best.as_ref().is_none_or(|(least, ..)| effort < *least) {
                    best = Some((effort, finding, actions));
                }
            }
            Err(reason) => {
                why_not.get_or_insert(reason);
            }
        }
    }
    let (finding, actions) = match best {
        Some((_, finding, actions)) => (finding, Ok(actions)),
        None => (*findings.first()?, Err(why_not.unwrap_or(WhyNot::NoRecord))),
    };
    let about = About {
        run,
        target: &run.report.target,
        requirement,
        finding,
        scenario: run.report.scenario(&finding.scenario),
        transcript: run.transcripts.get(&finding.scenario).map(|it| &**it),
    };
    let script = actions.map(|actions| script::script(&about, &actions));
    Some(Reproduction {
        id: &requirement.id,
        file: file_name(&requirement.id),
        issue: issue::text(&about, script.as_deref().map_err(|why| *why)),
        script,
        scenario: &finding.scenario,
    })
}

fn actions<'r>(
    run: &'r Run,
    id: &str,
    finding: &'r ScenarioFinding,
    traces: &mut BTreeMap<&'r str, Trace<'r>>,
) -> Result<Acts, WhyNot> {
    let transcript = run.transcripts.get(&finding.scenario);
    let transcript = transcript.ok_or(WhyNot::NoRecord)?;
    let trace = traces
        .entry(&finding.scenario)
        .or_insert_with(|| Trace::of(transcript));
    derive::actions(trace, id, &finding.finding.evidence)
}
