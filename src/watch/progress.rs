//! Which events of the run a viewer has shown, and what an event is that comes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::protocol::Position;
use crate::watch::defect::{Defect, Defects};

/// How many indices that were passed over a defect remembers.
const REMEMBERED: usize = 10_000;

/// What an event is, by its index.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arrival {
    /// The next one: it is shown.
    Next,
    /// One that was shown already: it is dropped.
    Known,
    /// One before it is missing: the viewer asks again.
    Gap,
    /// One before it is still missing, although it was asked for again: it may come late.
    Early,
    /// Counted, and not shown. Only a defect does that.
    Hidden,
    /// Shown although it does not count. Only a defect does that.
    Surplus,
}

/// Which events were shown.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The index of the last event that was shown.
    position: Option<u64>,
    /// The first missing index that was asked for again.
    asked: Option<u64>,
    /// How many messages came for the run, for a defect.
    messages: u64,
    /// The position without the events of a catch-up that is under way, for a defect.
    committed: Option<u64>,
    /// The position of the first return, for a defect.
    first: Option<u64>,
    /// What was passed over, for a defect.
    passed_over: BTreeSet<u64>,
}

impl Progress {
    /// The index that comes next.
    pub(super) fn next(&self) -> u64 {
        self.position.map_or(0, |index| index.saturating_add(1))
    }

    /// What an event with this index is; it is shown accordingly. `missed` says whether it is one of a catch-up.
    pub(super) fn arrive(&mut self, index: u64, missed: bool, defects: &Defects) -> Arrival {
        let next = self.next();
        let arrival = match index {
            _ if index == next => Arrival::Next,
            _ if index < next && self.passed_over.remove(&index) => Arrival::Surplus,
            _ if index < next && defects.has(Defect::NoDedup) => Arrival::Surplus,
            _ if index < next => Arrival::Known,
            _ if defects.has(Defect::IgnoresGaps) => Arrival::Next,
            _ if defects.has(Defect::AsTheyCome) => {
                let room = REMEMBERED.saturating_sub(self.passed_over.len());
                self.passed_over.extend((next..index).take(room));
                Arrival::Next
            }
            _ if self.asked == Some(next) => Arrival::Early,
            _ => Arrival::Gap,
        };
        if arrival != Arrival::Next {
            return arrival;
        }
        self.position = Some(index);
        if !missed {
            self.committed = self.position;
        }
        match missed && defects.has(Defect::DropsMissed) {
            true => Arrival::Hidden,
            false => Arrival::Next,
        }
    }

    /// The next event is missing, and is asked for again.
    pub(super) fn ask_again(&mut self) {
        self.asked = Some(self.next());
    }

    /// What is missing before this index does not come any more.
    pub(super) fn pass_over_to(&mut self, index: u64) {
        self.position = index.checked_sub(1).max(self.position);
    }

    /// A message came that is about the run, an event or not.
    pub(super) fn count_message(&mut self) {
        self.messages = self.messages.saturating_add(1);
    }

    /// The catch-up is over.
    pub(super) fn commit(&mut self) {
        self.committed = self.position;
    }

    /// The position that the viewer names when it returns.
    pub(super) fn named(&mut self, defects: &Defects) -> Position {
        let position = match self.position {
            _ if defects.has(Defect::CountsMessages) => self.messages.checked_sub(1),
            _ if defects.has(Defect::CommitsLate) => self.committed,
            Some(index) if defects.has(Defect::PositionAhead) => Some(index.saturating_add(1)),
            Some(index) if defects.has(Defect::PositionBehind) => index.checked_sub(1),
            Some(index) if defects.has(Defect::StalePosition) => {
                Some(*self.first.get_or_insert(index))
            }
            position => position,
        };
        match position {
            None => Position::Null,
            Some(index) if defects.has(Defect::PositionAsText) => {
                Position::Odd(Value::from(index.to_string()))
            }
            Some(index) => Position::At(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(defects: &[Defect]) -> Defects {
        Defects::from(defects.to_vec())
    }

    fn arrivals(progress: &mut Progress, indices: &[u64], defects: &[Defect]) -> Vec<Arrival> {
        let defects = with(defects);
        let all = indices.iter();
        all.map(|index| progress.arrive(*index, false, &defects))
            .collect()
    }

    #[test]
    fn each_event_is_shown_once_and_in_order() {
        use Arrival::{Early, Gap, Known, Next};
        let mut progress = Progress::default();
        assert_eq!(
            arrivals(&mut progress, &[0, 1, 1, 0, 3], &[]),
            [Next, Next, Known, Known, Gap]
        );
        progress.ask_again();
        assert_eq!(
            arrivals(&mut progress, &[3, 2, 3, 2], &[]),
            [Early, Next, Next, Known]
        );
        assert_eq!(progress.named(&with(&[])), Position::At(3));
        // Another gap is asked for again, too.
        assert_eq!(arrivals(&mut progress, &[6], &[]), [Gap]);
        progress.ask_again();
        assert_eq!(arrivals(&mut progress, &[6], &[]), [Early]);
        progress.pass_over_to(6);
        assert_eq!(
            arrivals(&mut progress, &[4, 6, 7], &[]),
            [Known, Next, Next]
        );
    }

    #[test]
    fn the_position_is_the_last_event_but_with_a_defect() {
        let named = |defects: &[Defect]| {
            let mut progress = Progress::default();
            let all = with(defects);
            for index in 0..=4 {
                progress.count_message();
                progress.arrive(index, false, &all);
            }
            let first = progress.named(&all);
            progress.count_message();
            for index in 5..=6 {
                progress.count_message();
                progress.arrive(index, true, &all);
            }
            (first, progress.named(&all))
        };
        let at = |one, other| (Position::At(one), Position::At(other));
        assert_eq!(named(&[]), at(4, 6));
        assert_eq!(named(&[Defect::CountsMessages]), at(4, 7));
        assert_eq!(named(&[Defect::PositionAhead]), at(5, 7));
        assert_eq!(named(&[Defect::PositionBehind]), at(3, 5));
        assert_eq!(named(&[Defect::StalePosition]), at(4, 4));
        assert_eq!(named(&[Defect::CommitsLate]), at(4, 4));
        let text = |text: &str| Position::Odd(Value::from(text));
        assert_eq!(named(&[Defect::PositionAsText]), (text("4"), text("6")));
        assert_eq!(Progress::default().named(&with(&[])), Position::Null);
    }

    #[test]
    fn defects_show_what_is_known_what_is_late_and_not_what_was_missed() {
        use Arrival::{Hidden, Next, Surplus};
        let fresh = Progress::default;
        assert_eq!(
            arrivals(&mut fresh(), &[0, 1, 0], &[Defect::NoDedup]),
            [Next, Next, Surplus]
        );
        assert_eq!(
            arrivals(&mut fresh(), &[0, 2, 1], &[Defect::AsTheyCome]),
            [Next, Next, Surplus]
        );
        assert_eq!(
            arrivals(&mut fresh(), &[0, 2, 3], &[Defect::IgnoresGaps]),
            [Next, Next, Next]
        );
        let drops = with(&[Defect::DropsMissed]);
        assert_eq!(fresh().arrive(0, true, &drops), Hidden);
        assert_eq!(fresh().arrive(0, false, &drops), Next);
    }

    proptest! {
        /// Whatever comes, an index is shown once, and none before one that was shown.
        #[test]
        fn shown_indices_always_grow(come in prop::collection::vec((0..40_u64, any::<bool>()), 0..200)) {
            let mut progress = Progress::default();
            let mut next = 0;
            for (index, again) in come {
                match progress.arrive(index, false, &Defects::default()) {
                    Arrival::Next => {
                        prop_assert_eq!(index, next);
                        next = index + 1;
                    }
                    Arrival::Known => prop_assert!(index < next),
                    Arrival::Gap if again => progress.ask_again(),
                    Arrival::Gap => prop_assert!(index > next),
                    Arrival::Early => {
                        prop_assert!(index > next);
                        progress.pass_over_to(index);
                        next = index;
                    }
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }
}
