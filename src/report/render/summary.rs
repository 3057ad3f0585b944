//! `summary.md`: the run in short, for a pull request: verdict, table, failures by cause.
//!
//! Text from a server is in code spans: it can neither mark up, link nor mention.

use std::fmt::Write as _;
use std::io::Write;

use crate::check::Level;
use crate::exit;
use crate::report::model::run::{Counts, Outcomes, RequirementReport, Run, RunReport, RunVerdict};
use crate::report::model::time_limits;
use crate::report::text::format::count;
use crate::report::text::markdown::{code, prose};
use crate::report::view::cause;
use crate::report::view::cause::{Cause, Symptom};
use crate::report::view::headline::{
    Reason, as_of, diagnosis, self_test, sentence, shards, unresolved,
};
use crate::report::view::ids;

/// The name of the file in the report folder.
pub const FILE: &str = "summary.md";

/// The longest text of expected or observed, in characters.
const LONGEST: usize = 300;
/// How many requirements are written out in each part.
const MOST: usize = 25;

/// Writes the summary.
///
/// # Errors
///
/// Those of the writer.
pub fn write(run: &Run, mut out: impl Write) -> std::io::Result<()> {
    out.write_all(text(run).as_bytes())
}

/// The summary, at most some 50 KB of it.
#[must_use]
pub fn text(run: &Run) -> String {
    let report = &run.report;
    let causes = cause::of(run);
    let mut out = head(report);
    table(report, &mut out);
    failed(report, &causes, &mut out);
    flaky(report, &mut out);
    stale(report, &mut out);
    let mut listed = cause::requirements(&causes);
    listed.retain(|it| it.known_failure);
    part(&mut out, "Known failures", &listed, |it| known(report, it));
    for (_, title, groups) in unresolved(report) {
        reasons(title, &groups, &mut out);
    }
    let _ = writeln!(
        out,
        "\n<sub>reconnect-acceptance {}</sub>",
        prose(&report.suite_version, 40)
    );
    out
}

// Writing to a string cannot fail, in all that follows.

fn head(report: &RunReport) -> String {
    let sign = match report.verdict() {
        // It does not pass either: exit code 4.
        RunVerdict::Passed if report.exit_code() == exit::STALE => "⚠️",
        RunVerdict::Passed => "✅",
        RunVerdict::Failed => "❌",
        RunVerdict::Inconclusive => "❓",
        RunVerdict::Misconfigured => "🔧",
        RunVerdict::SuiteError => "💥",
    };
    let word = report.verdict().words();
    let stale = match report.exit_code() {
        exit::STALE => "; the list of known failures is out of date",
        _ => "",
    };
    let shards = shards(report);
    let first = self_test(report);
    let first = first.map(|it| format!("**{it}**: no server of yours was judged\n\n"));
    let mut out = first.unwrap_or_default();
    let _ = write!(
        out,
        "## {sign} {word}{shards}: {}{stale}\n\n",
        prose(&sentence(report), 800)
    );
    if let Some(diagnosis) = diagnosis(report) {
        let _ = writeln!(out, "**Above all**: {}\n", prose(&diagnosis, 2 * LONGEST));
    }
    let _ = writeln!(
        out,
        "{} at {}, {}, {} scenarios in {}.{} s, exit code {}.",
        code(&report.target.server_and_wires(), 160),
        code(&report.target.url, 200),
        prose(&report.started_at, 40),
        report.scenarios.len(),
        report.duration_ms / 1000,
        report.duration_ms % 1000 / 100,
        report.exit_code()
    );
    if !report.target.faults.is_empty() {
        let faults = code(&report.target.faults.join(", "), LONGEST);
        let _ = writeln!(out, "\nFaults that were switched on: {faults}");
    }
    if let Some(as_of) = as_of(report) {
        let _ = writeln!(out, "\nJudged {}.", prose(&as_of, LONGEST));
    }
    if let Some(of) = &report.repetitions {
        let _ = writeln!(
            out,
            "\nRepeated: {} of {} repetitions finished.",
            of.finished, of.asked
        );
    }
    if let Some(line) = time_limits::line(&report.time_limits) {
        let _ = writeln!(out, "\nTime limits used, at most: {}", code(&line, LONGEST));
    }
    for limit_usage in report.time_limits.iter().filter(|it| it.is_narrow()) {
        let text = format!("{} {}", limit_usage.words(), limit_usage.place());
        let _ = writeln!(
            out,
            "\n⚠️ Nearly used up: {}",
            code(text.trim_end(), LONGEST)
        );
    }
    if let Some(reason) = &report.interrupted {
        let _ = writeln!(out, "\nThe run was cut short: {}", code(reason, LONGEST));
    }
    for note in report.notes.iter().take(MOST) {
        let _ = writeln!(out, "\n⚠️ Note: {}", code(note, 2 * LONGEST));
    }
    for error in report.misconfigured.iter().skip(1).take(MOST) {
        let _ = writeln!(out, "\nAlso wrong: {}", code(error, LONGEST));
    }
    for error in report.suite_errors.iter().take(MOST) {
        let _ = writeln!(out, "\nThe suite itself failed: {}", code(error, LONGEST));
    }
    out
}

fn table(report: &RunReport, out: &mut String) {
    *out += "\n| | passed | failed | known failure | inconclusive | not applicable |\n|---|--:|--:|--:|--:|--:|\n";
    let totals = report.totals();
    for level in [Level::Must, Level::Should, Level::May] {
        let counts = *totals.of(level);
        if counts.all() == 0 {
            continue;
        }
        let known = report.requirements.iter();
        let known = known.filter(|it| it.level == level && it.known_failure && !it.own);
        row(&level.to_string(), counts, known.count(), out);
    }
    if totals.own.all() > 0 {
        let known = report.requirements.iter();
        let known = known.filter(|it| it.own && it.known_failure).count();
        row("own scenarios", totals.own, known, out);
    }
}

fn row(of: &str, counts: Counts, known: usize, out: &mut String) {
    let _ = writeln!(
        out,
        "| {of} | {} | {} | {known} | {} | {} |",
        counts.passed,
        counts.failed.saturating_sub(known),
        counts.inconclusive,
        counts.not_applicable
    );
}

fn part(
    out: &mut String,
    title: &str,
    requirements: &[&RequirementReport],
    show: impl Fn(&RequirementReport) -> String,
) {
    if requirements.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {title}\n");
    for requirement in requirements.iter().take(MOST) {
        *out += &show(requirement);
    }
    if let Some(more @ 1..) = requirements.len().checked_sub(MOST) {
        let _ = writeln!(out, "- and {more} more");
    }
}

fn heading(id: &str, requirement: &RequirementReport) -> String {
    format!(
        "- **{}** ({}): {}\n",
        prose(id, 120),
        requirement.kind(),
        prose(&requirement.title, LONGEST)
    )
}

/// What failed and is not listed, cause by cause.
fn failed(report: &RunReport, causes: &[Cause<'_>], out: &mut String) {
    let own = causes
        .iter()
        .filter(|it| !it.lead().requirement.known_failure);
    let all: Vec<_> = own
        .flat_map(|cause| {
            let also = cause.also().into_iter().map(|it| (false, it));
            let all = std::iter::once((true, cause.lead())).chain(also);
            all.map(|(leads, it)| (leads, cause.name(it.requirement), it))
        })
        .collect();
    if all.is_empty() {
        return;
    }
    *out += "\n### Failed\n\n";
    for (leads, name, symptom) in all.iter().take(MOST) {
        let heading = heading(name, symptom.requirement);
        if *leads {
            *out += &heading;
            block(report, symptom, "  ", out);
        } else {
            let heading = heading.trim_start_matches("- ");
            let _ = write!(out, "  - also failed, in the same messages: {heading}");
            block(report, symptom, "    ", out);
        }
    }
    if let Some(more @ 1..) = all.len().checked_sub(MOST) {
        let _ = writeln!(out, "- and {more} more");
    }
}

fn block(report: &RunReport, symptom: &Symptom<'_>, indent: &str, out: &mut String) {
    let requirement = symptom.requirement;
    if requirement.not_scored {
        let _ = writeln!(out, "{indent}- not scored: newer than `--as-of`");
    } else if !requirement.counts(report.strict) {
        let _ = writeln!(out, "{indent}- does not count without `--strict`");
    }
    if let Some(first) = symptom.findings.first() {
        let scenario = report.scenario(&first.scenario);
        let name = scenario.map_or(first.scenario.as_str(), |it| it.name_and_row());
        let finding = &first.finding;
        for (label, text) in [
            ("scenario", name),
            ("expected", &finding.expected),
            ("observed", &finding.observed),
        ] {
            let _ = writeln!(out, "{indent}- {label}: {}", code(text, LONGEST));
        }
    }
    if let Some(more @ 1..) = requirement.findings.len().checked_sub(1) {
        let more = count(more, "further finding");
        let _ = writeln!(out, "{indent}- and {more}");
    }
}

fn known(report: &RunReport, requirement: &RequirementReport) -> String {
    let mut out = heading(&requirement.id, requirement);
    let list = report.known_failures.iter();
    for entry in list.flat_map(|list| list.of(&requirement.id)) {
        let _ = writeln!(out, "  - {}", code(&entry.why(), LONGEST));
    }
    out
}

fn flaky(report: &RunReport, out: &mut String) {
    let flaky: Vec<_> = report.requirements.iter().filter(|it| it.flaky).collect();
    part(out, "Flaky", &flaky, |it| {
        let words = it.outcomes.as_ref().map(Outcomes::words);
        let words = code(&words.unwrap_or_default(), LONGEST);
        format!("{}  - {words}\n", heading(&it.id, it))
    });
}

fn stale(report: &RunReport, out: &mut String) {
    let Some(list) = &report.known_failures else {
        return;
    };
    let stale: Vec<_> = list.stale().collect();
    if stale.is_empty() {
        return;
    }
    *out += "\n### The list of known failures is out of date\n\n";
    for entry in stale.iter().take(MOST) {
        let _ = writeln!(out, "- {}", code(&entry.advice(&list.file), 2 * LONGEST));
    }
    if let Some(more @ 1..) = stale.len().checked_sub(MOST) {
        let _ = writeln!(out, "- and {more} more");
    }
}

fn reasons(title: &str, groups: &[Reason<'_>], out: &mut String) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary>{title}</summary>\n");
    for (reason, of) in groups.iter().take(MOST) {
        let ids: Vec<_> = of.iter().map(|it| prose(&it.id, 40)).collect();
        let ids = ids::text(&ids, usize::MAX);
        let _ = writeln!(out, "- {ids}: {}", code(reason, LONGEST));
    }
    if let Some(more @ 1..) = groups.len().checked_sub(MOST) {
        let _ = writeln!(out, "- and for {more} more reasons");
    }
    *out += "\n</details>\n";
}
