//! `index.html`: the way to the report of each of several releases.

use maud::{Markup, html};

use crate::report::combine::matrix;
use crate::report::combine::matrix::{Matrix, Release};
use crate::report::model::names::{MATRIX_PAGE, REPORT_PAGE};
use crate::report::render::html::format::prose;
use crate::report::render::html::matrix::{badge, number, verdict};
use crate::report::render::html::page;
use crate::report::render::html::page::STYLE;
use crate::report::render::{json, junit, summary};
use crate::report::text::format::{count, seconds};

pub(crate) fn of(several: &Matrix) -> Markup {
    let runs = count(several.releases.len(), "run");
    let title = html! { (runs) " · reconnect-acceptance" };
    let body = html! {
        (verdict(several))
        main {
            h2 { (runs) }
            p {
                a href=(MATRIX_PAGE) { "Requirements by releases" }
                ", the same side by side; for machines " a href=(matrix::FILE) { (matrix::FILE) } "."
            }
            @for release in &several.releases { (card(release)) }
        }
        footer { p { "The folder of each release has its full report." } }
    };
    page::frame(&title, &[STYLE], None, &body)
}

fn card(release: &Release) -> Markup {
    let folder = release.report.as_deref();
    let folder = folder.and_then(|it| it.strip_suffix(REPORT_PAGE));
    html! {
        article.cause {
            h3 {
                (badge(release)) " "
                @match &release.report {
                    Some(report) => a href=(report) { (number(&release.release)) },
                    None => (number(&release.release)),
                }
                @if let Some(took) = release.duration_ms { " " span.dim { (seconds(took)) } }
            }
            p { (prose(&release.sentence)) }
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
