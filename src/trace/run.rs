//! What the transcript says about one run.

use crate::protocol::{Control, Ending, Outcome};
use crate::trace::delivery::Delivery;
use crate::trace::subscription::Subscription;
use crate::transcript::entry::{Entry, Number};

/// What the transcript says about one run, from all viewers.
#[derive(Debug, Default)]
pub struct Run<'t> {
    /// Its deliveries, as places in [`Trace::deliveries`](super::Trace::deliveries).
    pub(super) places: Vec<u32>,
    /// The highest index among the deliveries up to each of them.
    pub(super) highest: Vec<Highest>,
    /// The lowest index among its deliveries.
    pub lowest: Option<u64>,
    /// Its start, as a place in [`Trace::subscriptions`](super::Trace::subscriptions).
    pub(super) start: Option<usize>,
    /// The answers to returns that show it as running, in the order of the requests, whose numbers
    /// stand beside them.
    running: Vec<(Number, &'t Entry)>,
    /// The requests of the continuations that something came of, in order.
    pub(super) continued: Vec<Number>,
    /// The first final ending that anyone was sent.
    pub ending: Option<(&'t Entry, Ending)>,
    /// The first `WorkflowCancelled` that anyone was sent.
    pub cancelled: Option<&'t Entry>,
    /// The first `WorkflowPaused` that anyone was sent.
    pub paused: Option<&'t Entry>,
    /// By index, rising: the first delivery of each `WorkflowPaused`, in order.
    pub(super) pauses: Vec<(u64, &'t Entry)>,
    /// The first `replay` with the status of a finished run, and that status.
    pub replayed: Option<(&'t Entry, Outcome)>,
}

impl<'t> Run<'t> {
    /// The index of its final ending, where anyone was sent one.
    #[must_use]
    pub fn last_index(&self) -> Option<u64> {
        self.ending?.0.message()?.event()?.index.at()
    }

    /// Whether anyone was sent an event of it behind its final ending, which then is not the end of it.
    #[must_use]
    pub fn goes_on_after_ending(&self) -> bool {
        let highest = self.highest.last().and_then(|highest| highest.index());
        self.last_index()
            .is_some_and(|ending| highest > Some(ending))
    }

    /// The first answer that shows it as running, among those to requests after this entry.
    #[must_use]
    pub fn running_after(&self, number: Number) -> Option<&'t Entry> {
        let first = self.running.partition_point(|(at, _)| *at <= number);
        self.running.get(first).map(|(_, answer)| *answer)
    }

    /// The last answer that shows it as running.
    #[must_use]
    pub fn running_last(&self) -> Option<&'t Entry> {
        self.running.last().map(|(_, answer)| *answer)
    }

    pub(super) fn add(&mut self, delivery: &Delivery<'t>) {
        let highest = self.highest.last().copied().unwrap_or_default();
        self.highest
            .push(highest.max(Highest::of(delivery.index())));
        self.lowest = self.lowest.into_iter().chain(delivery.index()).min();
        let Some(ending) = delivery.event().ending() else {
            return;
        };
        if ending == Ending::Paused {
            self.paused.get_or_insert(delivery.entry);
            // A replay shows those again that had come before.
            if let Some(index) = delivery.index()
                && self.pauses.last().is_none_or(|(last, _)| *last < index)
            {
                self.pauses.push((index, delivery.entry));
            }
        }
        if ending.is_final() {
            self.ending.get_or_insert((delivery.entry, ending));
        }
        if ending == Ending::Cancelled {
            self.cancelled.get_or_insert(delivery.entry);
        }
    }

    /// Adds what the answers to a return say about it.
    pub(super) fn add_return(&mut self, it: &Subscription<'t>) {
        let answer = it.answer();
        let control = answer.and_then(|answer| answer.message()?.control());
        if let Some(answer) = answer
            && let Some(Control::CatchUp { .. } | Control::Subscribed { .. }) = control
        {
            self.running.push((it.request.number, answer));
        }
        for (entry, control) in it.controls() {
            if let Control::Replay {
                status: Some(status),
                ..
            } = control
                && let Some(outcome) = Outcome::of(status).filter(|outcome| outcome.is_final())
                && self
                    .replayed
                    .is_none_or(|(first, _)| entry.number < first.number)
            {
                self.replayed = Some((entry, outcome));
            }
        }
    }
}

/// The highest index so far, if there was any. One number, since there are as many as deliveries.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Highest(u64);

impl Highest {
    fn of(index: Option<u64>) -> Self {
        Self(index.map_or(0, |index| index.saturating_add(1)))
    }

    pub(super) fn index(self) -> Option<u64> {
        self.0.checked_sub(1)
    }
}
