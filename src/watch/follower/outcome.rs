//! What a viewer says of its run and of itself.

use super::{Do, Follower, Phase};
use crate::protocol::Outcome;
use crate::watch::defect::Defect;
use crate::watch::shown::{End, Shown, State};

impl Follower {
    /// Shows a state, if it is another one than before.
    pub(super) fn state(&mut self, state: State) {
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            self.show(Shown::State(state));
        }
    }

    /// Shows what came with no message.
    pub(super) fn show(&mut self, shown: Shown) {
        self.todo.push(Do::Show(shown, String::new()));
    }

    pub(super) fn note(&mut self, text: String) {
        self.show(Shown::Note(text));
    }

    /// The run cannot be seen for now.
    pub(super) fn away(&mut self, why: &str) {
        // It comes again.
        self.held.clear();
        self.phase = Phase::Away;
        match self.has(Defect::LiveWhileAway) {
            true => self.state(State::Live),
            false => self.state(State::Away(why.to_owned())),
        }
    }

    /// Leaves the connection for another one.
    pub(super) fn leave(&mut self, why: String) {
        self.away(&why);
        self.todo.push(Do::Leave);
    }

    /// A message cannot be read: others can.
    pub(super) fn unreadable(&mut self, why: &str) {
        match self.has(Defect::DiesOfUnreadable) {
            true => self.give_up(&format!("a message that cannot be read: {why}")),
            false => self.note(format!("passed over a message that cannot be read: {why}")),
        }
    }

    /// The server has refused, and would again.
    pub(super) fn refused(&mut self, why: &str) {
        self.state(State::Refused(why.to_owned()));
        self.todo.push(Do::Finish(End::Refused));
    }

    /// The run is over.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.state(State::Ended(outcome));
        match self.has(Defect::ReturnsAfterEnd) {
            true => self.phase = Phase::Live,
            false => self.todo.push(Do::Finish(End::Ended(outcome))),
        }
    }

    /// The viewer does not try any further.
    pub(super) fn give_up(&mut self, why: &str) {
        self.note(format!("gave up: {why}"));
        self.todo.push(Do::Finish(End::Unknown));
    }
}
