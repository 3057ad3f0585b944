//! The transcript, structured: connections, subscriptions, runs and deliveries.

pub(crate) mod assign;
pub(crate) mod connection;
pub(crate) mod displacement;
pub mod story;

pub use connection::Visit;
pub use story::{Continuation, Delivery, Earlier, Phase, Return, Run, Start, Story};
