//! What was dropped from a run, what was dropped from the memory, and what outlives a restart.

use std::sync::Arc;

use serde_json::json;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::fault::hooks::mutations::{alter_content, alter_control};
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::{Place, Run};

impl Faulty {
    /// Whether a viewer is told of events that are no longer kept.
    pub fn tells_of_loss(&self) -> bool {
        !self.has(Fault::DroppedSilently)
    }

    /// The events that are left, behind their announcement, where `lost` others were dropped; `next`
    /// is the first that was asked for.
    pub fn on_lost(&self, lost: u64, next: u64, says: &mut Vec<Outgoing>) {
        if lost == 0 {
            return;
        }
        if self.has(Fault::DroppedRenumbered) {
            let events = says.iter_mut().filter_map(|say| match say {
                Outgoing::Wrapped(event) | Outgoing::Plain(event) => Some(event),
                Outgoing::Control(_) | Outgoing::Text(_) | Outgoing::Close => None,
            });
            for (index, event) in (next..).zip(events) {
                *event = Arc::new(event.altered("event_index", json!(index)));
            }
        }
        if self.has(Fault::DroppedIndexRepeated) && says.len() > 1 {
            says.insert(1, says[1].clone());
        }
    }

    /// The index of every event of a run that is full, where it stays the same.
    pub(crate) fn stuck_at(&self, run: &Run) -> Option<u64> {
        let full = self.has(Fault::FullIndexStuck) && run.dropped > 0;
        full.then_some(run.keeps? as u64)
    }

    /// Whether nobody finds the run any more.
    pub fn has_lost(&self, run: &Run) -> bool {
        match run.place {
            Place::Memory => false,
            Place::Forgotten => self.has(Fault::ForgottenUnknown),
            Place::Restarted => self.has(Fault::RestartLosesRuns),
        }
    }

    /// The replay of a run that is not in the memory.
    pub(crate) fn on_lasting(&self, run: &Run, says: &mut Vec<Outgoing>) {
        if run.place == Place::Forgotten && self.has(Fault::ForgottenChanged) {
            alter_content(says);
        }
        if run.place != Place::Restarted {
            return;
        }
        if self.has(Fault::RestartShortensReplay) && says.len() > 2 {
            says.remove(2);
            let events = says.len() - 1;
            alter_control(says, "replay", "total_events", |_| json!(events));
        }
        if self.has(Fault::RestartChangesReplay) {
            alter_content(says);
        }
    }
}
