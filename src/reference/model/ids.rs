//! Ids that nobody else has: in the form of a UUID, different for each server.

use std::hash::{BuildHasher, RandomState};

/// A source of ids.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    seed: RandomState,
    made: u64,
}

impl Ids {
    /// A new id, such as `6f1d6a3e-0c4b-4b52-9d4e-0f0b7a9f2c11`.
    pub(crate) fn make(&mut self) -> String {
        self.made += 1;
        let (high, low) = (
            self.seed.hash_one((self.made, 0)),
            self.seed.hash_one((self.made, 1)),
        );
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_look_like_uuids() {
        let (mut one, mut other) = (Ids::default(), Ids::default());
        let made = [one.make(), one.make(), other.make()];
        assert!(made[0] != made[1] && made[0] != made[2]);
        for id in made {
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        }
    }
}
