//! The report folder on disk: staged, put in place as a whole, and streamed while the run goes on.

pub(crate) mod error;
pub(crate) mod files;
pub mod folder;
mod lock;
pub(crate) mod staging;
pub mod stream;
