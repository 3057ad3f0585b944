//! The append-only record of everything that was sent and received.
//!
//! Reader tasks stamp and record every frame before anyone judges it, so that a verdict can be
//! discussed, tested and made again without a network.
//!
//! - [`entry`]: one thing that happened, with who, when and on which connection
//! - [`log`]: the entries, in order
//! - [`jsonl`]: the transcript as JSON Lines, with a version; [`codec`] stores the texts
//! - [`spill`]: where the texts that came are kept, in memory or in a file
//! - [`work`]: counts what the checks look at, for tests

mod codec;
pub mod entry;
pub mod jsonl;
mod log;
pub mod spill;
pub mod work;

use std::sync::Arc;
use std::time::Duration;

pub use entry::{DEAD_LINE, Disconnect, Entry, EntryKind, Number, Part};
pub use log::Entries;

/// Entries that are shared by every copy of a record, once there are so many of them.
const CHUNK: usize = 1024;

/// Everything that one scenario's viewers sent and received, in the order in which it was recorded.
///
/// A copy shares all but the latest entries with the record that it is a copy of.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// Each of [`CHUNK`] entries.
    full: Vec<Arc<Vec<Entry>>>,
    /// Those that fill no chunk yet.
    latest: Vec<Entry>,
}

impl Transcript {
    /// A record of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one thing that happened, `at` this time since the record began, and tells its number.
    pub fn push(
        &mut self,
        at: Duration,
        viewer: &Arc<str>,
        connection: u32,
        what: EntryKind,
    ) -> Number {
        let number = self.next();
        // As exact as it is stored: a stored record is judged like the one in memory.
        let what = entry::exactly(what);
        self.latest
            .push(Entry::new(number, at, Arc::clone(viewer), connection, what));
        if self.latest.len() == CHUNK {
            let next = Vec::with_capacity(CHUNK);
            self.full
                .push(Arc::new(std::mem::replace(&mut self.latest, next)));
        }
        number
    }

    /// The record of those entries alone, numbered anew. It shares what it begins with.
    #[must_use]
    pub fn only(&self, mut keep: impl FnMut(&Entry) -> bool) -> Self {
        let mut left = Self::new();
        for chunk in &self.full {
            let kept: Vec<bool> = chunk.iter().map(&mut keep).collect();
            let is_whole = kept.iter().all(|kept| *kept);
            // Their numbers stay what they are.
            if is_whole && chunk.first().is_some_and(|it| it.number == left.next()) {
                left.full.push(Arc::clone(chunk));
                continue;
            }
            let kept = chunk.iter().zip(kept).filter(|(_, kept)| *kept);
            kept.for_each(|(entry, _)| left.push_again(entry));
        }
        for entry in self.latest.iter().filter(|entry| keep(entry)) {
            left.push_again(entry);
        }
        left
    }

    fn push_again(&mut self, entry: &Entry) {
        self.push(
            entry.at(),
            &entry.viewer,
            entry.connection,
            entry.what.clone(),
        );
    }

    /// The number that the next entry gets.
    fn next(&self) -> Number {
        Number::try_from(self.entries().len() + 1).unwrap_or(Number::MAX)
    }

    /// All entries, in order.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        Entries::of(self)
    }

    /// The entry of this number, counted from 1.
    #[must_use]
    pub fn entry(&self, number: Number) -> Option<&Entry> {
        self.at((number as usize).checked_sub(1)?)
    }

    /// The entry at this place, counted from 0.
    fn at(&self, place: usize) -> Option<&Entry> {
        match self.full.get(place / CHUNK) {
            Some(chunk) => chunk.get(place % CHUNK),
            None => self.latest.get(place - self.full.len() * CHUNK),
        }
    }
}
