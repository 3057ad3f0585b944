//! A return to a run that was paused, that the server no longer kept whole, or no longer had in its memory: what
//! binds all the same. Order, counts and endings do; that nothing is missing at the beginning does not.
//!
//! Such a return shows no requirement about runs under way or finished as passed, only as failed.

use crate::check::collector::Collector;
use crate::check::shared::order::{self, OrderViolation};
use crate::check::shared::precondition::{Obstacle, SETTLED};
use crate::check::shared::return_view::{Announcement, ReturnView, is_error, views};
use crate::protocol::{Ending, Outcome, Position};
use crate::trace::{Delivery, Run, Trace};
use crate::transcript::EntryKind;

/// Why the whole run could not be given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    /// It was paused.
    Paused,
    /// The server had dropped its beginning.
    BeginningDropped,
    /// The server was restarted, or had dropped the run from its memory.
    Persisted,
}

/// A return to such a run that was answered.
pub(crate) struct Incomplete<'s, 't> {
    pub(crate) view: ReturnView<'s, 't>,
    pub(crate) why: Why,
}

/// Whether the replay itself says that the run is over: somebody cancelled it as it waited.
fn is_over(view: &ReturnView<'_, '_>) -> bool {
    let status = view.replay.and_then(|said| Outcome::of(said.status?));
    status.is_some_and(Outcome::is_final)
}

/// Every such return, in order.
pub(crate) fn incomplete<'s, 't>(trace: &'s Trace<'t>) -> impl Iterator<Item = Incomplete<'s, 't>> {
    views(trace).filter_map(|view| {
        let request = view.ret.request.number;
        let why = if trace.restarted_before(view.run, request)
            || trace.dropped_before(view.run, request)
        {
            Why::Persisted
        } else if view.first_kept().is_some() {
            Why::BeginningDropped
        } else if trace.is_paused(view.run, request) && !is_over(&view) {
            Why::Paused
        } else {
            return None;
        };
        let is_clear = view
            .obstacle(&[
                Obstacle::InvalidPosition,
                Obstacle::Unauthenticated,
                Obstacle::Unrecorded,
                Obstacle::AnothersRun,
                Obstacle::OtherReplica,
                Obstacle::Watching,
            ])
            .is_none();
        let refused = view.ret.controls().any(|(entry, _)| is_error(entry));
        (is_clear && !refused && !view.run.is_empty()).then_some(Incomplete { view, why })
    })
}

impl<'t> Incomplete<'_, 't> {
    /// The first of these events, which were missed or are replayed, before which one is missing. Where the
    /// server has dropped the beginning, they may start anywhere after the viewer's position, and what it no
    /// longer had to keep may be missing; that none is repeated is a matter of RETENTION-1.
    pub(crate) fn slip(&self, events: &[Delivery<'t>], from: u64) -> Option<OrderViolation<'t>> {
        let first = events.first().and_then(Delivery::index)?;
        match self.why {
            Why::Paused => order::slip(events, from),
            Why::BeginningDropped => order::slip(events, first.max(from)).filter(|slip| {
                let came = slip.came.message().and_then(|it| it.event()?.index.at());
                came.is_some_and(|came| came > slip.next) && self.is_kept(slip)
            }),
            // A matter of RESTART-1 and RETENTION-3.
            Why::Persisted => None,
        }
    }

    /// Whether the server still had to keep the event that is missing.
    fn is_kept(&self, slip: &OrderViolation<'_>) -> bool {
        let number = slip.came.number.saturating_add(1);
        let highest = self.view.trace.highest_before(self.view.run, number);
        let keeps = self.view.trace.retention();
        keeps.zip(highest).is_some_and(|(keeps, highest)| {
            highest.saturating_add(1).saturating_sub(keeps) <= slip.next
        })
    }

    /// The first live event that does not follow the one before, where the run goes on.
    pub(crate) fn live_slip(&self) -> Option<OrderViolation<'t>> {
        let (before, live) = self.view.around_subscribed();
        let goes_on = self.why == Why::BeginningDropped && !self.view.subscribed.is_empty();
        let last = before.iter().filter_map(Delivery::index).max();
        let first = live.first().and_then(Delivery::index);
        let next = last.map_or(first, |last| last.checked_add(1))?;
        order::slip(live, next).filter(|_| goes_on)
    }

    /// Notes where the viewer was subscribed to a run that goes on, and did not get its ending although the run was over.
    pub(crate) fn ending_is_owed(&self, collector: &mut Collector) {
        let view = &self.view;
        let subscribed = self.why == Why::BeginningDropped && !view.subscribed.is_empty();
        let misses = subscribed && view.ending().is_none() && !view.is_over_http();
        if let Some(missing) = view.missing().filter(|_| misses) {
            collector.failed(
                "live events until the ending",
                missing.observed(),
                [view.ret.request.number, view.last()]
                    .into_iter()
                    .chain(missing.evidence()),
            );
        }
    }

    /// Whether an announcement of so many events agrees with those that came: with all of them, or also with
    /// those before them that are lost or that the viewer had.
    pub(crate) fn agrees(&self, announced: u64, events: &[Delivery<'t>], from: u64) -> bool {
        let came = events.len() as u64;
        let first = events.first().and_then(Delivery::index);
        let before = first.map_or(0, |first| first.saturating_sub(from));
        let may_count_them = self.why != Why::Paused;
        announced == came || may_count_them && announced == came.saturating_add(before)
    }

    /// What was replayed, where it was: of a paused run without what follows when somebody lets it go on.
    pub(crate) fn replayed(&self) -> Option<(Announcement<'t>, &[Delivery<'t>])> {
        let replay = self.view.replay_first()?;
        let events = self.view.after(replay.entry.number);
        let request = self.view.ret.request.number;
        let pause = self.view.trace.highest_before(self.view.run, request);
        let later = |it: &Delivery<'_>| self.why == Why::Paused && it.index() > pause;
        let end = events.iter().position(later).unwrap_or(events.len());
        Some((replay, &events[..end]))
    }

    /// Whether the viewer has certainly seen all that this replay brings.
    pub(crate) fn came_whole(&self) -> bool {
        if self.view.connection.stream_ended().is_some() {
            return true;
        }
        let last = self.replayed().and_then(|(_, events)| events.last());
        let after = last.map_or(self.view.last(), |last| last.entry.number);
        let went_on = || {
            let later = self.view.connection.after(after).iter();
            let mut heard = later.filter(|it| matches!(it.what, EntryKind::Received { .. }));
            heard.next().is_some()
        };
        match last.and_then(|last| last.event().ending()) {
            Some(Ending::Completed | Ending::Failed) => {
                let told = self.view.trace.run(self.view.run);
                !told.is_some_and(Run::goes_on_after_ending) || self.view.silence().is_some()
            }
            Some(Ending::Paused) => went_on() || self.view.silence().is_some(),
            _ => self.view.silence().is_some(),
        }
    }

    /// Whether the run had certainly finished.
    pub(crate) fn had_finished(&self) -> bool {
        let request = self.view.ret.request;
        let ended = self.view.trace.ending_before(self.view.run, request.number);
        ended.is_some_and(|(ended, ending)| {
            ending != Ending::Cancelled && request.at().saturating_sub(ended.at()) >= SETTLED
        })
    }

    /// Whether the viewer named a position.
    pub(crate) fn has_position(&self) -> bool {
        matches!(self.view.position, Position::At(_))
    }
}
