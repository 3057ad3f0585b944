//! `matrix.html`: requirements by releases. Each cell leads to its requirement in its release's report.
//! It has no script at all.

use maud::{Markup, html};

use crate::exit;
use crate::report::combine::matrix::{Cell, Matrix, Release, Row};
use crate::report::model::names::requirement_anchor;
use crate::report::model::run::Verdict;
use crate::report::render::html::format::{Ids, class, prose, show, show_within};
use crate::report::render::html::page::STYLE;
use crate::report::render::html::{format, page};
use crate::report::text::format::{count, seconds};

const MORE_STYLE: &str = include_str!("matrix.css");

pub(crate) fn of(matrix: &Matrix) -> Markup {
    let title = count(matrix.releases.len(), "release");
    let title = html! { (title) " · reconnect-acceptance" };
    let body = html! {
                a.skip href="#matrix" { "Skip to the matrix" }
                (verdict(matrix))
                nav aria-label="Contents" {
                    ul {
                        li { a href="#releases" { "Releases" } }
                        li { a href="#matrix" { "Requirements by releases" } }
                    }
                }
                main { (releases(matrix)) (rows(matrix)) }
                footer {
                    p { "matrix.json beside this page has the same for machines; the folder of each release has its full report." }
                }
    };
    page::frame(&title, &[STYLE, MORE_STYLE], None, &body)
}

/// The verdict on all releases together.
pub(crate) fn verdict(matrix: &Matrix) -> Markup {
    let (class, sign, words) = match matrix.exit_code {
        exit::OK => ("passed", "✔", "Every release passed, or failed as listed"),
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
        exit::USAGE => ("failed", "✘", "A release could not be judged"),
        _ => ("failed", "✘", "The suite itself failed"),
    };
    let judged = matrix.judged();
    let all = matrix.releases.len();
    html! {
        header.verdict.(class) {
            p.suite { "reconnect-acceptance " (show(&matrix.suite_version)) }
            h1 { span aria-hidden="true" { (sign) " " } (words) "." }
            p {
                @if judged == all { (count(all, "release")) " judged" }
                @else { (judged) " of " (count(all, "release")) " judged" }
                ", " (count(matrix.requirements.len(), "requirement"))
                ". Exit code " (matrix.exit_code)
                @if matrix.strict { " (strict: a SHOULD counts like a MUST)" }
                "."
            }
        }
    }
}

fn releases(matrix: &Matrix) -> Markup {
    html! {
        section id="releases" aria-labelledby="releases-title" {
            h2 id="releases-title" { "Releases" }
            div.scroll tabindex="0" role="region" aria-label="Releases" {
                table.releases {
                    caption { "In the order of their numbers" }
                    thead { tr {
                        th scope="col" { "Release" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "Why" }
                        th scope="col" { "How long" }
                        th scope="col" { "Exit code" }
                    } }
                    tbody { @for release in &matrix.releases { (line(release)) } }
                }
            }
        }
    }
}

/// The verdict on one release.
pub(crate) fn badge(release: &Release) -> Markup {
    match release.verdict {
        None => format::signed("not-applicable", "·", "not judged"),
        Some(it) => {
            let verdict = it.as_verdict();
            format::signed(class(verdict), verdict.sign(), &it.words().to_lowercase())
        }
    }
}

fn line(release: &Release) -> Markup {
    html! {
        tr {
            th scope="row" {
                @match &release.report {
                    Some(report) => a href=(report) { (number(&release.release)) },
                    None => (number(&release.release)),
                }
            }
            td { (badge(release)) }
            td {
                (prose(&release.sentence))
                @for stale in release.stale.iter().take(20) { p.reason { "Stale: " (prose(stale)) } }
                @if let Some(inconclusive) = &release.inconclusive {
                    @if !inconclusive.in_addition.is_empty() {
                        p.reason { "Inconclusive, and not listed: " (show(&inconclusive.in_addition.join(", "))) }
                    }
                    @if !inconclusive.stale.is_empty() {
                        p.reason { "Listed as inconclusive, but passed: " (show(&inconclusive.stale.join(", "))) }
                    }
                }
            }
            td.code { @if let Some(took) = release.duration_ms { (seconds(took)) } }
            td { (release.exit_code) }
        }
    }
}

fn rows(matrix: &Matrix) -> Markup {
    let (quiet, shown): (Vec<_>, Vec<_>) = matrix.requirements.iter().partition(|it| it.is_quiet());
    let mut ids = Ids::default();
    html! {
        section id="matrix" aria-labelledby="matrix-title" {
            h2 id="matrix-title" { "Requirements by releases" }
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

fn table(matrix: &Matrix, rows: &[&Row], name: &str, ids: &mut Ids) -> Markup {
    html! {
        div.scroll.high tabindex="0" role="region" aria-label=(name) {
            table.matrix {
                caption {
                    (name) ": " (count(rows.len(), "requirement"))
                    ". First failed and first fixed name the first release judged here that shows it: "
                    "releases between two columns were not tested. An inconclusive verdict, and a known race that did not show, do not count as fixed."
                }
                thead { tr {
                    th scope="col" { "Id" }
                    th scope="col" { "Level" }
                    @for release in &matrix.releases { th.cell scope="col" { (number(&release.release)) } }
                    th scope="col" { "First failed" }
                    th scope="col" { "First fixed" }
                    th scope="col" { "What is required" }
                } }
                tbody { @for row in rows { (line_of(matrix, row, ids)) } }
            }
        }
    }
}

/// A release's number, short whatever it is.
pub(crate) fn number(release: &str) -> String {
    show_within(release, 24)
}

fn line_of(matrix: &Matrix, row: &Row, ids: &mut Ids) -> Markup {
    html! {
        tr id=[ids.first(requirement_anchor(&row.id))] {
            th scope="row" { (show(&row.id)) }
            td { (row.level.to_string()) }
            @for release in &matrix.releases {
                td.cell { (cell(row, release)) }
            }
            td.release { @if let Some(release) = &row.first_failed { (number(release)) } }
            td.release {
                @if let Some(release) = &row.first_fixed { (number(release)) }
                @if let Some(again) = row.failed_again() { br; "failed again: " (number(&again.release)) }
            }
            td.what { (prose(&row.title)) }
        }
    }
}

fn cell(row: &Row, release: &Release) -> Markup {
    let Some(cell) = row.cell(&release.release) else {
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
    let (release, words) = (number(&cell.release), cell.words());
    match &cell.why {
        Some(why) => format!("{release}: {words}: {}", show(why)),
        None => format!("{release}: {words}"),
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
