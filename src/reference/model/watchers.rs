//! Who watches a run. Thousands may, so that nothing that concerns one of them looks at the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::reference::model::event::Event;

/// One connection that watches a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Watcher {
    /// The connection's number.
    pub connection: u64,
    /// Whether it returned; else it started or continued the run.
    pub returned: bool,
    /// Whether it continued the run after a pause.
    pub continues: bool,
    /// How many events of the run are behind it: sent on this connection, or seen before.
    pub behind: usize,
    /// How many live events it was due since it came.
    pub live: usize,
    /// An event kept back for it. Only faults keep one.
    pub kept: Option<Arc<Event>>,
    /// The index up to which it gets nothing. Only faults set one.
    pub muted_to: Option<u64>,
    /// How many events have happened while what it had missed was still being written, as long as it
    /// is. Only faults look at it.
    pub meanwhile: Option<u32>,
    /// Whether it came to the other replica, and the run was not started there. Only faults look at it.
    pub elsewhere: bool,
}

impl Watcher {
    /// The connection that starts a run.
    #[must_use]
    pub fn starting(connection: u64) -> Self {
        Self {
            connection,
            returned: false,
            continues: false,
            behind: 0,
            live: 0,
            kept: None,
            muted_to: None,
            meanwhile: None,
            elsewhere: false,
        }
    }

    /// A connection that continues a run, with so many events of the buffer behind it.
    #[must_use]
    pub fn continuing(connection: u64, behind: usize) -> Self {
        Self {
            continues: true,
            behind,
            ..Self::starting(connection)
        }
    }

    /// A connection that returns, with so many events of the buffer behind it.
    #[must_use]
    pub fn returning(connection: u64, behind: usize) -> Self {
        Self {
            returned: true,
            behind,
            ..Self::starting(connection)
        }
    }
}

/// The connections that watch a run, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Watchers {
    /// By connection, and by how often it had come before: only a fault lets one watch twice.
    all: BTreeMap<(u64, u32), Watcher>,
}

impl Watchers {
    /// A single one.
    #[must_use]
    pub fn of(watcher: Watcher) -> Self {
        let mut watchers = Self::default();
        watchers.add(watcher);
        watchers
    }

    /// One more; also where its connection watches already.
    pub fn add(&mut self, watcher: Watcher) {
        let connection = watcher.connection;
        let mut before = self.all.range((connection, 0)..=(connection, u32::MAX));
        let times = before.next_back().map_or(0, |((_, times), _)| times + 1);
        self.all.insert((connection, times), watcher);
    }

    /// The watcher on this connection, the first where there are several.
    #[must_use]
    pub fn on(&self, connection: u64) -> Option<&Watcher> {
        let mut range = self.all.range((connection, 0)..=(connection, u32::MAX));
        range.next().map(|(_, watcher)| watcher)
    }

    /// Every watcher on this connection.
    pub fn all_on(&mut self, connection: u64) -> impl Iterator<Item = &mut Watcher> {
        let range = self.all.range_mut((connection, 0)..=(connection, u32::MAX));
        range.map(|(_, watcher)| watcher)
    }

    /// Takes every watcher on this connection out.
    pub fn remove(&mut self, connection: u64) {
        let of_it = (connection, 0)..=(connection, u32::MAX);
        while let Some((place, _)) = self.all.range(of_it.clone()).next() {
            let place = *place;
            self.all.remove(&place);
        }
    }

    /// Keeps only these.
    pub fn retain(&mut self, mut keep: impl FnMut(&Watcher) -> bool) {
        self.all.retain(|_, watcher| keep(watcher));
    }

    /// Takes all of them out.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Watcher> {
        self.all.values()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Watcher> {
        self.all.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_can_watch_twice_and_leaves_at_once() {
        let mut watchers = Watchers::of(Watcher::starting(7));
        watchers.add(Watcher::returning(3, 4));
        watchers.add(Watcher::returning(7, 5));
        let order: Vec<_> = watchers
            .iter()
            .map(|it| (it.connection, it.behind))
            .collect();
        assert_eq!(order, [(3, 4), (7, 0), (7, 5)]);
        assert_eq!(watchers.on(7).map(|it| it.behind), Some(0));
        assert_eq!(watchers.all_on(7).count(), 2);
        watchers.remove(7);
        assert!(watchers.on(7).is_none());
        assert!(!watchers.is_empty());
        watchers.retain(|it| !it.returned);
        assert!(watchers.is_empty());
    }
}
