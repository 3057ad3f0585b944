//! Text for people: escaping of what a server sent, formats and headlines that all reports share.

pub mod escape;
pub(crate) mod format;
pub(crate) mod markdown;
