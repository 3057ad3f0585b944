//! What the tasks of a server share: the runs and the connections' queues, under one lock.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::conversation::Rules;
use super::event::Draft;
use super::runs::{Runs, Wish};
use super::say::Say;
use super::server::Pace;
use super::stage::Stage;
use crate::reference::Script;

/// What the tasks of one server share.
pub(crate) struct Shared {
    pub(crate) rules: Arc<Rules>,
    pub(crate) scripts: Vec<Script>,
    pub(crate) pace: Pace,
    pub(crate) stage: Stage,
    /// Told whenever a viewer has returned, left or read, or a run was stopped.
    pub(crate) changed: Notify,
    house: Mutex<House>,
    tasks: Mutex<Option<JoinSet<()>>>,
}

/// The runs, and the queue of each connection. A message is put into its queue under the same lock
/// under which it was decided, so that nothing is lost, doubled or overtaken between catch-up and
/// live events.
struct House {
    runs: Runs,
    queues: HashMap<u64, UnboundedSender<Say>>,
    /// Connections that are being written to; kept only for the fault that waits for them.
    writing: HashSet<u64>,
    connections: u64,
}

impl House {
    fn tell(&self, connection: u64, say: Say) {
        if let Some(queue) = self.queues.get(&connection) {
            // A connection that is about to leave hears nothing more.
            let _ = queue.send(say);
        }
    }
}

impl Shared {
    pub(crate) fn new(rules: Rules, scripts: Vec<Script>, pace: Pace) -> Self {
        let house = House {
            runs: Runs::new(rules.faulty.clone()),
            queues: HashMap::new(),
            writing: HashSet::new(),
            connections: 0,
        };
        Self {
            rules: Arc::new(rules),
            scripts,
            pace,
            stage: Stage::default(),
            changed: Notify::new(),
            house: Mutex::new(house),
            tasks: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// Runs a task until it ends or the server is stopped.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tasks) = tasks.as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Takes all tasks out; none can be spawned any more. Dropping them stops them.
    pub(crate) fn take_tasks(&self) -> Option<JoinSet<()>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.take()
    }

    /// A new connection: its number, and what it is to be sent.
    pub(crate) fn arrive(&self) -> (u64, UnboundedReceiver<Say>) {
        let (queue, says) = unbounded_channel();
        let mut house = self.house();
        house.connections += 1;
        let connection = house.connections;
        house.queues.insert(connection, queue);
        (connection, says)
    }

    pub(crate) fn leave(&self, connection: u64, politely: bool) {
        let mut house = self.house();
        house.queues.remove(&connection);
        house.writing.remove(&connection);
        let sessions = house.runs.leave(connection, politely);
        drop(house);
        for session_id in sessions {
            self.stage.depart(&session_id);
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn tell(&self, connection: u64, say: Say) {
        self.house().tell(connection, say);
    }

    /// Starts a run: its id and its session.
    pub(crate) fn start(
        &self,
        connection: u64,
        workflow_id: &str,
        session_id: Option<String>,
    ) -> (String, String) {
        let runs = &mut self.house().runs;
        runs.start(connection, workflow_id, session_id)
    }

    /// Says whose a run is, before anything has happened in it.
    pub(crate) fn own(&self, run_id: &str, user: &str) {
        self.house().runs.own(run_id, user);
    }

    /// Lets events happen together and delivers them. `false` where there is no such run any more.
    pub(crate) fn happen(&self, run_id: &str, drafts: Vec<Draft>, now: u64) -> bool {
        let mut house = self.house();
        for draft in drafts {
            let Some(deliveries) = house.runs.happen(run_id, draft, now) else {
                return false;
            };
            for delivery in deliveries {
                house.tell(delivery.to, delivery.say);
            }
        }
        true
    }

    /// Answers a viewer who returns; whether it was a refusal.
    pub(crate) fn come_back(&self, connection: u64, wish: &Wish) -> bool {
        let mut house = self.house();
        let says = house.runs.come_back(connection, wish);
        let refused = says.iter().any(|say| say.is("error"));
        for say in says {
            house.tell(connection, say);
        }
        drop(house);
        self.changed.notify_waiters();
        refused
    }

    pub(crate) fn stop_all_runs(&self) {
        self.house().runs.stop_all();
        self.changed.notify_waiters();
    }

    pub(crate) fn watches(&self, connection: u64) -> bool {
        self.house().runs.watches(connection)
    }

    pub(crate) fn is_watched(&self, run_id: &str) -> bool {
        self.house().runs.is_watched(run_id)
    }

    /// Notes that a connection is being written to, or no more.
    pub(crate) fn writing(&self, connection: u64, begins: bool) {
        if !self.rules.faulty.waits_for_slow() {
            return;
        }
        let mut house = self.house();
        if begins {
            house.writing.insert(connection);
        } else {
            house.writing.remove(&connection);
            drop(house);
            self.changed.notify_waiters();
        }
    }

    /// Whether one of the run's watchers is being written to.
    pub(crate) fn is_writing(&self, run_id: &str) -> bool {
        let house = self.house();
        let mut watchers = house.runs.watchers(run_id);
        watchers.any(|connection| house.writing.contains(&connection))
    }

    fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
