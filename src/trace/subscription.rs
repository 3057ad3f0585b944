//! Everything a connection gets for one run, because it started, returned or continued.

use std::iter;

use crate::protocol::{Action, Control, Position};
use crate::trace::delivery::Delivery;
use crate::transcript::entry::{Entry, Number};
use crate::transcript::work;

/// Everything a connection gets for one run, because it started, returned or continued: until the
/// viewer leaves, or asks for the run again.
#[derive(Debug)]
pub struct Subscription<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which connection it is on, as a place in [`Trace::connections`](super::Trace::connections).
    pub connection: usize,
    /// The run: the one that was asked for, or that started, as its first event (or `queued`) says.
    pub run: Option<&'t str>,
    /// What kind of request it was.
    pub origin: Origin<'t>,
    /// The control messages about the run that followed, errors included, in order. A start and a
    /// continuation have none but the error that refused them.
    pub(crate) controls: Vec<&'t Entry>,
    /// The deliveries of the run that followed, in order.
    pub deliveries: Vec<Delivery<'t>>,
    /// The next request on this connection that took over what follows of the run.
    pub until: Option<Number>,
    /// Another viewer's return to the run, after which this one may have been displaced.
    pub displaced: Option<Displacement>,
}

/// Which request a subscription comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin<'t> {
    /// `start-workflow`.
    Started,
    /// `reconnect`.
    Returned {
        /// The position that was named.
        position: &'t Position,
        /// What the connection had to do with the run before.
        earlier: Earlier,
    },
    /// `continue-workflow`.
    Continued,
}

/// What a connection had to do with a run before it was asked for. Events may still be on their way to a
/// viewer who is already watching, so what comes first says nothing about the answer then.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Earlier {
    /// Nothing.
    Nothing,
    /// The run was started, or had been asked for, on this connection.
    Watching,
    /// Likewise, and a final ending of it had come on this connection.
    Ended,
}

/// Another viewer's return, which may have displaced this one.
#[derive(Clone, Copy, Debug)]
pub struct Displacement {
    /// The number of the entry from which on it may have.
    pub from: Number,
    /// The connection of the other, as a place in [`Trace::connections`](super::Trace::connections).
    pub by: usize,
}

impl<'t> Subscription<'t> {
    /// The workflow that the request names.
    #[must_use]
    pub fn workflow_id(&self) -> Option<&'t str> {
        match self.request.action()? {
            Action::Start { workflow_id, .. }
            | Action::Reconnect { workflow_id, .. }
            | Action::Continue { workflow_id, .. } => workflow_id.as_deref(),
            _ => None,
        }
    }

    /// The session that the request names.
    #[must_use]
    pub fn session_id(&self) -> Option<&'t str> {
        match self.request.action()? {
            Action::Start { session_id, .. }
            | Action::Reconnect { session_id, .. }
            | Action::Continue { session_id, .. } => session_id.as_deref(),
            _ => None,
        }
    }

    /// The position that a return named; a start and a continuation have none.
    #[must_use]
    pub fn position(&self) -> Option<&'t Position> {
        match self.origin {
            Origin::Returned { position, .. } => Some(position),
            Origin::Started | Origin::Continued => None,
        }
    }

    /// What the connection had to do with the run before a return to it.
    #[must_use]
    pub fn earlier(&self) -> Earlier {
        match self.origin {
            Origin::Returned { earlier, .. } => earlier,
            Origin::Started | Origin::Continued => Earlier::Nothing,
        }
    }

    /// The first message about the run, errors included.
    #[must_use]
    pub fn answer(&self) -> Option<&'t Entry> {
        self.heard().next()
    }

    /// The first message, if it is a refusal: `error` or `auth_required`.
    #[must_use]
    pub fn refusal(&self) -> Option<&'t Entry> {
        self.answer().filter(|answer| {
            let control = answer.message().and_then(|message| message.control());
            matches!(control, Some(Control::Error { .. } | Control::AuthRequired))
        })
    }

    /// Whether it was refused, be it after events that were on their way already.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let mut controls = self.controls();
        controls.any(|(_, it)| matches!(it, Control::Error { .. } | Control::AuthRequired))
    }

    /// The last message about the run, errors included.
    #[must_use]
    pub fn last(&self) -> Option<&'t Entry> {
        let control = self.controls.last().copied();
        let event = self.deliveries.last().map(|last| last.entry);
        control.into_iter().chain(event).max_by_key(|it| it.number)
    }

    /// The messages about the run that followed, errors included, in order.
    pub fn heard(&self) -> impl Iterator<Item = &'t Entry> {
        let mut controls = work::counted(self.controls.iter().copied()).peekable();
        let mut deliveries = work::counted(self.deliveries.iter().map(|it| it.entry)).peekable();
        iter::from_fn(move || match (controls.peek(), deliveries.peek()) {
            (Some(control), Some(event)) if control.number < event.number => controls.next(),
            (Some(_), None) => controls.next(),
            _ => deliveries.next(),
        })
    }

    /// The control messages that followed, in order.
    pub fn controls(&self) -> impl Iterator<Item = (&'t Entry, &'t Control)> {
        let controls = self.controls.iter().copied();
        controls.filter_map(|entry| Some((entry, entry.message()?.control()?)))
    }

    /// From where on its viewer watches the run live: its first event where they started it, `subscribed` where they
    /// returned; `None` where neither came, and for a continuation.
    #[must_use]
    pub fn live_since(&self) -> Option<Number> {
        match self.origin {
            Origin::Started => self.deliveries.first().map(|first| first.entry.number),
            Origin::Returned { .. } => self.controls().find_map(|(entry, control)| {
                matches!(control, Control::Subscribed { .. }).then_some(entry.number)
            }),
            Origin::Continued => None,
        }
    }

    /// Whether one of the deliveries is a final ending.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.deliveries.iter().any(Delivery::is_final)
    }
}
