//! How often something got which verdict, where the suite was repeated.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::model::totals::Counts;
use crate::report::model::verdict::Verdict;

/// How many odd repetitions are named.
const MOST_ODD: usize = 20;

/// How many repetitions a run is made of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Repetitions {
    /// How many were asked for.
    pub asked: usize,
    /// How many were begun: each has a record of its own.
    pub begun: usize,
    /// How many came to their end; the last one that was begun may have been cut short.
    pub finished: usize,
}

/// How often something got which verdict.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Outcomes {
    /// In how many repetitions. One that was cut short counts if it still came to a verdict.
    #[serde(flatten)]
    pub counts: Counts,
    /// The repetitions that are not like most, in order; at most 20 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<Odd>,
}

/// A repetition that is not like most.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Odd {
    /// Its number, from 1.
    pub repetition: usize,
    /// The verdict there.
    pub verdict: Verdict,
}

/// Every verdict, best first.
const VERDICTS: [Verdict; 4] = [
    Verdict::Passed,
    Verdict::NotApplicable,
    Verdict::Inconclusive,
    Verdict::Failed,
];

impl Outcomes {
    /// Counts these: the number of the repetition (from 1), and the verdict there.
    #[must_use]
    pub fn of(all: &[(usize, Verdict)]) -> Self {
        let mut counts = Counts::default();
        for (_, verdict) in all {
            *counts.of_mut(*verdict) += 1;
        }
        // Where two are as frequent, the worse one is the odd one.
        let usual = VERDICTS.into_iter().rev().max_by_key(|it| counts.of(*it));
        let odd = all.iter().filter(|(_, verdict)| Some(*verdict) != usual);
        Self {
            counts,
            odd: odd
                .take(MOST_ODD)
                .map(|&(repetition, verdict)| Odd {
                    repetition,
                    verdict,
                })
                .collect(),
        }
    }

    /// Whether repetitions differ.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        let seen = VERDICTS.into_iter().filter(|it| self.counts.of(*it) > 0);
        seen.count() > 1
    }

    /// The verdict on all of them: the worst. Where some passed and some were
    /// not applicable, both cannot be right: inconclusive.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let seen = VERDICTS.into_iter().filter(|it| self.counts.of(*it) > 0);
        match seen.max() {
            Some(Verdict::NotApplicable) if self.counts.passed > 0 => Verdict::Inconclusive,
            Some(worst) => worst,
            None => Verdict::Inconclusive,
        }
    }

    /// `19/20`: in how many of the repetitions it passed.
    #[must_use]
    pub fn fraction(&self) -> String {
        format!("{}/{}", self.counts.passed, self.counts.all())
    }

    /// `passed in 4 of 6 repetitions; failed in repetitions 3 and 6`.
    #[must_use]
    pub fn words(&self) -> String {
        let (passed, all) = (self.counts.passed, self.counts.all());
        let plural = if all == 1 { "" } else { "s" };
        let mut text = format!("passed in {passed} of {all} repetition{plural}");
        for verdict in VERDICTS.into_iter().rev() {
            let named: Vec<_> = self
                .odd
                .iter()
                .filter(|it| it.verdict == verdict)
                .map(|it| it.repetition.to_string())
                .collect();
            let left = self.counts.of(verdict).saturating_sub(named.len());
            let (Some((last, before)), word) = (named.split_last(), verdict.words()) else {
                continue;
            };
            // Writing to a string cannot fail.
            let _ = match (before, left) {
                ([], 0) => write!(text, "; {word} in repetition {last}"),
                (before, 0) => {
                    let before = before.join(", ");
                    write!(text, "; {word} in repetitions {before} and {last}")
                }
                (_, left) => {
                    let named = named.join(", ");
                    write!(text, "; {word} in repetitions {named} and {left} more")
                }
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Failed, Inconclusive, NotApplicable, Passed};

    fn of(all: &[Verdict]) -> Outcomes {
        let numbered: Vec<_> = (1..).zip(all.iter().copied()).collect();
        Outcomes::of(&numbered)
    }

    #[test]
    fn every_mixture_gets_the_worst_verdict_and_never_passes() {
        for one in VERDICTS {
            let same = of(&[one, one]);
            assert_eq!((same.verdict(), same.is_mixed()), (one, false));
            assert_eq!(same.odd, []);
            for other in VERDICTS.into_iter().filter(|it| *it != one) {
                let mixed = of(&[one, other, one]);
                assert!(mixed.is_mixed(), "{one:?} {other:?}");
                let verdict = mixed.verdict();
                assert!(verdict >= Inconclusive, "{one:?} {other:?}: {verdict:?}");
                let worst = one.max(other).max(Inconclusive);
                assert_eq!(verdict, worst, "{one:?} {other:?}");
                let odd = Odd {
                    repetition: 2,
                    verdict: other,
                };
                assert_eq!(mixed.odd, [odd]);
            }
        }
        assert_eq!(of(&[]).verdict(), Inconclusive);
    }

    #[test]
    fn the_words_name_what_is_odd() {
        let mixed = of(&[Passed, Failed, Passed, Passed, Failed, Inconclusive]);
        assert_eq!(mixed.fraction(), "3/6");
        assert_eq!(
            mixed.words(),
            "passed in 3 of 6 repetitions; failed in repetitions 2 and 5; inconclusive in repetition 6"
        );
        let even = of(&[Failed, Passed]);
        assert_eq!(
            even.words(),
            "passed in 1 of 2 repetitions; failed in repetition 1"
        );
        let mostly = of(&[Failed, Failed, NotApplicable, Passed, Failed]);
        assert_eq!(
            mostly.words(),
            "passed in 1 of 5 repetitions; not applicable in repetition 3; passed in repetition 4"
        );
        // A stored report may say anything.
        let stored = Outcomes {
            counts: Counts {
                passed: usize::MAX,
                failed: 1,
                ..Counts::default()
            },
            odd: Vec::new(),
        };
        assert_eq!(stored.fraction(), format!("{0}/{0}", usize::MAX));
        let mut many = vec![Passed; 60];
        many.extend([Failed; 25]);
        let many = of(&many);
        assert_eq!(many.odd.len(), 20);
        assert!(
            many.words().ends_with("79, 80 and 5 more"),
            "{}",
            many.words()
        );
    }
}
