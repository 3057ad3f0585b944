//! What is done to a client on purpose: the server plays one script whatever the client asks for, tells an
//! observer all that happens, turns tries to connect away, and answers returns otherwise than it should.
//!
//! A server without this has viewers who judge it; a server with it has a client that is judged.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::protocol::{Cut, TurnedAway};
use crate::reference::model::script::Script;

/// Is told what happens between a server and its clients, in order. Called by the tasks of the
/// connections: it must not wait.
pub trait Observe: Send + Sync {
    /// Something happened on the connection of this number.
    fn saw(&self, connection: u64, what: Observed<'_>);

    /// A try to connect was turned away.
    fn turned_away(&self, how: TurnedAway);

    /// The start of a run was taken.
    fn started(&self, run_id: &str, session_id: &str);
}

/// What happened on a connection.
#[derive(Clone, Copy, Debug)]
pub enum Observed<'o> {
    /// The upgrade to a WebSocket succeeded; it asked for this path and query.
    Opened(&'o str),
    /// The client sent a text.
    Heard(&'o str),
    /// The client sent a binary message of so many bytes.
    HeardBinary(usize),
    /// The server has written a text.
    Said(&'o str),
    /// The server has written a binary message of so many bytes.
    SaidBinary(usize),
    /// The client answered a WebSocket ping with this payload.
    Ponged(&'o [u8]),
    /// This is about to be done to the client.
    Cut(Cut),
    /// The client left: with a closing handshake, or not.
    Left {
        /// Whether it was with a closing handshake.
        politely: bool,
    },
    /// The client sent a request over HTTP that is about a run: a connection of its own.
    Asked(Asked<'o>),
    /// The answer over HTTP is a stream of events.
    Streams,
    /// The answer over HTTP is no stream of events: its status and its text.
    Refused(u16, &'o str),
    /// The stream has ended as HTTP ends one.
    StreamEnded,
}

/// A request over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'o> {
    /// The path and query.
    pub path: &'o str,
    /// The request as [`Form::to_text`](crate::protocol::Form::to_text) writes it.
    pub text: &'o str,
    /// The token that went with it.
    pub token: Option<&'o str>,
}

/// What is done on an open connection on purpose, after everything that was to be sent before.
#[derive(Clone, Debug, PartialEq)]
pub enum Provocation {
    /// A WebSocket ping with this payload.
    Ping(u64),
    /// A text that is no message of the protocol.
    Say(String),
    /// A binary message.
    SayBinary(Vec<u8>),
    /// The connection ends.
    Cut(Cut),
}

/// What the answer to a return becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum ReturnAnswer {
    /// As it should be.
    Whole,
    /// Nothing at all; nothing else follows on the connection.
    Silence,
    /// An `error` with this text.
    Error(String),
    /// Only the announcement and so many missed events; nothing else follows on the connection.
    CutShort(usize),
    /// Without the missed event at this place, counted from 0.
    Without(usize),
    /// As if no position had been named.
    FromTheBeginning,
}

/// How a server treats a client that is judged.
pub struct Play {
    /// What every workflow of the server does.
    pub script: Script,
    /// The name that the event of this index, counted from 0, has instead of its own.
    pub renamed: Option<(u64, String)>,
    /// Is told everything.
    pub observer: Arc<dyn Observe>,
    /// Whether the client speaks over HTTP; else over the WebSocket.
    pub over_http: bool,
    /// How many requests over HTTP were observed.
    requests: AtomicU64,
    stop_after: Mutex<Option<u64>>,
    turning: Mutex<Option<(TurnedAway, u32)>>,
    answers: Mutex<VecDeque<ReturnAnswer>>,
    refuses_tokens: AtomicBool,
    /// Whether those who come wait before they are answered.
    held: watch::Sender<bool>,
    /// Whether what came on dead lines is read after all.
    thawed: watch::Sender<bool>,
}

impl Play {
    /// A server that plays this script and does nothing else on purpose.
    #[must_use]
    pub fn new(script: Script, observer: Arc<dyn Observe>) -> Self {
        Self {
            script,
            renamed: None,
            observer,
            over_http: false,
            requests: AtomicU64::new(0),
            stop_after: Mutex::default(),
            turning: Mutex::default(),
            answers: Mutex::default(),
            refuses_tokens: AtomicBool::new(false),
            held: watch::Sender::new(false),
            thawed: watch::Sender::new(false),
        }
    }

    /// Each run that starts from now on stops after this event, counted from 0, or after none.
    pub fn stop_after(&self, after: Option<u64>) {
        *lock(&self.stop_after) = after;
    }

    /// Turns so many tries to connect away.
    pub fn turn_away(&self, how: TurnedAway, times: u32) {
        *lock(&self.turning) = (times > 0).then_some((how, times));
    }

    /// Lets those who come wait before they are answered, or waits no more.
    pub fn hold_arrivals(&self, hold: bool) {
        self.held.send_replace(hold);
    }

    /// Reads what came on dead lines meanwhile, to see whether the client has left them.
    pub fn thaw(&self) {
        self.thawed.send_replace(true);
    }

    /// Lines that become dead from now on stay so until they are thawed.
    pub fn freeze(&self) {
        self.thawed.send_replace(false);
    }

    /// The next return that has no answer set yet is answered like this.
    pub fn answer(&self, answer: ReturnAnswer) {
        lock(&self.answers).push_back(answer);
    }

    /// Refuses every token from now on.
    pub fn refuse_tokens(&self) {
        self.refuses_tokens.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn lets_in(&self) {
        let mut held = self.held.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = held.wait_for(|held| !*held).await;
    }

    pub(crate) async fn thaws(&self) {
        let mut thawed = self.thawed.subscribe();
        let _ = thawed.wait_for(|thawed| *thawed).await;
    }

    /// The number of the request over HTTP that has just come, counted from 1.
    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn stops_after(&self) -> Option<u64> {
        *lock(&self.stop_after)
    }

    pub(crate) fn takes_tokens(&self) -> bool {
        !self.refuses_tokens.load(Ordering::Relaxed)
    }

    /// How the try to connect that has just come is turned away, if it is; the observer is told.
    pub(crate) fn turns_away(&self) -> Option<TurnedAway> {
        let mut turning = lock(&self.turning);
        let (how, times) = turning.as_mut()?;
        let how = *how;
        *times = times.saturating_sub(1);
        if *times == 0 {
            *turning = None;
        }
        drop(turning);
        self.observer.turned_away(how);
        Some(how)
    }

    pub(crate) fn next_answer(&self) -> ReturnAnswer {
        lock(&self.answers)
            .pop_front()
            .unwrap_or(ReturnAnswer::Whole)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
