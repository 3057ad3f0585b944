//! What the tasks of a server share: the runs and the connections' queues, under one lock.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::protocol::Position;
use crate::reference::breakpoint::Breakpoints;
use crate::reference::model::conversation::Rules;
use crate::reference::model::event::Draft;
use crate::reference::model::outgoing::{self, Outgoing};
use crate::reference::model::request::{ContinueRequest, ReturnRequest};
use crate::reference::model::runs::Runs;
use crate::reference::model::script::Script;
use crate::reference::model::status::Status;
use crate::reference::model::watchers::Leaving;
use crate::reference::play::{Provocation, ReturnAnswer};
use crate::reference::server::pace::Pace;
use crate::reference::server::slow::Slow;

/// What the tasks of one server share.
pub(crate) struct Shared {
    pub(crate) rules: Arc<Rules>,
    pub(crate) scripts: Vec<Script>,
    pub(crate) pace: Pace,
    /// How often an answer over HTTP says something while nothing happens, where that is not as on agno 3.1.10.
    pub(crate) comments: Option<Duration>,
    pub(crate) breakpoints: Breakpoints,
    /// Notified whenever a viewer has returned, left or read, or a run was stopped.
    pub(crate) changed: Notify,
    /// Whether the other replica was killed.
    replica_killed: watch::Sender<bool>,
    state: Mutex<State>,
    tasks: Mutex<Option<JoinSet<()>>>,
}

/// The runs, and the queue of each connection. A message is put into its queue under the same lock
/// under which it was decided, so that nothing is lost, doubled or overtaken between catch-up and
/// live events.
#[derive(Default)]
struct State {
    runs: Runs,
    queues: HashMap<u64, UnboundedSender<Outgoing>>,
    slow: Slow,
    /// How many connections there were; each one's number is the count when it came.
    connections: u64,
    /// The connections that are answers over HTTP: they end with what they watch.
    streams: HashSet<u64>,
    /// The connections that get nothing more, but what is done to a client on purpose.
    muted: HashSet<u64>,
    /// Everything that happens in a run that may pause, by run: it must outlive a restart.
    scripts: HashMap<String, Vec<Draft>>,
}

/// Who starts a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starter {
    /// The number of the WebSocket, or of the answer over HTTP.
    pub(crate) connection: u64,
    /// Whether it is the latter.
    pub(crate) over_http: bool,
    /// Whether it came to the other replica.
    pub(crate) at_replica: bool,
}

impl State {
    fn is_writing(&self, run_id: &str) -> bool {
        self.slow.is_any(self.runs.watchers(run_id))
    }

    fn send(&self, connection: u64, message: Outgoing) {
        if self.muted.contains(&connection) && !matches!(message, Outgoing::Provoked(_)) {
            return;
        }
        if let Some(queue) = self.queues.get(&connection) {
            // A connection that is about to end gets nothing more.
            let _ = queue.send(message);
        }
    }

    /// Ends those of these answers over HTTP that have nothing more to send.
    fn close_streams(&mut self, run_id: &str, connections: impl IntoIterator<Item = u64>) {
        for connection in connections {
            if !self.runs.watches_run(run_id, connection) && self.streams.remove(&connection) {
                self.queues.remove(&connection);
            }
        }
    }
}

impl Shared {
    pub(crate) fn new(
        rules: Rules,
        scripts: Vec<Script>,
        pace: Pace,
        comments: Option<Duration>,
    ) -> Self {
        let state = State {
            runs: Runs::new(rules.faults.clone()),
            ..State::default()
        };
        let breakpoints = Breakpoints::default();
        Self {
            comments,
            ..Self::with(state, Arc::new(rules), scripts, pace, breakpoints)
        }
    }

    fn with(
        state: State,
        rules: Arc<Rules>,
        scripts: Vec<Script>,
        pace: Pace,
        breakpoints: Breakpoints,
    ) -> Self {
        Self {
            rules,
            scripts,
            pace,
            comments: None,
            breakpoints,
            changed: Notify::new(),
            replica_killed: watch::Sender::new(false),
            state: Mutex::new(state),
            tasks: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// What a server that is started again begins with: the runs that outlive a restart, and the same
    /// breakpoints. Takes the runs, so call it once all tasks have ended.
    pub(crate) fn restarted(&self) -> Self {
        let mut old = self.state();
        let state = State {
            runs: std::mem::take(&mut old.runs).restarted(),
            // No two connections have one number, before or after.
            connections: old.connections,
            scripts: std::mem::take(&mut old.scripts),
            ..State::default()
        };
        let (rules, scripts) = (Arc::clone(&self.rules), self.scripts.clone());
        Self {
            comments: self.comments,
            ..Self::with(state, rules, scripts, self.pace, self.breakpoints.clone())
        }
    }

    /// The runs that wait for a person: id, session, how many events each has had, and what is still to
    /// happen in it.
    pub(crate) fn paused(&self) -> Vec<(String, String, usize, Vec<Draft>)> {
        let state = self.state();
        let paused = state.runs.paused().map(|(run_id, session_id, count)| {
            let all = state.scripts.get(run_id).map_or(&[][..], Vec::as_slice);
            let rest = all.get(count..).unwrap_or_default().to_vec();
            (run_id.to_owned(), session_id.to_owned(), count, rest)
        });
        paused.collect()
    }

    /// Keeps what happens in a run that may pause.
    pub(crate) fn keep_script(&self, run_id: &str, drafts: &[Draft]) {
        let mut state = self.state();
        state.scripts.insert(run_id.to_owned(), drafts.to_vec());
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
        let (queue, messages) = unbounded_channel();
        let mut state = self.state();
        state.connections += 1;
        let connection = state.connections;
        state.queues.insert(connection, queue);
        (connection, messages)
    }

    pub(crate) fn leave(&self, connection: u64, leaving: Leaving) {
        let mut state = self.state();
        state.queues.remove(&connection);
        state.slow.set(connection, false);
        state.streams.remove(&connection);
        state.muted.remove(&connection);
        let sessions = state.runs.leave(connection, leaving);
        drop(state);
        for session_id in sessions {
            self.breakpoints.depart(&session_id);
        }
        self.changed.notify_waiters();
    }

    /// Puts a message into the queue of a connection.
    pub(crate) fn send(&self, connection: u64, message: Outgoing) {
        self.state().send(connection, message);
    }

    /// Notes that a run of this script starts: its id and its session.
    pub(crate) fn start_run(
        &self,
        starter: Starter,
        script: &Script,
        session_id: Option<String>,
        user: Option<&str>,
    ) -> (String, String) {
        let mut state = self.state();
        let number = starter.connection;
        let (run_id, session_id) = state.runs.start(number, &script.id, session_id);
        if starter.at_replica {
            state.runs.start_at_replica(&run_id);
        }
        if starter.over_http {
            state.streams.insert(number);
            state.runs.start_over_http(&run_id);
        }
        let (component, keeps) = (script.component, script.keeps);
        state.runs.describe(&run_id, component, keeps);
        if let Some(user) = user {
            state.runs.own(&run_id, user);
        }
        (run_id, session_id)
    }

    /// What the runs are asked, under the lock.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&mut Runs) -> T) -> T {
        question(&mut self.state().runs)
    }

    /// Asks a run to end before its time.
    pub(crate) fn cancel(&self, run_id: &str) {
        self.state().runs.cancel(run_id);
        self.changed.notify_waiters();
    }

    /// Lets a paused run go on; the text of the refusal where it does not.
    pub(crate) fn resume(&self, connection: u64, request: &ContinueRequest) -> Result<(), String> {
        let mut state = self.state();
        let resumed = state.runs.resume(connection, request);
        if request.over_http {
            state.streams.insert(connection);
            state.close_streams(&request.run_id, [connection]);
        }
        drop(state);
        self.changed.notify_waiters();
        resumed
    }

    /// Lets events happen together and delivers them. `false` where there is no such run any more.
    pub(crate) fn append(&self, run_id: &str, drafts: Vec<Draft>, now: u64) -> bool {
        let mut state = self.state();
        let mut streams = Vec::new();
        let keeps = self.rules.faults.keeps_streams_open();
        let ends = |status: Status| !(keeps && status.is_over());
        if drafts.iter().filter_map(|draft| draft.ends).any(ends) {
            let watching = state.runs.watchers(run_id);
            streams.extend(watching.filter(|it| state.streams.contains(it)));
        }
        for draft in drafts {
            let Some(deliveries) = state.runs.append(run_id, draft, now) else {
                return false;
            };
            if self.rules.faults.withholds_for_slow()
                && (state.is_writing(run_id) || state.slow.withholds(run_id))
            {
                state.slow.withhold(run_id, deliveries);
                continue;
            }
            for delivery in deliveries {
                state.send(delivery.to, delivery.message);
            }
        }
        state.close_streams(run_id, streams);
        true
    }

    /// Answers a viewer who returns; whether it was a refusal.
    pub(crate) fn come_back(&self, connection: u64, request: &ReturnRequest) -> bool {
        let play = self.rules.play.as_ref();
        let answer = play.map_or(ReturnAnswer::Whole, |play| play.next_answer());
        let request = &match answer {
            ReturnAnswer::FromTheBeginning => Cow::Owned(ReturnRequest {
                position: Position::Null,
                ..request.clone()
            }),
            _ => Cow::Borrowed(request),
        };
        let mut state = self.state();
        let mut messages = state.runs.come_back(connection, request);
        if played(&answer, &mut messages) {
            for message in messages.drain(..) {
                state.send(connection, message);
            }
            state.muted.insert(connection);
            if request.over_http && matches!(answer, ReturnAnswer::Error(_)) {
                // The stream ends with it.
                state.queues.remove(&connection);
            }
        }
        let refused = messages.iter().any(|message| message.is("error"));
        let session = state.runs.session_of(&request.run_id).map(str::to_owned);
        for message in messages {
            state.send(connection, message);
        }
        if request.over_http {
            state.streams.insert(connection);
            state.close_streams(&request.run_id, [connection]);
        }
        drop(state);
        if let Some(session_id) = session {
            self.breakpoints.answer(&session_id);
        }
        self.changed.notify_waiters();
        refused
    }

    /// The other replica dies, and with it what carries out the runs that were started there.
    pub(crate) fn kill_replica(&self) {
        self.replica_killed.send_replace(true);
        self.state().runs.lose_replica();
        self.changed.notify_waiters();
    }

    /// Resolves once the other replica was killed, for what is a part of it.
    pub(crate) async fn died(&self, replica: bool) {
        if !replica {
            return std::future::pending().await;
        }
        let mut killed = self.replica_killed.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = killed.wait_for(|killed| *killed).await;
    }

    /// Closes the connections that watch a run.
    pub(crate) fn close_watchers(&self, run_id: &str) {
        let state = self.state();
        for connection in state.runs.watchers(run_id) {
            state.send(connection, Outgoing::Close(1000));
        }
    }

    pub(crate) fn stop_all_runs(&self) {
        self.state().runs.stop_all();
        self.changed.notify_waiters();
    }

    /// Notes that a connection is being written to, or no more.
    pub(crate) fn writing(&self, connection: u64, begins: bool) {
        let faults = &self.rules.faults;
        let waits = faults.waits_for_slow() || faults.waits_for_starter();
        if !waits && !faults.withholds_for_slow() {
            return;
        }
        let mut state = self.state();
        state.slow.set(connection, begins);
        if !begins {
            for delivery in state.slow.release() {
                state.send(delivery.to, delivery.message);
            }
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// Whether one of the run's watchers is being written to.
    pub(crate) fn is_writing(&self, run_id: &str) -> bool {
        self.state().is_writing(run_id)
    }

    /// Whether the connection that started the run is being written to.
    pub(crate) fn is_writing_to_starter(&self, run_id: &str) -> bool {
        let state = self.state();
        state.slow.is_any(state.runs.starter(run_id).into_iter())
    }

    /// Whether this connection gets nothing more, but what is done to a client on purpose.
    pub(crate) fn is_muted(&self, connection: u64) -> bool {
        self.state().muted.contains(&connection)
    }

    /// Does this on every open WebSocket, or on every stream where the client speaks over HTTP; gives on how many.
    pub(crate) fn provoke(&self, provocation: &Provocation) -> usize {
        let play = self.rules.play.as_ref();
        let over_http = play.is_some_and(|play| play.over_http);
        let state = self.state();
        let open = state.queues.keys();
        let open = open.filter(|it| state.streams.contains(it) == over_http);
        open.map(|it| state.send(*it, Outgoing::Provoked(provocation.clone())))
            .count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the answer to a return becomes; gives whether nothing follows it.
fn played(answer: &ReturnAnswer, messages: &mut Vec<Outgoing>) -> bool {
    match answer {
        ReturnAnswer::Whole | ReturnAnswer::FromTheBeginning => false,
        ReturnAnswer::Silence => {
            messages.clear();
            true
        }
        ReturnAnswer::Error(text) => {
            *messages = vec![Outgoing::Control(outgoing::error(text))];
            true
        }
        ReturnAnswer::CutShort(events) => {
            messages.truncate(events.saturating_add(1));
            // It would say that this was all.
            messages.retain(
                |it| !matches!(it, Outgoing::Control(told) if told["event"] == "subscribed"),
            );
            true
        }
        ReturnAnswer::Without(place) => {
            let place = place.saturating_add(1);
            if messages.get(place).is_some_and(|it| it.event().is_some()) {
                messages.remove(place);
            }
            false
        }
    }
}
