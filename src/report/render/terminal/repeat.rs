//! What repetitions add: a line each, what is flaky, and the timing margins.

use crate::report::model::run::{
    Counts, Limit, RequirementReport, RunReport, ScenarioReport, Verdict,
};
use crate::report::model::time_limits;
use crate::report::render::terminal::paint::{
    DIM, YELLOW, hanging, mark, paint, paint_lines, style_of,
};
use crate::report::text::escape::{columns, escape_visible, shorten};
use crate::report::text::format::{count, finding_within, seconds};
use crate::report::view::headline::ids;

/// The longest sentence that is shown whole, in columns.
const LONGEST: usize = 400;
/// How many ids a line of a repetition names.
const MOST_IDS: usize = 8;

/// `✔ repetition 3 of 20  182 scenarios: 180 passed, 2 not applicable  4.1 s`.
pub(crate) fn line(report: &RunReport, number: usize, of: usize, width: usize) -> String {
    let verdict = report.verdict().as_verdict();
    let digits = of.to_string().len();
    let head = format!("repetition {number:>digits$} of {of}  ");
    let cut = match &report.interrupted {
        Some(_) => ", cut short",
        None => "",
    };
    let took = shorten(&seconds(report.duration_ms), 12);
    let room = width.saturating_sub(2 + columns(&head) + 2 + columns(&took));
    let body = shorten(&format!("{}{cut}", scenarios(&report.scenarios)), room);
    let used = 2 + columns(&head) + columns(&body) + columns(&took);
    let gap = width.saturating_sub(used).max(2);
    format!(
        "{} {}{body}{:gap$}{}\n",
        mark(verdict),
        paint(DIM, &head),
        "",
        paint(DIM, &took)
    )
}

fn scenarios(scenarios: &[ScenarioReport]) -> String {
    let mut counts = Counts::default();
    for scenario in scenarios {
        *counts.of_mut(scenario.verdict) += 1;
    }
    counts.words()
}

/// `failed: CATCHUP-2; inconclusive: SEAM-1`.
pub(crate) fn not_passed(report: &RunReport) -> String {
    let of = |verdict: Verdict| {
        let all = report.requirements.iter();
        let named = ids(all.filter(|it| it.verdict == verdict), MOST_IDS);
        (!named.is_empty()).then(|| format!("{}: {named}", verdict.words()))
    };
    let parts = [of(Verdict::Failed), of(Verdict::Inconclusive)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// A block of what is flaky: how often it passed, where it did not, and what was observed there.
pub(crate) fn flaky(report: &RunReport, width: usize) -> String {
    let flaky: Vec<_> = report.requirements.iter().filter(|it| it.flaky).collect();
    if flaky.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(YELLOW.bold(), "FLAKY"));
    for requirement in flaky {
        let Some(outcomes) = &requirement.outcomes else {
            continue;
        };
        let id = escape_visible(&requirement.id, LONGEST);
        let known = if requirement.known_failure {
            ", known failure"
        } else {
            ""
        };
        let head = format!("{id} ({}{known})", requirement.kind());
        let text = hanging("  ", &format!("{head}  {}", outcomes.words()), width);
        out += &text.replacen(&id, &paint(style_of(requirement, report.strict), &id), 1);
        if let Some(seen) = seen(requirement) {
            out += &hanging("    ", &seen, width);
        }
    }
    out
}

fn seen(requirement: &RequirementReport) -> Option<String> {
    let finding = &requirement.clearest()?.finding;
    Some(finding_within(finding, LONGEST))
}

/// The quiet form: one line for each flaky requirement.
pub(crate) fn lines(report: &RunReport, width: usize) -> String {
    let all = report.requirements.iter().filter(|it| it.flaky);
    all.filter_map(|it| {
        let words = it.outcomes.as_ref()?.words();
        let id = escape_visible(&it.id, LONGEST);
        Some(hanging("", &format!("~ {id} is flaky: {words}"), width))
    })
    .collect()
}

/// How much of the time limits was used: one line, and one more for each that is nearly used up.
pub(crate) fn time_limits(report: &RunReport, width: usize) -> String {
    let mut out = String::new();
    if let Some(of) = &report.repetitions {
        let cut = match of.asked - of.finished.min(of.asked) {
            0 => String::new(),
            _ => format!(", {} finished", of.finished),
        };
        let text = format!("{} asked for{cut}", count(of.asked, "repetition"));
        out += &paint_lines(DIM, &hanging("", &text, width));
    }
    if let Some(line) = time_limits::line(&report.time_limits) {
        let line = format!("Time limits used, at most: {line}");
        out += &paint_lines(DIM, &hanging("", &line, width));
    }
    out + &narrow(report, width)
}

/// A line for each time limit that is nearly used up.
pub(crate) fn narrow(report: &RunReport, width: usize) -> String {
    let mut out = String::new();
    for limit_usage in report.time_limits.iter().filter(|it| it.is_narrow()) {
        let advice = match limit_usage.limit {
            _ if limit_usage.worst_ms >= limit_usage.allowed_ms => {
                "it was used up: where the server is only slow, raise it"
            }
            Limit::StepTimeout => {
                "a slightly slower run would time out: raise the limit, or find out why it takes so long"
            }
            Limit::ScenarioTimeout | Limit::Deadline => {
                "a slightly slower run would time out: raise the limit"
            }
        };
        let place = match limit_usage.place() {
            place if place.is_empty() => String::new(),
            place => format!(", {place}"),
        };
        let text = format!("NARROW  {}{place}; {advice}", limit_usage.words());
        let text = hanging("", &text, width);
        out += &text.replacen("NARROW", &paint(YELLOW.bold(), "NARROW"), 1);
    }
    out
}
