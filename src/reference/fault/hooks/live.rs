//! An event on its way to somebody who watches.

use std::sync::Arc;

use crate::protocol::{Ending, framing};
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::event::Event;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::{Run, Status};
use crate::reference::model::watchers::Watcher;

/// How many events must happen while a viewer still catches up for one to go wrong: who reads what
/// comes has caught up before.
const MANY_MEANWHILE: u32 = 8;

/// The index of the event that is lost past a thousand.
const THOUSANDTH: u64 = 1000;

impl Faulty {
    /// What a watcher gets when `event` happens. `returns` says how often somebody has returned to
    /// the run.
    pub fn on_live(
        &self,
        watcher: &mut Watcher,
        event: &Arc<Event>,
        returns: u32,
        says: &mut Vec<Outgoing>,
    ) {
        if watcher.continues {
            self.to_continuing(says);
        } else if watcher.returned {
            self.to_returned(watcher, event, says);
            self.to_slow(watcher, says);
        } else {
            self.to_starter(watcher, event, returns, says);
        }
    }

    fn to_returned(&self, watcher: &Watcher, event: &Event, says: &mut Vec<Outgoing>) {
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

    /// What happens while a watcher is still being written what it had missed.
    fn to_slow(&self, watcher: &mut Watcher, says: &mut Vec<Outgoing>) {
        let Some(meanwhile) = &mut watcher.meanwhile else {
            return;
        };
        *meanwhile += 1;
        if *meanwhile != MANY_MEANWHILE {
            return;
        }
        if self.has(Fault::SlowCatchUpLosesLive) {
            says.clear();
        } else if self.has(Fault::SlowCatchUpDoublesLive) {
            says.extend_from_within(..);
        }
    }

    /// What the first of just two who have returned gets.
    pub fn on_first_of_two(&self, event: &Event, says: &mut Vec<Outgoing>) {
        if self.has(Fault::TwoViewersLose) && event.last_word {
            says.clear();
        }
    }

    fn to_starter(
        &self,
        watcher: &mut Watcher,
        event: &Arc<Event>,
        returns: u32,
        says: &mut Vec<Outgoing>,
    ) {
        if self.has(Fault::StarterSilenced) && returns > 0 {
            says.clear();
            return;
        }
        let muted = watcher.muted_to.is_some_and(|last| event.index <= last);
        if muted && Ending::of(event.name()).is_none() {
            says.clear();
        }
        says.extend(watcher.kept.take().map(Outgoing::Wrapped));
        if self.has(Fault::ThousandthLost) && event.index == THOUSANDTH {
            says.clear();
        }
        if !event.last_word {
            return;
        }
        if self.has(Fault::MessageCutInTwo) {
            cut_in_two(says);
        } else if self.has(Fault::LabelOfAnother) {
            *says = vec![Outgoing::Text(framing::wrap_sse(
                "RunCompleted",
                event.text(),
            ))];
        }
        if self.has(Fault::LiveDrop) {
            says.clear();
        } else if self.has(Fault::LiveDouble) {
            says.push(Outgoing::Wrapped(Arc::clone(event)));
        } else if self.has(Fault::LiveSwap) {
            says.clear();
            watcher.kept = Some(Arc::clone(event));
        }
    }

    /// What a watcher of a run that was started over HTTP gets.
    pub fn on_http_run(&self, over_http: bool, watcher: &Watcher, says: &mut Vec<Outgoing>) {
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

    /// Whether nobody is told of a run while one of its watchers does not read.
    pub fn tells_after_slow(&self) -> bool {
        self.has(Fault::SlowViewerStarvesOthers)
    }

    /// Whether the run that a connection started, and that has had so many events, is stopped when
    /// it leaves.
    pub fn leaving_stops(&self, politely: bool, events: usize) -> bool {
        self.has(Fault::LeavingStopsRun)
            || !politely && self.has(Fault::AbruptLeavingStopsRun)
            || events < 3 && self.has(Fault::EarlyLeavingStopsRun)
            || events == 0 && self.has(Fault::UnbegunRunStops)
    }

    /// What the run makes of a connection that broke, which may have started or watched it.
    pub fn on_break(&self, run: &mut Run, connection: u64) {
        run.broke_at_end |= run.starter == connection && run.status != Status::Running;
        let Some(watcher) = run.watchers.on(connection) else {
            return;
        };
        let caught_up_only = watcher.returned && watcher.live == 0;
        if self.has(Fault::UnreadTakenForRead) && !watcher.returned
            || self.has(Fault::CutCatchUpTakenForRead) && caught_up_only
            || self.has(Fault::CutCatchUpForgotten) && watcher.meanwhile.is_some()
        {
            run.taken = watcher.behind;
        }
    }
}

/// Makes two messages of the last one.
fn cut_in_two(says: &mut Vec<Outgoing>) {
    let Some(mut text) = says.pop().and_then(|say| say.text()) else {
        return;
    };
    // What is on the wire is ASCII.
    let rest = text.split_off(text.len() / 2);
    says.extend([Outgoing::Text(text), Outgoing::Text(rest)]);
}

/// Whether it is one of the events that only a cancelled run has.
fn is_end_of_cancelled(event: &Event) -> bool {
    let text = |field| event.field(field).and_then(serde_json::Value::as_str);
    let cancelled = |text: &str| text.ends_with(" was cancelled");
    text("reason").is_some_and(cancelled) || text("content").is_some_and(cancelled)
}
