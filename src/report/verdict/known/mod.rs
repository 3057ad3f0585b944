//! Known failures: requirements that are listed as broken, so that CI stays green while they are, and
//! tells the day when they are mended.
//!
//! - [`mod@file`]: the list, read from TOML
//! - `release`: which releases an entry is about
//! - [`write()`]: the list that a run asks for

pub mod file;
mod release;
mod write;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::report::model::run::{RequirementReport, RunReport, Verdict};
use crate::report::model::shard;
use crate::report::verdict::of_run::settle;

pub use write::{count, write, write_several};

/// The list of known failures that a run was judged with.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct KnownFailures {
    /// The file, as it was named on the command line.
    pub file: String,
    /// What it lists, in its order.
    pub entries: Vec<KnownFailure>,
}

/// One entry of the list.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KnownFailure {
    /// The requirement's id.
    pub id: String,
    /// The id of the only scenario that may show it; in any where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The releases that it is about, as in `>=2.3.17, <3.2` or `2.3.17 || 2.4.0`; all where it is
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Why it is known, and not mended.
    pub reason: String,
    /// Where to read on: an `http://` or `https://` URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The last day on which the entry may be used, as in `2026-12-31` (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it breaks now and then only (a race): then it is not stale where it holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sometimes: bool,
    /// The first and the last line of the entry in the file, counted from 1.
    pub lines: (usize, usize),
    /// What the run says of it.
    pub standing: Standing,
}

/// What a run says of an entry.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is broken, as listed.
    Failed,
    /// It holds, though it is listed.
    Passed,
    /// It was not tried to the end: not selected in full, not applicable, or it could not be told.
    #[default]
    Inconclusive,
    /// The entry is about other releases, or the release is not known.
    OtherRelease,
}

impl KnownFailure {
    /// Whether the entry must be deleted.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.standing == Standing::Passed && !self.sometimes
    }

    /// `line 7`, `lines 7 to 12`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.lines {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first} to {last}"),
        }
    }

    /// Why it is known: the reason, with the link and the last day.
    #[must_use]
    pub fn why(&self) -> String {
        let link = self.link.iter().cloned();
        let until = self.until.iter().map(|day| format!("until {day}"));
        let more: Vec<_> = link.chain(until).collect();
        match more.as_slice() {
            [] => self.reason.clone(),
            more => format!("{} ({})", self.reason, more.join(", ")),
        }
    }

    /// What to do about a stale entry, in one sentence.
    #[must_use]
    pub fn advice(&self, file: &str) -> String {
        let what = match &self.scenario {
            Some(scenario) => format!("{} passed in {scenario}", self.id),
            None => format!("{} passed", self.id),
        };
        let limit = match self.release {
            Some(_) => ", or leave this release out of its `release`",
            None => ", or limit it to the releases where it fails (`release = \"<…\"`)",
        };
        format!("{what}: delete {} of {file}{limit}", self.place())
    }
}

impl KnownFailures {
    /// The entries that break now and then in this run, and do not say so: they are right today, and
    /// stale on the first day that all repetitions hold.
    pub fn unsteady<'s>(&'s self, report: &'s RunReport) -> impl Iterator<Item = &'s KnownFailure> {
        let held = |id: &str| {
            let mut all = report.requirements.iter();
            all.any(|it| {
                let outcomes = it.outcomes.as_ref();
                it.id == id && it.flaky && outcomes.is_some_and(|of| of.counts.passed > 0)
            })
        };
        let failed = |it: &&KnownFailure| it.standing == Standing::Failed && !it.sometimes;
        let entries = self.entries.iter().filter(failed);
        entries.filter(move |it| held(&it.id))
    }

    /// The entries that must be deleted.
    pub fn stale(&self) -> impl Iterator<Item = &KnownFailure> {
        self.entries.iter().filter(|entry| entry.is_stale())
    }

    /// The entries that excuse this requirement.
    pub fn of<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s KnownFailure> {
        let failed = |it: &&KnownFailure| it.standing == Standing::Failed;
        self.entries
            .iter()
            .filter(move |it| it.id == id)
            .filter(failed)
    }

    /// The entries that are about this server's release.
    pub fn about<'s>(&'s self, server: &str) -> impl Iterator<Item = &'s KnownFailure> + use<'s> {
        about(&self.entries, server)
    }
}

/// Of these entries, those that are about this server's release.
pub fn about<'e>(
    entries: &'e [KnownFailure],
    server: &str,
) -> impl Iterator<Item = &'e KnownFailure> + use<'e> {
    let version = release::of(server);
    let entries = entries.iter();
    entries.filter(move |it| is_about(it, version.as_ref()))
}

/// Marks what is broken as listed, tells how every entry stands, and settles verdict and exit code.
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
    settle(report);
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
            Verdict::Passed if requirement.unselected == 0 && !shard::is_part(report) => {
                Standing::Passed
            }
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

/// Whether every place where it is broken is listed.
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
