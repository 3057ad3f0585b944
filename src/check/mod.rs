//! One pure function per requirement, and the registry: the one home of ids, levels and sentences.
//!
//! Every check looks at every scenario's transcript. A check that finds its requirement violated says so,
//! wherever that was; a requirement *passes* only where a scenario of its own rule met the precondition
//! and the check saw the requirement kept. What was not met is [`CheckVerdict::Inconclusive`], never a
//! pass.
//!
//! - [`requirement`]: id, level, sentence, and why it matters
//! - [`registry`]: all of them, and the verdicts of all checks
//! - [`finding`]: what a check found
//! - [`over_http`]: what becomes of each requirement over HTTP; [`over_websocket`]: which bind there alone
//! - [`rules`]: the checks, one file or folder per family of ids, beside the sentences
//! - `collector`, `describe`: what a check notes, and how findings say it
//! - [`shared`]: what several checks ask
//!   - `return_view`, `precondition`: a return with its answers sorted by kind, and the state of the run
//!   - `reply`: what came after any other request; `http_requests`: what was asked over HTTP;
//!     `beginning`: what the beginning of an answer says
//!   - `order`: whether indices ascend one by one
//!   - `ending`: when a missing ending is the server's fault
//!   - `pauses`: who saw a run pause, and what came to them after it
//!   - `persisted_replay`: whether a run that the server no longer has in its memory comes as before
//!   - `payload`: whether two deliveries carry the same

#[macro_use]
pub mod requirement;
pub mod finding;
pub mod over_http;
pub mod over_websocket;
pub mod registry;

mod collector;
mod describe;
pub mod rules;
pub mod shared;
mod unassigned;
mod unreadable;

pub use finding::{CheckVerdict, Finding};
pub use requirement::{Check, Level, Requirement};
pub use rules::stream::LONGEST_SILENCE;
pub use shared::payload::same as carry_the_same;
