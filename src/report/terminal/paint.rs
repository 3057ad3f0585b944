//! Marks, colours and small words. Every colour repeats what a mark or a word says.

use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::report::model::{RequirementReport, Verdict};
use crate::report::text::{columns, wrap};

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

pub(in crate::report) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "✔",
        Verdict::Broken => "✘",
        Verdict::CannotTell => "?",
        Verdict::NotApplicable => "–",
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

/// `1 scenario`, `2 scenarios`.
pub(in crate::report) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `0.4 s`, `2 min 5 s`.
pub(in crate::report) fn seconds(milliseconds: u64) -> String {
    let took = Duration::from_millis(milliseconds);
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
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
