//! How texts are shown: visible, cut, and never by colour alone.

use std::collections::BTreeSet;
use std::time::Duration;

use maud::{Markup, html};

use crate::report::model::run::{Outcomes, RequirementReport, Verdict};
use crate::report::text::escape::escape_visible;

/// The longest sentence, name or reason that is shown whole, in characters.
const LONGEST: usize = 600;

/// A text of anybody's, in visible characters, cut with a mark where it is long.
pub(crate) fn show(text: &str) -> String {
    show_within(text, LONGEST)
}

/// The same, with another maximum length.
pub(crate) fn show_within(text: &str, longest: usize) -> String {
    escape_visible(text, longest)
}

/// A sentence whose protocol words are in backticks.
pub(crate) fn prose(text: &str) -> Markup {
    prose_within(text, LONGEST)
}

/// The same, with another maximum length.
pub(crate) fn prose_within(text: &str, longest: usize) -> Markup {
    let text = show_within(text, longest);
    // An unclosed backtick is kept as it is.
    let whole = text.matches('`').count().is_multiple_of(2);
    html! {
        @if whole {
            @for (at, part) in text.split('`').enumerate() {
                @if at % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (text) }
    }
}

/// A verdict as a sign and a word.
pub(crate) fn badge(verdict: Verdict) -> Markup {
    signed(class(verdict), verdict.sign(), verdict.words())
}

/// The verdict on a requirement; a failure that does not count says so.
pub(crate) fn badge_of(requirement: &RequirementReport, strict: bool) -> Markup {
    let uncounted = requirement.verdict == Verdict::Failed && !requirement.counts(strict);
    match (uncounted, requirement.known_failure) {
        (false, _) => badge(requirement.verdict),
        (true, true) => signed("inconclusive", "✘", "failed, known"),
        (true, false) => signed("inconclusive", "✘", "failed, does not count"),
    }
}

/// `flaky 19/20`, or how often it passed; nothing where the suite ran once.
pub(crate) fn often(outcomes: Option<&Outcomes>) -> Markup {
    html! {
        @if let Some(of) = outcomes {
            @if of.is_mixed() {
                " " (signed("inconclusive", "~", &format!("flaky {}", of.fraction())))
            } @else if of.counts.not_applicable < of.counts.all() {
                " " span.dim { (of.fraction()) }
            }
        }
    }
}

fn signed(class: &str, sign: &str, words: &str) -> Markup {
    html! { span.badge.(class) { span aria-hidden="true" { (sign) " " } (words) } }
}

/// The class of a verdict in the style sheet.
pub(crate) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::NotApplicable => "not-applicable",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Failed => "failed",
    }
}

/// `850 µs`, `12.5 ms`, `3.25 s`.
pub(crate) fn lasted(duration: Duration) -> String {
    match duration.as_micros() {
        0..1_000 => format!("{} µs", duration.as_micros()),
        1_000..1_000_000 => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        _ => format!("{:.2} s", duration.as_secs_f64()),
    }
}

/// `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `20`, `20–24`.
pub(crate) fn span(first: u64, last: u64) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

/// The ids of a page that are made from names in the report.
#[derive(Debug, Default)]
pub(crate) struct Ids(BTreeSet<String>);

impl Ids {
    /// The id, if nothing has it yet: of several texts with one slug, the first is led to.
    pub(crate) fn first(&mut self, id: String) -> Option<String> {
        self.0.insert(id.clone()).then_some(id)
    }
}
