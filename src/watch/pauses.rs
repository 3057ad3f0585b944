//! How long a viewer waits before it tries again.

use std::time::Duration;

/// No pause is longer than this, so that nobody waits much longer than the server was away.
const LONGEST: Duration = Duration::from_secs(5);

/// How much a pause may be longer than planned, so that many viewers do not all come at once: a fifth.
const SPREAD: f64 = 0.2;

/// The pauses between tries: each is twice as long as the one before, until something new has come.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    tries: u32,
}

impl Pauses {
    /// The first pause. With nothing shorter than this there are never more than five tries in a second.
    pub const FIRST: Duration = Duration::from_millis(250);

    /// The pause while the run waits for a person, and the server has ended the stream for that.
    pub const REST: Duration = Duration::from_secs(10);

    /// The pause of a viewer who does not know any: it does no more harm than must be.
    pub const STORM: Duration = Duration::from_millis(5);

    /// The next pause; `chance` is from 0 to 1.
    pub fn next(&mut self, chance: f64) -> Duration {
        let doubled = Self::FIRST.saturating_mul(2_u32.saturating_pow(self.tries));
        self.tries = self.tries.saturating_add(1);
        doubled
            .min(LONGEST)
            .mul_f64(1.0 + SPREAD * chance.clamp(0.0, 1.0))
    }

    /// Something new has come: the next pause is a short one again.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    /// How many pauses there were since something new has come.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.tries
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_grow_until_something_new_comes() {
        let mut pauses = Pauses::default();
        let millis = |pauses: &mut Pauses| pauses.next(0.0).as_millis();
        let grown: Vec<_> = (0..8).map(|_| millis(&mut pauses)).collect();
        assert_eq!(grown, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
        pauses.reset();
        assert_eq!(millis(&mut pauses), 250);
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_five_tries(chances in prop::collection::vec(-1.0..2.0_f64, 1..80)) {
            let mut pauses = Pauses::default();
            let mut before = Duration::ZERO;
            for (place, chance) in chances.into_iter().enumerate() {
                let pause = pauses.next(chance);
                prop_assert!(pause >= Pauses::FIRST && pause <= LONGEST.mul_f64(1.0 + SPREAD));
                prop_assert!(place > 5 || pause > before);
                before = pause;
            }
        }
    }
}
