//! Applies a mutation to messages that are about to be sent.

use crate::reference::fault::mutation::moment::Moment;
use crate::reference::fault::mutation::{Mutation, Place};
use crate::reference::model::outgoing::Outgoing;

impl Mutation {
    /// Changes the messages that are about to be sent, where it strikes here.
    pub fn apply(&self, moment: &Moment<'_>, messages: &mut Vec<Outgoing>) {
        if !self.place.covers(moment.place) || !self.when.is_met(moment, messages) {
            return;
        }
        // From the back: what is in front keeps its place.
        for at in self.of.places(moment, messages).into_iter().rev() {
            self.change.apply(at, moment, messages);
        }
    }
}

impl Place {
    fn covers(self, other: Self) -> bool {
        match self {
            Self::Anywhere => other != Self::Control,
            Self::Return => matches!(other, Self::CatchUp | Self::History | Self::Replay),
            Self::UnderWay => matches!(other, Self::CatchUp | Self::History),
            _ => self == other,
        }
    }
}
