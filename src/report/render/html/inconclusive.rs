//! What is inconclusive or not applicable, and why.

use maud::{Markup, html};

use crate::report::model::names::requirement_anchor;
use crate::report::model::run::RunReport;
use crate::report::render::html::format::{class, prose, show};
use crate::report::view::headline::{Reason, unresolved};

/// How many reasons are shown.
const MOST: usize = 100;

pub(crate) fn of(report: &RunReport) -> Markup {
    html! {
        @for (verdict, title, groups) in unresolved(report) { (section(class(verdict), title, &groups)) }
    }
}

fn section(id: &str, title: &str, groups: &[Reason<'_>]) -> Markup {
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
                                a href={ "#" (requirement_anchor(&requirement.id)) } { (show(&requirement.id)) }
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
