//! The shared, growing transcript of a scenario.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::sync::watch;

use super::redact::Redactor;
use crate::protocol::{Action, Decoder, Text};
use crate::transcript::{Entry, Number, Transcript, What};

/// How many bytes one scenario may record: its texts, and what it takes to keep each of them. A server
/// that sends more ends the visit that brought it, with that reason.
pub const LARGEST_RECORD: usize = 512 << 20;

/// The growing transcript: connections write to it, waits look at it.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    redactor: Arc<Redactor>,
    state: Mutex<State>,
    grew: watch::Sender<Number>,
}

#[derive(Debug, Default)]
struct State {
    transcript: Transcript,
    bytes: usize,
}

/// Texts that one connection received, stamped and decoded, on their way into the record.
#[derive(Debug, Default)]
pub(super) struct Batch {
    decoder: Decoder,
    kept: Kept,
    pending: Vec<(Duration, What)>,
    bytes: usize,
}

/// Where the texts of one connection are kept: one behind the other, in blocks.
///
/// A text that came is a slice of the socket's read buffer. Kept as it is, it would keep that buffer
/// from being used again, and every new one is small: a system call for a few messages.
#[derive(Debug, Default)]
struct Kept(BytesMut);

impl Kept {
    const BLOCK: usize = 64 << 10;

    fn keep(&mut self, text: &str) -> Text {
        if text.len() > Self::BLOCK / 8 {
            return text.into();
        }
        if self.0.capacity() < text.len() {
            self.0 = BytesMut::with_capacity(Self::BLOCK);
        }
        self.0.extend_from_slice(text.as_bytes());
        let bytes = self.0.split().freeze();
        Text::try_from(bytes).unwrap_or_else(|_| text.into())
    }
}

/// The record holds [`LARGEST_RECORD`] bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Full;

impl Recorder {
    /// An empty record that begins now.
    #[must_use]
    pub fn new(redactor: Arc<Redactor>) -> Self {
        Self {
            began: Instant::now(),
            redactor,
            state: Mutex::default(),
            grew: watch::Sender::new(0),
        }
    }

    /// How long ago the record began.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Records something, now.
    pub fn record(&self, viewer: &Arc<str>, visit: u32, what: What) -> Number {
        let at = self.began.elapsed();
        let number = self.lock().transcript.push(at, viewer, visit, what);
        self.grew.send_replace(number);
        number
    }

    /// Records a text that a viewer is about to send, its secrets masked.
    pub fn record_sent(&self, viewer: &Arc<str>, visit: u32, action: &Action) -> Number {
        let masked = match action {
            Action::Authenticate { token: Some(token) } => Action::Authenticate {
                token: Some(self.redactor.mask_token(token).to_owned()),
            },
            other => other.clone(),
        };
        let text = self.redactor.mask(&masked.to_text()).into_owned();
        let action = Action::of(&text);
        self.record(viewer, visit, What::Sent { text, action })
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
        *self.grew.borrow()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at the entries after this number, in order, until one gives an answer.
    pub fn look<T>(&self, after: Number, mut look: impl FnMut(&Entry) -> Option<T>) -> Option<T> {
        let state = self.lock();
        let entries = state.transcript.entries();
        entries[(after as usize).min(entries.len())..]
            .iter()
            .find_map(&mut look)
    }

    /// Looks at the entries from the last to the first, until one gives an answer.
    pub fn look_back<T>(&self, mut look: impl FnMut(&Entry) -> Option<T>) -> Option<T> {
        self.lock()
            .transcript
            .entries()
            .iter()
            .rev()
            .find_map(&mut look)
    }

    /// Told whenever the record has grown.
    pub(super) fn watch(&self) -> watch::Receiver<Number> {
        self.grew.subscribe()
    }

    /// Stamps and decodes a text that came, without recording it yet.
    pub(super) fn take(&self, batch: &mut Batch, text: &str) {
        let at = self.began.elapsed();
        let text = batch.kept.keep(&self.redactor.mask(text));
        let message = batch.decoder.decode(&text);
        batch.bytes += text.len() + size_of::<Entry>();
        batch.pending.push((at, What::Received { text, message }));
    }

    /// Stamps something else that came, without recording it yet.
    pub(super) fn take_other(&self, batch: &mut Batch, what: What) {
        batch.bytes += size_of::<Entry>();
        batch.pending.push((self.began.elapsed(), what));
    }

    /// Records what was taken, in order.
    pub(super) fn record_batch(
        &self,
        viewer: &Arc<str>,
        visit: u32,
        batch: &mut Batch,
    ) -> Result<(), Full> {
        if batch.pending.is_empty() {
            return Ok(());
        }
        let mut state = self.lock();
        state.bytes += std::mem::take(&mut batch.bytes);
        let mut number = 0;
        for (at, what) in batch.pending.drain(..) {
            number = state.transcript.push(at, viewer, visit, what);
        }
        let full = state.bytes > LARGEST_RECORD;
        drop(state);
        self.grew.send_replace(number);
        if full { Err(Full) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
