//! A run that is watched, left, cancelled or continued.

use serde_json::json;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::event::{Draft, Event};
use crate::reference::model::run::{Run, Storage};
use crate::reference::model::status::Status;
use crate::reference::model::watchers::Role;

impl Faults {
    /// Whether a run waits while nobody watches it.
    pub fn waits_for_viewers(&self) -> bool {
        self.has(Fault::UnwatchedPauses)
    }

    /// Whether a run waits while one of its watchers does not read.
    pub fn waits_for_slow(&self) -> bool {
        self.has(Fault::SlowViewerStopsRun)
    }

    /// Whether the events of a run are withheld while one of its watchers does not read.
    pub fn withholds_for_slow(&self) -> bool {
        self.has(Fault::SlowViewerStarvesOthers)
    }

    /// Whether `event` is also sent to those who watch other runs.
    pub fn mixes_runs(&self, event: &Event) -> bool {
        self.has(Fault::ViewersMixed) && event.last_word
    }

    /// A connection ends, `politely` where it was by a closing handshake. Gives whether the run, which
    /// it may have started or watched, is kept.
    pub fn on_leave(&self, run: &mut Run, connection: u64, politely: bool) -> bool {
        if !politely {
            self.on_break(run, connection);
        }
        let stops = self.has(Fault::LeavingStopsRun)
            || !politely && self.has(Fault::AbruptLeavingStopsRun)
            || run.count() < 3 && self.has(Fault::EarlyLeavingStopsRun)
            || run.count() == 0 && self.has(Fault::UnbegunRunStops);
        !(stops && run.starter == connection && run.status == Status::Running)
    }

    fn on_break(&self, run: &mut Run, connection: u64) {
        run.past.broke_at_end |= run.starter == connection && run.status != Status::Running;
        let Some(watcher) = run.watchers.on(connection) else {
            return;
        };
        run.past.was_reset = true;
        let returned = watcher.role == Role::Returned;
        let caught_up_only = returned && run.count() == watcher.came_at;
        if self.has(Fault::UnreadTakenForRead) && !returned
            || self.has(Fault::CutCatchUpTakenForRead) && caught_up_only
            || self.has(Fault::CutCatchUpForgotten) && watcher.catching_up
        {
            run.past.taken_for_seen = run.count();
        }
    }

    /// Whether a run obeys that it is cancelled.
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

    /// Whether a paused run goes on when a person lets it; the text where it is refused.
    pub fn on_continue(&self, run: &Run) -> Result<bool, String> {
        let restarted = run.storage == Storage::Restarted;
        if self.has(Fault::ContinueRefused) || restarted && self.has(Fault::RestartForgetsPause) {
            return Err("Run is not paused (status=RUNNING)".to_owned());
        }
        Ok(!self.has(Fault::ContinueIgnored))
    }
}

fn is_cancelled(name: &str) -> bool {
    name.ends_with("Cancelled")
}
