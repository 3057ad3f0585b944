//! Whether what comes of a run may still be the answer to something else: a return that was asked for before,
//! or a start of which nothing has come.

use super::Assignment;
use crate::protocol::{Control, Outcome};
use crate::trace::subscription::{Earlier, Origin};

impl Assignment<'_, '_> {
    /// Whether what this subscription gets may be the answer to an earlier return.
    pub(super) fn is_crossed(&self, at: usize) -> bool {
        let asked = self.trace.subscriptions[at].request.number;
        self.states[at - self.first].is_crossed && asked > self.silent
    }

    /// Whether the answer to a return to the run, or a part of it, is still on its way on this connection.
    pub(super) fn is_owed(&self, run: &str) -> bool {
        let Some(&at) = self.hearers.get(run) else {
            return false;
        };
        let before = &self.trace.subscriptions[at];
        let is_return = matches!(before.origin, Origin::Returned { .. });
        let last = before.deliveries.last();
        let is_replayed =
            !before.controls.is_empty() && last.is_some_and(|it| it.event().ending().is_some());
        let is_given = is_replayed || before.live_since().is_some() || before.is_refused();
        let is_over = is_given || self.ended.contains(run);
        is_return && (self.is_crossed(at) || !is_over)
    }

    /// Whether an ending of the run came, and nothing after it for as long as the viewer waited.
    pub(super) fn is_over(&self, run: &str) -> bool {
        let hearer = self.hearers.get(run);
        let last = hearer.and_then(|at| self.trace.subscriptions[*at].deliveries.last());
        last.is_some_and(|last| last.is_final() && last.entry.number < self.silent)
    }

    /// Whether a run of this session may be one that was started on this connection, and of which
    /// nothing has come yet.
    pub(super) fn may_have_started(&self, session: Option<&str>) -> bool {
        match session {
            Some(session) => self
                .by_session
                .get(session)
                .is_some_and(|it| !it.is_empty()),
            None => !self.unbound.is_empty(),
        }
    }

    /// Whether a final ending that this subscription gets is the last that comes of the run on this
    /// connection: not where a return was asked for before the ending of what was watched came.
    pub(super) fn is_last_of(&self, at: usize) -> bool {
        let it = &self.trace.subscriptions[at];
        match it.origin {
            Origin::Returned { earlier, .. } => {
                let is_answered = earlier != Earlier::Watching || !it.controls.is_empty();
                is_answered && !self.is_crossed(at)
            }
            Origin::Started | Origin::Continued => true,
        }
    }

    /// Whether a pause that this subscription gets is the one that the run waits at: not where more
    /// replays are on their way, or the run was over when it was replayed.
    pub(super) fn waits_at_pause(&self, at: usize) -> bool {
        let control = self.trace.subscriptions[at].controls.last();
        let control = control.and_then(|it| it.message()?.control());
        let is_over = matches!(control, Some(Control::Replay { status, .. })
            if status.as_deref().and_then(Outcome::of).is_some_and(Outcome::is_final));
        !is_over && !self.is_crossed(at)
    }

    /// Whether the connection watches the run, and has not been sent its pause: that and what comes
    /// before it belongs to the subscription that it has, even if its viewer lets the run go on already,
    /// which somebody else saw pause.
    pub(super) fn is_watched_on(&self, run: &str) -> bool {
        let hearer = self
            .hearers
            .get(run)
            .map(|at| &self.trace.subscriptions[*at]);
        let last = hearer.and_then(|it| it.deliveries.last());
        last.is_some_and(|last| last.event().ending().is_none())
    }
}
