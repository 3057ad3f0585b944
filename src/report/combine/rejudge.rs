//! A stored run, judged again from its transcripts with the checks of this suite.
//!
//! With the same checks, every verdict stays. With newer ones, this says which verdicts changed and why.

use crate::check::{Requirement, registry};
use crate::report::combine::missing::mark_inconclusive;
use crate::report::combine::repeat::Repeated;
use crate::report::combine::wires;
use crate::report::model::run::{
    BySteps, Repetitions, RequirementReport, Run, RunReport, ScenarioReport, Verdict,
};
use crate::report::text::format::finding;
use crate::report::verdict::known;
use crate::report::verdict::of_run::{Circumstances, Judged};
use crate::report::verdict::{as_of, of_run, of_scenario};
use crate::transcript::{EntryKind, Transcript};

/// A run judged again.
#[derive(Clone, Debug)]
pub struct Rejudged {
    /// The run, with the verdicts of this suite.
    pub run: Run,
    /// The verdicts that changed, in the order of the report.
    pub changes: Vec<Change>,
}

/// A requirement whose verdict changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// The stored verdict; none where it was not judged then and a newer check finds a violation.
    pub from: Option<Verdict>,
    /// The one of this suite.
    pub to: Verdict,
    /// Why, in one sentence.
    pub why: String,
}

/// Why a stored run cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It has requirements that this suite has no check for.
    #[error(
        "judge {id:?}, which this suite (release {}) does not know: reconnect-acceptance {suite_version} wrote the run; judge it with that release or a newer one",
        env!("CARGO_PKG_VERSION")
    )]
    Unknown {
        /// The id.
        id: String,
        /// The release of the suite that wrote it.
        suite_version: String,
    },
    /// It says that it is made of repetitions, and of none or of more than were asked for.
    #[error("judge {0} of {1} repetitions")]
    Repetitions(usize, usize),
}

/// Judges a stored run again, with the list of known failures that it was judged with.
///
/// # Errors
///
/// [`Error::Unknown`] for a requirement that this suite does not know.
pub fn judge(stored: &Run) -> Result<Rejudged, Error> {
    let report = &stored.report;
    let mut runs = Vec::new();
    for (wire, run) in wires::part(stored) {
        runs.push((wire, over_one_wire(&run)?));
    }
    // There is always one.
    let mut run = wires::join(runs).unwrap_or_else(|| stored.clone());
    run.report.shard.clone_from(&report.shard);
    run.report.merged.clone_from(&report.merged);
    Ok(compared(run, report))
}

/// A run that was judged again, with what ended the stored one, its list of known failures, and what has changed.
fn compared(mut run: Run, stored: &RunReport) -> Rejudged {
    run.report.interrupted.clone_from(&stored.interrupted);
    run.report.suite_errors.clone_from(&stored.suite_errors);
    run.report.notes.clone_from(&stored.notes);
    if let Some(list) = &stored.known_failures {
        known::apply(&mut run.report, list.clone());
    }
    let changes = changes(stored, &run.report);
    Rejudged { run, changes }
}

/// The run over a single wire, judged again without known failures.
fn over_one_wire(stored: &Run) -> Result<Run, Error> {
    let report = &stored.report;
    let selected = report
        .requirements
        .iter()
        // Those are no requirements, and are found again by their scenarios.
        .filter(|it| !it.own)
        .map(|it| {
            registry::find(&it.id).ok_or_else(|| Error::Unknown {
                id: it.id.clone(),
                suite_version: report.suite_version.clone(),
            })
        })
        .collect::<Result<Vec<&Requirement>, _>>()?;
    let judged = report.scenarios.iter().map(|it| scenario(it, stored));
    let about = Circumstances {
        started_at: report.started_at.clone(),
        duration_ms: report.duration_ms,
        target: report.target.clone(),
        strict: report.strict,
        interrupted: report.interrupted.clone(),
        suite_errors: report.suite_errors.clone(),
    };
    let mut run = of_run::run(about, judged.collect(), &selected);
    run.report.require_all = report.require_all;
    run.report.misconfigured.clone_from(&report.misconfigured);
    as_of::apply(&mut run.report, report.as_of.as_deref());
    run.report.features.clone_from(&report.features);
    for new in &mut run.report.requirements {
        let mut stored = report.requirements.iter();
        let old = stored.find(|old| old.id == new.id);
        new.unselected = old.map_or(0, |old| old.unselected);
    }
    run.report.time_limits.clone_from(&report.time_limits);
    run.report.shard.clone_from(&report.shard);
    run.report.merged.clone_from(&report.merged);
    mark_inconclusive(&mut run.report);
    Ok(run)
}

/// Judges a stored run of many repetitions again: `repetition` reads the one of a number, counted from
/// 1, `judged` gets the result.
///
/// # Errors
///
/// [`Error::Unknown`], [`Error::Repetitions`], and whatever reading or writing a repetition gives.
pub fn judge_repeated<E: From<Error>>(
    stored: &RunReport,
    of: Repetitions,
    mut read: impl FnMut(usize) -> Result<Run, E>,
    mut judged: impl FnMut(usize, &Run) -> Result<(), E>,
) -> Result<Rejudged, E> {
    if of.begun > of.asked {
        return Err(Error::Repetitions(of.begun, of.asked).into());
    }
    let mut all = Repeated::new(of.asked);
    for number in 1..=of.begun {
        let run = judge(&read(number)?)?.run;
        judged(number, &run)?;
        all.add(run);
    }
    let run = all.finish();
    let mut run = run.ok_or(Error::Repetitions(of.begun, of.asked))?;
    // It may have been ended between two of them, or one could not begin.
    run.report.misconfigured.clone_from(&stored.misconfigured);
    Ok(compared(run, stored))
}

/// The scenario as it was before any check had judged it, judged.
fn scenario(stored: &ScenarioReport, run: &Run) -> Judged {
    let mut scenario = stored.clone();
    let by_steps = scenario.by_steps.take();
    let BySteps { verdict, reason } = by_steps.unwrap_or_else(|| BySteps {
        verdict: Verdict::Inconclusive,
        reason: stored.reason.clone(),
    });
    of_scenario::unshow(&mut scenario, verdict);
    scenario.verdict = verdict;
    scenario.reason = reason;
    scenario.findings.clear();
    let transcript = run.transcripts.get(&stored.id).cloned();
    // The first contact belongs to no feature. Where nothing was received, it is not judged.
    if stored.path.is_empty() && !transcript.as_deref().is_some_and(has_spoken) {
        return Judged {
            scenario,
            check_verdicts: Vec::new(),
            transcript,
        };
    }
    of_run::judge(scenario, transcript)
}

fn has_spoken(transcript: &Transcript) -> bool {
    let spoken = |what: &EntryKind| {
        matches!(
            what,
            EntryKind::Received { .. } | EntryKind::ReceivedBinary(_)
        )
    };
    transcript.entries().iter().any(|entry| spoken(&entry.what))
}

fn changes(old: &RunReport, new: &RunReport) -> Vec<Change> {
    let pairs = old.requirements.iter().filter_map(|old| {
        let mut all = new.requirements.iter();
        Some((old, all.find(|new| new.id == old.id)?))
    });
    let changed = pairs.filter_map(|(old, new)| {
        Some(Change {
            id: new.id.clone(),
            from: Some(old.verdict),
            to: new.verdict,
            why: why(old, new)?,
        })
    });
    changed.chain(news(old, new)).collect()
}

/// What newer checks find of requirements that the run did not judge.
fn news(old: &RunReport, new: &RunReport) -> Vec<Change> {
    let mut news: Vec<Change> = Vec::new();
    for (before, now) in old.scenarios.iter().zip(&new.scenarios) {
        for it in &now.findings {
            let id = &it.requirement;
            let was_seen = before.findings.iter().any(|of| of.requirement == *id);
            let is_judged = new.requirements.iter().any(|of| of.id == *id);
            if was_seen || is_judged || news.iter().any(|of| of.id == *id) {
                continue;
            }
            news.push(Change {
                id: id.clone(),
                from: None,
                to: Verdict::Failed,
                why: finding(&it.finding),
            });
        }
    }
    news
}

/// Why the verdict or what it rests on changed; nothing where it did not.
fn why(old: &RequirementReport, new: &RequirementReport) -> Option<String> {
    let seen = |it: &RequirementReport| {
        it.findings.first().map_or_else(
            || "no finding is stored".to_owned(),
            |first| finding(&first.finding),
        )
    };
    let places = |it: &RequirementReport| -> Vec<_> {
        let findings = it.findings.iter();
        findings
            .map(|it| (it.scenario.clone(), it.finding.clone()))
            .collect()
    };
    match (old.verdict, new.verdict) {
        (Verdict::Failed, Verdict::Failed) if places(old) == places(new) => None,
        (Verdict::Failed, Verdict::Failed) => Some(format!(
            "the findings differ ({} then, {} now); now {}",
            old.findings.len(),
            new.findings.len(),
            seen(new)
        )),
        (from, to) if from == to => None,
        (_, Verdict::Failed) => Some(seen(new)),
        (Verdict::Failed, _) => {
            let reason = new.reason.as_deref().map(|it| format!("; now: {it}"));
            Some(format!(
                "no longer found by this suite: {}{}",
                seen(old),
                reason.unwrap_or_default()
            ))
        }
        (_, _) => Some(match (&new.reason, &old.reason) {
            (Some(reason), _) => reason.clone(),
            (None, Some(reason)) => format!("it was: {reason}"),
            (None, None) => "no reason was given".to_owned(),
        }),
    }
}
