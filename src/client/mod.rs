//! Viewers: connect, say, leave, and keep a position across connections.
//!
//! Every frame is stamped and recorded by a task of its connection before anyone looks at it.
//! Nothing is judged here.
//!
//! - [`dial`]: from an address to an open WebSocket, in steps that can fail with a reason
//! - [`http`]: what is asked beside the WebSocket
//! - [`stream`]: a connection, plain or over TLS
//! - [`header`]: what else goes with the upgrade
//! - [`tls`]: whom a `wss://` connection trusts
//! - [`recorder`]: the shared, growing transcript
//! - [`redact`]: keeps secrets out of it
//! - [`connection`]: one connection and the task that owns it
//! - [`viewer`]: a person with a name who comes and goes
//! - [`wait`]: the only timers of a scenario
//! - [`pulse`]: time in which nobody could have heard anything

pub mod connection;
pub mod dial;
pub mod header;
pub mod http;
pub mod recorder;
pub mod stall;
pub mod stream;
pub mod tls;
pub mod viewer;
pub mod wait;

pub use crate::redact::Redactor;
pub use connection::Reading;
pub use dial::{Address, DialError, RecvBuffer};
pub use recorder::{Recorder, TimeUsage};
pub use viewer::{Viewer, ViewerError};
pub use wait::Patience;
