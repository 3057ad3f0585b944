//! One line per requirement.

use crate::check::Level;
use crate::report::model::run::{RequirementReport, RunReport, Verdict};
use crate::report::render::terminal::paint::{BOLD, DIM, paint, style_of};
use crate::report::text::escape::{columns, escape_visible, shorten};

/// The longest id that keeps the columns straight.
const LONGEST_ID: usize = 16;

pub(crate) fn of(report: &RunReport, width: usize) -> String {
    let ids: Vec<_> = report
        .requirements
        .iter()
        .map(|it| escape_visible(&it.id, LONGEST_ID))
        .collect();
    let id_width = ids.iter().map(|id| columns(id)).max().unwrap_or(0);
    // mark, id, level, verdict, and two spaces before each of the columns
    let most = width.saturating_sub(1 + 1 + id_width + 2 + 6 + 2 + 2);
    let words = report.requirements.iter().map(word);
    let words: Vec<_> = words.map(|it| shorten(&it, most)).collect();
    let word_width = words.iter().map(|it| columns(it)).max().unwrap_or(0);
    let room = most.saturating_sub(word_width);
    let mut out = String::new();
    for ((requirement, id), word) in report.requirements.iter().zip(ids).zip(words) {
        let style = style_of(requirement, report.strict);
        let sentence = shorten(&requirement.title, room);
        let gap = room - columns(&sentence);
        let level = match requirement.level {
            _ if requirement.own => paint(BOLD, "own   "),
            Level::Must => paint(BOLD, "MUST  "),
            Level::Should => paint(DIM, "should"),
            Level::May => paint(DIM, "may   "),
        };
        let id_gap = id_width - columns(&id);
        out += &format!(
            "{} {id}{:id_gap$}  {level}  {sentence}{:gap$}  {}\n",
            paint(style, requirement.verdict.sign()),
            "",
            "",
            paint(style, &word),
        );
    }
    out
}

pub(crate) fn word(requirement: &RequirementReport) -> String {
    if requirement.not_scored {
        return format!("{}, not scored", requirement.verdict.words());
    }
    let word = match requirement.verdict {
        Verdict::Failed if requirement.known_failure && requirement.flaky => "known, flaky",
        Verdict::Failed if requirement.known_failure => "known failure",
        _ if requirement.flaky => "flaky",
        verdict => verdict.words(),
    };
    match &requirement.outcomes {
        // How often it was not applicable adds nothing.
        Some(of) if of.counts.not_applicable < of.counts.all() => {
            format!("{word} {}", of.fraction())
        }
        _ => word.to_owned(),
    }
}
