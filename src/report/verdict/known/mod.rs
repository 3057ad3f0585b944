//! Known failures: requirements that are listed as failing, so that CI passes while they do, and
//! reports when they are fixed.
//!
//! - [`mod@file`]: the list, read from TOML
//! - `release`: which releases an entry is about
//! - [`write()`]: the list written from a run

pub mod file;
mod release;
mod write;

#[cfg(test)]
mod tests;

use crate::protocol::Wire;
pub use crate::report::model::known_failures::{KnownFailure, KnownFailures, Standing};
use crate::report::model::run::{RequirementReport, RunReport, Verdict};

pub use write::{count, write, write_several};

/// The id by which a list names this requirement over this wire.
fn listed_id(id: &str, wire: Wire) -> String {
    match wire {
        Wire::WebSocket => id.to_owned(),
        wire => wire.id(id),
    }
}

/// Of these entries, those that are about this server's release, and about this wire.
pub fn about<'e>(
    entries: &'e [KnownFailure],
    server: &str,
    wire: Wire,
) -> impl Iterator<Item = &'e KnownFailure> + use<'e> {
    let version = release::of(server);
    let entries = entries.iter();
    entries.filter(move |it| it.requirement().1 == wire && is_about(it, version.as_ref()))
}

/// Marks the failures that are listed, and sets how every entry turned out.
pub fn apply(report: &mut RunReport, mut list: KnownFailures) {
    let version = release::of(&report.target.server);
    for entry in &mut list.entries {
        let is_judged = report.target.wires().contains(&entry.requirement().1);
        entry.standing = if is_judged && is_about(entry, version.as_ref()) {
            standing(entry, report)
        } else {
            Standing::OtherRelease
        };
    }
    for requirement in &mut report.requirements {
        requirement.known_failure = is_known(requirement, &list);
    }
    report.known_failures = Some(list);
}

fn is_about(entry: &KnownFailure, version: Option<&semver::Version>) -> bool {
    let Some(range) = &entry.release else {
        return true;
    };
    let range = release::range(range);
    range.is_ok_and(|range| version.is_some_and(|version| range.matches(version)))
}

fn standing(entry: &KnownFailure, report: &RunReport) -> Standing {
    let mut all = report.requirements.iter();
    let is_of = |id: &str| report.target.part(id) == entry.requirement();
    let Some(requirement) = all.find(|it| is_of(&it.id)) else {
        return Standing::Inconclusive;
    };
    let Some((id, _)) = entry.scenario.as_deref().map(Wire::part) else {
        return match requirement.verdict {
            Verdict::Failed => Standing::Failed,
            // A scenario that was not selected, or is another shard's, may be the one that shows it.
            Verdict::Passed if requirement.unselected == 0 && !report.is_part() => Standing::Passed,
            _ => Standing::Inconclusive,
        };
    };
    let same = |scenario: &str| Wire::part(scenario).0 == id;
    if requirement.findings.iter().any(|it| same(&it.scenario)) {
        return Standing::Failed;
    }
    let place = (id, entry.requirement().1);
    let mut all = report.scenarios.iter();
    match all.find(|it| report.target.part(&it.id) == place) {
        Some(scenario) if scenario.verdict == Verdict::Passed => Standing::Passed,
        _ => Standing::Inconclusive,
    }
}

/// Whether every place where it failed is listed.
fn is_known(requirement: &RequirementReport, list: &KnownFailures) -> bool {
    if requirement.verdict != Verdict::Failed {
        return false;
    }
    let entries: Vec<_> = list.of(&requirement.id).collect();
    let listed = |scenario: &String| {
        let mut of = entries.iter().filter_map(|entry| entry.scenario.as_ref());
        of.any(|it| Wire::part(it).0 == Wire::part(scenario).0)
    };
    entries.iter().any(|entry| entry.scenario.is_none())
        || (!requirement.findings.is_empty()
            && requirement.findings.iter().all(|it| listed(&it.scenario)))
}
