//! The state of the bundled server: runs, who watches them, and what each request means. No sockets.

pub mod cancel;
pub mod conversation;
pub mod event;
pub(crate) mod ids;
pub mod outgoing;
pub mod request;
pub mod run;
pub mod runs;
pub mod script;
pub mod status;
pub mod watchers;
pub(crate) mod wire;
