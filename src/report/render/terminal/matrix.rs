//! Requirements by releases or clients, in the columns that there are.

use std::path::Path;

use crate::exit;
use crate::report::combine::matrix::{Cell, Column, Matrix, Row};
use crate::report::model::run::Verdict;
use crate::report::render::html;
use crate::report::render::terminal::paint::{
    BOLD, DIM, RED, YELLOW, hanging, paint, paint_lines, style,
};
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::text::format::count;

/// What an id may take, and what it leaves of a line for the columns.
const LEAST_ID: usize = 13;
const LONGEST_ID: usize = 36;
const BESIDE: usize = 26;
/// The longest name above a column, and what one takes at the beginning of a line, at least and at most.
const LONGEST_NAME: usize = 16;
const NAME: (usize, usize) = (10, 24);
/// The longest reason that is shown whole, in columns.
const LONGEST: usize = 400;
/// What a cell takes at least: `(✘~)`.
const CELL: usize = 4;
const LEGEND: &str = "✔ passed  ✘ failed  ? inconclusive  – not applicable  · not judged  ( ) as listed  ~ a known race";
const LEGEND_OF_RELEASES: &str = "; failed and fixed: the first release judged that shows it";

/// The table.
pub(crate) fn of(matrix: &Matrix, width: usize) -> String {
    let mut out = String::from("\n");
    let (quiet, shown): (Vec<_>, Vec<_>) = matrix.requirements.iter().partition(|it| it.is_quiet());
    if !shown.is_empty() {
        out += &blocks(matrix, &shown, width);
        let more = if matrix.compares.are_in_time() {
            LEGEND_OF_RELEASES
        } else {
            ""
        };
        out += &paint_lines(DIM, &hanging("", &format!("{LEGEND}{more}"), width));
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
            let id = short_id(row, width);
            let at = escape_visible(&again.release, LONGEST_NAME);
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

/// One line per column, and the result of all.
pub(crate) fn verdict(matrix: &Matrix, report_dir: Option<&Path>, width: usize) -> String {
    let names = matrix.columns.iter();
    let names = names.map(|it| columns(&shorten(&it.name, NAME.1)));
    let name_width = names.max().unwrap_or(0).max(NAME.0);
    let lines = matrix.columns.iter().map(|it| line(it, name_width, width));
    let mut out: String = lines.collect();
    out += &hanging("", &last(matrix), width);
    if let Some(dir) = report_dir {
        let page = dir.join(html::MATRIX_FILE);
        let page = escape_visible(&page.display().to_string(), LONGEST);
        out += &hanging("", &format!("Matrix: {page}"), width);
    }
    out
}

/// The name of a release or client, short whatever it is.
fn name(text: &str) -> String {
    shorten(text, LONGEST_NAME)
}

/// The id of a requirement, short whatever it is.
fn short_id(row: &Row, width: usize) -> String {
    let most = width.saturating_sub(BESIDE).clamp(LEAST_ID, LONGEST_ID);
    escape_visible(&row.id, most)
}

/// As many columns side by side as there is room for.
fn blocks(matrix: &Matrix, rows: &[&Row], width: usize) -> String {
    let id = |row: &Row| short_id(row, width);
    let id_width = rows.iter().map(|row| columns(&id(row))).max().unwrap_or(0);
    let names = matrix.columns.iter().map(|it| columns(&name(&it.name)));
    let cell_width = names.max().unwrap_or(0).max(CELL);
    // id, level, cells, first failed and first fixed, with two spaces before each
    let ends = 2 * (2 + cell_width.max(6));
    // Where there is no room for them beside one release, the page has them.
    let is_wide =
        matrix.compares.are_in_time() && id_width + 2 + 6 + (2 + cell_width) + ends <= width;
    let ends = if is_wide { ends } else { 0 };
    let room = width.saturating_sub(id_width + 2 + 6 + ends);
    let most = (room / (2 + cell_width)).max(1);
    let mut out = String::new();
    for (at, several) in matrix.columns.chunks(most).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let mut head = format!("{:id_width$}  {:6}", "", "");
        for column in several {
            head += &cell_of(&name(&column.name), cell_width, BOLD);
        }
        for word in ["failed", "fixed"].into_iter().filter(|_| is_wide) {
            head += &cell_of(word, cell_width.max(6), DIM);
        }
        out += &ended(&head);
        for row in rows {
            let id = id(row);
            let gap = id_width - columns(&id);
            let mut text = format!("{id}{:gap$}  {:6}", "", row.level.to_string());
            for column in several {
                let (sign, style) = row.cell(&column.name).map_or(("·".to_owned(), DIM), mark);
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

fn line(column: &Column, name_width: usize, width: usize) -> String {
    let (style, word) = column.verdict.map_or((RED, "Not judged"), |it| {
        (style(it.as_verdict()), it.words())
    });
    let name = shorten(&column.name, NAME.1);
    let gap = name_width.saturating_sub(columns(&name));
    let why = escape_visible(&column.sentence, LONGEST);
    let text = format!("{word}: {why}, exit code {}", column.exit_code);
    let text = hanging(&format!("{name}{:gap$}  ", ""), &text, width);
    let mut out = text.replacen(word, &paint(style.bold(), word), 1);
    let indent = " ".repeat(name_width + 2);
    for advice in &column.stale {
        let advice = format!("STALE {}", escape_visible(advice, LONGEST));
        out += &hanging(&indent, &advice, width);
    }
    if let Some(inconclusive) = &column.inconclusive {
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
    let (judged, all) = (matrix.judged(), matrix.columns.len());
    let noun = matrix.compares.noun();
    let stale = if matrix.exit_code == exit::STALE {
        "; the list of known failures is out of date"
    } else {
        ""
    };
    let judged = if judged == all {
        format!("{} judged", count(all, noun))
    } else {
        format!("{judged} of {} judged", count(all, noun))
    };
    format!("{judged}{stale}, exit code {}", matrix.exit_code)
}
