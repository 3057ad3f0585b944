//! `annotations.txt`: what a job on GitHub prints to annotate the feature files, one line for each cause.
//!
//! A line is a command to GitHub, and texts of a server are within it: they can neither begin another one nor end
//! this one's parameters.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::model::run::{RequirementReport, Run};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::{count, finding_within};
use crate::report::view::cause;
use crate::report::view::cause::Cause;
use crate::report::view::ids;

/// The name of the file in the report folder.
pub const FILE: &str = "annotations.txt";

/// How many there are at most: GitHub shows ten of each level for a step.
const MOST: usize = 10;
/// The longest text that is shown whole, in columns.
const LONGEST: usize = 300;

/// Writes the annotations; nothing where nothing failed.
///
/// # Errors
///
/// Those of the writer.
pub fn write(run: &Run, mut out: impl Write) -> io::Result<()> {
    out.write_all(text(run).as_bytes())
}

/// The annotations, a line for each cause: those that count first.
#[must_use]
pub fn text(run: &Run) -> String {
    let causes = cause::of(run);
    let mut out = String::new();
    for cause in causes.iter().take(MOST) {
        out += &line(run, cause);
    }
    if let Some(more @ 1..) = causes.len().checked_sub(MOST) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "::notice title=reconnect-acceptance::and {} more; the reports have them all",
            count(more, "cause")
        );
    }
    out
}

fn line(run: &Run, cause: &Cause<'_>) -> String {
    let lead = cause.lead();
    let requirement = lead.requirement;
    let (level, note) = match requirement {
        it if it.counts(run.report.strict) => ("error", ""),
        it if it.known_failure => ("notice", ", known failure"),
        _ => ("warning", ", which does not count"),
    };
    let first = lead.findings.first();
    // The suite's own first connection is in no file: then where the requirement is stated.
    let shown = first.map(|it| &it.scenario).into_iter();
    let mut places = shown
        .chain(&requirement.scenarios)
        .filter_map(|id| run.report.scenario(id));
    let place = places.find(|it| !it.path.is_empty());
    let place = place.map_or_else(String::new, |scenario| {
        let file = parameter(&scenario.path);
        format!("file={file},line={},", scenario.line.max(1))
    });
    let mut said = escape_visible(&requirement.title, LONGEST);
    if let Some(scenario) = first.and_then(|it| run.report.scenario(&it.scenario)) {
        let name = escape_visible(scenario.name_and_row(), LONGEST);
        said += &format!("\nScenario: {name}");
    }
    if let Some(first) = first {
        said += &format!("\n{}", finding_within(&first.finding, LONGEST));
    }
    let also: Vec<_> = cause.also().iter().map(|it| id(it.requirement)).collect();
    if !also.is_empty() {
        said += &format!("\nBy the same cause: {}", ids::text(&also, usize::MAX));
    }
    if let Some(more @ 1..) = cause.scenarios().len().checked_sub(1) {
        said += &format!("\nIt shows in {}", count(more, "further scenario"));
    }
    let title = format!("{} ({}{note})", id(requirement), requirement.kind());
    format!(
        "::{level} {place}title={}::{}\n",
        parameter(&title),
        data(&said)
    )
}

fn id(requirement: &RequirementReport) -> String {
    escape_visible(&requirement.id, LONGEST)
}

/// A text that GitHub takes as one value of a command.
fn parameter(text: &str) -> String {
    let text = escape_visible(text, LONGEST);
    data(&text).replace(':', "%3A").replace(',', "%2C")
}

/// A text that GitHub takes as the message of a command. Its lines may be several, and none of them a command.
fn data(text: &str) -> String {
    // Neither today's form of a command nor the former one is left in it.
    let mut text = text.replace("##[", "## [");
    while text.contains("::") {
        text = text.replace("::", ": :");
    }
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_begins_a_command_or_ends_one() {
        assert_eq!(
            data("100%\r\n::error:::x ##[group]"),
            "100%25%0D%0A: :error: : :x ## [group]"
        );
        assert_eq!(
            parameter("a,line=7::error::%\n"),
            "a%2Cline=7%3A %3Aerror%3A %3A%25␊"
        );
    }
}
