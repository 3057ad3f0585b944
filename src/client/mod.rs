//! Viewers: connect, send, disconnect, and keep a position across connections.
//!
//! A task of each connection stamps and records every frame before anyone looks at it. Nothing is judged
//! here.
//!
//! - [`dial`]: from an address to an open WebSocket, in steps that can fail with a reason
//! - [`proxy`]: the proxy on the way there, as the environment names it
//! - [`http`]: requests over HTTP
//! - [`stream`]: a byte stream, plain or over TLS
//! - [`header`]: additional headers of the upgrade
//! - [`tls`]: which certificates a `wss://` connection trusts
//! - [`recorder`]: the shared, growing transcript
//! - [`connection`]: one connection; `connection_task` owns its transport
//! - `transport`: what carries it: `websocket`, or an exchange over [`http`]
//! - [`line`](mod@line): a connection that its owner reads, without a record
//! - [`viewer`]: a person with a name who connects and disconnects; `viewer_error`: why they could not
//! - [`wait`]: waits for something in the transcript
//! - [`timer`]: time limits for everything else
//! - [`stall`]: time in which this process could not run

pub mod connection;
mod connection_task;
pub mod dial;
pub mod header;
pub mod http;
pub mod line;
pub mod proxy;
pub mod recorder;
pub mod stall;
pub mod stream;
pub mod timer;
pub mod tls;
mod transport;
pub mod viewer;
mod viewer_error;
mod viewer_http;
pub mod wait;
mod websocket;

pub use crate::redact::Redactor;
pub use connection::Reading;
pub use dial::{Address, DialError, RecvBuffer};
pub use line::{Line, News};
pub use proxy::Proxies;
pub use recorder::{Recorder, TimeUsage};
pub use viewer::{Server, Viewer};
pub use viewer_error::ViewerError;
pub use wait::Patience;
