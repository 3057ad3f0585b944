//! The shared, growing transcript of a scenario.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::client::http::beginning;
use crate::protocol::{Action, Decoder};
use crate::redact::Redactor;
use crate::transcript::spill;
use crate::transcript::spill::Texts;
use crate::transcript::{Entry, EntryKind, Number, Transcript};

/// How much one scenario may record. A connection on which more comes is closed, with that
/// reason.
const MOST: Most = Most {
    entries: 4_000_000,
    bytes: 2 << 30,
};

/// How much may be recorded.
#[derive(Clone, Copy, Debug)]
struct Most {
    /// Entries, which stay in memory: some hundred bytes each.
    entries: usize,
    /// Bytes of texts, all but the latest of which go to a file.
    bytes: u64,
}

/// How many bytes of texts may be recorded where none can go to a file.
const IN_MEMORY: u64 = 512 << 20;

/// The growing transcript: connections write to it, waits look at it.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    redactor: Arc<Redactor>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    transcript: Transcript,
    bytes: u64,
    /// By viewer, and by connection from 0: its entries, so that a wait for one viewer need not look at
    /// those of all the others.
    connections: HashMap<Arc<str>, Vec<Lane>>,
    time_usage: TimeUsage,
}

/// How much of its time limits a scenario used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeUsage {
    /// The longest wait of a viewer that was answered, or timed out, and what for. A wait that began again
    /// with every message counts from the latest one.
    pub step: Option<(Duration, String)>,
    /// The time from the beginning of the scenario to the end of its latest step.
    pub scenario: Duration,
}

/// How much of what was waited for is kept, in characters: a server may have named it.
const LONGEST_WAITED_FOR: usize = 200;

/// The entries of one connection.
#[derive(Debug, Default)]
struct Lane {
    numbers: Vec<Number>,
    grew: watch::Sender<()>,
}

impl State {
    fn lane(&mut self, viewer: &Arc<str>, connection: u32) -> &mut Lane {
        let place = connection as usize;
        if !self.connections.contains_key(viewer) {
            self.connections.insert(Arc::clone(viewer), Vec::new());
        }
        let lanes = self.connections.entry(Arc::clone(viewer)).or_default();
        if lanes.len() <= place {
            lanes.resize_with(place + 1, Lane::default);
        }
        &mut lanes[place]
    }
}

/// Texts that one connection received, stamped and decoded, on their way into the record.
#[derive(Debug, Default)]
pub(super) struct Batch {
    decoder: Decoder,
    texts: Texts,
    pending: Vec<(Duration, EntryKind)>,
    bytes: u64,
}

impl Batch {
    /// Whether the latest of what was taken is an event.
    pub(super) fn ends_with_event(&self) -> bool {
        let latest = self.pending.last().map(|(_, what)| what);
        matches!(latest, Some(EntryKind::Received { message, .. }) if message.event().is_some())
    }
}

/// The transcript is as large as it may be; the limit, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Full(pub(super) String);

impl Recorder {
    /// An empty record that begins now.
    #[must_use]
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self {
            began: Instant::now(),
            redactor,
            state: Mutex::default(),
        }
    }

    /// How long ago the record began.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Notes that so much of a viewer's time limit was used.
    pub fn used(&self, used: Duration, waiting_for: &str) {
        let mut state = self.lock();
        let longest = &mut state.time_usage.step;
        if longest.as_ref().is_none_or(|(most, _)| used > *most) {
            let waiting_for = self.redactor.mask(waiting_for);
            let waiting_for = waiting_for.chars().take(LONGEST_WAITED_FOR).collect();
            *longest = Some((used, waiting_for));
        }
    }

    /// Notes that so much of the scenario's time was used.
    pub fn used_of_scenario(&self, used: Duration) {
        let mut state = self.lock();
        state.time_usage.scenario = state.time_usage.scenario.max(used);
    }

    /// How much of its time limits was used so far.
    #[must_use]
    pub fn time_usage(&self) -> TimeUsage {
        self.lock().time_usage.clone()
    }

    /// Records something, now.
    pub fn record(&self, viewer: &Arc<str>, connection: u32, what: EntryKind) -> Number {
        let at = self.began.elapsed();
        let mut state = self.lock();
        let number = state.transcript.push(at, viewer, connection, what);
        let lane = state.lane(viewer, connection);
        lane.numbers.push(number);
        lane.grew.send_replace(());
        number
    }

    /// The request with its token masked, where it has one.
    #[must_use]
    pub fn masked(&self, action: &Action) -> Option<Action> {
        match action {
            Action::Authenticate { token: Some(token) } => Some(Action::Authenticate {
                token: Some(self.redactor.mask_token(token).to_owned()),
            }),
            _ => None,
        }
    }

    /// Records a text that a viewer is about to send, its secrets masked.
    pub fn record_sent(&self, viewer: &Arc<str>, connection: u32, text: &str) -> Number {
        let text = self.redactor.mask(text).into_owned();
        self.record(viewer, connection, EntryKind::sent(text))
    }

    /// The text with every secret masked.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redactor.mask(text)
    }

    /// A copy of the record as it stands. Texts are shared, not copied.
    #[must_use]
    pub fn snapshot(&self) -> Transcript {
        self.lock().transcript.clone()
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> Number {
        let entries = self.lock().transcript.entries().len();
        Number::try_from(entries).unwrap_or(Number::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at the entries after this number, in order, until one gives an answer.
    pub fn look<T>(&self, after: Number, mut look: impl FnMut(&Entry) -> Option<T>) -> Option<T> {
        let mut found = None;
        self.search(after, false, &mut |entry| {
            found = look(entry);
            found.is_some()
        });
        found
    }

    /// Looks at the entries from the last to the first, until one gives an answer.
    pub fn look_back<T>(&self, mut look: impl FnMut(&Entry) -> Option<T>) -> Option<T> {
        let mut found = None;
        self.search(0, true, &mut |entry| {
            found = look(entry);
            found.is_some()
        });
        found
    }

    /// Looks at the entries after this number, in order or from the last, until one is what is looked
    /// for. The same for every question: compiled once.
    fn search(&self, after: Number, back: bool, is_found: &mut dyn FnMut(&Entry) -> bool) {
        let state = self.lock();
        let entries = state.transcript.entries().skip(after as usize);
        let _ = match back {
            false => entries.iter().any(is_found),
            true => entries.iter().rev().any(is_found),
        };
    }

    /// Looks at the entries of one connection of a viewer after this number, in order, until one gives an
    /// answer.
    pub(super) fn look_at<T>(
        &self,
        viewer: &str,
        connection: u32,
        after: Number,
        look: impl FnMut(&Entry) -> Option<T>,
    ) -> Option<T> {
        let state = self.lock();
        let numbers = &state
            .connections
            .get(viewer)?
            .get(connection as usize)?
            .numbers;
        let from = numbers.partition_point(|number| *number <= after);
        let entries = numbers[from..].iter();
        entries
            .filter_map(|number| state.transcript.entry(*number))
            .find_map(look)
    }

    /// Notified whenever this connection has a new entry.
    pub(super) fn watch(&self, viewer: &str, connection: u32) -> watch::Receiver<()> {
        self.lock()
            .lane(&viewer.into(), connection)
            .grew
            .subscribe()
    }

    /// Stamps and decodes a text that came, without recording it yet.
    pub(super) fn take(&self, batch: &mut Batch, text: &str) {
        let at = self.began.elapsed();
        let text = self.redactor.mask(text);
        let message = batch.decoder.decode(&text);
        let text = batch.texts.keep(&text);
        batch.bytes += text.len() as u64;
        batch
            .pending
            .push((at, EntryKind::Received { text, message }));
    }

    /// Stamps something else that came, its secrets masked, without recording it yet.
    pub(super) fn take_other(&self, batch: &mut Batch, what: EntryKind) {
        let mask = |text: String| self.redactor.mask(&text).into_owned();
        let what = match what {
            EntryKind::CloseReceived { code, reason } => EntryKind::CloseReceived {
                code,
                reason: mask(reason),
            },
            EntryKind::Refused { status, text, .. } => {
                EntryKind::refused(status, beginning(&self.redactor.mask(&text)))
            }
            what => what,
        };
        batch.pending.push((self.began.elapsed(), what));
    }

    /// Records what was taken, in order.
    pub(super) fn record_batch(
        &self,
        viewer: &Arc<str>,
        connection: u32,
        batch: &mut Batch,
    ) -> Result<(), Full> {
        if batch.pending.is_empty() {
            return Ok(());
        }
        let mut state = self.lock();
        state.bytes += std::mem::take(&mut batch.bytes);
        let mut numbers = Vec::with_capacity(batch.pending.len());
        for (at, what) in batch.pending.drain(..) {
            numbers.push(state.transcript.push(at, viewer, connection, what));
        }
        let lane = state.lane(viewer, connection);
        lane.numbers.append(&mut numbers);
        lane.grew.send_replace(());
        let (entries, bytes) = (state.transcript.entries().len(), state.bytes);
        drop(state);
        let most = match spill::stay_in_memory() {
            true => IN_MEMORY,
            false => MOST.bytes,
        };
        if bytes > most {
            Err(Full(format!("{} MiB", most >> 20)))
        } else if entries > MOST.entries {
            Err(Full(format!("{} messages", MOST.entries)))
        } else {
            Ok(())
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
