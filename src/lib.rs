//! Acceptance suite for servers that stream workflow events over a WebSocket.

pub mod check;
pub mod cli;
pub mod client;
pub mod exit;
pub mod plan;
pub mod protocol;
pub mod reference;
pub mod report;
pub mod suite;
pub mod target;
pub mod transcript;
