//! An event on its way to somebody who watches.

use std::sync::Arc;

use super::Faulty;
use crate::protocol::Ending;
use crate::reference::event::Event;
use crate::reference::fault::Fault;
use crate::reference::run::Watcher;
use crate::reference::say::Say;

impl Faulty {
    /// What a watcher gets when `event` happens. `returns` says how often somebody has returned to
    /// the run.
    pub fn on_live(
        &self,
        watcher: &mut Watcher,
        event: &Arc<Event>,
        returns: u32,
        says: &mut Vec<Say>,
    ) {
        if watcher.continues {
            self.to_continuing(says);
        } else if watcher.returned {
            self.to_returned(watcher, event, says);
        } else {
            self.to_starter(watcher, event, returns, says);
        }
    }

    fn to_returned(&self, watcher: &Watcher, event: &Event, says: &mut Vec<Say>) {
        let ending = Ending::of(event.name());
        let lost = (self.has(Fault::LiveGapAfterSubscribed) && watcher.live == 0)
            || watcher.muted_to.is_some_and(|last| event.index <= last)
            || (self.has(Fault::LiveEndingLostAfterReturn) && ending == Some(Ending::Completed))
            || (self.has(Fault::FailingNotToReturned) && ending == Some(Ending::Failed))
            || (self.has(Fault::CancelledNotToReturned) && is_end_of_cancelled(event));
        if lost {
            says.clear();
        }
    }

    fn to_starter(
        &self,
        watcher: &mut Watcher,
        event: &Arc<Event>,
        returns: u32,
        says: &mut Vec<Say>,
    ) {
        if self.has(Fault::StarterSilenced) && returns > 0 {
            says.clear();
            return;
        }
        let muted = watcher.muted_to.is_some_and(|last| event.index <= last);
        if muted && Ending::of(event.name()).is_none() {
            says.clear();
        }
        says.extend(watcher.kept.take().map(Say::Wrapped));
        if !event.last_word {
            return;
        }
        if self.has(Fault::LiveDrop) {
            says.clear();
        } else if self.has(Fault::LiveDouble) {
            says.push(Say::Wrapped(Arc::clone(event)));
        } else if self.has(Fault::LiveSwap) {
            says.clear();
            watcher.kept = Some(Arc::clone(event));
        }
    }

    /// What a watcher of a run that was started over HTTP gets.
    pub fn on_http_run(&self, over_http: bool, watcher: &Watcher, says: &mut Vec<Say>) {
        if over_http && watcher.returned && self.has(Fault::HttpRunNotLive) {
            says.clear();
        }
    }

    /// Whether `event` goes also to those who watch other runs.
    pub fn goes_astray(&self, event: &Event) -> bool {
        self.has(Fault::ViewersMixed) && event.last_word
    }

    /// Whether a run stands still while one of its watchers does not read.
    pub fn waits_for_slow(&self) -> bool {
        self.has(Fault::SlowViewerStopsRun)
    }

    /// Whether the run that a connection started, and that has had so many events, is stopped when
    /// it leaves.
    pub fn leaving_stops(&self, politely: bool, events: usize) -> bool {
        self.has(Fault::LeavingStopsRun)
            || !politely && self.has(Fault::AbruptLeavingStopsRun)
            || events < 3 && self.has(Fault::EarlyLeavingStopsRun)
    }
}

/// Whether it is one of the events that only a cancelled run has.
fn is_end_of_cancelled(event: &Event) -> bool {
    let text = |field| event.field(field).and_then(serde_json::Value::as_str);
    let cancelled = |text: &str| text.ends_with(" was cancelled");
    text("reason").is_some_and(cancelled) || text("content").is_some_and(cancelled)
}
