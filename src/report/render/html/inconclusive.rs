//! What is inconclusive or not applicable, and why.

use maud::{Markup, html};

use crate::report::model::names::requirement_anchor;
use crate::report::model::run::{RunReport, Verdict};
use crate::report::render::html::format::{class, prose, show};
use crate::report::text::format::count;
use crate::report::view::headline::{Reason, unresolved};

/// How many reasons are shown.
const MOST: usize = 100;

pub(crate) fn of(report: &RunReport) -> Markup {
    html! {
        @for (verdict, title, groups) in unresolved(report) {
            @if !groups.is_empty() { (section(verdict, title, &groups)) }
        }
    }
}

fn section(verdict: Verdict, title: &str, groups: &[Reason<'_>]) -> Markup {
    let id = class(verdict);
    let number: usize = groups
        .iter()
        .map(|(_, requirements)| requirements.len())
        .sum();
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            // What is inconclusive must be read; what is not applicable has been chosen.
            details open[verdict == Verdict::Inconclusive] {
                summary { h2 id={ (id) "-title" } { (title) ": " (count(number, "requirement")) } }
                ul.reasons {
                    @for (reason, requirements) in groups.iter().take(MOST) {
                        li {
                            (prose(reason)) br;
                            @for (at, requirement) in requirements.iter().enumerate() {
                                @if at > 0 { ", " }
                                a href={ "#" (requirement_anchor(&requirement.id)) } { (show(&requirement.id)) }
                                " (" (requirement.kind()) ")"
                            }
                        }
                    }
                }
                @if groups.len() > MOST { p { "And " (groups.len() - MOST) " further reasons." } }
            }
        }
    }
}
