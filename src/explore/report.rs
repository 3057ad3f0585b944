//! The run model of what was explored: every plan in which something failed, and for each requirement that
//! passed a trial that shows it. So every report and `judge` take it like any other run.

use std::path::PathBuf;

use crate::check::registry;
use crate::explore::gherkin;
use crate::explore::harvest::{Found, Harvest, Witness};
use crate::report::model::run::Run;
use crate::report::store::folder;
use crate::report::verdict::of_run::{self, Circumstances, Judged};

/// The folder of the plans within the report folder.
pub const FOLDER: &str = "explored";

/// The run model: the requirements are those that any trial judged.
#[must_use]
pub fn run(about: Circumstances, harvest: &Harvest) -> Run {
    let found = harvest.found.iter().map(found);
    let witnesses = harvest.witnesses.iter().map(|it| witness(it, harvest));
    let mut judged: Vec<Judged> = Vec::new();
    for mut one in found.chain(witnesses.flatten()) {
        // A trial may be shown for what failed in it, shortened, and for what passed.
        let times = judged
            .iter()
            .filter(|it| it.scenario.name == one.scenario.name);
        let times = times.count();
        if times > 0 {
            one.scenario.id = format!("{} ({})", one.scenario.id, times + 1);
        }
        let name = folder::transcript_name(judged.len(), &one.scenario);
        one.scenario.transcript = one.transcript.is_some().then_some(name);
        judged.push(one);
    }
    let was_judged = |id: &str| harvest.failed.contains_key(id) || harvest.passed.contains_key(id);
    let selected: Vec<_> = registry::both().filter(|it| was_judged(it.id)).collect();
    of_run::run(about, judged, &selected)
}

fn found(found: &Found) -> Judged {
    let mut judged = found.played.judged.clone();
    let note = match (found.again, found.plays) {
        (_, 0) => String::new(),
        (true, plays) => format!(", the shortest of {plays} plays"),
        (false, plays) => format!(", which did not fail again in {plays} plays"),
    };
    claim(&mut judged, &found.ids);
    judged.scenario.name += &note;
    judged.scenario.id += &note;
    judged
}

/// The trial, for those of its requirements that never failed.
fn witness(witness: &Witness, harvest: &Harvest) -> Option<Judged> {
    let ids = witness.ids.iter().copied();
    let ids: Vec<&str> = ids.filter(|id| !harvest.failed.contains_key(id)).collect();
    if ids.is_empty() {
        return None;
    }
    let mut judged = witness.played.judged.clone();
    claim(&mut judged, &ids);
    // What fails in it is shown by the plan that was shortened for it.
    judged.check_verdicts.retain(|(id, _)| ids.contains(id));
    Some(judged)
}

/// Makes these requirements the scenario's own.
fn claim(judged: &mut Judged, ids: &[&str]) {
    let scenario = &mut judged.scenario;
    scenario.requirements = ids.iter().map(|id| (*id).to_owned()).collect();
    scenario.tags.clone_from(&scenario.requirements);
    let first = ids.first().and_then(|id| registry::find(id));
    scenario.rule = first.map_or_else(String::new, |it| it.sentence.to_owned());
}

/// The files beside the reports: each plan in which something failed, as a feature and as JSON, by its path
/// within the report folder.
#[must_use]
pub fn files(harvest: &Harvest) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for found in &harvest.found {
        let plan = &found.played.plan;
        let ids = found.ids.join("-").to_lowercase();
        let stem = format!("{}-{}-{ids}", plan.seed, plan.trial);
        let place = |ending: &str| PathBuf::from(FOLDER).join(format!("{stem}.{ending}"));
        files.push((place("feature"), gherkin::feature(plan, &found.ids)));
        if let Ok(json) = plan.to_json() {
            files.push((place("json"), json + "\n"));
        }
    }
    files
}
