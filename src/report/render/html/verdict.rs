//! The top of the page: the verdict, what it means to a viewer, and what was tested.

use maud::{Markup, html};

use crate::exit;
use crate::report::model::run::{Run, RunReport};
use crate::report::render::html::format::{class, prose, show};
use crate::report::render::html::{facts, files};
use crate::report::view::headline::{as_of, diagnosis, self_test, sentence, shards};

/// `harm` is what a viewer suffers, in one sentence.
pub(crate) fn of(run: &Run, harm: Option<&str>) -> Markup {
    let report = &run.report;
    let (style, sign, word) = word(report);
    html! {
        header.verdict.(style) {
            @if let Some(first) = self_test(report) { p.self-test { strong { (first) } ": no server of yours was judged" } }
            p.suite { "reconnect-acceptance " (show(&report.suite_version)) }
            h1 { span aria-hidden="true" { (sign) " " } (word) (shards(report)) ": " (sentence(report)) "." }
            @if let Some(harm) = harm { p.harm { (show(harm)) } }
            @if report.exit_code() == exit::STALE {
                p { "The list of known failures is out of date." }
            }
            @if let Some(diagnosis) = diagnosis(report) { p.diagnosis { strong { "Above all: " } (prose(&diagnosis)) "." } }
            @if let Some(as_of) = as_of(report) { p { "Judged " (as_of) "." } }
            @if let Some(reason) = &report.interrupted {
                p { "The run was cut short: " (show(reason)) }
            }
            @for error in report.suite_errors.iter().skip(1).chain(report.misconfigured.iter().skip(1)).take(20) {
                p { "Also: " (show(error)) }
            }
            @for note in report.notes.iter().take(20) {
                p { strong { "Note: " } (show(note)) }
            }
            (facts::of(report))
            (files::of())
            (facts::technical(run))
        }
    }
}

/// The sign and the words for the whole run.
pub(crate) fn word(report: &RunReport) -> (&'static str, &'static str, &'static str) {
    let verdict = report.verdict().as_verdict();
    (class(verdict), verdict.sign(), report.verdict().words())
}
