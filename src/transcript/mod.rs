//! The append-only record of everything sent and received, and questions to it.
//!
//! Reader tasks stamp and record every frame before anyone judges it, so that a verdict can be
//! debated, tested and made again without a network.
//!
//! - [`entry`]: one thing that happened, with who, when and on which visit
//! - [`story`]: the record told again by visits, runs, deliveries and returns
//! - [`jsonl`]: the record as JSON Lines, with a version

mod contest;
pub mod entry;
pub mod jsonl;
pub mod story;
mod telling;
mod visit;

use std::time::Duration;

pub use entry::{Entry, Leaving, Number, Part, What};
pub use story::{Continuation, Delivery, Earlier, Phase, Return, Run, Start, Story};
pub use visit::Visit;

/// Everything that one scenario's viewers sent and received, in the order in which it was recorded.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
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
        viewer: &std::sync::Arc<str>,
        visit: u32,
        what: What,
    ) -> Number {
        let number = Number::try_from(self.entries.len() + 1).unwrap_or(Number::MAX);
        // As exact as it is stored: a stored record is judged like the one in memory.
        let (at, what) = (jsonl::exact(at), jsonl::exactly(what));
        self.entries.push(Entry {
            number,
            at,
            viewer: std::sync::Arc::clone(viewer),
            visit,
            what,
        });
        number
    }

    /// All entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this number, counted from 1.
    #[must_use]
    pub fn entry(&self, number: Number) -> Option<&Entry> {
        self.entries.get((number as usize).checked_sub(1)?)
    }
}
