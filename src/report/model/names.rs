//! The names by which the files of a report folder lead to each other, and the anchors in its pages.

use crate::protocol::Wire;
use crate::report::model::run::ScenarioReport;

/// The page of a run.
pub const REPORT_PAGE: &str = "report.html";
/// The page of several releases: requirements by releases.
pub const MATRIX_PAGE: &str = "matrix.html";
/// The page that leads to the report of each of several releases.
pub const INDEX_PAGE: &str = "index.html";
/// The folder of the transcripts within the report folder.
pub const TRANSCRIPTS: &str = "transcripts";
/// The folder of the reproductions within the report folder.
pub const REPRODUCTIONS: &str = "reproductions";
/// The folder of the repetitions within the report folder.
pub const REPETITIONS: &str = "repetitions";

/// What [`ScenarioReport::transcript`] says: the scenario's number and its requirements, of many the first.
/// `place` is its place in the report, counted from 0.
#[must_use]
pub fn transcript_name(place: usize, scenario: &ScenarioReport) -> String {
    let ids = scenario.requirements.iter().map(|id| Wire::part(id).0);
    let ids: Vec<&str> = ids.collect();
    let about = match ids.as_slice() {
        [] => "scenario".to_owned(),
        // A name may have any characters.
        [name, ..] if !scenario.judged_by.is_empty() => {
            format!("own-{}", slug(name).chars().take(60).collect::<String>())
        }
        [first, _, _, others @ ..] => {
            format!("{first}-and-{}-more", others.len() + 2).to_lowercase()
        }
        ids => ids.join("-").to_lowercase(),
    };
    let over = over(&scenario.id);
    format!("{TRANSCRIPTS}/{:03}-{about}{over}.jsonl", place + 1)
}

/// The end of a file's name about what has this id: `-agent-http`; empty where ids name no wire.
pub(crate) fn over(id: &str) -> String {
    Wire::part(id).1.map_or_else(String::new, |wire| {
        let (component, wire) = wire.words();
        format!("-{component}-{wire}")
    })
}

/// `repetitions/07`, within the report folder: report and transcripts of a repetition, counted from 1.
#[must_use]
pub fn folder_of(repetition: usize, asked: usize) -> String {
    let width = asked.to_string().len().max(2);
    format!("{REPETITIONS}/{repetition:0width$}")
}

/// The id of a requirement's row in the page of a run.
#[must_use]
pub fn requirement_anchor(requirement: &str) -> String {
    format!("requirement-{}", slug(requirement))
}

/// The id of a cause in the page of a run, counted from 1.
pub(crate) fn cause_anchor(number: usize) -> String {
    format!("cause-{number}")
}

/// A text as an id of a page: letters, digits and hyphens.
pub(crate) fn slug(text: &str) -> String {
    let letters = text.chars().take(200).map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    letters.collect()
}
