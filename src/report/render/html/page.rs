//! The frame around everything. Style and script are part of the page, and a policy in it lets the
//! browser fetch nothing and run nothing else, whatever a server may have smuggled in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::model::run::{Run, RunReport, Verdict};
use crate::report::render::html::format::show;
use crate::report::render::html::{features, filters, findings, harm, inconclusive, verdict};
use crate::report::view::cause;
use crate::report::view::cause::Cause;

pub(crate) const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

pub(crate) fn of(run: &Run) -> Markup {
    let report = &run.report;
    let causes = cause::of(run);
    let sections = sections(report, &causes);
    let (_, _, word) = verdict::word(report);
    let target = match report.target.server.as_str() {
        "" | "unknown" => report.target.url.clone(),
        _ => report.target.server_and_wires(),
    };
    let title = html! { (word) " · " (show(&target)) " · reconnect-acceptance" };
    let body = html! {
                @if let Some((id, name)) = sections.first() { a.skip href={ "#" (id) } { "Skip to: " (name) } }
                (verdict::of(run, harm::of(run, &causes).as_deref()))
                (filters::of(report))
                @if !sections.is_empty() {
                    nav aria-label="Contents" {
                        ul { @for (id, name) in &sections { li { a href={ "#" (id) } { (name) } } } }
                    }
                }
                main {
                    (findings::of(run, &causes))
                    (inconclusive::of(report))
                    (features::of(run, &causes))
                }
                footer {
                    p {
                        "Rendered from report.json and the transcripts beside it, which hold everything. "
                        "Invisible characters are written out; a shortened text says how much was left out."
                    }
                }
    };
    frame(&title, &[STYLE], Some(SCRIPT), &body)
}

/// The sections that there are, with their ids.
fn sections(report: &RunReport, causes: &[Cause<'_>]) -> Vec<(&'static str, &'static str)> {
    let any = |verdict: Verdict| report.requirements.iter().any(|it| it.verdict == verdict);
    let all = [
        ("failed", "What failed", !causes.is_empty()),
        ("inconclusive", "Inconclusive", any(Verdict::Inconclusive)),
        (
            "not-applicable",
            "Not applicable",
            any(Verdict::NotApplicable),
        ),
        (
            "requirements",
            "Requirements by feature",
            !report.requirements.is_empty() || !report.scenarios.is_empty(),
        ),
    ];
    let there = all.into_iter().filter(|(.., is_there)| *is_there);
    there.map(|(id, name, _)| (id, name)).collect()
}

/// A whole page. Its policy lets the browser load nothing, and run nothing but this style and script.
pub(crate) fn frame(
    title: &Markup,
    styles: &[&str],
    script: Option<&str>,
    body: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(styles, script));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                // Without it, a browser asks the server that it came from for an icon.
                link rel="icon" href="data:,";
                @for style in styles { style { (PreEscaped(style)) } }
            }
            body {
                (body)
                @if let Some(script) = script { script { (PreEscaped(script)) } }
            }
        }
    }
}

fn policy(styles: &[&str], script: Option<&str>) -> String {
    let hashes = |texts: &[&str]| -> String {
        let hashes = texts.iter().map(|it| format!(" 'sha256-{}'", hash(it)));
        hashes.collect()
    };
    let styles = hashes(styles);
    let script = script.map_or_else(String::new, |it| format!(" script-src{};", hashes(&[it])));
    format!(
        "default-src 'none'; style-src{styles};{script} img-src data:; base-uri 'none'; form-action 'none'"
    )
}

/// What the policy calls a style or a script.
fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    BASE64_STANDARD.encode(digest)
}
