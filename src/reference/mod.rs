//! The bundled reference server: it behaves on the wire as agno 3.1.10 does without its durable
//! queue, runs scripted workflows, can be held at an exact event and can be made to misbehave.
//!
//! Read in this order:
//!
//! - [`script`]: what the workflows do, as a list of drafts of events
//! - [`event`]: one event of a run, and its text on the wire
//! - [`run`]: one run, its buffer, and what a viewer who returns is owed; [`watchers`]: who watches it.
//!   Pure
//! - [`runs`]: all runs and who watches them. Pure: no socket, no clock
//! - [`cancel`]: what happens in a run that is cancelled; [`pause`]: what lets a paused one go on
//! - [`say`]: the control messages
//! - [`conversation`]: what one connection may ask for, and what that means. Pure
//! - [`breakpoints`]: the handle that holds a run at an exact event
//! - [`fault`]: the named faults; [`hooks`]: where each one strikes
//! - [`server`]: the listener; `connection` and `perform` are its two kinds of tasks; `http`: what is
//!   answered beside the WebSocket
//!
//! The catch-up and the live events cannot race: the look at the buffer, the subscription and the
//! hand-over to the connection's queue happen under one lock (`shared`).

pub mod breakpoint;
pub mod fault;
pub mod model;
pub mod server;

pub use breakpoint::{Breakpoints, NotReached};
pub use fault::{Fault, UnknownFault};
pub use model::script::Script;
pub use server::listener::{Config, PATH, Server};
