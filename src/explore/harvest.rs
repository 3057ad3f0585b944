//! What the trials showed: bounded, however many there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{CheckVerdict, registry};
use crate::explore::play::Played;
use crate::protocol::Side;
use crate::report::model::run::Verdict;

/// How many different plans are kept in which something failed. What fails in addition is counted.
const FOUND: usize = 24;

/// What the trials showed so far.
#[derive(Debug, Default)]
pub struct Harvest {
    /// How many trials have been played.
    pub trials: u64,
    /// For each requirement that failed, in how many trials.
    pub failed: BTreeMap<&'static str, u64>,
    /// For each requirement that passed, in how many trials.
    pub passed: BTreeMap<&'static str, u64>,
    /// The first trial in which each requirement passed, for those that no earlier one of these shows.
    pub witnesses: Vec<Witness>,
    /// The plans in which something failed.
    pub found: Vec<Found>,
    /// What the suite itself did wrong, one sentence each.
    pub suite_errors: Vec<String>,
    /// The first reason why a step of a plan could not do what it says.
    pub stopped: Option<String>,
    /// The first reason why a requirement was not judged.
    pub reasons: BTreeMap<&'static str, String>,
}

/// A trial that shows that requirements passed.
#[derive(Debug)]
pub struct Witness {
    /// The trial.
    pub played: Played,
    /// The requirements that no earlier witness shows.
    pub ids: Vec<&'static str>,
}

/// A plan in which requirements failed.
#[derive(Debug)]
pub struct Found {
    /// The shortest plan that was found, as it was played last.
    pub played: Played,
    /// The requirements that it is shown for.
    pub ids: Vec<&'static str>,
    /// How often the plan was played again.
    pub plays: usize,
    /// Whether they failed again.
    pub again: bool,
}

impl Harvest {
    /// Takes note of a trial. Gives the requirements that failed for the first time in it.
    pub fn note(&mut self, played: &Played) -> Vec<&'static str> {
        self.trials += 1;
        self.suite_errors.extend(played.suite_error.clone());
        let reason = &played.judged.scenario.reason;
        self.stopped = self.stopped.take().or_else(|| reason.clone());
        let mut new = Vec::new();
        let mut shown = Vec::new();
        for (id, check_verdict) in &played.judged.check_verdicts {
            match check_verdict {
                CheckVerdict::Failed(_) => {
                    let count = self.failed.entry(id).or_default();
                    *count += 1;
                    if *count == 1 {
                        new.push(*id);
                    }
                }
                CheckVerdict::Passed => {
                    let count = self.passed.entry(id).or_default();
                    *count += 1;
                    if *count == 1 {
                        shown.push(*id);
                    }
                }
                CheckVerdict::Inconclusive(reason) => {
                    self.reasons.entry(id).or_insert_with(|| reason.clone());
                }
            }
        }
        // A step that could not do what it says makes a scenario inconclusive in every report.
        let whole = played.judged.scenario.verdict == Verdict::Passed;
        if whole && !shown.is_empty() {
            let played = played.clone();
            self.witnesses.push(Witness { played, ids: shown });
        } else {
            for id in shown {
                self.passed.remove(id);
            }
        }
        new
    }

    /// Keeps a plan in which these requirements failed.
    pub fn keep(&mut self, found: Found) {
        if self.found.len() < FOUND {
            self.found.push(found);
        }
    }

    /// The requirements of this side that no trial judged, in the order of the catalogue.
    #[must_use]
    pub fn not_judged(&self, side: Side) -> Vec<&'static str> {
        let judged: BTreeSet<&str> = self
            .failed
            .keys()
            .chain(self.passed.keys())
            .copied()
            .collect();
        let all = registry::of(side).map(|it| it.id);
        all.filter(|id| !judged.contains(id)).collect()
    }
}
