//! The suite: cucumber parses, matches, schedules and streams events; everything else is ours.
//!
//! - [`features`]: the specification, embedded or from a folder
//! - [`selection`]: which of its scenarios are run
//! - [`shard`]: which of those fall to one of several shards
//! - `order`: in which order they begin; `pool`: servers for those that nothing may run beside
//! - [`world`]: what the steps of one scenario share; [`environment`]: what all scenarios of a run share,
//!   for the target and for each of its variants
//! - [`actions`]: what viewers can do, as the steps ask for it
//! - [`sources`]: where scenarios and their steps are written
//! - [`params`]: the words of the features: viewers, parts, positions
//! - [`steps`]: one file a domain word
//! - [`stop`]: why a step stops its scenario
//! - [`dispatch`]: bounds every step in time and catches its panics
//! - [`writer`]: from cucumber's events to the run model
//! - [`preflight`]: whether the server can be reached at all
//! - [`mod@run`]: all of it together

pub mod actions;
pub mod dispatch;
pub mod environment;
pub mod features;
mod isolation;
pub mod params;
pub mod preflight;
pub mod run;
mod schedule;
pub mod selection;
pub mod shard;
pub mod sources;
pub mod step_error;
pub mod steps;
pub mod world;
pub mod writer;

pub use run::{Progress, run};
pub use selection::{Scenarios, SelectionError};
