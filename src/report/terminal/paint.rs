//! Marks and colours. Every colour repeats what a mark or a word says.

use anstyle::{AnsiColor, Style};

use crate::report::model::{RequirementReport, Verdict};
use crate::report::text::{columns, wrap};
use crate::report::words::sign;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();

pub(super) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

pub(super) fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Holds => GREEN,
        Verdict::Broken => RED.bold(),
        Verdict::CannotTell => YELLOW,
        Verdict::NotApplicable => DIM,
    }
}

pub(super) fn mark(verdict: Verdict) -> String {
    paint(style(verdict), sign(verdict))
}

/// The colour of a requirement's verdict: what is broken and does not count is no alarm.
pub(super) fn style_of(requirement: &RequirementReport, strict: bool) -> Style {
    if requirement.verdict == Verdict::Broken && !requirement.counts(strict) {
        YELLOW
    } else {
        style(requirement.verdict)
    }
}

/// `text` in lines of `width` columns: the first after `first`, the others after as many spaces.
pub(super) fn hanging(first: &str, text: &str, width: usize) -> String {
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
