//! One event that came to one viewer.

use std::sync::Arc;

use crate::protocol::{Event, Message};
use crate::transcript::entry::Entry;
use crate::transcript::work;

/// How a viewer came by an event.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Phase {
    /// On the connection that started the run.
    First,
    /// After `catch_up`, before `subscribed`.
    Missed,
    /// After `subscribed`.
    Live,
    /// After `replay`.
    Replayed,
    /// After `continue-workflow`.
    Continued,
    /// After a return that nothing had answered yet.
    Unannounced,
    /// For a run that was neither started nor asked for on this connection.
    Stray,
}

impl Phase {
    /// Whether the event came as it happened.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::First | Self::Live)
    }
}

/// One arrival of an event at one viewer on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'t> {
    /// The entry that recorded it: an event.
    pub entry: &'t Entry,
    /// See [`Delivery::connection`]. There are many deliveries, so this has half the width of a place.
    pub(crate) on: u32,
    /// How the viewer came by it.
    pub phase: Phase,
}

impl<'t> Delivery<'t> {
    /// An event that came on this connection, a place in [`Trace::connections`](super::Trace::connections),
    /// and that nobody had asked for. `None` where the entry is no event.
    #[must_use]
    pub fn stray(entry: &'t Entry, connection: usize) -> Option<Self> {
        entry.message()?.event()?;
        Some(Self {
            entry,
            on: narrow(connection),
            phase: Phase::Stray,
        })
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &'t Event {
        work::count();
        match self.entry.message().and_then(Message::event) {
            Some(event) => event,
            None => unreachable!("entry {} is no event", self.entry.number),
        }
    }

    /// Which connection it was on, as a place in [`Trace::connections`](super::Trace::connections).
    #[must_use]
    pub fn connection(&self) -> usize {
        self.on as usize
    }

    /// Whether the two events name the same run, or both name none.
    pub(super) fn is_of_the_run_of(&self, other: &Self) -> bool {
        let (one, other) = (self.event(), other.event());
        Arc::ptr_eq(&one.about, &other.about) || one.run() == other.run()
    }

    /// The event's index, where it is a whole number from 0.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.event().index.at()
    }

    /// Whether the event is a final ending of its run.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.event().final_ending().is_some()
    }
}

/// A place, in half the width: there are many.
pub(super) fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
