//! Times in which nobody watched a run and nothing happened in it, compared with those in which somebody did.

use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::protocol::{Control, Part};
use crate::trace::Trace;
use crate::transcript::{Entry, Number};

/// From so many waits for the next event on, it is known how long one takes.
const KNOWN: usize = 10;

/// How many times as long as the longest wait for the next event an absence must have been.
const TIMES: u32 = 25;

/// A time in which nobody watched a run, and nothing happened in it.
pub(super) struct Absence<'t> {
    /// Who came back.
    pub(super) viewer: &'t str,
    /// Where the last one had left.
    pub(super) from: &'t Entry,
    /// The request of the one who came back.
    pub(super) until: &'t Entry,
    /// How many events had been seen until then.
    pub(super) seen: u64,
}

impl Absence<'_> {
    fn took(&self) -> Duration {
        self.until.at().saturating_sub(self.from.at())
    }
}

/// The times in which nobody watched a run.
#[derive(Default)]
pub(super) struct Absences<'t> {
    /// Those in which nothing happened.
    pub(super) still: Vec<Absence<'t>>,
    /// Whether something happened in any other.
    pub(super) moved: bool,
}

impl Absences<'_> {
    /// A run that stops at each absence, and only then, waits for viewers. One absence alone may be a slow
    /// step.
    pub(super) fn judge(&self, trace: &Trace<'_>, run: &str, collector: &mut Collector) {
        let Some(gap) = self.longest_wait(trace, run).filter(|_| !self.moved) else {
            for it in &self.still {
                collector.inconclusive(format!(
                    "no event happened while nobody watched, until {} returned: raise --away",
                    it.viewer
                ));
            }
            return;
        };
        if let Some(short) = self.still.iter().find(|it| it.took() < gap * TIMES) {
            return collector.inconclusive(format!(
                "no event happened in the {} before {} returned, and the next event took up to {} while somebody \
                 watched: raise --away to {}",
                describe::lasted(short.took()),
                short.viewer,
                describe::lasted(gap),
                describe::lasted(gap * (TIMES + 1))
            ));
        }
        let took = self.still.iter().map(|it| describe::lasted(it.took()));
        collector.failed(
            "a run that goes on while nobody watches",
            format!(
                "no event in {} without a viewer, though the next one took at most {} while somebody watched",
                took.collect::<Vec<_>>().join(" and in "),
                describe::lasted(gap)
            ),
            self.still.iter().flat_map(|it| [it.from.number, it.until.number]),
        );
    }

    /// The longest wait for the next live event while somebody watched; nothing where too little is known, or the run
    /// did not go on between the absences and after them, or could not.
    fn longest_wait(&self, trace: &Trace<'_>, run: &str) -> Option<Duration> {
        let last = self.still.last().filter(|_| self.still.len() > 1)?;
        let goes_on = self
            .still
            .windows(2)
            .all(|pair| pair[0].seen < pair[1].seen);
        let told = trace.run(run)?;
        let could = told.paused.is_none()
            && told.cancelled.is_none()
            && trace.part_of(run) != Some(Part::Pausing);
        let is_held = |it: &Absence<'_>| trace.held_at(run, it.until.number).is_some();
        let highest = trace.highest_before(run, Number::MAX)?;
        if !goes_on || !could || highest < last.seen || self.still.iter().any(is_held) {
            return None;
        }
        let mut waits = Vec::new();
        for it in trace.subscriptions.iter().filter(|it| it.run == Some(run)) {
            let live = it.deliveries.iter().filter(|it| it.phase.is_live());
            let live = live.map(|delivery| delivery.entry);
            let subscribed = it
                .controls()
                .filter(|(_, said)| matches!(said, Control::Subscribed { .. }));
            let times: Vec<_> = subscribed
                .map(|(entry, _)| entry)
                .chain(live)
                .map(Entry::at)
                .collect();
            waits.extend(times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])));
        }
        waits.iter().max().copied().filter(|_| waits.len() >= KNOWN)
    }
}
