//! Reproducible random numbers: SplitMix64 (Steele, Lea and Flood, 2014).

/// A source of random numbers that is a function of its seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// The numbers of one trial of a seed.
    #[must_use]
    pub fn of(seed: u64, trial: u64) -> Self {
        let mut dice = Self(seed);
        let first = dice.number();
        Self(first ^ trial.wrapping_mul(STEP))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; 0 where it is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.number() % limit).unwrap_or_default()
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of these; `None` where there is none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// One of these, each as often as its weight says; `None` where no weight is above 0.
    pub fn weighted<'a, T>(&mut self, all: &'a [(usize, T)]) -> Option<&'a T> {
        let sum: usize = all.iter().map(|(weight, _)| weight).sum();
        let mut place = self.below(sum);
        all.iter().find_map(|(weight, it)| {
            if place < *weight {
                return Some(it);
            }
            place -= weight;
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed, trial| {
            let mut dice = Dice::of(seed, trial);
            [dice.number(), dice.number()]
        };
        assert_eq!(numbers(1, 2), numbers(1, 2));
        assert_ne!(numbers(1, 2), numbers(1, 3));
        assert_ne!(numbers(1, 2), numbers(2, 2));
    }

    #[test]
    fn what_weighs_nothing_is_never_taken() {
        let mut dice = Dice::of(0, 0);
        for _ in 0..100 {
            assert_eq!(dice.weighted(&[(0, 'a'), (3, 'b'), (0, 'c')]), Some(&'b'));
        }
        assert_eq!(dice.weighted::<char>(&[]), None);
    }
}
