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

pub use crate::report::model::known_failures::{KnownFailure, KnownFailures, Standing};
use crate::report::model::run::{RequirementReport, RunReport, Verdict};

pub use write::{count, write, write_several};

/// Of these entries, those that are about this server's release.
pub fn about<'e>(
    entries: &'e [KnownFailure],
    server: &str,
) -> impl Iterator<Item = &'e KnownFailure> + use<'e> {
    let version = release::of(server);
    let entries = entries.iter();
    entries.filter(move |it| is_about(it, version.as_ref()))
}

/// Marks the failures that are listed, and sets how every entry turned out.
pub fn apply(report: &mut RunReport, mut list: KnownFailures) {
    let version = release::of(&report.target.server);
    for entry in &mut list.entries {
        entry.standing = if is_about(entry, version.as_ref()) {
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
    let Some(requirement) = all.find(|it| it.id == entry.id) else {
        return Standing::Inconclusive;
    };
    let Some(id) = &entry.scenario else {
        return match requirement.verdict {
            Verdict::Failed => Standing::Failed,
            // A scenario that was not selected, or is another shard's, may be the one that shows it.
            Verdict::Passed if requirement.unselected == 0 && !report.is_part() => Standing::Passed,
            _ => Standing::Inconclusive,
        };
    };
    if requirement.findings.iter().any(|it| it.scenario == *id) {
        return Standing::Failed;
    }
    match report.scenario(id) {
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
        of.any(|it| it == scenario)
    };
    entries.iter().any(|entry| entry.scenario.is_none())
        || (!requirement.findings.is_empty()
            && requirement.findings.iter().all(|it| listed(&it.scenario)))
}
