//! One run: its buffer of events, and what a viewer who returns gets. No sockets, no clock.

use std::sync::Arc;

use crate::protocol::{Component, Position};
use crate::reference::model::event::Event;
use crate::reference::model::status::Status;
use crate::reference::model::watchers::{Watcher, Watchers};

/// One execution of a workflow, agent or team.
#[derive(Debug)]
pub struct Run {
    /// The workflow's run id.
    pub id: String,
    /// What it is a run of.
    pub component: Component,
    /// The id of the workflow, agent or team.
    pub workflow_id: String,
    /// The session that the run belongs to.
    pub session_id: String,
    /// The number of the connection that started it.
    pub starter: u64,
    /// The user who started it, where users are kept apart.
    pub owner: Option<String>,
    /// Its state.
    pub status: Status,
    /// The events that are kept, in order.
    pub events: Vec<Arc<Event>>,
    /// How many events were dropped before them.
    pub dropped: usize,
    /// How many events are kept at the most; all of them where it is `None`.
    pub keeps: Option<usize>,
    /// Where it is kept.
    pub storage: Storage,
    /// Who gets the events to come.
    pub watchers: Watchers,
    /// What only faults look at.
    pub past: Past,
    /// Whether it was started over HTTP.
    pub over_http: bool,
    /// Whether it was started at the other replica.
    pub at_replica: bool,
    /// Whether nobody carries it out any more: the replica that did has died.
    pub lost: bool,
    /// Whether somebody has asked to cancel it.
    pub cancelled: bool,
    /// How many events it had had when it was continued after a pause.
    pub continued_at: Option<usize>,
    /// Whether a person has rejected the step that it paused before.
    pub rejected: bool,
}

/// What has happened to a run besides its events: the server itself needs none of it, but some of its
/// faults do.
#[derive(Debug, Default)]
pub struct Past {
    /// How often viewers have returned to it, refusals of faults included.
    pub returns: u32,
    /// How many events it had had when a viewer last returned to it.
    pub returned_at: Option<usize>,
    /// How often it has been replayed.
    pub replays: u32,
    /// Whether a watcher's connection broke without a closing handshake since the last return.
    pub was_reset: bool,
    /// Whether a connection broke that had started or watched it, when it had ended.
    pub broke_at_end: bool,
    /// How many events the next viewer to return is taken to have seen.
    pub taken_for_seen: usize,
    /// Whether nobody watched when its first event happened.
    pub began_unseen: bool,
    /// Whether nothing happened in it for long, at some time.
    pub rested: bool,
    /// Whether it was waiting for a person when it was cancelled.
    pub cancelled_paused: bool,
    /// Whether it was continued by a request that asked for no stream.
    pub unstreamed: bool,
    /// Whether another run was started later in its session.
    pub followed: bool,
}

/// Where a run is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Storage {
    /// In the server's memory.
    Memory,
    /// Only in what outlives the memory: room was made for others.
    Forgotten,
    /// Only in what outlives the memory: the server was restarted.
    Restarted,
}

/// What a viewer who returns gets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResumePlan {
    /// The run has finished: everything, whatever the position.
    Replay,
    /// The run is under way: the events of its buffer from here on, then live ones.
    From(usize),
    /// A refusal: the position is beyond the last event.
    Beyond,
    /// A refusal: the position is not a whole number from 0.
    Invalid,
}

impl Run {
    /// A run that has not had any event, watched by the connection that starts it.
    #[must_use]
    pub fn new(id: String, workflow_id: &str, session_id: &str, starter: u64) -> Self {
        Self {
            id,
            component: Component::Workflow,
            workflow_id: workflow_id.into(),
            session_id: session_id.into(),
            starter,
            owner: None,
            status: Status::Running,
            events: Vec::new(),
            dropped: 0,
            keeps: None,
            storage: Storage::Memory,
            watchers: Watchers::of(Watcher::starting(starter)),
            past: Past::default(),
            over_http: false,
            at_replica: false,
            lost: false,
            cancelled: false,
            continued_at: None,
            rejected: false,
        }
    }

    /// How many events it has had.
    #[must_use]
    pub fn count(&self) -> usize {
        self.dropped + self.events.len()
    }

    /// How many of the events that such a viewer has not seen were dropped. All of a finished run is
    /// asked for, whatever the position.
    #[must_use]
    pub fn lost(&self, position: &Position) -> u64 {
        self.lost_from(match self.status {
            Status::Running => position.next().unwrap_or(0),
            _ => 0,
        })
    }

    /// How many of the events from this index on were dropped.
    #[must_use]
    pub fn lost_from(&self, next: u64) -> u64 {
        match (self.dropped, self.events.first()) {
            (1.., Some(first)) => first.index.saturating_sub(next),
            _ => 0,
        }
    }

    /// Puts an event into the buffer, and drops the oldest where it is full; `ends` is the run's
    /// status from it on, where it ends the run.
    pub fn append(&mut self, event: Event, ends: Option<Status>) -> Arc<Event> {
        self.status = ends.unwrap_or(self.status);
        let event = Arc::new(event);
        self.events.push(Arc::clone(&event));
        let over = self
            .keeps
            .map_or(0, |keeps| self.events.len().saturating_sub(keeps));
        self.dropped += self.events.drain(..over).count();
        event
    }

    /// Drops its latest event. For faults only.
    pub fn forget_last(&mut self) {
        self.dropped += usize::from(self.events.pop().is_some());
    }

    /// What a viewer with this position gets.
    #[must_use]
    pub fn resume_plan(&self, position: &Position) -> ResumePlan {
        if matches!(position, Position::Odd(_)) {
            return ResumePlan::Invalid;
        }
        if self.status != Status::Running {
            return ResumePlan::Replay;
        }
        if let Position::At(at) = position
            && self.events.last().is_none_or(|last| *at > last.index)
        {
            return ResumePlan::Beyond;
        }
        let next = position.next().unwrap_or(0);
        ResumePlan::From(self.events.partition_point(|event| event.index < next))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::reference::model::event::Draft;

    fn event(index: u64) -> Event {
        Event::new(Draft::new(Map::new()), index, 0)
    }

    fn run(events: u64) -> Run {
        let mut run = Run::new("r".into(), "w", "s", 1);
        for index in 0..events {
            run.append(event(index), None);
        }
        run
    }

    #[test]
    fn under_way_the_next_event_comes_first() {
        assert_eq!(run(5).resume_plan(&Position::At(1)), ResumePlan::From(2));
        assert_eq!(run(5).resume_plan(&Position::At(4)), ResumePlan::From(5));
        assert_eq!(run(5).resume_plan(&Position::Null), ResumePlan::From(0));
        assert_eq!(run(5).resume_plan(&Position::Absent), ResumePlan::From(0));
        assert_eq!(run(0).resume_plan(&Position::Null), ResumePlan::From(0));
    }

    #[test]
    fn what_cannot_be_a_position_is_refused() {
        assert_eq!(run(5).resume_plan(&Position::At(5)), ResumePlan::Beyond);
        assert_eq!(run(0).resume_plan(&Position::At(0)), ResumePlan::Beyond);
        for invalid in [json!(-1), json!(1.5), json!("3"), json!(true), json!([1])] {
            assert_eq!(
                run(5).resume_plan(&Position::Odd(invalid)),
                ResumePlan::Invalid
            );
        }
    }

    #[test]
    fn a_finished_run_is_replayed_whatever_the_position() {
        let mut run = run(5);
        run.append(event(5), Some(Status::Failed));
        assert_eq!(run.status, Status::Failed);
        for position in [
            Position::Null,
            Position::At(2),
            Position::At(5),
            Position::At(99),
        ] {
            assert_eq!(run.resume_plan(&position), ResumePlan::Replay);
        }
        assert_eq!(
            run.resume_plan(&Position::Odd(json!("x"))),
            ResumePlan::Invalid
        );
    }
}
