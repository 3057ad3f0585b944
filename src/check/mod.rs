//! One pure function a requirement, and the catalogue: the one home of ids, levels and sentences.
//!
//! Every check looks at every scenario's transcript. A check that finds its rule broken says so,
//! wherever that was; a requirement *holds* only where a scenario of its own rule brought the
//! situation about and the check saw it hold. What did not come about is [`CheckVerdict::Inconclusive`],
//! never a pass.
//!
//! - [`catalogue`]: ids, levels, sentences, and why they matter
//! - [`finding`]: what a check found broken
//!
//! The checks stand in one file or folder for each family of ids, beside the sentences they judge:
//! `greeting`, `auth`, `start`, `catchup`, `history`, `replay`, `failing`, `cancel`, `pause`, `http`,
//! `content`, `identity`, `seam`, `flapping`, `viewers`, `position`, `retention`, `refusal`, `malformed`,
//! `owner`, `restart`, `replica` and `connection` (LIVENESS, CLOSE). They share
//!
//! - `view`, `precondition`: a return with its answers sorted out, and how the run stood
//! - `answer`: what came of any other request; `asked`: what was asked over HTTP
//! - `sequence`: whether indices ascend one by one
//! - `ending`: when a missing ending is the server's fault
//! - `lasting`: whether a run that is not in the server's memory any more comes as it did before
//! - `payload`: whether two deliveries carry the same
//! - `collector`, `words`: what a check notes, and how findings say it

#[macro_use]
pub mod registry;
pub mod finding;

mod collector;
mod describe;
pub mod rules;
pub mod shared;

pub use finding::{CheckVerdict, Finding};
pub use registry::{Check, Level, Requirement};
pub use shared::payload::same as carry_the_same;
