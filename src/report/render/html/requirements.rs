//! Every requirement with its level and verdict.

use maud::{Markup, html};

use crate::check::registry;
use crate::report::model::names::{cause_anchor, requirement_anchor};
use crate::report::model::run::{RequirementReport, RunReport};
use crate::report::render::html::format::{Ids, badge_of, often, prose, show};
use crate::report::text::format::count;
use crate::report::view::cause::Cause;

pub(crate) fn of(report: &RunReport, causes: &[Cause<'_>]) -> Markup {
    let mut ids = Ids::default();
    html! {
        section id="requirements" aria-labelledby="requirements-title" {
            h2 id="requirements-title" { "All requirements" }
            // Only the script can search, so only the script shows it.
            p.search hidden {
                label for="search" { "Search the requirements" }
                " "
                input id="search" type="search" autocomplete="off" placeholder="id, level, verdict or words";
                " "
                span id="found" role="status" {}
            }
            div.scroll tabindex="0" role="region" aria-label="All requirements" {
                table.requirements {
                    caption { "In the order of the documentation: " (count(report.requirements.len(), "requirement")) }
                    thead { tr {
                        th scope="col" { "Id" }
                        th scope="col" { "Level" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "What is required" }
                        th scope="col" { "Scenarios" }
                    } }
                    tbody { @for requirement in &report.requirements { (row(report, requirement, causes, &mut ids)) } }
                }
            }
        }
    }
}

fn row(
    report: &RunReport,
    requirement: &RequirementReport,
    causes: &[Cause<'_>],
    ids: &mut Ids,
) -> Markup {
    let known = registry::find(&requirement.id);
    let cause = causes.iter().position(|cause| cause.fails(&requirement.id));
    html! {
        tr id=[ids.first(requirement_anchor(&requirement.id))] {
            th scope="row" { (show(&requirement.id)) }
            td { (requirement.level.to_string()) }
            td {
                (badge_of(requirement, report.strict)) (often(requirement.outcomes.as_ref()))
                @if let Some(cause) = cause { " " a href={ "#" (cause_anchor(cause + 1)) } { "see why" } }
            }
            td {
                (prose(&requirement.title))
                @if let Some(reason) = &requirement.reason { p.reason { (prose(reason)) } }
                @if let Some(of) = requirement.outcomes.as_ref().filter(|_| requirement.flaky) {
                    p.reason { (show(&of.words())) }
                }
                @if let Some(known) = known { p.why { (prose(known.why)) } }
            }
            td { (requirement.scenarios.len()) }
        }
    }
}
