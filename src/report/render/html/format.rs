//! How texts are shown: visible, cut, and never by colour alone.

use std::collections::BTreeSet;
use std::time::Duration;

use maud::{Markup, html};

use crate::report::model::run::{Outcomes, RequirementReport, Verdict};
use crate::report::model::specification::paragraphs;
use crate::report::text::escape::escape_visible;

/// The longest sentence, name or reason that is shown whole, in characters.
const LONGEST: usize = 600;
/// The longest paragraph of a feature file's prose, in characters.
const LONGEST_PARAGRAPH: usize = 2_000;

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

/// The prose of a feature file.
pub(crate) fn paragraphs_of(class: &str, description: &str) -> Markup {
    html! {
        @for paragraph in paragraphs(description) { p.(class) { (prose_within(&paragraph, LONGEST_PARAGRAPH)) } }
    }
}

/// A link to this place of the page, to be sent to somebody.
pub(crate) fn permalink(id: &str, what: &str) -> Markup {
    html! { " " a.permalink href={ "#" (id) } aria-label={ "Link to " (show(what)) } { "#" } }
}

/// A text to be copied. Only the script can copy, so only the script shows the button.
pub(crate) fn copyable(text: &str, what: &str) -> Markup {
    html! {
        div.copyable {
            pre.command { code { (text) } }
            button.copy type="button" hidden aria-label={ "Copy " (what) } { "Copy" }
        }
    }
}

/// A verdict as a sign and a word.
pub(crate) fn badge(verdict: Verdict) -> Markup {
    signed(class(verdict), verdict.sign(), verdict.words())
}

/// The verdict on a requirement; a failure that does not count says so.
pub(crate) fn badge_of(requirement: &RequirementReport, strict: bool) -> Markup {
    if requirement.not_scored {
        let verdict = requirement.verdict;
        let words = format!("{}, not scored", verdict.words());
        return signed("not-applicable", verdict.sign(), &words);
    }
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

/// A sign and words in the colour of a verdict.
pub(crate) fn signed(class: &str, sign: &str, words: &str) -> Markup {
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

/// `0.00085 s`, `0.012 s`, `3.25 s`: so many decimals that two digits or more count.
pub(crate) fn lasted(duration: Duration) -> String {
    let decimals = match duration.as_micros() {
        0..100 => 6,
        100..1_000 => 5,
        1_000..10_000 => 4,
        10_000..1_000_000 => 3,
        _ => 2,
    };
    format!("{:.decimals$} s", duration.as_secs_f64())
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
