//! Several runs as one: over several wires, shards merged, repetitions, a stored run judged again, two runs compared, releases side by side.

pub mod diff;
pub mod matrix;
pub mod merge;
mod missing;
pub mod rejudge;
pub mod repeat;
pub mod wires;
