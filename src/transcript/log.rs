//! The entries of a record, or those from some place on, in order.

use std::ops::Index;
use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{About, Body};
use crate::transcript::entry;
use crate::transcript::entry::{Entry, EntryKind, Number};
use crate::transcript::giving::Giving;

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
    /// Gives events to runs that do not name them.
    giving: Arc<Giving>,
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
        // As exact as it is stored: a stored record is judged like the one in memory.
        let mut what = entry::exactly(what);
        let number = self.next();
        let giving = Arc::make_mut(&mut self.giving);
        if let Some(paused) = giving.take(number, viewer, connection, &mut what) {
            self.mark_as_pause(paused);
        }
        self.add(at, viewer, connection, what)
    }

    /// Notes that the event of this entry has paused its run.
    fn mark_as_pause(&mut self, number: Number) {
        let Some(place) = (number as usize).checked_sub(1) else {
            return;
        };
        let chunks = self.full.len();
        let entry = match self.full.get_mut(place / CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(place % CHUNK),
            None => self.latest.get_mut(place - chunks * CHUNK),
        };
        if let Some(Entry {
            what: EntryKind::Received { message, .. },
            ..
        }) = entry
            && let Body::Event(event) = &mut message.body
        {
            let about = About::clone(event);
            event.about = Arc::new(About {
                pauses: true,
                ..about
            });
        }
    }

    fn add(&mut self, at: Duration, viewer: &Arc<str>, connection: u32, what: EntryKind) -> Number {
        let number = self.next();
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
        // Its event has been given to a run already.
        self.add(
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

/// The entries of a record, or those from some place on, in order.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'t> {
    transcript: &'t Transcript,
    /// The place of the first one in the record, counted from 0.
    from: usize,
    /// The place behind the last one in the record.
    to: usize,
}

impl<'t> Entries<'t> {
    pub(super) fn of(transcript: &'t Transcript) -> Self {
        Self {
            transcript,
            from: 0,
            to: transcript.full.len() * CHUNK + transcript.latest.len(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.to - self.from
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The one at this place, counted from 0.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&'t Entry> {
        let place = self.from.checked_add(place)?;
        (place < self.to).then(|| self.transcript.at(place))?
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<&'t Entry> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Those without the first so many; none where there are no more than that.
    #[must_use]
    pub fn skip(&self, count: usize) -> Self {
        Self {
            from: self.from.saturating_add(count).min(self.to),
            ..*self
        }
    }

    /// One after the other.
    #[must_use]
    pub fn iter(&self) -> Iter<'t> {
        Iter(*self)
    }
}

impl Index<usize> for Entries<'_> {
    type Output = Entry;

    /// # Panics
    ///
    /// Where there are no more than so many.
    fn index(&self, place: usize) -> &Entry {
        match self.get(place) {
            Some(entry) => entry,
            None => panic!("entry {place} of {}", self.len()),
        }
    }
}

impl<'t> IntoIterator for Entries<'t> {
    type Item = &'t Entry;
    type IntoIter = Iter<'t>;

    fn into_iter(self) -> Iter<'t> {
        self.iter()
    }
}

/// Entries, one after the other, from either end.
#[derive(Clone, Debug)]
pub struct Iter<'t>(Entries<'t>);

impl<'t> Iterator for Iter<'t> {
    type Item = &'t Entry;

    fn next(&mut self) -> Option<&'t Entry> {
        self.nth(0)
    }

    fn nth(&mut self, count: usize) -> Option<&'t Entry> {
        let found = self.0.get(count);
        self.0 = self.0.skip(count.saturating_add(1));
        found
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let last = self.0.last()?;
        self.0.to -= 1;
        Some(last)
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(length: usize) -> Transcript {
        let mut transcript = Transcript::new();
        for _ in 0..length {
            transcript.push(Duration::ZERO, &Arc::from("Ada"), 1, EntryKind::Opened);
        }
        transcript
    }

    #[test]
    fn every_entry_stands_at_its_place_however_many_there_are() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7] {
            let transcript = record(length);
            let entries = transcript.entries();
            let numbers: Vec<usize> = entries.iter().map(|it| it.number as usize).collect();
            assert_eq!(numbers, (1..=length).collect::<Vec<_>>());
            let back: Vec<usize> = entries.iter().rev().map(|it| it.number as usize).collect();
            assert_eq!(back, (1..=length).rev().collect::<Vec<_>>());
            assert_eq!(entries.len(), length);
            assert_eq!(
                entries.last().map(|it| it.number as usize),
                (length > 0).then_some(length)
            );
            assert!(entries.get(length).is_none());
            let half = entries.skip(length / 2);
            assert_eq!(half.len(), length - length / 2);
            assert_eq!(half.iter().len(), half.len());
            assert_eq!(
                half.get(0).map(|it| it.number as usize),
                (length > 0).then_some(length / 2 + 1)
            );
            assert!(entries.skip(length + 1).is_empty());
        }
    }

    #[test]
    fn a_part_of_a_record_is_numbered_anew_and_shares_its_beginning() {
        let whole = record(3 * CHUNK + 5);
        let first = |it: &Transcript| std::ptr::from_ref(it.entry(1).expect("an entry"));
        for (dropped, shared) in [
            (0, false),
            (7, false),
            (CHUNK + 1, true),
            (3 * CHUNK + 2, true),
        ] {
            let part = whole.only(|it| it.number as usize != dropped + 1);
            let numbers: Vec<usize> = part.entries().iter().map(|it| it.number as usize).collect();
            assert_eq!(numbers, (1..3 * CHUNK + 5).collect::<Vec<_>>());
            assert_eq!(
                std::ptr::eq(first(&whole), first(&part)),
                shared,
                "{dropped}"
            );
        }
        let nothing = whole.only(|_| false);
        assert!(nothing.entries().is_empty());
        assert_eq!(whole.only(|_| true).entries().len(), 3 * CHUNK + 5);
    }

    #[test]
    fn a_copy_does_not_grow_with_the_record() {
        let mut transcript = record(CHUNK + 3);
        let copy = transcript.clone();
        transcript.push(Duration::ZERO, &Arc::from("Ada"), 1, EntryKind::Restarted);
        assert_eq!(
            (copy.entries().len(), transcript.entries().len()),
            (CHUNK + 3, CHUNK + 4)
        );
        let first = |it: &Transcript| std::ptr::from_ref(it.entry(1).expect("an entry"));
        assert!(std::ptr::eq(first(&copy), first(&transcript)), "shared");
    }
}
