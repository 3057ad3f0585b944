//! Whole conforming scenarios, by plan.

use reconnect_acceptance::protocol::Position;
use reconnect_acceptance::protocol::action::NO_SUCH;
use reconnect_acceptance::transcript::{Disconnect, Part, Transcript};

use super::record::{Inner, Record, Run};

/// One stay of the viewer who comes back.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// How many events of the run happen before the viewer returns.
    pub away: u64,
    /// With which position they return.
    pub position: Returning,
    /// How many live events they watch before they leave again.
    pub watched: u64,
    pub disconnect: Disconnect,
    /// Whether the target holds the run while the viewer returns.
    pub held: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Returning {
    WithPosition,
    WithNull,
    Without,
}

/// A conforming scenario: Ada starts a run, leaves and returns as often as is planned, and watches to
/// the end; then Ben asks twice for the replay, pings, and is refused.
#[derive(Clone, Debug)]
pub struct Plan {
    pub events: u64,
    pub failing: bool,
    /// How many events Ada sees before she leaves first.
    pub cut: u64,
    pub disconnect: Disconnect,
    pub stays: Vec<Stay>,
    /// Whether Ada pings while events come.
    pub pings: bool,
    /// Whether a workflow is a step of the run's.
    pub inner: Inner,
}

impl Plan {
    /// Ada sees `cut` events of `events`, misses `away`, and watches to the end.
    pub fn simple(events: u64, cut: u64, away: u64) -> Self {
        Self {
            events,
            failing: false,
            cut,
            disconnect: Disconnect::Close,
            stays: vec![Stay {
                away,
                position: Returning::WithPosition,
                watched: events,
                disconnect: Disconnect::Close,
                held: false,
            }],
            pings: true,
            inner: Inner::No,
        }
    }

    pub fn run(&self) -> Run {
        let run = match self.failing {
            true => Run::failing("r", self.events),
            false => Run::new("r", self.events),
        };
        Run {
            inner: self.inner,
            ..run
        }
    }

    /// The record of a server that keeps every promise.
    pub fn record(&self) -> Transcript {
        let run = self.run();
        let part = if self.failing {
            Part::Failing
        } else {
            Part::Long
        };
        let mut record = Record::new();
        record.plays("w", part).opens("Ada");
        record.starts("Ada", Some("w"), &run.session);
        let mut happened = self.cut.min(run.events);
        if self.pings {
            record.first("Ada", &run, 0..happened / 2).pings("Ada");
            record
                .first("Ada", &run, happened / 2..happened)
                .pong("Ada");
        } else {
            record.first("Ada", &run, 0..happened);
        }
        if happened == run.events {
            record.watches("Ada");
        }
        leave(&mut record, self.disconnect);
        let mut seen = happened;
        for stay in &self.stays {
            happened = (happened + stay.away).min(run.events);
            let finished = happened == run.events;
            let held = stay.held && !finished && happened > 0;
            if held {
                record.held(&run.session, happened - 1);
            }
            record.opens("Ada");
            let position = match stay.position {
                Returning::WithPosition if seen > 0 => Position::At(seen - 1),
                Returning::Without => Position::Absent,
                _ => Position::Null,
            };
            let from = position.next().expect("a position");
            record.returns("Ada", Some(&run.id), position);
            if finished {
                record.replay("Ada", &run.id, run.status(), run.events);
                record.events("Ada", &run, 0..run.events);
                record.watches("Ada");
                seen = run.events;
            } else {
                if from < happened {
                    record.catch_up("Ada", &run.id, happened - from, happened);
                    record.events("Ada", &run, from..happened);
                }
                record.subscribed("Ada", &run.id, happened);
                if held {
                    record.released(&run.session);
                }
                let until = (happened + stay.watched).min(run.events);
                record.events("Ada", &run, happened..until);
                (seen, happened) = (until, until);
            }
            leave(&mut record, stay.disconnect);
        }
        record.opens("Ben");
        if happened == run.events {
            for position in [Position::At(0), Position::Null] {
                record.returns("Ben", Some(&run.id), position);
                record.replay("Ben", &run.id, run.status(), run.events);
                record.events("Ben", &run, 0..run.events);
            }
        }
        record.pings("Ben").pong("Ben");
        record
            .starts("Ben", Some(&format!("{NO_SUCH}w")), "other")
            .error("Ben");
        record
            .returns("Ben", Some(&format!("{NO_SUCH}r")), Position::At(3))
            .error("Ben");
        record.returns("Ben", None, Position::Null).error("Ben");
        record.pings("Ben").pong("Ben").departs("Ben");
        record.done()
    }
}

fn leave(record: &mut Record, disconnect: Disconnect) {
    match disconnect {
        Disconnect::Close => record.departs("Ada"),
        disconnect => record.leaves("Ada", disconnect),
    };
}
