//! Gaps. What is missing is asked for again, once; if it does not come then either, the viewer waits a little, as it
//! may come late, and then says so.

use super::Follower;
use crate::protocol::Event;
use crate::watch::shown::Shown;

/// How many events are kept while one before them may come late.
const MOST: usize = 64;

/// An event that has come before its turn.
#[derive(Debug)]
pub(super) struct Held {
    event: Event,
    text: String,
}

impl Follower {
    /// An event has come, and one before it did not: leaves, and asks again.
    pub(super) fn ask_again(&mut self, index: u64) {
        let next = self.progress.next();
        self.progress.ask_again();
        self.leave(format!("event {index} came, and {next} did not"));
    }

    /// Keeps an event until its turn.
    pub(super) fn hold(&mut self, event: &Event, index: u64, text: &str) {
        let (event, text) = (event.clone(), text.to_owned());
        self.held.insert(index, Held { event, text });
        if self.held.len() >= MOST {
            self.pass_over();
        }
    }

    /// Shows what was kept, as far as it is its turn now.
    pub(super) fn release(&mut self) {
        let next = self.progress.next();
        if let Some(held) = self.held.remove(&next) {
            // It releases the one after it.
            return self.arrives(&held.event, next, &held.text);
        }
        if let Some((index, _)) = self.held.pop_first() {
            self.ask_again(index);
        }
    }

    /// What is missing does not come: says so, and shows what was kept.
    pub(super) fn pass_over(&mut self) {
        while let Some((index, held)) = self.held.pop_first() {
            let first = self.progress.next();
            if index > first {
                let last = index - 1;
                self.show(Shown::Gap { first, last });
                self.progress.pass_over_to(index);
            }
            let rest = std::mem::take(&mut self.held);
            self.arrives(&held.event, index, &held.text);
            self.held = rest;
        }
    }
}
