//! The suite: cucumber parses, matches, schedules and streams events; everything else is ours.
//!
//! - [`features`]: the specification, embedded and from a folder; `mistakes`: what is wrong in the reader's own,
//!   `keywords`: also where it is no Gherkin; `nearest`: what may be meant; [`declared`]: which requirements a `Then` is about
//! - [`selection`]: which of its scenarios are run; [`shard`]: which of those are for one of several shards
//! - `schedule`: in which order they start; `isolation`: servers for those that would disturb others
//! - [`mod@run`]: a whole run; [`preflight`]: whether the server can be reached at all; `runner`: hands
//!   the scenarios to cucumber; [`writer`]: turns cucumber's events into the run model; `probe`: whether a
//!   client can do what it says is not for it
//! - [`first_start`]: whether the server has started a run yet
//! - [`steps`]: one file for each subject; `step`, `phrase`, [`argument`],
//!   [`params`]: what a step is made of
//! - [`dispatch`]: finds the code of a step, bounds it in time and catches its panics
//! - [`sources`]: where scenarios and their steps are written
//! - [`step_error`]: why a step ends its scenario early
//! - [`actions`]: what viewers can do, as the steps ask for it
//! - `altered`: wrong tokens and ids that look like right ones
//! - [`world`]: what the steps of one scenario share; [`environment`]: what all scenarios of a run share,
//!   for the target and for each of its variants

pub mod actions;
mod altered;
pub mod argument;
pub mod declared;
pub mod dispatch;
pub mod environment;
pub mod features;
pub mod first_start;
mod isolation;
mod keywords;
mod mistakes;
mod nearest;
pub mod params;
mod phrase;
pub mod preflight;
mod probe;
pub mod run;
mod runner;
mod schedule;
pub mod selection;
pub mod shard;
pub mod sources;
pub mod step;
pub mod step_error;
pub mod steps;
#[cfg(test)]
mod tests;
mod wire_tags;
pub mod world;
pub mod writer;

pub use cucumber::gherkin::StepType;
pub use run::{Moment, Progress, run};
pub use selection::{Scenarios, SelectionError};
