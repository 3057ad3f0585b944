//! The list written by `--write-known-failures`: what failed, with what was observed as the reason.

use std::io::{self, Write};

use jiff::civil::Date;

use crate::report::model::run::{RequirementReport, RunReport, Verdict};
use crate::report::text::escape::{is_invisible, shorten};
use crate::report::text::format::finding;
use crate::report::verdict::known::{KnownFailure, Standing, listed_id};

/// The longest reason, in columns.
const LONGEST: usize = 300;

/// How many entries [`write()`] gives.
#[must_use]
pub fn count(report: &RunReport) -> usize {
    kept(report).count() + unlisted(report).count()
}

/// Writes a list of what failed in this run. Entries that the run was judged with stay as they are,
/// unless they are stale.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &RunReport, mut out: impl Write) -> io::Result<()> {
    let of = shorten(&report.target.server_and_wires(), 160);
    let at = shorten(&report.target.url, 200);
    writeln!(out, "# Known failures of {of} at {at}")?;
    writeln!(
        out,
        "# as reconnect-acceptance {} saw it on {}.",
        shorten(&report.suite_version, 40),
        shorten(&report.started_at, 40)
    )?;
    out.write_all(HEAD.as_bytes())?;
    for entry in kept(report) {
        write_entry(entry, &mut out)?;
    }
    for requirement in unlisted(report) {
        write_entry(&from(requirement, report), &mut out)?;
    }
    Ok(())
}

/// Writes a list of what failed in the runs of several releases, each with its number; returns how many
/// entries. A failure is listed for its own release only. An entry that the runs were judged with stays
/// as it is; one that is stale on a release is narrowed to those where it still fails.
///
/// # Errors
///
/// Those of the writer.
pub fn write_several(runs: &[(&str, &RunReport)], mut out: impl Write) -> io::Result<usize> {
    let releases: Vec<_> = runs.iter().map(|(release, _)| *release).collect();
    let suite = env!("CARGO_PKG_VERSION");
    writeln!(out, "# Known failures of {}", releases.join(", "))?;
    writeln!(out, "# as reconnect-acceptance {suite} saw them.")?;
    out.write_all(HEAD.as_bytes())?;
    let entries: Vec<_> = kept_of(runs).into_iter().chain(found(runs)).collect();
    for entry in &entries {
        write_entry(entry, &mut out)?;
    }
    Ok(entries.len())
}

/// What the runs were judged with: every run with the same list.
fn kept_of(runs: &[(&str, &RunReport)]) -> Vec<KnownFailure> {
    let lists: Vec<_> = runs
        .iter()
        .filter_map(|(release, report)| Some((*release, &report.known_failures.as_ref()?.entries)))
        .collect();
    let longest = lists.iter().map(|(_, list)| list.len()).max().unwrap_or(0);
    let mut kept = Vec::new();
    for at in 0..longest {
        let entry = |(release, list): &(&str, &Vec<KnownFailure>)| {
            Some(((*release).to_owned(), list.get(at)?.clone()))
        };
        let each: Vec<_> = lists.iter().filter_map(entry).collect();
        if each.iter().any(|(_, entry)| entry.is_stale()) {
            let failed = each
                .into_iter()
                .filter(|(_, it)| it.standing == Standing::Failed);
            kept.extend(failed.map(|(release, entry)| on(release, entry)));
        } else {
            kept.extend(each.into_iter().next().map(|(_, entry)| entry));
        }
    }
    kept
}

fn found(runs: &[(&str, &RunReport)]) -> Vec<KnownFailure> {
    let each = runs.iter().flat_map(|(release, report)| {
        unlisted(report).map(|requirement| on((*release).to_owned(), from(requirement, report)))
    });
    each.collect()
}

fn on(release: String, entry: KnownFailure) -> KnownFailure {
    KnownFailure {
        release: Some(release),
        ..entry
    }
}

const HEAD: &str = "\
#
# With --known-failures, a listed failure does not fail the run and is shown as known. A listed
# requirement that passes gives exit code 4 and names the lines to delete. The reasons are what the
# suite observed: replace them by why it is not fixed yet; add a link = \"https://…\", and a day
# until = 2026-12-31 after which the entry has to be reviewed. release = \"<3.2\" limits it to some releases.
";

fn kept(report: &RunReport) -> impl Iterator<Item = &KnownFailure> {
    let listed = report.known_failures.iter().flat_map(|it| &it.entries);
    listed.filter(|entry| !entry.is_stale())
}

fn unlisted(report: &RunReport) -> impl Iterator<Item = &RequirementReport> {
    let failed = |it: &&RequirementReport| it.verdict == Verdict::Failed && !it.known_failure;
    report.requirements.iter().filter(failed)
}

fn from(requirement: &RequirementReport, report: &RunReport) -> KnownFailure {
    let (id, wire) = report.target.part(&requirement.id);
    let reason = match requirement.clearest() {
        Some(it) => finding(&it.finding),
        None => format!("failed: {}", requirement.title),
    };
    KnownFailure {
        id: listed_id(id, wire),
        scenario: None,
        release: None,
        reason: shorten(&reason, LONGEST),
        link: None,
        until: None,
        // What passed in some repetitions is not stale when it passes again.
        sometimes: requirement.flaky,
        lines: (0, 0),
        standing: Standing::Failed,
    }
}

fn write_entry(entry: &KnownFailure, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n[[known_failure]]")?;
    let mut text = |name: &str, value: &str| writeln!(out, "{name} = {}", quoted(value));
    text("id", &entry.id)?;
    for (name, value) in [("scenario", &entry.scenario), ("release", &entry.release)] {
        if let Some(value) = value {
            text(name, value)?;
        }
    }
    text("reason", &entry.reason)?;
    if let Some(link) = &entry.link {
        text("link", link)?;
    }
    if let Some(until) = &entry.until {
        match until.parse::<Date>() {
            Ok(day) if day.year() >= 0 => writeln!(out, "until = {day}")?,
            // A stored report may contain anything: reading the list reports what a day looks like.
            _ => text("until", until)?,
        }
    }
    if entry.sometimes {
        writeln!(out, "sometimes = true")?;
    }
    Ok(())
}

/// A basic string of TOML in visible characters: whatever a server said stays within its quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_invisible(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
