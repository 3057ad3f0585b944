//! The transcript, structured: connections, subscriptions, runs and deliveries.

pub(crate) mod assign;
pub(crate) mod connection;
pub(crate) mod displacement;
pub mod trace;

pub use connection::Connection;
pub use trace::{Continuation, Delivery, Earlier, Phase, Return, Run, Start, Trace};
