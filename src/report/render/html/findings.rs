//! What failed, cause by cause: what was done, the rule, expected, observed, how each event arrived,
//! when, and the messages that show it.

use maud::{Markup, html};

use crate::protocol::Wire;
use crate::report::model::names::{REPRODUCTIONS, cause_anchor, requirement_anchor};
use crate::report::model::run::{
    RequirementReport, Run, ScenarioFinding, ScenarioReport, TargetKind,
};
use crate::report::render::html::format::{
    badge_of, copyable, permalink, prose, show, show_within,
};
use crate::report::render::html::{arrival, exchange, files, harm, scenarios, strip, timeline};
use crate::report::render::reproduction;
use crate::report::text::format::count;
use crate::report::view::cause::{Cause, Symptom};
use crate::trace::Trace;

/// So many causes are shown with their pictures and messages; the others in words.
const MOST_AT_LENGTH: usize = 24;
/// A longer plan is in the script's file alone, in bytes.
const LONGEST_PLAN: usize = 24_000;
/// So many other places are named.
const MOST_PLACES: usize = 12;
/// The longest command, in characters.
const LONGEST_COMMAND: usize = 4_000;

pub(crate) fn of(run: &Run, causes: &[Cause<'_>]) -> Markup {
    html! {
        @if !causes.is_empty() {
            section id="failed" aria-labelledby="failed-title" {
                h2 id="failed-title" { "What failed" }
                @if causes.len() > 1 {
                    p.note {
                        (count(causes.len(), "group")) ". Findings in the same messages are grouped, since they probably have one cause. Each group is named after its most important requirement."
                    }
                }
                @for (at, cause) in causes.iter().enumerate() {
                    // Of a single cause, the headline says it.
                    @let harm = if causes.len() > 1 { harm::of_cause(run, cause) } else { None };
                    (of_cause(run, at + 1, cause, harm))
                }
            }
        }
    }
}

fn of_cause(run: &Run, number: usize, cause: &Cause<'_>, harm: Option<String>) -> Markup {
    let lead = cause.lead();
    let requirement = lead.requirement;
    let title = format!("{}-title", cause_anchor(number));
    html! {
        article.cause id=(cause_anchor(number)) aria-labelledby=(title) {
            h3 id=(title) {
                (badge_of(requirement, run.report.strict)) " "
                a.id href={ "#" (requirement_anchor(&requirement.id)) } { (show(&cause.name(requirement))) }
                " (" (requirement.kind()) ")"
                (permalink(&cause_anchor(number), "this failure"))
            }
            p.sentence { (prose(&requirement.title)) }
            @if let Some(harm) = harm { p.harm { (show(&harm)) } }
            @match lead.findings.first() {
                Some(finding) => {
                    (said(finding))
                    (done(run, finding))
                    @if number <= MOST_AT_LENGTH { (shown(run, number, finding)) }
                    @else { p.note { "Only the first " (MOST_AT_LENGTH) " groups are shown with their messages; the messages of this one are in its transcript." } }
                    (again(run, finding))
                    @if number <= MOST_AT_LENGTH { (script(run, requirement)) }
                },
                None => p.note { "No finding says where." },
            }
            (also(run, cause))
            (elsewhere(run, cause))
        }
    }
}

fn said(finding: &ScenarioFinding) -> Markup {
    html! {
        dl.said {
            div { dt { "Expected" } dd { (prose(&finding.finding.expected)) } }
            div { dt { "Observed" } dd { (prose(&finding.finding.observed)) } }
        }
    }
}

fn done(run: &Run, finding: &ScenarioFinding) -> Markup {
    html! {
        h4 { "What was done" }
        @match run.report.scenario(&finding.scenario) {
            Some(scenario) => {
                p { (show(&scenario.feature)) " › " (show(scenario.name_and_row())) }
                (scenarios::steps(scenario))
            },
            None => p { (show(&finding.scenario)) },
        }
    }
}

/// The pictures and the messages.
fn shown(run: &Run, number: usize, finding: &ScenarioFinding) -> Markup {
    let Some(transcript) = run.transcripts.get(&finding.scenario) else {
        return html! { p.note { "The transcript of this scenario is missing." } };
    };
    let trace = Trace::of(transcript);
    let evidence = &finding.finding.evidence;
    let of = arrival::run_of(&trace, evidence);
    let arrivals = of.map(|of| arrival::of(&trace, of)).unwrap_or_default();
    html! {
        h4 { "How each event arrived" }
        (strip::of(&arrivals))
        h4 { "When" }
        (timeline::of(number, &trace, &arrivals, evidence))
        h4 { "The messages" }
        (exchange::of(number, &trace, of, evidence))
        @if let Some(scenario) = run.report.scenario(&finding.scenario).filter(|it| it.transcript.is_some()) {
            p.note { "Long texts are shortened and uneventful stretches are folded here; the full transcript is in " (files::transcript(run, scenario)) "." }
        }
    }
}

/// How to see it again.
fn again(run: &Run, finding: &ScenarioFinding) -> Markup {
    let Some(scenario) = run.report.scenario(&finding.scenario) else {
        return html! {};
    };
    let command = command(run, scenario);
    html! {
        h4 { "To run it again" }
        (copyable(&show_within(&command, LONGEST_COMMAND), "the command"))
    }
}

/// How to see it without this suite.
fn script(run: &Run, requirement: &RequirementReport) -> Markup {
    let Some(reproduction) = reproduction::of_requirement(run, requirement) else {
        return html! {};
    };
    let file = |ending: &str| format!("{}/{}.{ending}", REPRODUCTIONS, reproduction.file);
    html! {
        h4 { "To reproduce it without this suite" }
        @match &reproduction.script {
            Ok(_) => {
                p.note {
                    "A Python script that needs only " code { (reproduction.package().unwrap_or_default()) } ": " (files::link(&file("py"))) ". A text for an issue: " (files::link(&file("md"))) "."
                }
                @if let Some(plan) = reproduction.plan().filter(|plan| plan.len() <= LONGEST_PLAN) {
                    details {
                        summary { "What the script does" }
                        (copyable(plan, "the plan"))
                    }
                }
            },
            Err(why) => p.note {
                "There is no script: " (why) ". A text for an issue, with the steps by hand: " (files::link(&file("md"))) "."
            },
        }
    }
}

fn command(run: &Run, scenario: &ScenarioReport) -> String {
    let target = &run.report.target;
    let mut command = match target.kind {
        TargetKind::Url => format!("reconnect-acceptance run --url {}", quoted(&target.url)),
        TargetKind::Reference => {
            let faults = target.faults.iter();
            faults.fold("reconnect-acceptance run".to_owned(), |command, fault| {
                format!("{command} --fault {}", quoted(fault))
            })
        }
        TargetKind::Client => "reconnect-acceptance client".to_owned(),
        TargetKind::Agentos => {
            format!("reconnect-acceptance agentos {}", quoted(target.release()))
        }
    };
    let name = format!("^{}$", regex::escape(&scenario.name));
    command += &target.options(&scenario.id);
    command += &format!(" --name {}", quoted(&name));
    for id in &scenario.requirements {
        command += &format!(" --require {}", quoted(Wire::part(id).0));
    }
    if target.kind == TargetKind::Client {
        command += &format!(" {}", target.as_arguments());
    }
    command
}

/// A word of a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The other requirements that go back to the same messages.
fn also(run: &Run, cause: &Cause<'_>) -> Markup {
    let also = cause.also();
    html! {
        @if !also.is_empty() {
            h4 { "Also failed because of it" }
            ul.also {
                @for symptom in also {
                    @let requirement = symptom.requirement;
                    li {
                        (badge_of(requirement, run.report.strict)) " "
                        a.id href={ "#" (requirement_anchor(&requirement.id)) } { (show(&cause.name(requirement))) }
                        " (" (requirement.kind()) ") " (prose(&requirement.title))
                        @if let Some(finding) = symptom.findings.first() { (said(finding)) }
                    }
                }
            }
        }
    }
}

/// The same in other words, and in other scenarios.
fn elsewhere(run: &Run, cause: &Cause<'_>) -> Markup {
    let lead = cause.lead();
    let others: Vec<&Symptom<'_>> = cause
        .symptoms
        .iter()
        .skip(1)
        .filter(|it| it.plain_id() == lead.plain_id())
        .collect();
    let findings: usize = cause.symptoms.iter().map(|it| it.findings.len()).sum();
    let scenarios = cause.scenarios();
    html! {
        @if !others.is_empty() {
            details {
                summary { (show(&lead.requirement.id)) " also failed in " (count(others.len(), "other way")) }
                ul {
                    @for finding in others.iter().take(MOST_PLACES).filter_map(|it| it.findings.first()) {
                        li { (place(run, &finding.scenario)) (said(finding)) }
                    }
                    @if others.len() > MOST_PLACES { li { "and " (others.len() - MOST_PLACES) " more" } }
                }
            }
        }
        @if scenarios.len() > 1 {
            details {
                summary { (count(findings, "finding")) " in " (count(scenarios.len(), "scenario")) }
                ul {
                    @for scenario in scenarios.iter().take(MOST_PLACES * 4) { li { (place(run, scenario)) } }
                    @if scenarios.len() > MOST_PLACES * 4 { li { "and " (scenarios.len() - MOST_PLACES * 4) " more" } }
                }
            }
        }
    }
}

fn place(run: &Run, scenario: &str) -> Markup {
    html! {
        @match run.report.scenario(scenario) {
            Some(scenario) => { (show(&scenario.feature)) " › " (show(scenario.name_and_row())) },
            None => (show(scenario)),
        }
    }
}
