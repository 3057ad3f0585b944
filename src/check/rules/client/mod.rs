//! The requirements for clients: what a client does that the suite has started, and whose connections it breaks.
//!
//! Only what the suite did is judged, and only where it came about: a client that leaves on purpose was not cut off.

pub(crate) mod answer;
pub(crate) mod auth;
pub(crate) mod backoff;
pub(crate) mod ending;
pub(crate) mod listen;
pub(crate) mod name;
pub(crate) mod position;
pub(crate) mod returning;
pub(crate) mod shown;
mod view;

/// Where most of the sentences come from.
const SOURCE: &str =
    "clients of agno's workflow WebSocket, and what front ends on resumable streams must do";
