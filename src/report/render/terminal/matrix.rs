//! Requirements by releases, in the columns that there are.

use std::path::Path;

use crate::exit;
use crate::report::combine::matrix::{Cell, Matrix, Release, Row};
use crate::report::model::run::Verdict;
use crate::report::render::html;
use crate::report::render::terminal::paint::{
    BOLD, DIM, RED, YELLOW, hanging, paint, paint_lines, style,
};
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::text::format::count;

/// The longest id and release that keep the columns straight.
const LONGEST_ID: usize = 13;
const LONGEST_RELEASE: usize = 10;
/// The longest reason that is shown whole, in columns.
const LONGEST: usize = 400;
/// What a cell takes at least: `(✘~)`.
const CELL: usize = 4;
const LEGEND: &str = "✔ passed  ✘ failed  ? inconclusive  – not applicable  · not judged  ( ) as listed  ~ a known race; failed and fixed: the first release judged that shows it";

/// The table.
pub(crate) fn of(matrix: &Matrix, width: usize) -> String {
    let mut out = String::from("\n");
    let (quiet, shown): (Vec<_>, Vec<_>) = matrix.requirements.iter().partition(|it| it.is_quiet());
    if !shown.is_empty() {
        out += &blocks(matrix, &shown, width);
        out += &paint_lines(DIM, &hanging("", LEGEND, width));
    }
    if !quiet.is_empty() {
        let noun = if shown.is_empty() { "" } else { "further " };
        let text = format!(
            "{} passed wherever applicable",
            count(quiet.len(), &format!("{noun}requirement")),
        );
        out += &hanging("", &text, width);
    }
    for row in &shown {
        if let Some(again) = row.failed_again() {
            let id = escape_visible(&row.id, LONGEST_ID);
            let at = escape_visible(&again.release, LONGEST_RELEASE);
            out += &hanging(
                "",
                &format!("{id} was fixed, and failed again in {at}"),
                width,
            );
        }
    }
    out.push('\n');
    out
}

/// One line per release, and the result of all.
pub(crate) fn verdict(matrix: &Matrix, report_dir: Option<&Path>, width: usize) -> String {
    let lines = matrix.releases.iter().map(|it| line(it, width));
    let mut out: String = lines.collect();
    out += &hanging("", &last(matrix), width);
    if let Some(dir) = report_dir {
        let page = dir.join(html::MATRIX_FILE);
        let page = escape_visible(&page.display().to_string(), LONGEST);
        out += &hanging("", &format!("Matrix: {page}"), width);
    }
    out
}

/// As many releases side by side as there is room for.
fn blocks(matrix: &Matrix, rows: &[&Row], width: usize) -> String {
    let id = |row: &Row| escape_visible(&row.id, LONGEST_ID);
    let name = |release: &str| shorten(release, LONGEST_RELEASE);
    let id_width = rows.iter().map(|row| columns(&id(row))).max().unwrap_or(0);
    let names = matrix.releases.iter().map(|it| columns(&name(&it.release)));
    let cell_width = names.max().unwrap_or(0).max(CELL);
    // id, level, cells, first failed and first fixed, with two spaces before each
    let ends = 2 * (2 + cell_width.max(6));
    // Where there is no room for them beside one release, the page has them.
    let is_wide = id_width + 2 + 6 + (2 + cell_width) + ends <= width;
    let ends = if is_wide { ends } else { 0 };
    let room = width.saturating_sub(id_width + 2 + 6 + ends);
    let most = (room / (2 + cell_width)).max(1);
    let mut out = String::new();
    for (at, releases) in matrix.releases.chunks(most).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut head = format!("{:id_width$}  {:6}", "", "");
        for release in releases {
            head += &cell_of(&name(&release.release), cell_width, BOLD);
        }
        for word in ["failed", "fixed"].into_iter().filter(|_| is_wide) {
            head += &cell_of(word, cell_width.max(6), DIM);
        }
        out += &ended(&head);
        for row in rows {
            let id = id(row);
            let gap = id_width - columns(&id);
            let mut text = format!("{id}{:gap$}  {:6}", "", row.level.to_string());
            for release in releases {
                let (sign, style) = row
                    .cell(&release.release)
                    .map_or(("·".to_owned(), DIM), mark);
                text += &cell_of(&sign, cell_width, style);
            }
            let firsts = [&row.first_failed, &row.first_fixed];
            for first in firsts.into_iter().filter(|_| is_wide) {
                let first = first.as_deref().map(name).unwrap_or_default();
                text += &cell_of(&first, cell_width.max(6), anstyle::Style::new());
            }
            out += &ended(&text);
        }
    }
    out
}

fn ended(line: &str) -> String {
    format!("{}\n", line.trim_end())
}

fn cell_of(text: &str, width: usize, style: anstyle::Style) -> String {
    let gap = width.saturating_sub(columns(text));
    if text.is_empty() {
        return " ".repeat(2 + width);
    }
    format!("  {}{:gap$}", paint(style, text), "")
}

fn mark(cell: &Cell) -> (String, anstyle::Style) {
    let race = if cell.sometimes { "~" } else { "" };
    let sign = cell.verdict.sign();
    let text = if cell.known {
        format!("({sign}{race})")
    } else {
        format!("{sign}{race}")
    };
    let style = match cell.verdict {
        Verdict::Failed if !cell.counts => YELLOW,
        verdict => style(verdict),
    };
    (text, style)
}

fn line(release: &Release, width: usize) -> String {
    let (style, word) = release.verdict.map_or((RED, "Not judged"), |it| {
        (style(it.as_verdict()), it.words())
    });
    let name = shorten(&release.release, LONGEST_RELEASE);
    let why = escape_visible(&release.sentence, LONGEST);
    let text = format!("{word}: {why}, exit code {}", release.exit_code);
    let text = hanging(&format!("{name:LONGEST_RELEASE$}  "), &text, width);
    let mut out = text.replacen(word, &paint(style.bold(), word), 1);
    let indent = " ".repeat(LONGEST_RELEASE + 2);
    for advice in &release.stale {
        let advice = format!("STALE {}", escape_visible(advice, LONGEST));
        out += &hanging(&indent, &advice, width);
    }
    if let Some(inconclusive) = &release.inconclusive {
        for (ids, what) in [
            (&inconclusive.in_addition, "Inconclusive, and not listed:"),
            (
                &inconclusive.stale,
                "STALE Listed as inconclusive, but passed:",
            ),
        ] {
            if !ids.is_empty() {
                let ids = escape_visible(&ids.join(", "), LONGEST);
                out += &hanging(&indent, &format!("{what} {ids}"), width);
            }
        }
    }
    out
}

fn last(matrix: &Matrix) -> String {
    let (judged, all) = (matrix.judged(), matrix.releases.len());
    let stale = if matrix.exit_code == exit::STALE {
        "; the list of known failures is out of date"
    } else {
        ""
    };
    let judged = if judged == all {
        format!("{} judged", count(all, "release"))
    } else {
        format!("{judged} of {} judged", count(all, "release"))
    };
    format!("{judged}{stale}, exit code {}", matrix.exit_code)
}
