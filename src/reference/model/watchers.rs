//! Who watches a run. Thousands may, so that nothing that concerns one of them looks at the others.

use std::collections::BTreeMap;

use crate::protocol::Position;

/// One connection that watches a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Watcher {
    /// The connection's number.
    pub connection: u64,
    /// Why it watches.
    pub role: Role,
    /// The position that it named when it returned.
    pub position: Position,
    /// How many events the run had had when it began to watch.
    pub came_at: usize,
    /// Whether what it had missed is still being written.
    pub catching_up: bool,
    /// Whether its connection watched the run already when it returned.
    pub again: bool,
    /// Whether it came to the other replica, and the run was not started there. Only faults look at it.
    pub elsewhere: bool,
    /// Whether it is an answer over HTTP, which ends with a pause of the run.
    pub over_http: bool,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leaving {
    /// By a closing handshake; over HTTP, because everything was sent.
    Closed,
    /// Without one.
    Broken,
    /// Its client left an answer over HTTP before the end: nobody can know whether it closed the connection or lost it.
    Left,
}

/// Why a connection watches a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// It started the run.
    Starter,
    /// Its viewer returned to the run.
    Returned,
    /// It continued the run after a pause.
    Continuing,
}

impl Watcher {
    /// The connection that starts a run.
    #[must_use]
    pub fn starting(connection: u64) -> Self {
        Self::new(Role::Starter, connection, Position::Null, 0)
    }

    /// A connection that continues a run that has had so many events.
    #[must_use]
    pub fn continuing(connection: u64, count: usize) -> Self {
        Self::new(Role::Continuing, connection, Position::Null, count)
    }

    /// A connection that returns to a run that has had so many events.
    #[must_use]
    pub fn returning(connection: u64, position: Position, count: usize) -> Self {
        Self::new(Role::Returned, connection, position, count)
    }

    fn new(role: Role, connection: u64, position: Position, came_at: usize) -> Self {
        Self {
            connection,
            role,
            position,
            came_at,
            catching_up: false,
            again: false,
            elsewhere: false,
            over_http: false,
        }
    }

    /// The same as an answer over HTTP, or not.
    #[must_use]
    pub fn over_http(mut self, over_http: bool) -> Self {
        self.over_http = over_http;
        self
    }

    /// How many events it had missed by its position; 0 without one.
    #[must_use]
    pub fn missed(&self) -> u64 {
        match self.position {
            Position::At(at) => (self.came_at as u64).saturating_sub(at.saturating_add(1)),
            _ => 0,
        }
    }
}

/// The connections that watch a run, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Watchers(BTreeMap<u64, Watcher>);

impl Watchers {
    /// A single one.
    #[must_use]
    pub fn of(watcher: Watcher) -> Self {
        Self(BTreeMap::from([(watcher.connection, watcher)]))
    }

    /// One more; it takes the place of one on the same connection.
    pub fn add(&mut self, watcher: Watcher) {
        self.0.insert(watcher.connection, watcher);
    }

    /// The watcher on this connection.
    #[must_use]
    pub fn on(&self, connection: u64) -> Option<&Watcher> {
        self.0.get(&connection)
    }

    /// Notes that the watcher on this connection, if there is one, has been written what it had missed.
    pub fn caught_up(&mut self, connection: u64) {
        if let Some(watcher) = self.0.get_mut(&connection) {
            watcher.catching_up = false;
        }
    }

    /// Takes the watcher on this connection out.
    pub fn remove(&mut self, connection: u64) {
        self.0.remove(&connection);
    }

    /// Takes those out who returned to the run on a connection that is meant.
    pub fn remove_returned_if(&mut self, meant: impl Fn(u64) -> bool) {
        self.0
            .retain(|number, watcher| watcher.role != Role::Returned || !meant(*number));
    }

    /// Takes those out who returned to the run.
    pub fn remove_returned(&mut self) {
        self.0.retain(|_, watcher| watcher.role != Role::Returned);
    }

    /// Notes that the watcher on this connection is an answer over HTTP.
    pub fn over_http(&mut self, connection: u64) {
        if let Some(watcher) = self.0.get_mut(&connection) {
            watcher.over_http = true;
        }
    }

    /// Takes those out that are answers over HTTP.
    pub fn remove_over_http(&mut self) {
        self.0.retain(|_, watcher| !watcher.over_http);
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Watcher> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_watches_once_and_leaves() {
        let mut watchers = Watchers::of(Watcher::starting(7));
        watchers.add(Watcher::returning(3, Position::Null, 4));
        watchers.add(Watcher::returning(7, Position::At(2), 5));
        let order: Vec<_> = watchers
            .iter()
            .map(|it| (it.connection, it.came_at))
            .collect();
        assert_eq!(order, [(3, 4), (7, 5)]);
        assert_eq!(watchers.on(7).map(Watcher::missed), Some(2));
        watchers.remove(7);
        assert!(watchers.on(7).is_none());
        watchers.remove_returned();
        assert!(watchers.is_empty());
    }
}
