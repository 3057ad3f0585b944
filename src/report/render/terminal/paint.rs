//! Marks and colours. Every colour repeats what a mark or a word says.

use anstyle::{AnsiColor, Style};

use crate::report::model::run::{RequirementReport, Verdict};
use crate::report::text::escape::{columns, wrap};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();

pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

pub(crate) fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => GREEN,
        Verdict::Failed => RED.bold(),
        Verdict::Inconclusive => YELLOW,
        Verdict::NotApplicable => DIM,
    }
}

pub(crate) fn mark(verdict: Verdict) -> String {
    paint(style(verdict), verdict.sign())
}

/// The colour of a requirement's verdict; a failure that does not count is yellow.
pub(crate) fn style_of(requirement: &RequirementReport, strict: bool) -> Style {
    if requirement.verdict == Verdict::Failed && !requirement.counts(strict) {
        YELLOW
    } else {
        style(requirement.verdict)
    }
}

/// `text` in lines of `width` columns: the first after `first`, the others after as many spaces.
pub(crate) fn hanging(first: &str, text: &str, width: usize) -> String {
    let indent = columns(first);
    let mut out = String::new();
    for (at, line) in wrap(text, width.saturating_sub(indent)).iter().enumerate() {
        if at == 0 {
            out += first;
        } else {
            out += &" ".repeat(indent);
        }
        out += line;
        out.push('\n');
    }
    out
}

/// Each line on its own, so that a pager that shows some of them shows their style.
pub(crate) fn paint_lines(style: Style, lines: &str) -> String {
    lines
        .lines()
        .map(|line| format!("{}\n", paint(style, line)))
        .collect()
}
