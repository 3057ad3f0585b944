//! `index.html`: the way to the report of each of several releases or clients.

use maud::{Markup, html};

use crate::report::combine::matrix;
use crate::report::combine::matrix::{Column, Matrix};
use crate::report::model::names::{MATRIX_PAGE, REPORT_PAGE};
use crate::report::render::html::format::prose;
use crate::report::render::html::matrix::{badge, name, verdict};
use crate::report::render::html::page;
use crate::report::render::html::page::STYLE;
use crate::report::render::{json, junit, summary};
use crate::report::text::format::{count, seconds};

pub(crate) fn of(several: &Matrix) -> Markup {
    let runs = count(several.columns.len(), "run");
    let title = html! { (runs) " · reconnect-acceptance" };
    let body = html! {
        (verdict(several))
        main {
            h2 { (runs) }
            p {
                a href=(MATRIX_PAGE) { "Requirements by " (several.compares.nouns()) }
                ", the same side by side; for machines " a href=(matrix::FILE) { (matrix::FILE) } "."
            }
            @for column in &several.columns { (card(column)) }
        }
        footer { p { "The folder of each " (several.compares.noun()) " has its full report." } }
    };
    page::frame(&title, &[STYLE], None, &body)
}

fn card(column: &Column) -> Markup {
    let folder = column.report.as_deref();
    let folder = folder.and_then(|it| it.strip_suffix(REPORT_PAGE));
    html! {
        article.cause {
            h3 {
                (badge(column)) " "
                @match &column.report {
                    Some(report) => a href=(report) { (name(&column.name)) },
                    None => (name(&column.name)),
                }
                @if let Some(took) = column.duration_ms { " " span.dim { (seconds(took)) } }
            }
            p { (prose(&column.sentence)) }
            @if let Some(folder) = folder {
                p.files {
                    a href={ (folder) (REPORT_PAGE) } { "report" }
                    @for file in [junit::FILE, json::FILE, summary::FILE] {
                        " · " a href={ (folder) (file) } { (file) }
                    }
                }
            }
        }
    }
}
