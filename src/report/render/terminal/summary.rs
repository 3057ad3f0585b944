//! What is inconclusive or not applicable, the verdict in words, and the counts.

use std::path::Path;

use crate::check::Level;
use crate::exit;
use crate::report::combine::rejudge::Change;
use crate::report::model::run::{RunReport, Standing, Verdict};
use crate::report::render::terminal::paint::{
    BOLD, DIM, YELLOW, hanging, paint, paint_lines, style,
};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::{count, seconds};
use crate::report::view::headline;
use crate::report::view::headline::{ids, self_test, sentence, shards, unresolved};

/// The longest reason that is shown whole, in columns.
const LONGEST: usize = 400;

/// How many notes are shown.
const MOST_NOTES: usize = 20;

/// What many scenarios have in common, before everything else.
pub(crate) fn diagnosis(report: &RunReport, width: usize) -> String {
    let Some(sentence) = headline::diagnosis(report) else {
        return String::new();
    };
    let text = hanging("Above all: ", &sentence, width);
    text.replacen("Above all", &paint(YELLOW.bold(), "Above all"), 1) + "\n"
}

/// What is inconclusive and what is not applicable, grouped by reason.
pub(crate) fn inconclusive(report: &RunReport, width: usize) -> String {
    let mut out = String::new();
    for (verdict, title, groups) in unresolved(report) {
        if groups.is_empty() {
            continue;
        }
        out += &format!("\n{}\n", paint(style(verdict), &title.to_uppercase()));
        for (reason, requirements) in groups {
            out += &hanging("  ", &escape_visible(reason, LONGEST), width);
            let ids = ids(requirements.iter().copied(), usize::MAX);
            out += &paint_lines(DIM, &hanging("    ", &ids, width));
        }
    }
    out
}

/// The verdict in one sentence, and what goes with it.
pub(crate) fn verdict(report: &RunReport, width: usize) -> String {
    let (style, word) = (
        style(report.verdict().as_verdict()),
        report.verdict().words(),
    );
    let stale = if report.exit_code() == exit::STALE {
        ", but the list of known failures is out of date"
    } else {
        ""
    };
    let as_of = report.as_of.as_ref();
    let as_of = as_of.map(|it| format!("as of version {}", escape_visible(it, LONGEST)));
    let first = self_test(report)
        .map(str::to_owned)
        .into_iter()
        .chain(as_of);
    let first: String = first.map(|it| format!(" ({it})")).collect();
    let text = format!(
        "{word}{first}{}: {}{stale}, exit code {}.",
        shards(report),
        sentence(report),
        report.exit_code()
    );
    let text = hanging("", &text, width);
    let mut out = text.replacen(word, &paint(style.bold(), word), 1);
    let others = report.suite_errors.iter().skip(1);
    for error in others.chain(report.misconfigured.iter().skip(1)) {
        out += &hanging("  also: ", &escape_visible(error, LONGEST), width);
    }
    for note in report.notes.iter().take(MOST_NOTES) {
        let note = hanging("Note: ", &escape_visible(note, 2 * LONGEST), width);
        out += &note.replacen("Note", &paint(YELLOW.bold(), "Note"), 1);
    }
    if let Some(reason) = &report.interrupted {
        let reason = format!("The run was cut short: {}", escape_visible(reason, LONGEST));
        out += &hanging("", &reason, width);
    }
    out
}

/// The list of known failures: what must be deleted, and what was not tested.
pub(crate) fn known(report: &RunReport, width: usize) -> String {
    let Some(list) = &report.known_failures else {
        return String::new();
    };
    let mut out = String::new();
    let file = escape_visible(&list.file, LONGEST);
    for entry in list.stale() {
        let advice = escape_visible(&entry.advice(&file), LONGEST);
        let line = hanging("STALE  ", &advice, width);
        out += &line.replacen("STALE", &paint(YELLOW.bold(), "STALE"), 1);
    }
    for entry in report.unsteady() {
        let text = format!(
            "{} is flaky: with `sometimes = true` in {} of {file} it is not stale when it passes",
            entry.id,
            entry.place()
        );
        out += &hanging("", &escape_visible(&text, LONGEST), width);
    }
    let idle = |standing| {
        list.entries
            .iter()
            .filter(|it| it.standing == standing)
            .count()
    };
    let parts: Vec<_> = [
        (idle(Standing::Inconclusive), "not tested in full"),
        (idle(Standing::OtherRelease), "about other releases"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if !parts.is_empty() {
        let text = format!(
            "Of {} in {file}: {}",
            count(list.entries.len(), "known failure"),
            parts.join(", ")
        );
        out += &paint_lines(DIM, &hanging("", &text, width));
    }
    out
}

/// The verdicts that changed since the run was judged before.
pub(crate) fn changed(changes: &[Change], suite_version: &str, width: usize) -> String {
    let this = env!("CARGO_PKG_VERSION");
    let by = escape_visible(suite_version, 40);
    if changes.is_empty() {
        return hanging("", "No verdict changed.", width);
    }
    let since = if suite_version == this {
        format!("suite {this} judged it before: its checks, or the stored run, were changed since")
    } else {
        format!("suite {by} judged it before, this is {this}")
    };
    let head = format!("CHANGED: {} ({since})", count(changes.len(), "verdict"));
    let mut out = hanging("", &head, width);
    out = out.replacen("CHANGED", &paint(YELLOW.bold(), "CHANGED"), 1);
    for change in changes {
        let id = escape_visible(&change.id, LONGEST);
        let from = change.from.map_or("not judged", Verdict::words);
        let to = change.to.words();
        let why = escape_visible(&change.why, LONGEST);
        out += &hanging("  ", &format!("{id}  {from} → {to}: {why}"), width);
    }
    out
}

/// How many requirements and scenarios, how long, and where to read more.
pub(crate) fn counts(report: &RunReport, report_dir: Option<&Path>, width: usize) -> String {
    let mut out = String::new();
    for (level, name) in [
        (Level::Must, "MUST  "),
        (Level::Should, "should"),
        (Level::May, "may   "),
    ] {
        let counts = report.totals().of(level).words();
        if !counts.is_empty() {
            let text = hanging(&format!("{name}  "), &counts, width);
            out += &text.replacen(name, &paint(BOLD, name), 1);
        }
    }
    if let Some(as_of) = headline::as_of(report) {
        out += &paint_lines(DIM, &hanging("", &as_of, width));
    }
    let took = format!(
        "{} in {}",
        count(report.scenarios.len(), "scenario"),
        seconds(report.duration_ms)
    );
    out += &format!("{}\n", paint(DIM, &took));
    out + &place(report_dir)
}

/// Where the reports are.
pub(crate) fn place(report_dir: Option<&Path>) -> String {
    report_dir.map_or_else(String::new, |dir| {
        let dir = escape_visible(&dir.display().to_string(), LONGEST);
        format!("Reports: {dir}\n")
    })
}

/// Whether every requirement is inconclusive for one and the same reason, which the verdict names.
pub(crate) fn has_one_reason(report: &RunReport) -> bool {
    let mut all = report.requirements.iter();
    let Some(first) = all.next() else {
        return false;
    };
    first.verdict == Verdict::Inconclusive
        && all.all(|it| it.verdict == Verdict::Inconclusive && it.reason == first.reason)
}
