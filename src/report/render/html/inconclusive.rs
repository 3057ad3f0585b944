//! What could not be told and why, and what is not applicable and why.

use maud::{Markup, html};

use crate::report::model::run::{RunReport, Verdict};
use crate::report::render::html::format::{prose, show};
use crate::report::render::html::requirements::anchor;
use crate::report::text::headline::by_reason;

/// How many reasons are told.
const MOST: usize = 100;

pub(crate) fn of(report: &RunReport) -> Markup {
    html! {
        (section(report, Verdict::Inconclusive, "inconclusive", "Inconclusive"))
        (section(report, Verdict::NotApplicable, "not-applicable", "Not applicable"))
    }
}

fn section(report: &RunReport, verdict: Verdict, id: &str, title: &str) -> Markup {
    let groups = by_reason(report, verdict);
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            @if groups.is_empty() {
                p { "Nothing." }
            } @else {
                ul.reasons {
                    @for (reason, requirements) in groups.iter().take(MOST) {
                        li {
                            (prose(reason)) br;
                            @for (at, requirement) in requirements.iter().enumerate() {
                                @if at > 0 { ", " }
                                a href={ "#" (anchor(&requirement.id)) } { (show(&requirement.id)) }
                                " (" (requirement.level.to_string()) ")"
                            }
                        }
                    }
                }
                @if groups.len() > MOST { p { "And " (groups.len() - MOST) " further reasons." } }
            }
        }
    }
}
