//! One requirement: its verdict, its sentence, why it matters, and its scenarios.

use maud::{Markup, html};

use crate::check::registry;
use crate::report::model::names::{cause_anchor, requirement_anchor};
use crate::report::model::run::{RequirementReport, Run, ScenarioReport, Verdict};
use crate::report::render::html::format::{
    Ids, badge_of, class, often, paragraphs_of, permalink, prose, show,
};
use crate::report::render::html::scenarios;
use crate::report::text::format::count;
use crate::report::view::cause::Cause;

/// `description` is the prose below its rule in the feature file.
pub(crate) fn of(
    run: &Run,
    requirement: &RequirementReport,
    all: &[&ScenarioReport],
    description: &str,
    causes: &[Cause<'_>],
    ids: &mut Ids,
) -> Markup {
    let anchor = ids.first(requirement_anchor(&requirement.id));
    let cause = causes.iter().position(|cause| cause.fails(&requirement.id));
    let known = registry::find(&requirement.id);
    let open = matches!(requirement.verdict, Verdict::Failed | Verdict::Inconclusive);
    html! {
        div.requirement.(class(requirement.verdict)) id=[anchor.as_deref()] {
            p.head {
                (badge_of(requirement, run.report.strict)) (often(requirement.outcomes.as_ref())) " "
                strong.id { (show(&requirement.id)) } " " span.dim { (requirement.kind()) }
                @if let Some(anchor) = &anchor { (permalink(anchor, &requirement.id)) }
                @if let Some(cause) = cause { " " a href={ "#" (cause_anchor(cause + 1)) } { "see why" } }
            }
            div.body {
                p { (prose(&requirement.title)) }
                @if let Some(reason) = &requirement.reason { p.reason { (prose(reason)) } }
                @if let Some(of) = requirement.outcomes.as_ref().filter(|_| requirement.flaky) {
                    p.reason { (show(&of.words())) }
                }
                @if known.is_some() || !all.is_empty() {
                    details open[open] {
                        summary.dim {
                            @match (known.is_some(), all.len()) {
                                (true, 0) => "Why it matters",
                                (true, number) => { "Why it matters, and " (count(number, "scenario")) },
                                (false, number) => (count(number, "scenario")),
                            }
                        }
                        @if let Some(known) = known { p.why { (prose(known.why)) } }
                        (paragraphs_of("description", description))
                        (scenarios::of(run, all))
                    }
                }
            }
        }
    }
}
