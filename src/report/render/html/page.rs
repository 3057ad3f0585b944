//! The frame around everything. Style and script are part of the page, and a policy in it lets the
//! browser fetch nothing and run nothing else, whatever a server may have smuggled in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::model::run::Run;
use crate::report::render::html::format::show;
use crate::report::render::html::{features, findings, inconclusive, requirements, verdict};
use crate::report::view::cause;

pub(crate) const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("search.js");

pub(crate) fn of(run: &Run) -> Markup {
    let report = &run.report;
    let causes = cause::of(run);
    let (_, _, word) = verdict::word(report);
    let target = match report.target.server.as_str() {
        "" | "unknown" => &report.target.url,
        server => server,
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (word) " · " (show(target)) " · reconnect-acceptance" }
                // Without it, a browser asks the server that it came from for an icon.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#failed" { "Skip to what failed" }
                (verdict::of(run))
                nav aria-label="Contents" {
                    ul {
                        @for (id, name) in [
                            ("failed", "Failed"),
                            ("inconclusive", "Inconclusive"),
                            ("not-applicable", "Not applicable"),
                            ("requirements", "Requirements"),
                            ("features", "Features"),
                        ] {
                            li { a href={ "#" (id) } { (name) } }
                        }
                    }
                }
                main {
                    (findings::of(run, &causes))
                    (inconclusive::of(report))
                    (requirements::of(report, &causes))
                    (features::of(report))
                }
                footer {
                    p {
                        "Rendered from report.json and the transcripts beside it, which hold everything. "
                        "Invisible characters are written out; a shortened text says how much was left out."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// Nothing but the style and the script of this page.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// What the policy calls a style or a script.
pub(crate) fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    BASE64_STANDARD.encode(digest)
}
