//! The bundled reference server: it behaves on the wire as agno 3.1.10 does without its durable
//! queue, runs scripted workflows, can stop a run after an exact event, and has faults to switch on.
//!
//! Read in this order:
//!
//! - [`model`]: runs, events, and what each request means. Pure: no socket, no clock. `script` (what the
//!   workflows do), `event`, `run` and `watchers` (one run), `runs` (all of them), `request` and
//!   `conversation` (what a connection asks for), `outgoing` (what it is sent), `cancel`
//! - [`breakpoint`]: the handle that stops a run after an exact event
//! - [`server`]: sockets and tasks in front of the model
//! - [`play`]: what is done on purpose to a client that is judged
//! - [`fault`]: the named faults: most are mutations of what is sent, said in their table
//!
//! The catch-up and the live events cannot race: the look at the buffer, the subscription and the
//! hand-over to the connection's queue happen under one lock (`server::state`).

pub mod breakpoint;
pub mod fault;
pub mod model;
pub mod play;
pub mod server;

pub use breakpoint::{Breakpoints, NotReached};
pub use fault::{Fault, UnknownFault};
pub use model::script::Script;
pub use play::{Asked, Observe, Observed, Play, Provocation, ReturnAnswer};
pub use server::http::PATH;
pub use server::listener::{Config, RunSeen, Server};
