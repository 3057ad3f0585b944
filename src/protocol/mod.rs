//! The messages on AgentOS's workflow WebSocket, and how they are framed. No I/O.
//!
//! The facts come from the wire of real releases of `agno` (2.3.16 to 3.1.10); `tests/data/wire/`
//! has recordings that pin the types of this module.
//!
//! - [`component`]: what a server runs
//! - [`cut`]: how connections end on purpose
//! - [`event_stream`]: the blocks of a stream of server-sent events over HTTP
//! - [`form`]: a viewer's requests over HTTP
//! - [`framing`]: a text frame contains one JSON object, plain or wrapped as a server-sent event
//! - [`json`]: strict JSON first, then a lenient reading that names what was wrong
//! - [`message`]: what the server sends, [`Control`] or [`Event`]
//! - [`decode`]: from the text of a frame to a [`Message`], without copying the content
//! - `envelope`: the fields that tell what a message is; `flat`: the same for the simplest objects, faster
//! - [`part`]: the role that a workflow plays in the features
//! - [`side`]: the two sides of the wire
//! - [`route`]: the HTTP requests that are about runs
//! - [`wire`]: how viewers speak with a server, and about what
//! - [`action`]: what a client sends, and the [`Position`] it returns with

pub mod action;
pub mod component;
pub mod cut;
pub mod decode;
mod envelope;
pub mod event_stream;
mod flat;
pub mod form;
pub mod framing;
pub mod json;
pub mod message;
pub mod part;
pub mod route;
pub mod side;
pub mod wire;

pub use action::{Action, Position};
pub use component::Component;
pub use cut::{Cut, TurnedAway};
pub use decode::Decoder;
pub use event_stream::EventStream;
pub use form::{Form, InvalidRequest};
pub use framing::Framing;
pub use message::{About, Body, Control, Ending, Event, Index, Message, Outcome};
pub use part::Part;
pub use route::{Route, RunRequest};
pub use side::Side;
pub use wire::Wire;

/// The text of one WebSocket message: a shared slice, cheap to clone.
pub use tokio_tungstenite::tungstenite::Utf8Bytes as Text;
