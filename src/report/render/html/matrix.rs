//! `matrix.html`: requirements by releases or clients. Each cell leads to its requirement in the report of its column.
//! It has no script at all.

use maud::{Markup, html};

use crate::exit;
use crate::report::combine::matrix::{Cell, Column, Columns, Matrix, Row};
use crate::report::model::names::requirement_anchor;
use crate::report::model::run::Verdict;
use crate::report::render::html::format::{Ids, class, prose, show, show_within};
use crate::report::render::html::page::STYLE;
use crate::report::render::html::{format, page};
use crate::report::text::format::{count, seconds};

const MORE_STYLE: &str = include_str!("matrix.css");

pub(crate) fn of(matrix: &Matrix) -> Markup {
    let (noun, nouns) = (matrix.compares.noun(), matrix.compares.nouns());
    let title = count(matrix.columns.len(), noun);
    let title = html! { (title) " · reconnect-acceptance" };
    let body = html! {
                a.skip href="#matrix" { "Skip to the matrix" }
                (verdict(matrix))
                nav aria-label="Contents" {
                    ul {
                        li { a href="#columns" { (capital(nouns)) } }
                        li { a href="#matrix" { "Requirements by " (nouns) } }
                    }
                }
                main { (columns(matrix)) (rows(matrix)) }
                footer {
                    p { "matrix.json beside this page has the same for machines; the folder of each " (noun) " has its full report." }
                }
    };
    page::frame(&title, &[STYLE, MORE_STYLE], None, &body)
}

/// The word at the beginning of a sentence.
fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// The verdict on all columns together.
pub(crate) fn verdict(matrix: &Matrix) -> Markup {
    let noun = matrix.compares.noun();
    let every = format!("Every {noun} passed, or failed as listed");
    let not_judged = format!("A {noun} could not be judged");
    let (class, sign, words) = match matrix.exit_code {
        exit::OK => ("passed", "✔", &*every),
        exit::INCONCLUSIVE => (
            "inconclusive",
            "?",
            "Nothing failed that is not listed, but something is inconclusive",
        ),
        exit::STALE => (
            "inconclusive",
            "?",
            "The list of known failures is out of date",
        ),
        exit::FAILED => (
            "failed",
            "✘",
            "A requirement failed and is not listed as a known failure",
        ),
        exit::USAGE => ("failed", "✘", &*not_judged),
        _ => ("failed", "✘", "The suite itself failed"),
    };
    let judged = matrix.judged();
    let all = matrix.columns.len();
    html! {
        header.verdict.(class) {
            p.suite { "reconnect-acceptance " (show(&matrix.suite_version)) }
            h1 { span aria-hidden="true" { (sign) " " } (words) "." }
            p {
                @if judged == all { (count(all, noun)) " judged" }
                @else { (judged) " of " (count(all, noun)) " judged" }
                ", " (count(matrix.requirements.len(), "requirement"))
                ". Exit code " (matrix.exit_code)
                @if matrix.strict { " (strict: a SHOULD counts like a MUST)" }
                "."
            }
        }
    }
}

fn columns(matrix: &Matrix) -> Markup {
    let (noun, nouns) = (matrix.compares.noun(), matrix.compares.nouns());
    let order = match matrix.compares {
        Columns::Releases => "In the order of their numbers",
        Columns::Clients => "In the order of their file",
    };
    html! {
        section id="columns" aria-labelledby="columns-title" {
            h2 id="columns-title" { (capital(nouns)) }
            div.scroll tabindex="0" role="region" aria-label=(capital(nouns)) {
                table.columns {
                    caption { (order) }
                    thead { tr {
                        th scope="col" { (capital(noun)) }
                        th scope="col" { "Verdict" }
                        th scope="col" { "Why" }
                        th scope="col" { "How long" }
                        th scope="col" { "Exit code" }
                    } }
                    tbody { @for column in &matrix.columns { (line(column)) } }
                }
            }
        }
    }
}

/// The verdict on one column.
pub(crate) fn badge(column: &Column) -> Markup {
    match column.verdict {
        None => format::signed("not-applicable", "·", "not judged"),
        Some(it) => {
            let verdict = it.as_verdict();
            format::signed(class(verdict), verdict.sign(), &it.words().to_lowercase())
        }
    }
}

fn line(column: &Column) -> Markup {
    html! {
        tr {
            th scope="row" {
                @match &column.report {
                    Some(report) => a href=(report) { (name(&column.name)) },
                    None => (name(&column.name)),
                }
            }
            td { (badge(column)) }
            td {
                (prose(&column.sentence))
                @for stale in column.stale.iter().take(20) { p.reason { "Stale: " (prose(stale)) } }
                @if let Some(inconclusive) = &column.inconclusive {
                    @if !inconclusive.in_addition.is_empty() {
                        p.reason { "Inconclusive, and not listed: " (show(&inconclusive.in_addition.join(", "))) }
                    }
                    @if !inconclusive.stale.is_empty() {
                        p.reason { "Listed as inconclusive, but passed: " (show(&inconclusive.stale.join(", "))) }
                    }
                }
            }
            td.code { @if let Some(took) = column.duration_ms { (seconds(took)) } }
            td { (column.exit_code) }
        }
    }
}

fn rows(matrix: &Matrix) -> Markup {
    let (quiet, shown): (Vec<_>, Vec<_>) = matrix.requirements.iter().partition(|it| it.is_quiet());
    let mut ids = Ids::default();
    html! {
        section id="matrix" aria-labelledby="matrix-title" {
            h2 id="matrix-title" { "Requirements by " (matrix.compares.nouns()) }
            (legend())
            @if shown.is_empty() { p { "Every requirement passed wherever it is applicable." } }
            @else { (table(matrix, &shown, "Failed or inconclusive somewhere", &mut ids)) }
            @if !quiet.is_empty() {
                details {
                    summary { (count(quiet.len(), "requirement")) ": passed wherever applicable" }
                    (table(matrix, &quiet, "Passed wherever applicable", &mut ids))
                }
            }
        }
    }
}

fn table(matrix: &Matrix, rows: &[&Row], title: &str, ids: &mut Ids) -> Markup {
    let in_time = matrix.compares.are_in_time();
    html! {
        div.scroll.high tabindex="0" role="region" aria-label=(title) {
            table.matrix {
                caption {
                    (title) ": " (count(rows.len(), "requirement"))
                    @if in_time { ". First failed and first fixed name the first release judged here that shows it: "
                    "releases between two columns were not tested. An inconclusive verdict, and a known race that did not show, do not count as fixed." }
                    @else { "." }
                }
                thead { tr {
                    th scope="col" { "Id" }
                    th scope="col" { "Level" }
                    @for column in &matrix.columns { th.cell scope="col" { (name(&column.name)) } }
                    @if in_time {
                        th scope="col" { "First failed" }
                        th scope="col" { "First fixed" }
                    }
                    th scope="col" { "What is required" }
                } }
                tbody { @for row in rows { (line_of(matrix, row, ids)) } }
            }
        }
    }
}

/// The name of a release or client, short whatever it is.
pub(crate) fn name(column: &str) -> String {
    show_within(column, 24)
}

fn line_of(matrix: &Matrix, row: &Row, ids: &mut Ids) -> Markup {
    html! {
        tr id=[ids.first(requirement_anchor(&row.id))] {
            th scope="row" { (show(&row.id)) }
            td { (row.level.to_string()) }
            @for column in &matrix.columns {
                td.cell { (cell(row, column)) }
            }
            @if matrix.compares.are_in_time() {
                td.release { @if let Some(release) = &row.first_failed { (name(release)) } }
                td.release {
                    @if let Some(release) = &row.first_fixed { (name(release)) }
                    @if let Some(again) = row.failed_again() { br; "failed again: " (name(&again.release)) }
                }
            }
            td.what { (prose(&row.title)) }
        }
    }
}

fn cell(row: &Row, column: &Column) -> Markup {
    let Some(cell) = row.cell(&column.name) else {
        return html! { span.mark.absent title="not judged" { span aria-hidden="true" { "·" } span.hidden { "not judged" } } };
    };
    let mark = mark(cell);
    html! {
        @match &cell.report {
            Some(report) => a href=(report) title=(title(cell)) { (mark) },
            None => span title=(title(cell)) { (mark) },
        }
    }
}

/// The tooltip of a cell; the page says the same elsewhere.
fn title(cell: &Cell) -> String {
    let (column, words) = (name(&cell.column), cell.words());
    match &cell.why {
        Some(why) => format!("{column}: {words}: {}", show(why)),
        None => format!("{column}: {words}"),
    }
}

fn mark(cell: &Cell) -> Markup {
    let style = match cell.verdict {
        Verdict::Failed if !cell.counts => "listed",
        verdict => class(verdict),
    };
    signed(style, &signs(cell), &cell.words())
}

fn signed(class: &str, sign: &str, words: &str) -> Markup {
    html! { span.mark.(class) { span aria-hidden="true" { (sign) } span.hidden { (words) } } }
}

/// The mark of a cell: what is as listed is in brackets, and a race has a tilde.
fn signs(cell: &Cell) -> String {
    let race = if cell.sometimes { "~" } else { "" };
    let sign = cell.verdict.sign();
    if cell.known {
        format!("({sign}{race})")
    } else {
        format!("{sign}{race}")
    }
}

fn legend() -> Markup {
    let all = [
        ("passed", "✔", "passed"),
        ("failed", "✘", "failed"),
        ("listed", "(✘)", "failed, as listed"),
        ("listed", "✘", "failed, does not count (a SHOULD)"),
        ("inconclusive", "?", "inconclusive"),
        ("inconclusive", "(?)", "inconclusive, as listed"),
        ("not-applicable", "–", "not applicable"),
        ("passed", "✔~", "passed in this run, a known race"),
        ("listed", "(✘~)", "failed, a known race"),
        ("absent", "·", "not judged"),
    ];
    html! {
        ul.legend {
            @for (class, sign, words) in all {
                li { span.mark.(class) { (sign) } " " (words) }
            }
        }
    }
}
