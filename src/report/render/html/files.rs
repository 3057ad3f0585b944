//! Links to the files of the report folder. They are relative, and lead nowhere else.

use maud::{Markup, html};

use crate::report::model::names::{REPRODUCTIONS, TRANSCRIPTS};
use crate::report::model::run::{Run, ScenarioReport};
use crate::report::render::html::format::show;
use crate::report::render::{cucumber_json, json, junit, messages, summary};

/// The other files beside the page.
pub(crate) fn of() -> Markup {
    let all = [
        junit::FILE,
        json::FILE,
        summary::FILE,
        messages::FILE,
        cucumber_json::FILE,
    ];
    html! {
        p.files {
            "Files: "
            @for (at, file) in all.iter().enumerate() {
                @if at > 0 { " · " }
                a href=(file) { (file) }
            }
        }
    }
}

/// The name of a scenario's transcript, which leads to it where it is part of this report.
pub(crate) fn transcript(run: &Run, scenario: &ScenarioReport) -> Markup {
    let name = scenario.transcript.as_deref().unwrap_or_default();
    match run.transcripts.contains_key(&scenario.id) {
        true => link(name),
        false => html! { code { (show(name)) } },
    }
}

/// A file within the report folder. A stored report may name any other: that is shown, and leads nowhere.
pub(crate) fn link(path: &str) -> Markup {
    html! {
        @if is_within(path) { a href=(path) { code { (path) } } }
        @else { code { (show(path)) } }
    }
}

/// `transcripts/001-catchup-3.jsonl`: one of the folders of the report, and a plain name in it.
fn is_within(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    path.split_once('/').is_some_and(|(folder, name)| {
        [TRANSCRIPTS, REPRODUCTIONS].contains(&folder)
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn links_lead_into_the_report_folder_alone() {
        assert!(is_within("transcripts/001-catchup-3.jsonl"));
        assert!(is_within("reproductions/CATCHUP-3.py"));
        for path in [
            "",
            "report.json",
            "javascript:alert(1)//x",
            "transcripts/../../secret",
            "transcripts/a/b.jsonl",
            "transcripts/",
            "/transcripts/a.jsonl",
            "elsewhere/a.jsonl",
            "transcripts/a b.jsonl",
        ] {
            assert!(!is_within(path), "{path}");
        }
    }
}
