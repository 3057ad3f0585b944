//! The verdict on a run in one sentence, and what it is made of.

use crate::check::Level;
use crate::report::model::run::{RequirementReport, RunReport, RunVerdict, Verdict};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::count;
use crate::report::view::grouped;

/// The longest reason that is shown whole, in columns.
const LONGEST: usize = 400;
/// How many ids a sentence names.
const MOST_IDS: usize = 6;

/// The verdict's reason, in one sentence; text that a server sent in it is made visible.
pub(crate) fn sentence(report: &RunReport) -> String {
    match report.verdict() {
        RunVerdict::SuiteError => report.suite_errors.first().map_or_else(
            || "it gave no reason".to_owned(),
            |error| escape_visible(error, LONGEST),
        ),
        RunVerdict::Failed => {
            let parts: Vec<_> = [Level::Must, Level::Should]
                .into_iter()
                .filter_map(|level| failed(report, level, true))
                .collect();
            parts.join(" and ")
        }
        RunVerdict::Inconclusive => {
            let inconclusive = of(report, Verdict::Inconclusive).count();
            if report.requirements.is_empty() {
                return "no requirement was selected".to_owned();
            }
            if inconclusive == 0 && report.interrupted.is_some() {
                return "nothing failed, but not everything was tested".to_owned();
            }
            if inconclusive == 0 {
                return "no requirement applies to this target".to_owned();
            }
            let all = count(report.requirements.len(), "requirement");
            let groups = by_reason(report, Verdict::Inconclusive);
            let why = match groups.as_slice() {
                [(reason, _)] => format!(" ({})", escape_visible(reason, LONGEST)),
                _ => String::new(),
            };
            format!("{inconclusive} of {all} could not be tested{why}")
        }
        RunVerdict::Passed if report.is_idle() => {
            "no scenario was assigned to this shard".to_owned()
        }
        RunVerdict::Passed => {
            let must = report.totals().must;
            let applicable = must.all() - must.not_applicable;
            let mut text = if must.failed > 0 {
                format!("{} of {applicable} MUST requirements passed", must.passed)
            } else {
                match applicable {
                    0 => "no MUST requirement applies".to_owned(),
                    1 => "the one MUST requirement passed".to_owned(),
                    all => format!("all {all} MUST requirements passed"),
                }
            };
            let known = of(report, Verdict::Failed).filter(|it| it.known_failure);
            let known = ids(known, MOST_IDS);
            if !known.is_empty() {
                text += &format!(", known failures aside: {known}");
            }
            let soft = [Level::Should, Level::May]
                .into_iter()
                .filter_map(|level| failed(report, level, false));
            for part in soft {
                text += &format!("; {part} failed, which does not count");
            }
            text
        }
    }
}

/// ` (shard 2 of 4)`, to follow the verdict's word; nothing for a run that is no shard and was not merged.
pub(crate) fn shards(report: &RunReport) -> String {
    shard_words(report).map_or_else(String::new, |words| format!(" ({words})"))
}

/// `shard 2 of 4`, `4 shards`, `3 of 4 shards`; nothing for a run that is whole in itself.
pub(crate) fn shard_words(report: &RunReport) -> Option<String> {
    if let Some(merged) = &report.merged {
        let there = merged.shards.len();
        return Some(if there == merged.of {
            count(there, "shard")
        } else {
            format!("{there} of {}", count(merged.of, "shard"))
        });
    }
    let shard = report.shard.as_ref()?;
    Some(format!("shard {} of {}", shard.number, shard.of))
}

/// `2 of 28 MUST requirements (A-1, B-2)`.
fn failed(report: &RunReport, level: Level, counting: bool) -> Option<String> {
    let failed: Vec<_> = of(report, Verdict::Failed)
        .filter(|it| it.level == level && !it.known_failure)
        .filter(|it| it.counts(report.strict) == counting)
        .collect();
    let number = failed.len();
    let all = report.totals().of(level).all();
    let noun = if all == 1 { "" } else { "s" };
    let ids = ids(failed.into_iter(), MOST_IDS);
    (number > 0).then(|| format!("{number} of {all} {level} requirement{noun} ({ids})"))
}

fn of(report: &RunReport, verdict: Verdict) -> impl Iterator<Item = &RequirementReport> {
    report
        .requirements
        .iter()
        .filter(move |it| it.verdict == verdict)
}

/// What did not come to a verdict, in the order of all reports: each verdict with its title, and its
/// requirements grouped by reason. Empty parts are left out.
pub(crate) fn unresolved(report: &RunReport) -> Vec<(Verdict, &'static str, Vec<Reason<'_>>)> {
    [
        (Verdict::Inconclusive, "Inconclusive"),
        (Verdict::NotApplicable, "Not applicable"),
    ]
    .into_iter()
    .map(|(verdict, title)| (verdict, title, by_reason(report, verdict)))
    .collect()
}

/// A reason, and the requirements that have it.
pub(crate) type Reason<'r> = (&'r str, Vec<&'r RequirementReport>);

fn by_reason(report: &RunReport, verdict: Verdict) -> Vec<Reason<'_>> {
    grouped(of(report, verdict), |it| {
        it.reason.as_deref().unwrap_or("no reason given")
    })
}

/// Their ids, at most so many.
pub(crate) fn ids<'r>(
    requirements: impl Iterator<Item = &'r RequirementReport>,
    most: usize,
) -> String {
    let ids: Vec<_> = requirements
        .map(|it| escape_visible(&it.id, LONGEST))
        .collect();
    let mut text = ids[..ids.len().min(most)].join(", ");
    if let Some(more @ 1..) = ids.len().checked_sub(most) {
        text += &format!(" and {more} more");
    }
    text
}
