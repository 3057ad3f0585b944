//! What a run found, and everything that is made of it. People and machines read renderings of one
//! [`model::run::Run`], so a new output cannot change what was measured.
//!
//! - [`text`]: escaping of text from a server, and sentences that all reports write the same way
//! - [`model`]: what `report.json` contains, as types, and the transcripts beside it
//! - [`verdict`]: from what the checks found to the verdicts; known failures
//! - `view`: failures by cause, headlines, and what a scenario shows: computed once for all outputs
//! - [`combine`]: shards merged, repetitions, a stored run judged again, two runs compared, the matrix
//! - [`render`]: terminal, HTML, JSON, JUnit, Cucumber JSON and Messages, Markdown, reproductions
//! - [`store`]: all of it in one folder, and read again
//!
//! Each uses only those before it in this order: text ← model ← verdict ← view ← combine ← render ←
//! store.

pub mod combine;
pub mod model;
pub mod render;
pub mod store;
pub mod text;
pub mod verdict;
mod view;
