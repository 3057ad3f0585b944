//! One pure function a requirement, and the catalogue: the one home of ids, levels and sentences.
//!
//! Every check looks at every scenario's transcript. A check that finds its rule broken says so,
//! wherever that was; a requirement *holds* only where a scenario of its own rule brought the
//! situation about and the check saw it hold. What did not come about is [`Judgement::Untouched`],
//! never a pass.
//!
//! - [`catalogue`]: ids, levels, sentences, and why they matter
//! - [`finding`]: what a check found broken
//!
//! The checks themselves stand in one file for each family of ids.

pub mod catalogue;
pub mod finding;

pub use catalogue::{Level, Requirement};
pub use finding::{Finding, Judgement};
