//! What is known where messages are about to be sent, and whether a condition is met there.

use crate::protocol::Position;
use crate::reference::fault::mutation::{Place, When};
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::Run;
use crate::reference::model::watchers::{Role, Watcher};

/// What is known where messages are about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    pub(super) place: Place,
    /// Whether the connection watches a run.
    watching: bool,
    /// The run and who gets its events; `None` where it is about no run.
    pub(super) of: Option<(&'a Run, &'a Watcher)>,
}

impl<'a> Moment<'a> {
    /// A control message on a connection that is `watching` a run or none.
    #[must_use]
    pub fn control(watching: bool) -> Self {
        Self {
            place: Place::Control,
            watching,
            of: None,
        }
    }

    /// The latest event of a run on its way to somebody who watches.
    #[must_use]
    pub fn live(run: &'a Run, watcher: &'a Watcher) -> Self {
        let place = match watcher.role {
            Role::Starter => Place::ToStarter,
            Role::Returned => Place::ToReturned,
            Role::Continuing => Place::ToContinuing,
        };
        Self::about(place, run, watcher)
    }

    /// The answer to a viewer who returned to a run, which is under way.
    #[must_use]
    pub fn catch_up(run: &'a Run, watcher: &'a Watcher) -> Self {
        let place = match watcher.position {
            Position::At(_) => Place::CatchUp,
            _ => Place::History,
        };
        Self::about(place, run, watcher)
    }

    /// The answer to a viewer who returned to a run, which has finished.
    #[must_use]
    pub fn replay(run: &'a Run, watcher: &'a Watcher) -> Self {
        Self::about(Place::Replay, run, watcher)
    }

    fn about(place: Place, run: &'a Run, watcher: &'a Watcher) -> Self {
        Self {
            place,
            watching: true,
            of: Some((run, watcher)),
        }
    }

    /// The first index that the answer to the viewer is due to have.
    pub(super) fn first_index(&self) -> u64 {
        match self.of {
            Some((_, watcher)) if self.place != Place::Replay => {
                watcher.position.next().unwrap_or(0)
            }
            _ => 0,
        }
    }
}

impl When {
    /// Whether the condition is met.
    pub(super) fn is_met(self, moment: &Moment<'_>, messages: &[Outgoing]) -> bool {
        let events = || messages.iter().filter(|it| it.event().is_some()).count();
        match self {
            Self::Always => true,
            Self::Watching => moment.watching,
            Self::MoreEvents(than) => events() > than,
            Self::NoEvents => events() == 0,
            _ => moment
                .of
                .is_some_and(|(run, watcher)| self.is_met_by(run, watcher)),
        }
    }

    fn is_met_by(self, run: &Run, watcher: &Watcher) -> bool {
        let since = run.count().saturating_sub(watcher.came_at);
        let returned = || run.watchers.iter().filter(|it| it.role == Role::Returned);
        match self {
            Self::ReturnedTo => run.past.returns > 0,
            Self::JustReturnedTo => run
                .past
                .returned_at
                .is_some_and(|at| at > 0 && at + 1 == run.count()),
            Self::FirstLive => since == 1,
            Self::FirstLiveAfter(missed) => since == 1 && watcher.missed() > missed,
            Self::CatchingUpFor(events) => watcher.catching_up && since == events,
            Self::SoonAfter(events) => since <= events,
            Self::MissedMore(than) => watcher.missed() > than,
            Self::PositionBeyond => {
                matches!(watcher.position, Position::At(at) if at >= watcher.came_at as u64)
            }
            Self::ReturnedTwice => watcher.again,
            Self::FirstOfTwo => {
                let mut returned = returned();
                returned
                    .next()
                    .is_some_and(|first| first.connection == watcher.connection)
                    && returned.count() == 1
            }
            Self::MoreReturned(than) => returned().count() > than,
            Self::Elsewhere => watcher.elsewhere,
            Self::OverHttp => run.over_http && !watcher.over_http,
            Self::Streamed => watcher.over_http,
            Self::OtherWire => watcher.over_http != run.over_http,
            Self::Rested => run.past.rested,
            Self::Continued => run.continued_at.is_some(),
            Self::ContinuedNotLast => {
                let last = returned().last().map(|last| last.connection);
                run.continued_at.is_some() && last != Some(watcher.connection)
            }
            Self::CancelledPaused => run.past.cancelled_paused,
            Self::In(status) => run.status == status,
            Self::Kept(storage) => run.storage == storage,
            Self::EventsDropped => !watcher.again && run.lost(&watcher.position) > 0,
            Self::ReplayedBefore => run.past.replays > 0,
            Self::BrokeAtEnd => run.past.broke_at_end,
            Self::Always | Self::Watching | Self::MoreEvents(_) | Self::NoEvents => false,
        }
    }
}
