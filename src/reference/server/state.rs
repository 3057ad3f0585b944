//! What the tasks of a server share: the runs and the connections' queues, under one lock.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::reference::Script;
use crate::reference::breakpoint::Breakpoints;
use crate::reference::model::conversation::Rules;
use crate::reference::model::event::Draft;
use crate::reference::model::outgoing::Outgoing;
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
    pub(crate) breakpoints: Breakpoints,
    /// Told whenever a viewer has returned, left or read, or a run was stopped.
    pub(crate) changed: Notify,
    state: Mutex<State>,
    tasks: Mutex<Option<JoinSet<()>>>,
}

/// The runs, and the queue of each connection. A message is put into its queue under the same lock
/// under which it was decided, so that nothing is lost, doubled or overtaken between catch-up and
/// live events.
struct State {
    runs: Runs,
    queues: HashMap<u64, UnboundedSender<Outgoing>>,
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

impl State {
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

    fn tell(&self, connection: u64, say: Outgoing) {
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
        let state = State {
            runs: Runs::new(rules.hooks.clone()),
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
            breakpoints: Breakpoints::default(),
            changed: Notify::new(),
            state: Mutex::new(state),
            tasks: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// What a server that is started again begins with: the runs that outlive a restart, and the same
    /// stage. Takes the runs, so call it once all tasks have ended.
    pub(crate) fn again(&self) -> Arc<Self> {
        let mut old = self.state();
        let state = State {
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
            breakpoints: self.breakpoints.clone(),
            changed: Notify::new(),
            state: Mutex::new(state),
            tasks: Mutex::new(Some(JoinSet::new())),
        });
        again.resume();
        again
    }

    /// Takes up the runs that wait for a person.
    fn resume(self: &Arc<Self>) {
        let mut state = self.state();
        let State { runs, scripts, .. } = &mut *state;
        for (run_id, session_id, count) in runs.paused() {
            let drafts = scripts
                .get(run_id)
                .map(|all| all[count.min(all.len())..].to_vec());
            let part = self.breakpoints.enter(session_id, run_id);
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
    pub(crate) fn arrive(&self) -> (u64, UnboundedReceiver<Outgoing>) {
        let (queue, says) = unbounded_channel();
        let mut state = self.state();
        state.connections += 1;
        let connection = state.connections;
        state.queues.insert(connection, queue);
        (connection, says)
    }

    pub(crate) fn leave(&self, connection: u64, politely: bool) {
        let mut state = self.state();
        state.queues.remove(&connection);
        state.writing.remove(&connection);
        state.streams.remove(&connection);
        let sessions = state.runs.leave(connection, politely);
        drop(state);
        for session_id in sessions {
            self.breakpoints.depart(&session_id);
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn tell(&self, connection: u64, say: Outgoing) {
        self.state().tell(connection, say);
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
            let mut state = self.state();
            let started = match starter {
                Starter::Socket(number) => state.runs.start(number, workflow_id, session_id),
                Starter::AtReplica(number) => {
                    let started = state.runs.start(number, workflow_id, session_id);
                    state.runs.start_at_replica(&started.0);
                    started
                }
                Starter::Http(number) => {
                    state.streams.insert(number);
                    state.runs.start_over_http(number, workflow_id, session_id)
                }
            };
            state.runs.limit(&started.0, script.keeps);
            if let Some(user) = user {
                state.runs.own(&started.0, user);
            }
            started
        };
        let mut drafts = script.drafts(&Cast {
            run_id: &run_id,
            session_id: &session_id,
            message,
        });
        self.rules.hooks.on_script(&mut drafts);
        let part = self.breakpoints.enter(&session_id, &run_id);
        if script.asks {
            let mut state = self.state();
            state.scripts.insert(run_id.clone(), drafts.clone());
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
        self.state().runs.is_owned(run_id, user)
    }

    /// Asks a run to end before its time.
    pub(crate) fn cancel(&self, run_id: &str) {
        self.state().runs.cancel(run_id);
        self.changed.notify_waiters();
    }

    pub(crate) fn is_cancelled(&self, run_id: &str) -> bool {
        self.state().runs.is_cancelled(run_id)
    }

    /// Lets a paused run go on; the text of the refusal where it does not.
    pub(crate) fn go_on(&self, connection: u64, going: &Going) -> Result<(), String> {
        let gone = self.state().runs.go_on(connection, going);
        self.changed.notify_waiters();
        gone
    }

    pub(crate) fn is_paused(&self, run_id: &str) -> bool {
        self.state().runs.is_paused(run_id)
    }

    pub(crate) fn is_rejected(&self, run_id: &str) -> bool {
        self.state().runs.is_rejected(run_id)
    }

    /// Drops a finished run from the memory; whether there was one.
    pub(crate) fn forget(&self, run_id: &str) -> bool {
        self.state().runs.forget(run_id)
    }

    /// Lets events happen together and delivers them. `false` where there is no such run any more.
    pub(crate) fn append(&self, run_id: &str, drafts: Vec<Draft>, now: u64) -> bool {
        let mut state = self.state();
        for draft in drafts {
            let Some(deliveries) = state.runs.append(run_id, draft, now) else {
                return false;
            };
            if self.rules.hooks.tells_after_slow() && state.withholds(run_id) {
                let of_run = deliveries.into_iter().map(|it| (run_id.to_owned(), it));
                state.withheld.extend(of_run);
                continue;
            }
            for delivery in deliveries {
                state.tell(delivery.to, delivery.say);
            }
        }
        state.close_streams();
        true
    }

    /// Answers a viewer who returns; whether it was a refusal.
    pub(crate) fn come_back(&self, connection: u64, wish: &Wish) -> bool {
        let mut state = self.state();
        let says = state.runs.come_back(connection, wish);
        let refused = says.iter().any(|say| say.is("error"));
        let session = state.runs.session_of(&wish.run_id).map(str::to_owned);
        for say in says {
            state.tell(connection, say);
        }
        drop(state);
        if let Some(session_id) = session {
            self.breakpoints.answer(&session_id);
        }
        self.changed.notify_waiters();
        refused
    }

    /// Notes that a connection has been written `subscribed`: what it had missed lies behind it.
    pub(crate) fn caught_up(&self, connection: u64) {
        self.state().runs.caught_up(connection);
    }

    pub(crate) fn stop_all_runs(&self) {
        self.state().runs.stop_all();
        self.changed.notify_waiters();
    }

    pub(crate) fn watches(&self, connection: u64) -> bool {
        self.state().runs.watches(connection)
    }

    pub(crate) fn is_watched(&self, run_id: &str) -> bool {
        self.state().runs.is_watched(run_id)
    }

    /// Notes that a connection is being written to, or no more.
    pub(crate) fn writing(&self, connection: u64, begins: bool) {
        let hooks = &self.rules.hooks;
        if !hooks.waits_for_slow() && !hooks.tells_after_slow() {
            return;
        }
        let mut state = self.state();
        if begins {
            state.writing.insert(connection);
        } else {
            state.writing.remove(&connection);
            state.tell_withheld();
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// Whether one of the run's watchers is being written to.
    pub(crate) fn is_writing(&self, run_id: &str) -> bool {
        self.state().is_writing(run_id)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
