//! What can be said on AgentOS's workflow WebSocket, and how it is framed. No I/O.
//!
//! The facts come from the wire of real releases of `agno` (2.3.16 to 3.1.10); `tests/data/wire/`
//! holds recordings that pin the types of this module.
//!
//! - [`framing`]: a text frame holds one JSON object, plain or wrapped as a server-sent event
//! - [`json`]: strict JSON first, then a lenient reading that says what was wrong
//! - [`message`]: what the server says, [`Control`] or [`Event`]
//! - [`decode`]: from the text of a frame to a [`Message`], without copying the content
//! - `envelope`: the fields that say what a message is; `flat`: the same of the simplest objects, faster
//! - [`part`]: the role that a workflow plays for whoever tests the server
//! - [`route`]: the HTTP requests beside the WebSocket
//! - [`action`]: what a client says, and the [`Position`] it returns with

pub mod action;
pub mod decode;
mod envelope;
mod flat;
pub mod framing;
pub mod json;
pub mod message;
pub mod part;
pub mod route;

pub use action::{Action, Position};
pub use decode::Decoder;
pub use framing::Framing;
pub use message::{About, Body, Control, Ending, Event, Index, Message, Outcome};
pub use part::Part;
pub use route::Route;

/// The text of one WebSocket message: a shared slice, cheap to clone.
pub use tokio_tungstenite::tungstenite::Utf8Bytes as Text;
