//! What a viewer does with the events that come.

use super::{Do, Follower, Phase};
use crate::protocol::decode::is_event_name;
use crate::protocol::{Ending, Event, Framing, Outcome};
use crate::watch::defect::Defect;
use crate::watch::progress::Arrival;
use crate::watch::shown::{Shown, State};

impl Follower {
    pub(super) fn event(&mut self, event: &Event, framing: Framing, text: &str) {
        // The last index that there can be has none after it.
        let Some(index) = event.index.at().filter(|index| *index < u64::MAX) else {
            let name = &event.name;
            return self.note(format!("an event {name} without an index that can be used"));
        };
        if !self.is_of_the_run(event, index) {
            if self.has(Defect::AllRuns) {
                self.show_event(event, index, text);
            }
            return;
        }
        self.names.learn(event);
        if framing == Framing::Sse && self.has(Defect::PlainJson) {
            return;
        }
        if self.has(Defect::SkipsUnknown) && !is_event_name(&event.name) {
            return;
        }
        self.progress.count_message();
        if let Phase::Started | Phase::Returning = self.phase {
            self.phase = Phase::Live;
        }
        self.arrives(event, index, text);
        if let Phase::Replaying(Some(left), outcome) = self.phase {
            let left = left.saturating_sub(1);
            self.phase = Phase::Replaying(Some(left), outcome);
            if left == 0 {
                self.replay_is_over();
            }
        }
    }

    /// Shows an event of the run, if it is its turn.
    pub(super) fn arrives(&mut self, event: &Event, index: u64, text: &str) {
        let missed = self.phase == Phase::CatchingUp;
        match self.progress.arrive(index, missed, &self.defects) {
            Arrival::Gap => self.ask_again(index),
            Arrival::Early => self.hold(event, index, text),
            Arrival::Known => self.goes_on(event),
            Arrival::Surplus => {
                self.show_event(event, index, text);
                self.goes_on(event);
            }
            arrival => {
                if arrival == Arrival::Next {
                    self.show_event(event, index, text);
                }
                self.takes_note(event);
                self.goes_on(event);
                self.release();
            }
        }
    }

    /// Whether an event is of the viewer's run.
    ///
    /// The events of a workflow that is a step of the run may name only their own run. On a connection with one run
    /// they are its events where their index is the next one; on older releases they have indices of their own,
    /// and are none of its events.
    fn is_of_the_run(&self, event: &Event, index: u64) -> bool {
        if !self.names.is_of_another(event.named_run()) {
            return true;
        }
        let names_none = event.nested && event.workflow_run_id.is_none();
        names_none && index == self.progress.next()
    }

    fn show_event(&mut self, event: &Event, index: u64, text: &str) {
        let run = match self.has(Defect::AllRuns) {
            true => event.named_run().or(self.names.run()),
            false => self.names.run(),
        };
        let run = run.cloned().unwrap_or_default();
        let name = event.name.clone();
        let shown = Shown::Event { run, index, name };
        self.todo.push(Do::Show(shown, text.to_owned()));
    }

    /// Something new has happened in the run.
    fn takes_note(&mut self, event: &Event) {
        self.pauses.reset();
        self.cut_replays = 0;
        let ending = event.ending();
        self.paused = ending == Some(Ending::Paused);
        self.cancelled |= ending == Some(Ending::Cancelled);
    }

    /// What an event, new or not, means for what is still to come.
    fn goes_on(&mut self, event: &Event) {
        let ending = event.ending();
        if let Phase::Replaying(..) = self.phase {
            // Nothing of the run comes after it, however many were announced.
            if matches!(ending, Some(Ending::Completed | Ending::Failed)) {
                self.replay_is_over();
            }
            return;
        }
        match ending {
            Some(Ending::Completed) if self.cancelled && !self.has(Defect::CompletedWins) => {
                self.finish(Outcome::Cancelled);
            }
            Some(Ending::Completed) => self.finish(Outcome::Completed),
            Some(Ending::Failed) if self.has(Defect::BlindToFailure) => {}
            Some(Ending::Failed) => self.finish(Outcome::Failed),
            Some(Ending::Cancelled) => self.phase = Phase::Cancelled,
            Some(Ending::Paused) | None if self.phase == Phase::Live => self.settle(),
            Some(Ending::Paused) | None => {}
        }
    }

    /// All events of the run, which is not under way, have come.
    pub(super) fn replay_is_over(&mut self) {
        self.pass_over();
        let Phase::Replaying(_, outcome) = self.phase else {
            return;
        };
        self.phase = Phase::Live;
        let outcome = match outcome {
            _ if self.has(Defect::ReplayIsLive) => None,
            Some(Outcome::Cancelled) if self.has(Defect::CompletedWins) => Some(Outcome::Completed),
            outcome => outcome,
        };
        match outcome {
            Some(Outcome::Paused) => {
                self.paused = true;
                self.settle();
            }
            Some(outcome) if outcome.is_final() => self.finish(outcome),
            _ => self.settle(),
        }
    }

    /// Says that the run is live, or waits for a person.
    pub(super) fn settle(&mut self) {
        match self.paused {
            true if self.has(Defect::PauseIsEnd) => self.finish(Outcome::Completed),
            true if !self.has(Defect::BlindToPause) => self.state(State::Paused),
            _ => self.state(State::Live),
        }
    }
}
