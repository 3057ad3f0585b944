//! The verdict on a run in one sentence, and what it is made of.

use crate::check::Level;
use crate::report::model::run::{
    Counts, Diagnosis, RequirementReport, RunReport, RunVerdict, ScenarioReport, TargetKind,
    TargetReport, Verdict,
};
use crate::report::text::escape::escape_visible;
use crate::report::text::format::count;
use crate::report::view::{grouped, ids};

/// The longest reason that is shown whole, in columns.
const LONGEST: usize = 400;
/// How many ids a sentence names.
const MOST_IDS: usize = 6;
/// How many keys of a target file a sentence names, and how long each may be.
const MOST_KEYS: usize = 8;
const LONGEST_KEY: usize = 40;

/// The verdict's reason, in one sentence; text that a server sent in it is made visible.
pub(crate) fn sentence(report: &RunReport) -> String {
    match report.verdict() {
        RunVerdict::SuiteError => report.suite_errors.first().map_or_else(
            || "it gave no reason".to_owned(),
            |error| escape_visible(error, LONGEST),
        ),
        RunVerdict::Misconfigured => report.misconfigured.first().map_or_else(
            || "it gave no reason".to_owned(),
            |error| escape_visible(error, LONGEST),
        ),
        RunVerdict::Failed => {
            let parts: Vec<_> = [Level::Must, Level::Should]
                .into_iter()
                .filter_map(|level| failed(report, level, true))
                .chain(failed_own(report))
                .collect();
            format!("{}{}", parts.join(" and "), untested(report))
        }
        RunVerdict::Inconclusive => {
            let inconclusive = of(report, Verdict::Inconclusive).count();
            if report.requirements.is_empty() {
                return "no requirement was selected".to_owned();
            }
            if let (None, Some(as_of)) = (report.scored().next(), &report.as_of) {
                let as_of = escape_visible(as_of, LONGEST_KEY);
                return format!("no requirement of version {as_of} was selected");
            }
            if inconclusive == 0 && report.interrupted.is_some() {
                return "nothing failed, but not everything was tested".to_owned();
            }
            if inconclusive == 0 {
                let inapplicable = of(report, Verdict::NotApplicable).count();
                let all = report.scored().count();
                return match all - inapplicable {
                    0 => "no requirement applies to this target".to_owned(),
                    _ => format!(
                        "{inapplicable} of {} not tested, and all are required{}",
                        count(all, "requirement"),
                        lacking(report)
                    ),
                };
            }
            let own = report.totals().own.all();
            let noun = match own == report.scored().count() {
                true => "own scenario",
                false => "requirement",
            };
            let all = count(report.scored().count(), noun);
            let groups = by_reason(report, of(report, Verdict::Inconclusive));
            let why = match groups.as_slice() {
                [(reason, _)] => format!(" ({})", escape_visible(reason, LONGEST)),
                _ => String::new(),
            };
            format!(
                "{inconclusive} of {all} could not be tested{why}{}",
                untested(report)
            )
        }
        RunVerdict::Passed if report.is_idle() => {
            "no scenario was assigned to this shard".to_owned()
        }
        RunVerdict::Passed => {
            let totals = report.totals();
            let must = totals.must;
            let all = must.all();
            let mut text = match all - must.not_applicable {
                0 if all == 0 && totals.own.passed > 0 => own_passed(report),
                0 => "no MUST requirement applies".to_owned(),
                1 if must.passed == all => "the one MUST requirement passed".to_owned(),
                _ if must.passed == all => format!("all {all} MUST requirements passed"),
                _ => {
                    let noun = if all == 1 { "" } else { "s" };
                    format!("{} of {all} MUST requirement{noun} passed", must.passed)
                }
            };
            if all > 0 && totals.own.all() > 0 {
                text += &format!(" and {}", own_passed(report));
            }
            let known = of(report, Verdict::Failed).filter(|it| it.known_failure);
            let known = ids(known, MOST_IDS);
            if known.is_empty() {
                text += &not_tested(report, ", ");
            } else {
                text += &format!(", known failures aside: {known}");
                text += &not_tested(report, "; ");
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

/// What comes before everything else where no server of the reader's was judged.
pub(crate) fn self_test(report: &RunReport) -> Option<&'static str> {
    self_test_of(&report.target)
}

/// The same, of a target alone.
pub(crate) fn self_test_of(target: &TargetReport) -> Option<&'static str> {
    (target.kind == TargetKind::Reference).then_some("self-test against the bundled server")
}

/// `as of version 0.1.0; 3 newer requirements not scored: 2 passed, 1 failed`; nothing where all are scored.
pub(crate) fn as_of(report: &RunReport) -> Option<String> {
    let as_of = escape_visible(report.as_of.as_ref()?, LONGEST_KEY);
    let mut counts = Counts::default();
    for it in report.requirements.iter().filter(|it| it.not_scored) {
        *counts.of_mut(it.verdict) += 1;
    }
    let newer = match counts.all() {
        0 => "no newer requirement was selected".to_owned(),
        all => format!(
            "{} not scored: {}",
            count(all, "newer requirement"),
            counts.words()
        ),
    };
    Some(format!("as of version {as_of}; {newer}"))
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
        .filter(|it| it.level == level && !it.known_failure && !it.own)
        .filter(|it| it.counts(report.strict) == counting)
        .collect();
    let number = failed.len();
    let all = report.totals().of(level).all();
    let noun = if all == 1 { "" } else { "s" };
    let ids = ids(failed.into_iter(), MOST_IDS);
    (number > 0).then(|| format!("{number} of {all} {level} requirement{noun} ({ids})"))
}

/// `1 of 2 own scenarios (Ada closes the lid)`.
fn failed_own(report: &RunReport) -> Option<String> {
    let failed: Vec<_> = of(report, Verdict::Failed)
        .filter(|it| it.own && !it.known_failure)
        .collect();
    let number = failed.len();
    let all = count(report.totals().own.all(), "own scenario");
    let ids = ids(failed.into_iter(), MOST_IDS);
    (number > 0).then(|| format!("{number} of {all} ({ids})"))
}

/// `2 of 3 own scenarios passed`.
fn own_passed(report: &RunReport) -> String {
    let own = report.totals().own;
    let all = count(own.all(), "own scenario");
    format!("{} of {all} passed", own.passed)
}

/// Of the scored requirements, those with this verdict.
fn of(report: &RunReport, verdict: Verdict) -> impl Iterator<Item = &RequirementReport> {
    report.scored().filter(move |it| it.verdict == verdict)
}

/// `; 31 of 55 MUST requirements passed, 22 not tested: your target names no `restart``; nothing where every
/// MUST applies.
fn untested(report: &RunReport) -> String {
    let must = report.totals().must;
    if must.all() == 0 {
        return String::new();
    }
    match not_tested(report, ", ") {
        text if text.is_empty() => text,
        text => {
            let inconclusive = match (report.verdict(), must.inconclusive) {
                (RunVerdict::Failed, number @ 1..) => format!(", {number} inconclusive"),
                _ => String::new(),
            };
            format!(
                "; {} of {} MUST passed{inconclusive}{text}",
                must.passed,
                must.all()
            )
        }
    }
}

/// `, 22 not tested: your target names no `restart``: how many MUSTs are not applicable, and why.
fn not_tested(report: &RunReport, before: &str) -> String {
    match report.totals().must.not_applicable {
        0 => String::new(),
        number => format!("{before}{number} not tested{}", lacking(report)),
    }
}

/// `: your target names no `http_url`, `[users]``: what a target file could name; nothing where no reason says so.
fn lacking(report: &RunReport) -> String {
    let mut keys: Vec<String> = Vec::new();
    for requirement in of(report, Verdict::NotApplicable) {
        let key = requirement.reason.as_deref().and_then(missing_key);
        keys.extend(key.filter(|it| !keys.contains(it)));
    }
    let Some(left_out @ 1..) = keys.len().checked_sub(MOST_KEYS) else {
        return match keys.as_slice() {
            [] => String::new(),
            keys => format!(": your target names no {}", keys.join(", ")),
        };
    };
    let shown = keys[..MOST_KEYS].join(", ");
    format!(": your target names no {shown} and {left_out} more")
}

/// The key of a target file that a reason advises: `[parts.failing]` of "…; a target file can: [parts.failing]".
fn missing_key(reason: &str) -> Option<String> {
    let (_, advice) = reason.split_once("; ")?;
    if !advice.contains("target file") {
        return None;
    }
    let last = advice.rsplit(": ").next().unwrap_or(advice);
    let table = last.find('[').and_then(|from| {
        let table = &last[from..];
        table.find(']').map(|to| table[..=to].to_owned())
    });
    let word = last.rsplit(' ').next().unwrap_or(last);
    Some(escape_visible(
        &table.unwrap_or_else(|| word.to_owned()),
        LONGEST_KEY,
    ))
}

/// What did not come to a verdict, in the order of all reports: each verdict with its title, and its
/// requirements grouped by reason. Empty parts are left out.
pub(crate) fn unresolved(report: &RunReport) -> Vec<(Verdict, &'static str, Vec<Reason<'_>>)> {
    [
        (Verdict::Inconclusive, "Inconclusive"),
        (Verdict::NotApplicable, "Not applicable"),
    ]
    .into_iter()
    .map(|(verdict, title)| {
        let all = report.requirements.iter();
        (
            verdict,
            title,
            by_reason(report, all.filter(|it| it.verdict == verdict)),
        )
    })
    .collect()
}

/// A reason, and the requirements that have it.
pub(crate) type Reason<'r> = (&'r str, Vec<&'r RequirementReport>);

fn by_reason<'r>(
    report: &'r RunReport,
    requirements: impl Iterator<Item = &'r RequirementReport>,
) -> Vec<Reason<'r>> {
    let diagnosis = report.diagnosis.as_ref();
    grouped(requirements, |it| {
        if let Some(diagnosis) = diagnosis.filter(|of| is_explained(report, it, of)) {
            return &diagnosis.sentence;
        }
        it.reason.as_deref().unwrap_or("no reason given")
    })
}

/// Whether the diagnosis explains why nothing is known of this requirement: it is seen in all of its scenarios that are
/// inconclusive.
fn is_explained(report: &RunReport, requirement: &RequirementReport, of: &Diagnosis) -> bool {
    let own = |it: &&ScenarioReport| {
        it.verdict == Verdict::Inconclusive && it.requirements.contains(&requirement.id)
    };
    let mut own = report.scenarios.iter().filter(own).peekable();
    requirement.verdict == Verdict::Inconclusive
        && own.peek().is_some()
        && own.all(|it| of.scenarios.contains(&it.id))
}

/// What many scenarios have in common, made visible.
pub(crate) fn diagnosis(report: &RunReport) -> Option<String> {
    let diagnosis = report.diagnosis.as_ref()?;
    Some(escape_visible(&diagnosis.sentence, LONGEST))
}

/// Their ids, at most so many.
pub(crate) fn ids<'r>(
    requirements: impl Iterator<Item = &'r RequirementReport>,
    most: usize,
) -> String {
    let ids = requirements.map(|it| escape_visible(&it.id, LONGEST));
    let ids: Vec<String> = ids.collect();
    ids::text(&ids, most)
}
