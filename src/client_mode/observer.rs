//! Records what the server sees of a client, as the client sees it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use crate::client::Recorder;
use crate::client_mode::arrivals::{Arrivals, EarlierRuns};
use crate::protocol::{Action, Decoder};
use crate::reference::{Asked, Observe, Observed};
use crate::transcript::entry::ShownToken;
use crate::transcript::{ClientEntry, Cut, Disconnect, EntryKind, TurnedAway};

/// The client's name in records and features.
pub const VIEWER: &str = "Ada";

/// How much of one client is recorded: a client that sends or connects without end is told so.
const MOST_ENTRIES: usize = 100_000;
const MOST_BYTES: usize = 64 << 20;

/// Records what happens to one client.
pub struct Observer {
    recorder: Arc<Recorder>,
    viewer: Arc<str>,
    token: Option<SecretString>,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    is_over: AtomicBool,
}

#[derive(Default)]
struct State {
    /// By the server's number of a connection: the client's own, counted from 1 together with the tries that were
    /// turned away.
    connections: HashMap<u64, u32>,
    latest: u32,
    decoders: HashMap<u64, Decoder>,
    /// By the server's number: the latest ping that was answered.
    pongs: HashMap<u64, u64>,
    /// Those that the suite has made dead.
    dead: HashSet<u64>,
    /// Every run that was started, with its session.
    runs: Vec<(String, String)>,
    /// Whose a connection is, where the client is not started for this scenario alone.
    arrivals: Option<Arrivals>,
    entries: usize,
    bytes: usize,
}

impl Observer {
    /// Records into this. What is there of the token is masked.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>, token: Option<SecretString>) -> Self {
        Self {
            recorder,
            viewer: VIEWER.into(),
            token,
            state: Mutex::default(),
            changed: watch::Sender::new(()),
            is_over: AtomicBool::new(false),
        }
    }

    /// Others may come as well: only what is the client's is recorded.
    #[must_use]
    pub fn among_others(self, earlier: EarlierRuns) -> Self {
        self.lock().arrivals = Some(Arrivals::new(earlier));
        self
    }

    /// Nothing is recorded from now on: what the server's end does to the client is not judged.
    pub fn close(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Notified whenever something was recorded.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Something else happened than what is recorded.
    pub fn changed(&self) {
        self.changed.send_replace(());
    }

    /// Records what belongs to no connection.
    pub fn note(&self, entry: ClientEntry) {
        self.record(0, EntryKind::Client(Box::new(entry)), 0);
    }

    /// Records something on the connection with this number of the client's own.
    pub fn note_on(&self, connection: u32, what: EntryKind) {
        self.record(connection, what, 0);
    }

    /// Whether this ping was answered on the connection with this number of the server's.
    #[must_use]
    pub fn has_ponged(&self, connection: u64, ping: u64) -> bool {
        self.lock().pongs.get(&connection) == Some(&ping)
    }

    /// The connections that are open: the server's numbers, and the client's own.
    #[must_use]
    pub fn open(&self) -> Vec<(u64, u32)> {
        let state = self.lock();
        let open = state.connections.iter();
        let is_clients = |own: &u32| state.arrivals.as_ref().is_none_or(|it| it.knows(*own));
        let open = open.filter(|(server, own)| !state.dead.contains(server) && is_clients(own));
        let mut open: Vec<_> = open.map(|(server, own)| (*server, *own)).collect();
        open.sort_unstable();
        open
    }

    /// The runs that were started, each with its session.
    #[must_use]
    pub fn runs(&self) -> Vec<(String, String)> {
        self.lock().runs.clone()
    }

    /// Whether more has happened than is recorded.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let state = self.lock();
        state.entries >= MOST_ENTRIES || state.bytes >= MOST_BYTES
    }

    fn record(&self, connection: u32, what: EntryKind, bytes: usize) {
        if self.is_over.load(Ordering::Relaxed) || self.is_full() {
            return;
        }
        let entries = {
            let mut state = self.lock();
            state.entries += 1;
            state.bytes += bytes;
            match &mut state.arrivals {
                Some(arrivals) => arrivals.admit(connection, what),
                None => vec![what],
            }
        };
        for entry in entries {
            self.recorder.record(&self.viewer, connection, entry);
        }
        self.changed.send_replace(());
    }

    fn own(&self, connection: u64) -> u32 {
        let state = self.lock();
        state.connections.get(&connection).copied().unwrap_or(0)
    }

    /// The next number of the client's own.
    fn next(&self) -> u32 {
        let mut state = self.lock();
        state.latest += 1;
        state.latest
    }

    fn over(&self, connection: u64) {
        let mut state = self.lock();
        state.connections.remove(&connection);
        state.decoders.remove(&connection);
        state.pongs.remove(&connection);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection begins, by asking for this path and query: its own number.
    fn begins(&self, connection: u64, path: &str) -> u32 {
        let own = self.next();
        self.lock().connections.insert(connection, own);
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let with_token = token.is_some_and(|token| !token.is_empty() && path.contains(token));
        let path = self.recorder.mask(path).into_owned();
        let asked = ClientEntry::Asked { path, with_token };
        self.record(own, EntryKind::Client(Box::new(asked)), 0);
        own
    }

    fn opened(&self, connection: u64, path: &str) {
        let own = self.begins(connection, path);
        self.record(own, EntryKind::Opened, 0);
    }

    /// A request over HTTP came: a connection of its own.
    fn asked(&self, connection: u64, asked: Asked<'_>) {
        let own = self.begins(connection, asked.path);
        if let Some(token) = &self.token {
            let shown = match asked.token {
                None => ShownToken::None,
                Some(shown) if shown == token.expose_secret() => ShownToken::Own,
                Some(_) => ShownToken::Wrong,
            };
            self.record(own, EntryKind::ShowsToken(shown), 0);
        }
        let sent = EntryKind::sent(self.recorder.mask(asked.text));
        self.record(own, sent, asked.text.len());
    }

    /// The last thing happened on a connection.
    fn ends(&self, connection: u64, what: EntryKind, bytes: usize) {
        let own = self.own(connection);
        self.over(connection);
        self.record(own, what, bytes);
    }

    /// The end that the suite brings about, as the client sees it.
    fn cut(&self, connection: u64, cut: Cut) {
        let own = self.own(connection);
        let entry = EntryKind::Client(Box::new(ClientEntry::Cut(cut)));
        self.record(own, entry, 0);
        let end = match cut {
            // The client cannot know.
            Cut::Dead => {
                self.lock().dead.insert(connection);
                return;
            }
            Cut::Reset | Cut::MidMessage => EntryKind::Ended(Some(cut.to_string())),
            Cut::Close(code) => EntryKind::CloseReceived {
                code: Some(code),
                reason: String::new(),
            },
            Cut::EndOfStream => EntryKind::StreamEnded { unfinished: 0 },
        };
        self.record(own, end, 0);
        self.over(connection);
    }
}

impl Observe for Observer {
    fn saw(&self, connection: u64, what: Observed<'_>) {
        let (what, bytes) = match what {
            Observed::Opened(asked) => return self.opened(connection, asked),
            Observed::Cut(cut) => return self.cut(connection, cut),
            Observed::Ponged(payload) => {
                if let Ok(ping) = payload.try_into().map(u64::from_be_bytes) {
                    self.lock().pongs.insert(connection, ping);
                    self.changed.send_replace(());
                }
                return;
            }
            Observed::Left { politely } => {
                let how = match politely {
                    true => Disconnect::Close,
                    false => Disconnect::Reset,
                };
                return self.ends(connection, EntryKind::Disconnected(how), 0);
            }
            Observed::Asked(asked) => return self.asked(connection, asked),
            Observed::Streams => (EntryKind::Opened, 0),
            Observed::Refused(status, text) => {
                let refused = EntryKind::refused(status, &self.recorder.mask(text));
                return self.ends(connection, refused, text.len());
            }
            Observed::StreamEnded => {
                return self.ends(connection, EntryKind::StreamEnded { unfinished: 0 }, 0);
            }
            Observed::Heard(text) => {
                let masked = match self.recorder.masked(&Action::of(text)) {
                    Some(action) => action.to_text(),
                    None => self.recorder.mask(text).into_owned(),
                };
                (EntryKind::sent(masked), text.len())
            }
            Observed::HeardBinary(length) => (EntryKind::SentBinary(length), 0),
            Observed::Said(text) => {
                let masked = self.recorder.mask(text);
                let mut state = self.lock();
                let decoder = state.decoders.entry(connection).or_default();
                (EntryKind::received(&masked, decoder), text.len())
            }
            Observed::SaidBinary(length) => (EntryKind::ReceivedBinary(length), 0),
        };
        self.record(self.own(connection), what, bytes);
    }

    fn turned_away(&self, how: TurnedAway) {
        let entry = ClientEntry::TurnedAway(how);
        self.record(self.next(), EntryKind::Client(Box::new(entry)), 0);
    }

    fn started(&self, run_id: &str, session_id: &str) {
        let mut state = self.lock();
        if state.runs.len() < MOST_ENTRIES {
            state.runs.push((run_id.to_owned(), session_id.to_owned()));
        }
        drop(state);
        self.changed.send_replace(());
    }
}
