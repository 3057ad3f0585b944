//! A run that waits for a person, and goes on.

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::{Place, Run};

impl Faulty {
    /// Whether a paused run goes on when it is told to.
    pub fn goes_on(&self) -> bool {
        !self.has(Fault::ContinueIgnored)
    }

    /// Why a paused run is not let go on.
    pub fn refuses_to_go_on(&self, run: &Run) -> Option<String> {
        let refused = self.has(Fault::ContinueRefused)
            || run.place == Place::Restarted && self.has(Fault::RestartForgetsPause);
        refused.then(|| "Run is not paused (status=RUNNING)".to_owned())
    }

    /// The index of the next event of a run that was continued; `index` is the honest one.
    pub fn index_after_pause(&self, run: &Run, index: u64) -> u64 {
        let Some(pause) = run.continued_at else {
            return index;
        };
        let restarted = run.place == Place::Restarted;
        if self.has(Fault::ContinueFromZero) || restarted && self.has(Fault::RestartCountsAnew) {
            index - pause as u64
        } else if self.has(Fault::ContinueSkips) {
            index + 1
        } else if self.has(Fault::ContinueRepeats) {
            index - 1
        } else {
            index
        }
    }

    /// What the connection that continued the run gets when an event happens.
    pub fn to_continuing(&self, says: &mut Vec<Outgoing>) {
        if self.has(Fault::ContinueDoubles) {
            says.extend(says.clone());
        }
    }

    /// The replay of a paused run.
    pub fn on_replay_of_paused(&self, says: &mut Vec<Outgoing>) {
        if self.has(Fault::PauseNotTold) {
            says.retain(|say| say.event().is_none_or(|it| !it.name().ends_with("Paused")));
        }
    }
}
