//! A run that is cancelled.

use serde_json::json;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::event::Draft;
use crate::reference::model::run::Status;

impl Faulty {
    /// Whether a run heeds that it is cancelled.
    pub fn obeys_cancel(&self) -> bool {
        !self.has(Fault::CancelIgnored)
    }

    /// What still happens in a run that is cancelled; `rest` would have, had it not been.
    pub fn on_cancel(&self, mut closing: Vec<Draft>, rest: Vec<Draft>) -> Vec<Draft> {
        if self.has(Fault::CancelSilent) {
            return Vec::new();
        }
        if self.has(Fault::CancelledAsCompleted) {
            closing.retain(|draft| !draft.fields["event"].as_str().is_some_and(is_cancelled));
            if let Some(last) = closing.last_mut() {
                last.ends = Some(Status::Completed);
            }
        }
        let Some(last) = closing.last_mut() else {
            return closing;
        };
        if self.has(Fault::CancelledGoesOn) {
            closing.pop();
            closing.extend(rest);
            if let Some(last) = closing.last_mut() {
                last.ends = Some(Status::Cancelled);
            }
        } else if self.has(Fault::EventAfterCancelled) {
            let mut late = last.clone();
            last.ends = None;
            late.fields.insert("event".into(), json!("StepCompleted"));
            closing.push(late);
        }
        closing
    }
}

fn is_cancelled(name: &str) -> bool {
    name.ends_with("Cancelled")
}
