//! What was tested, when and how long; and folded, the technical details: what it cost the server, time limits,
//! and the requirements by level.

use maud::{Markup, html};

use crate::check::Level;
use crate::report::model::run::{Counts, Run, RunReport, TargetKind};
use crate::report::render::html::cost;
use crate::report::render::html::filters::ORDER;
use crate::report::render::html::format::{class, show, signed, thousands};
use crate::report::text::format::{count, seconds};

/// What everybody wants to know.
pub(crate) fn of(report: &RunReport) -> Markup {
    let target = &report.target;
    let kind = match target.kind {
        TargetKind::Reference => "the bundled reference server",
        TargetKind::Agentos => "a released AgentOS, started by the suite",
        TargetKind::Url => "a server by its URL",
        TargetKind::Client => "a client",
    };
    html! {
        dl.facts {
            div { dt { "Target" } dd {
                @match (target.kind, target.server.as_str()) {
                    (TargetKind::Reference | TargetKind::Client, _) | (_, "" | "unknown") => (kind),
                    (_, server) => { strong { (show(server)) } ", " (kind) },
                }
                @if !target.over().is_empty() { ": " (target.over()) }
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
        }
    }
}

/// The rest; open where a time limit was nearly used up.
pub(crate) fn technical(run: &Run) -> Markup {
    let report = &run.report;
    let narrow = report.time_limits.iter().any(|it| it.is_narrow());
    let cost = cost::of(run);
    html! {
        details.technical open[narrow] {
            summary { "Technical details" }
            dl.facts {
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
                            @if limit_usage.is_narrow() { (signed("inconclusive", "⚠", "nearly used up")) " " }
                            (limit_usage.words())
                            @if limit_usage.is_narrow() { br; span.dim { (limit_usage.place()) } }
                            br;
                        }
                    } }
                }
                div { dt { "Exit code" } dd { (report.exit_code()) @if report.strict { " (strict: a SHOULD counts like a MUST)" } @if report.require_all { " (what is not applicable counts as inconclusive)" } } }
            }
            @if !report.requirements.is_empty() { (totals(report)) }
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
    html! {
        div.scroll tabindex="0" role="region" aria-label="Totals" {
            table.totals {
                caption { "Requirements by level and verdict" }
                thead { tr {
                    th scope="col" { "Level" }
                    @for verdict in ORDER { th scope="col" { (verdict.words()) } }
                } }
                tbody {
                    @for level in [Level::Must, Level::Should, Level::May] {
                        (total(&level.to_string(), *report.totals().of(level)))
                    }
                    @if report.totals().own.all() > 0 { (total("own scenarios", report.totals().own)) }
                }
            }
        }
    }
}

fn total(of: &str, counts: Counts) -> Markup {
    html! {
        tr {
            th scope="row" { (of) }
            @for verdict in ORDER {
                @let number = counts.of(verdict);
                td.(class(verdict)).none[number == 0] { (number) }
            }
        }
    }
}
