//! A run that is watched, left, cancelled or continued.

use serde_json::json;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::event::{Draft, Event};
use crate::reference::model::run::{Run, Storage};
use crate::reference::model::status::Status;
use crate::reference::model::watchers::{Leaving, Role};

/// How many runs of one connection keep the starts of others from being answered.
const MANY_RUNS: usize = 6;

/// What becomes of an answer to a run that waits for none, any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LateAnswer {
    /// It is refused, as it should be.
    Refused,
    /// Nothing is sent for it.
    Unanswered,
    /// It is taken for the first one.
    Accepted,
}

impl Faults {
    /// Whether the connections that watch a run are closed while nothing happens in it for long.
    pub fn closes_in_the_quiet(&self) -> bool {
        self.has(Fault::QuietCloses)
    }

    /// Whether a run waits while nobody watches it, who has not for so many events in a row.
    pub fn waits_for_viewers(&self, unwatched: u32) -> bool {
        self.has(Fault::UnwatchedPauses) || self.has(Fault::UnwatchedCrawls) && unwatched > 0
    }

    /// Whether a run to which a viewer has returned never has its last event.
    pub fn dies_once_returned_to(&self) -> bool {
        self.has(Fault::ReturnedRunDies)
    }

    /// Whether a run waits while one of its watchers does not read.
    pub fn waits_for_slow(&self) -> bool {
        self.has(Fault::SlowViewerStopsRun)
    }

    /// Whether a run waits while the connection that started it does not read.
    pub fn waits_for_starter(&self) -> bool {
        self.has(Fault::SlowStarterStopsRun)
    }

    /// Whether the events of a run are withheld while one of its watchers does not read.
    pub fn withholds_for_slow(&self) -> bool {
        self.has(Fault::SlowViewerStarvesOthers)
    }

    /// Whether `event` is also sent to those who watch other runs.
    pub fn mixes_runs(&self, event: &Event) -> bool {
        self.has(Fault::ViewersMixed) && event.last_word
    }

    /// A connection ends. Gives whether the run, which it may have started or watched, is kept.
    pub fn on_leave(&self, run: &mut Run, connection: u64, leaving: Leaving) -> bool {
        if leaving != Leaving::Broken {
            self.on_close(run, connection);
        }
        if leaving != Leaving::Closed {
            self.on_break(run, connection);
        }
        let stops = self.has(Fault::LeavingStopsRun)
            || leaving != Leaving::Closed && self.has(Fault::AbruptLeavingStopsRun)
            || run.count() < 3 && self.has(Fault::EarlyLeavingStopsRun)
            || run.count() == 0 && self.has(Fault::UnbegunRunStops);
        !(stops && run.starter == connection && run.status == Status::Running)
    }

    /// Lets watchers of a run go without whom it goes on, when a connection closes that watched it.
    fn on_close(&self, run: &mut Run, connection: u64) {
        if run.watchers.on(connection).is_none() {
            return;
        }
        if self.has(Fault::ClosingEndsLater) {
            run.watchers.remove_returned_if(|other| other > connection);
        }
        if self.has(Fault::ClosingEndsEarlier) {
            run.watchers.remove_returned_if(|other| other < connection);
        }
    }

    /// Whether a start gets no answer while another connection has so many runs under way.
    pub fn ignores_start(&self, under_way: impl FnOnce() -> usize) -> bool {
        self.has(Fault::StartWaitsForOthers) && under_way() >= MANY_RUNS
    }

    /// Whether a restart leaves the runs that it cuts off as they were.
    pub fn keeps_cut_off(&self) -> bool {
        self.has(Fault::RestartShowsRunning)
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

    /// Whether any user can cancel a run.
    pub fn lets_anybody_cancel(&self) -> bool {
        self.has(Fault::OtherUserCancels)
    }

    /// Whether any user can let a paused run continue.
    pub fn lets_anybody_continue(&self) -> bool {
        self.has(Fault::OtherUserContinues)
    }

    /// Whether a run is shown to other users than the one who started it.
    pub fn shows_other_users(&self) -> bool {
        self.has(Fault::OtherUserShown)
    }

    /// Whether other users learn that a run exists.
    pub fn tells_other_users(&self) -> bool {
        self.has(Fault::OtherUserTold)
    }

    /// Whether a run obeys that it is cancelled.
    pub fn obeys_cancel(&self, run: &Run) -> bool {
        let paused = run.status == Status::Paused;
        let ignored = self.has(Fault::CancelIgnored);
        let ignored_in_pause = paused && self.has(Fault::PausedCancelIgnored);
        !(ignored || ignored_in_pause)
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

    /// What happens in a run that nobody carries out any more.
    pub fn on_lost(&self, ending: Draft) -> Option<Draft> {
        (!self.has(Fault::ReplicaDiesSilently)).then_some(ending)
    }

    /// What becomes of an answer to a run that waits for none, any more.
    pub fn on_late_answer(&self, run: &Run) -> LateAnswer {
        let answered = run.continued_at.is_some();
        if answered && run.status == Status::Running && self.has(Fault::SecondAnswerAccepted) {
            LateAnswer::Accepted
        } else if answered && run.status.is_over() && self.has(Fault::SecondAnswerSilent)
            || run.past.cancelled_paused && self.has(Fault::PausedCancelAnswered)
        {
            LateAnswer::Unanswered
        } else {
            LateAnswer::Refused
        }
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
