//! The run model and its renderings. Everything that people and machines read is rendered from one
//! [`model::Run`], so a new output cannot change what was measured.
//!
//! - [`model`]: what `report.json` holds, and the transcripts beside it
//! - [`verdict`]: from the judgements of scenarios to the verdicts of requirements and of the run
//! - [`text`]: text from a server, made safe to show

pub mod model;
mod scenario_verdict;
pub mod text;
pub mod verdict;
