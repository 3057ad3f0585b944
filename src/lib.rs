//! Acceptance suite for servers that stream workflow events over a WebSocket.

pub mod check;
pub mod exit;
pub mod protocol;
pub mod reference;
pub mod report;
pub mod transcript;
