//! What the tasks of a server share: the runs and the connections' queues, under one lock.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::reference::Script;
use crate::reference::breakpoint::Stage;
use crate::reference::model::conversation::Rules;
use crate::reference::model::event::Draft;
use crate::reference::model::outgoing::Say;
use crate::reference::model::pause::Going;
use crate::reference::model::runs::{Delivery, Runs, Wish};
use crate::reference::model::script::Cast;
use crate::reference::server::listener::Pace;
use crate::reference::server::run_task::perform;

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
    /// Connections that are being written to; kept only for the faults that wait for them.
    writing: HashSet<u64>,
    /// What nobody is told before they have been written to; only a fault withholds anything.
    withheld: Vec<(String, Delivery)>,
    connections: u64,
    /// The connections that are answers over HTTP: they end with what they watch.
    streams: HashSet<u64>,
    /// Everything that happens in a run that may pause, by run: it must outlive a restart.
    scripts: HashMap<String, Vec<Draft>>,
}

/// Who starts a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Starter {
    /// The WebSocket of this number.
    Socket(u64),
    /// The WebSocket of this number, which came to the other replica.
    AtReplica(u64),
    /// The answer over HTTP of this number.
    Http(u64),
}

impl House {
    /// Whether what happens in the run waits for somebody.
    fn withholds(&self, run_id: &str) -> bool {
        self.is_writing(run_id) || self.withheld.iter().any(|(run, _)| run == run_id)
    }

    /// Tells what need not be withheld any longer.
    fn tell_withheld(&mut self) {
        let all = std::mem::take(&mut self.withheld);
        let busy: HashSet<String> = all
            .iter()
            .filter(|(_, delivery)| self.writing.contains(&delivery.to))
            .map(|(run, _)| run.clone())
            .collect();
        for (run, delivery) in all {
            if busy.contains(&run) {
                self.withheld.push((run, delivery));
            } else {
                self.tell(delivery.to, delivery.say);
            }
        }
    }

    fn is_writing(&self, run_id: &str) -> bool {
        let mut watchers = self.runs.watchers(run_id);
        watchers.any(|connection| self.writing.contains(&connection))
    }

    fn tell(&self, connection: u64, say: Say) {
        if let Some(queue) = self.queues.get(&connection) {
            // A connection that is about to leave hears nothing more.
            let _ = queue.send(say);
        }
    }

    /// Ends the answers over HTTP that have nothing more to tell.
    fn close_streams(&mut self) {
        let Self {
            runs,
            queues,
            streams,
            ..
        } = self;
        streams.retain(|number| {
            let watches = runs.watches(*number);
            if !watches {
                queues.remove(number);
            }
            watches
        });
    }
}

impl Shared {
    pub(crate) fn new(rules: Rules, scripts: Vec<Script>, pace: Pace) -> Self {
        let house = House {
            runs: Runs::new(rules.faulty.clone()),
            queues: HashMap::new(),
            writing: HashSet::new(),
            withheld: Vec::new(),
            connections: 0,
            streams: HashSet::new(),
            scripts: HashMap::new(),
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

    /// What a server that is started again begins with: the runs that outlive a restart, and the same
    /// stage. Takes the runs, so call it once all tasks have ended.
    pub(crate) fn again(&self) -> Arc<Self> {
        let mut old = self.house();
        let house = House {
            runs: std::mem::take(&mut old.runs).restarted(),
            queues: HashMap::new(),
            writing: HashSet::new(),
            withheld: Vec::new(),
            // No two connections have one number, before or after.
            connections: old.connections,
            streams: HashSet::new(),
            scripts: std::mem::take(&mut old.scripts),
        };
        let again = Arc::new(Self {
            rules: Arc::clone(&self.rules),
            scripts: self.scripts.clone(),
            pace: self.pace,
            stage: self.stage.clone(),
            changed: Notify::new(),
            house: Mutex::new(house),
            tasks: Mutex::new(Some(JoinSet::new())),
        });
        again.resume();
        again
    }

    /// Takes up the runs that wait for a person.
    fn resume(self: &Arc<Self>) {
        let mut house = self.house();
        let House { runs, scripts, .. } = &mut *house;
        for (run_id, session_id, count) in runs.paused() {
            let drafts = scripts
                .get(run_id)
                .map(|all| all[count.min(all.len())..].to_vec());
            let part = self.stage.enter(session_id, run_id);
            let rest = drafts.unwrap_or_default();
            let task = perform(
                Arc::clone(self),
                run_id.to_owned(),
                part,
                self.pace,
                rest,
                count as u64,
            );
            self.spawn(task);
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
        house.streams.remove(&connection);
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

    /// Starts a run of a known workflow: its id and its session.
    pub(crate) fn perform(
        self: &Arc<Self>,
        starter: Starter,
        workflow_id: &str,
        message: &Value,
        session_id: Option<String>,
        user: Option<&str>,
    ) -> Option<(String, String)> {
        let mut scripts = self.scripts.iter();
        let script = scripts.find(|script| script.workflow_id == workflow_id)?;
        let (run_id, session_id) = {
            let mut house = self.house();
            let started = match starter {
                Starter::Socket(number) => house.runs.start(number, workflow_id, session_id),
                Starter::AtReplica(number) => {
                    let started = house.runs.start(number, workflow_id, session_id);
                    house.runs.start_at_replica(&started.0);
                    started
                }
                Starter::Http(number) => {
                    house.streams.insert(number);
                    house.runs.start_over_http(number, workflow_id, session_id)
                }
            };
            house.runs.limit(&started.0, script.keeps);
            if let Some(user) = user {
                house.runs.own(&started.0, user);
            }
            started
        };
        let mut drafts = script.drafts(&Cast {
            run_id: &run_id,
            session_id: &session_id,
            message,
        });
        self.rules.faulty.on_script(&mut drafts);
        let part = self.stage.enter(&session_id, &run_id);
        if script.asks {
            let mut house = self.house();
            house.scripts.insert(run_id.clone(), drafts.clone());
        }
        let pace = match script.rushes {
            true => Pace::NONE,
            false => self.pace,
        };
        let task = perform(Arc::clone(self), run_id.clone(), part, pace, drafts, 0);
        self.spawn(task);
        Some((run_id, session_id))
    }

    /// Whether there is such a run, and it is this user's.
    pub(crate) fn is_owned(&self, run_id: &str, user: Option<&str>) -> bool {
        self.house().runs.is_owned(run_id, user)
    }

    /// Asks a run to end before its time.
    pub(crate) fn cancel(&self, run_id: &str) {
        self.house().runs.cancel(run_id);
        self.changed.notify_waiters();
    }

    pub(crate) fn is_cancelled(&self, run_id: &str) -> bool {
        self.house().runs.is_cancelled(run_id)
    }

    /// Lets a paused run go on; the text of the refusal where it does not.
    pub(crate) fn go_on(&self, connection: u64, going: &Going) -> Result<(), String> {
        let gone = self.house().runs.go_on(connection, going);
        self.changed.notify_waiters();
        gone
    }

    pub(crate) fn is_paused(&self, run_id: &str) -> bool {
        self.house().runs.is_paused(run_id)
    }

    pub(crate) fn is_rejected(&self, run_id: &str) -> bool {
        self.house().runs.is_rejected(run_id)
    }

    /// Drops a finished run from the memory; whether there was one.
    pub(crate) fn forget(&self, run_id: &str) -> bool {
        self.house().runs.forget(run_id)
    }

    /// Lets events happen together and delivers them. `false` where there is no such run any more.
    pub(crate) fn happen(&self, run_id: &str, drafts: Vec<Draft>, now: u64) -> bool {
        let mut house = self.house();
        for draft in drafts {
            let Some(deliveries) = house.runs.happen(run_id, draft, now) else {
                return false;
            };
            if self.rules.faulty.tells_after_slow() && house.withholds(run_id) {
                let of_run = deliveries.into_iter().map(|it| (run_id.to_owned(), it));
                house.withheld.extend(of_run);
                continue;
            }
            for delivery in deliveries {
                house.tell(delivery.to, delivery.say);
            }
        }
        house.close_streams();
        true
    }

    /// Answers a viewer who returns; whether it was a refusal.
    pub(crate) fn come_back(&self, connection: u64, wish: &Wish) -> bool {
        let mut house = self.house();
        let says = house.runs.come_back(connection, wish);
        let refused = says.iter().any(|say| say.is("error"));
        let session = house.runs.session_of(&wish.run_id).map(str::to_owned);
        for say in says {
            house.tell(connection, say);
        }
        drop(house);
        if let Some(session_id) = session {
            self.stage.answer(&session_id);
        }
        self.changed.notify_waiters();
        refused
    }

    /// Notes that a connection has been written `subscribed`: what it had missed lies behind it.
    pub(crate) fn caught_up(&self, connection: u64) {
        self.house().runs.caught_up(connection);
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
        let faulty = &self.rules.faulty;
        if !faulty.waits_for_slow() && !faulty.tells_after_slow() {
            return;
        }
        let mut house = self.house();
        if begins {
            house.writing.insert(connection);
        } else {
            house.writing.remove(&connection);
            house.tell_withheld();
            drop(house);
            self.changed.notify_waiters();
        }
    }

    /// Whether one of the run's watchers is being written to.
    pub(crate) fn is_writing(&self, run_id: &str) -> bool {
        self.house().is_writing(run_id)
    }

    fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
