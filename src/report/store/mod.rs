//! The report folder on disk: staged, put in place as a whole, and streamed while the run goes on.

pub mod folder;
pub(crate) mod staging;
pub mod stream;
