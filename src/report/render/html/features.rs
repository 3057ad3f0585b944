//! The requirements by feature: each rule with its verdict, why it matters, its scenarios and their steps. What
//! passed is folded.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::protocol::Wire;
use crate::report::model::names::{requirement_anchor, slug};
use crate::report::model::run::{
    FeatureReport, RequirementReport, Run, RunReport, ScenarioReport, Verdict,
};
use crate::report::render::html::filters::ORDER;
use crate::report::render::html::format::{
    Ids, badge, class, paragraphs_of, permalink, prose, show, signed,
};
use crate::report::render::html::{requirements, scenarios};
use crate::report::text::format::count;
use crate::report::view::cause::Cause;
use crate::report::view::grouped;

/// A rule of a feature file, with its scenarios.
enum Block<'r> {
    /// It is about this requirement.
    Requirement(&'r RequirementReport, Vec<&'r ScenarioReport>),
    /// It shows several requirements together, or one that is elsewhere in the page.
    Together(&'r str, Vec<&'r ScenarioReport>),
}

impl Block<'_> {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Requirement(requirement, _) => requirement.verdict,
            Self::Together(_, scenarios) => verdict(scenarios.iter().map(|it| it.verdict)),
        }
    }
}

/// The worst; passed, where some passed and the others are not applicable.
fn verdict(all: impl Iterator<Item = Verdict> + Clone) -> Verdict {
    let passed = all.clone().any(|it| it == Verdict::Passed);
    match all.max() {
        None => Verdict::Passed,
        Some(Verdict::NotApplicable) if passed => Verdict::Passed,
        Some(worst) => worst,
    }
}

pub(crate) fn of(run: &Run, causes: &[Cause<'_>]) -> Markup {
    let report = &run.report;
    let mut placed = BTreeSet::new();
    let mut ids = Ids::default();
    let features: Vec<_> = grouped(&report.scenarios, |it| &it.path)
        .into_iter()
        .filter_map(|(_, scenarios)| {
            let first = *scenarios.first()?;
            Some((first, blocks(report, &scenarios, &mut placed)))
        })
        .collect();
    let rest = report.requirements.iter();
    let rest: Vec<_> = rest.filter(|it| !placed.contains(it.id.as_str())).collect();
    html! {
        @if !features.is_empty() || !rest.is_empty() {
            section id="requirements" aria-labelledby="requirements-title" {
                h2 id="requirements-title" { "Requirements by feature" }
                // Only the script can search, so only the script shows it.
                p.search hidden {
                    label for="search" { "Search the requirements" }
                    " "
                    input id="search" type="search" autocomplete="off" placeholder="id, level, verdict or words";
                    " "
                    span id="found" role="status" {}
                }
                (scenarios::note(report))
                @for (first, blocks) in &features { (of_feature(run, causes, first, blocks, &mut ids)) }
                @if !rest.is_empty() {
                    div.rest {
                        @if !features.is_empty() { h3 { "Without a rule of their own among these scenarios" } }
                        @for requirement in rest { (requirements::of(run, requirement, &[], "", causes, &mut ids)) }
                    }
                }
            }
        }
    }
}

/// The rules of one feature; a requirement is at its own rule, and only once.
fn blocks<'r>(
    report: &'r RunReport,
    scenarios: &[&'r ScenarioReport],
    placed: &mut BTreeSet<&'r str>,
) -> Vec<Block<'r>> {
    let wire = |it: &ScenarioReport| Wire::part(&it.id).1.map_or("", Wire::name);
    let rules = grouped(scenarios.iter().copied(), |it| &it.rule);
    let rules = rules.into_iter().flat_map(|(rule, scenarios)| {
        let over_each = grouped(scenarios, wire).into_iter();
        over_each.map(move |(_, scenarios)| (rule, scenarios))
    });
    let block = |(rule, scenarios): (&'r str, Vec<&'r ScenarioReport>)| {
        let own = match scenarios.first().map(|it| it.requirements.as_slice()) {
            Some([id]) => report.requirements.iter().find(|it| it.id == *id),
            _ => None,
        };
        match own {
            Some(own) if placed.insert(&own.id) => Block::Requirement(own, scenarios),
            _ => Block::Together(rule, scenarios),
        }
    };
    rules.map(block).collect()
}

fn of_feature(
    run: &Run,
    causes: &[Cause<'_>],
    first: &ScenarioReport,
    blocks: &[Block<'_>],
    ids: &mut Ids,
) -> Markup {
    let introduction = run.report.feature(&first.path);
    let verdict = verdict(blocks.iter().map(Block::verdict));
    // Where nothing could be tested, there is one reason, which is above.
    let mut all = run.report.requirements.iter();
    let open = verdict == Verdict::Failed
        || (verdict == Verdict::Inconclusive && all.any(|it| it.verdict != Verdict::Inconclusive));
    let anchor = ids.first(format!("feature-{}", slug(&first.path)));
    html! {
        details.feature id=[anchor.as_deref()] open[open] {
            summary {
                h3 { (show(&first.feature)) }
                (verdicts(blocks))
            }
            p.introduction.dim {
                (show(&first.path))
                @if let Some(anchor) = &anchor { (permalink(anchor, "this feature")) }
            }
            @if let Some(of) = introduction { (paragraphs_of("introduction", &of.description)) }
            @for block in blocks {
                @match block {
                    Block::Requirement(requirement, scenarios) => {
                        @let rule = scenarios.first().and_then(|it| introduction?.rule(&it.rule));
                        @let description = rule.map_or("", |it| &it.description);
                        (requirements::of(run, requirement, scenarios, description, causes, ids))
                    },
                    Block::Together(rule, scenarios) => (together(run, introduction, rule, scenarios)),
                }
            }
        }
    }
}

/// How many rules got which verdict.
fn verdicts(blocks: &[Block<'_>]) -> Markup {
    html! {
        @for verdict in ORDER {
            @let number = blocks.iter().filter(|it| it.verdict() == verdict).count();
            @if number > 0 {
                (signed(class(verdict), verdict.sign(), &format!("{number} {}", verdict.words()))) " "
            }
        }
    }
}

/// A rule that shows several requirements together.
fn together(
    run: &Run,
    feature: Option<&FeatureReport>,
    rule: &str,
    all: &[&ScenarioReport],
) -> Markup {
    let verdict = verdict(all.iter().map(|it| it.verdict));
    let ids = all.first().map_or(&[][..], |it| &it.requirements);
    // A rule may have requirements that were not selected, and are not in the page.
    let is_there = |id: &String| run.report.requirements.iter().any(|it| it.id == *id);
    html! {
        div.together.(class(verdict)) {
            h4 { (badge(verdict)) " " (prose(rule)) }
            p.ids {
                (count(ids.len(), "requirement")) ": "
                @for (at, id) in ids.iter().enumerate() {
                    @if at > 0 { ", " }
                    @if is_there(id) { a href={ "#" (requirement_anchor(id)) } { (show(id)) } }
                    @else { (show(id)) }
                }
            }
            @if let Some(rule) = feature.and_then(|it| it.rule(rule)) { (paragraphs_of("description", &rule.description)) }
            (scenarios::of(run, all))
        }
    }
}
