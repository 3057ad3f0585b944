//! The top of the page: the verdict, the target, when, how long, and what it cost the server.

use maud::{Markup, html};

use crate::check::Level;
use crate::exit;
use crate::report::model::run::{Run, RunReport, TargetKind, Verdict};
use crate::report::render::html::cost;
use crate::report::render::html::format::{class, show, thousands};
use crate::report::text::format::{count, seconds};
use crate::report::view::headline::{sentence, shards};

pub(crate) fn of(run: &Run) -> Markup {
    let report = &run.report;
    let (style, sign, word) = word(report);
    html! {
        header.verdict.(style) {
            p.suite { "reconnect-acceptance " (show(&report.suite_version)) }
            h1 { span aria-hidden="true" { (sign) " " } (word) (shards(report)) ": " (sentence(report)) "." }
            @if report.exit_code() == exit::STALE {
                p { "The list of known failures is out of date." }
            }
            @if let Some(reason) = &report.interrupted {
                p { "The run was cut short: " (show(reason)) }
            }
            @for error in report.suite_errors.iter().skip(1).take(20) {
                p { "Also: " (show(error)) }
            }
            (facts(run))
        }
        (totals(report))
    }
}

/// The sign and the words for the whole run.
pub(crate) fn word(report: &RunReport) -> (&'static str, &'static str, &'static str) {
    let verdict = report.verdict().as_verdict();
    (class(verdict), verdict.sign(), report.verdict().words())
}

fn facts(run: &Run) -> Markup {
    let report = &run.report;
    let target = &report.target;
    let cost = cost::of(run);
    let kind = match target.kind {
        TargetKind::Reference => "the bundled reference server",
        TargetKind::Agentos => "a released AgentOS, started by the suite",
        TargetKind::Url => "a server by its URL",
    };
    html! {
        dl.facts {
            div { dt { "Target" } dd {
                @match (target.kind, target.server.as_str()) {
                    (TargetKind::Reference, _) | (_, "" | "unknown") => (kind),
                    (_, server) => { strong { (show(server)) } ", " (kind) },
                }
                br;
                code { (show(&target.url)) }
                @if !target.faults.is_empty() {
                    br;
                    "with faults switched on: "
                    code { (show(&target.faults.join(", "))) }
                }
            } }
            div { dt { "When" } dd { time datetime=(show(&report.started_at)) { (show(&moment(&report.started_at))) } } }
            div { dt { "How long" } dd { (seconds(report.duration_ms)) ", " (count(report.scenarios.len(), "scenario")) } }
            @if let Some(merged) = &report.merged {
                div { dt { "Shards" } dd {
                    (merged.shards.len()) " of " (merged.of) " side by side; the time is that of the longest"
                    @for shard in merged.shards.iter().take(50) {
                        br;
                        (shard.number) ": " (seconds(shard.duration_ms)) " at "
                        code { (show(&shard.url)) }
                    }
                } }
            }
            div { dt { "Cost to the server" } dd {
                @if run.transcripts.is_empty() {
                    "nothing was recorded"
                } @else {
                    (thousands(cost.connections)) " connections" br;
                    "messages: " (thousands(cost.sent.0)) " sent, " (thousands(cost.received.0)) " received" br;
                    "bytes: " (thousands(cost.sent.1)) " sent, " (thousands(cost.received.1)) " received"
                    @if cost.http > 0 { br; "HTTP requests: " (thousands(cost.http)) }
                }
            } }
            @if let Some(of) = &report.repetitions {
                div { dt { "Repeated" } dd { (of.finished) " of " (count(of.asked, "repetition")) " finished; the cost is that of the records shown here" } }
            }
            @if !report.time_limits.is_empty() {
                div { dt { "Time limits used, at most" } dd {
                    @for limit_usage in &report.time_limits {
                        @if limit_usage.is_narrow() { span.badge.inconclusive { span aria-hidden="true" { "⚠ " } "nearly used up" } " " }
                        (limit_usage.words())
                        @if limit_usage.is_narrow() { br; span.dim { (limit_usage.place()) } }
                        br;
                    }
                } }
            }
            div { dt { "Exit code" } dd { (report.exit_code()) @if report.strict { " (strict: a SHOULD counts like a MUST)" } } }
        }
    }
}

/// `2026-11-23 17:50:12 UTC` of an RFC 3339 time in UTC; anything else as it is.
fn moment(rfc3339: &str) -> String {
    let whole = rfc3339.strip_suffix('Z').and_then(|it| it.split_once('T'));
    let Some((day, time)) = whole else {
        return rfc3339.to_owned();
    };
    let seconds = time.split_once('.').map_or(time, |(seconds, _)| seconds);
    format!("{day} {seconds} UTC")
}

fn totals(report: &RunReport) -> Markup {
    const ALL: [Verdict; 4] = [
        Verdict::Failed,
        Verdict::Inconclusive,
        Verdict::NotApplicable,
        Verdict::Passed,
    ];
    html! {
        div.scroll tabindex="0" role="region" aria-label="Totals" {
            table.totals {
                caption { "Requirements by level and verdict" }
                thead { tr {
                    th scope="col" { "Level" }
                    @for verdict in ALL { th scope="col" { (verdict.words()) } }
                } }
                tbody {
                    @for level in [Level::Must, Level::Should, Level::May] {
                        tr {
                            th scope="row" { (level.to_string()) }
                            @for verdict in ALL {
                                @let number = report.totals().of(level).of(verdict);
                                td.(class(verdict)).none[number == 0] { (number) }
                            }
                        }
                    }
                }
            }
        }
    }
}
