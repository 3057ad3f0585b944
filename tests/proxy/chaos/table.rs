//! How often each kind of disturbance led to each verdict.

use std::collections::BTreeMap;
use std::fmt;

use reconnect_acceptance::report::model::run::Verdict;

use super::schedule::Kind;

/// Verdicts on requirements, by what was done to the connections.
#[derive(Debug, Default)]
pub struct Table(BTreeMap<(Kind, bool), Counts>);

/// How often each verdict came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub trials: usize,
    pub passed: usize,
    pub failed: usize,
    pub inconclusive: usize,
    pub inapplicable: usize,
}

impl Counts {
    fn decided(&self) -> usize {
        self.passed + self.failed + self.inconclusive
    }
}

impl Table {
    pub fn note(&mut self, kind: Kind, held: bool, verdicts: impl Iterator<Item = Verdict>) {
        let counts = self.0.entry((kind, held)).or_default();
        counts.trials += 1;
        for verdict in verdicts {
            *match verdict {
                Verdict::Passed => &mut counts.passed,
                Verdict::Failed => &mut counts.failed,
                Verdict::Inconclusive => &mut counts.inconclusive,
                Verdict::NotApplicable => &mut counts.inapplicable,
            } += 1;
        }
    }

    /// The counts of the mild kinds with breakpoints, or of those by URL.
    pub fn mild(&self, held: bool) -> Counts {
        let mut sum = Counts::default();
        for ((kind, of), counts) in &self.0 {
            if kind.is_mild() && *of == held {
                sum.trials += counts.trials;
                sum.passed += counts.passed;
                sum.failed += counts.failed;
                sum.inconclusive += counts.inconclusive;
                sum.inapplicable += counts.inapplicable;
            }
        }
        sum
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "disturbance          trials  passed  failed  inconclusive  not applicable"
        )?;
        for ((kind, held), it) in &self.0 {
            let how = if *held { "" } else { " by URL" };
            let name = format!("{kind:?}{how}");
            let share = |count: usize| match it.decided() {
                0 => "-".to_owned(),
                decided => format!("{} %", count * 100 / decided),
            };
            writeln!(
                f,
                "{name:20} {:6}  {:6}  {:6}  {:12}  {:14}   passed {}, failed {}",
                it.trials,
                it.passed,
                it.failed,
                it.inconclusive,
                it.inapplicable,
                share(it.passed),
                share(it.failed),
            )?;
        }
        Ok(())
    }
}
