//! The transcript, structured: connections, subscriptions, runs and deliveries. The checks ask their
//! questions here.
//!
//! Nothing is judged in this module. What came on a connection after its viewer had left is in the
//! transcript, but in no subscription: the viewer did not see it.
//!
//! - `connection`: one connection of a viewer
//! - `subscription`: everything a connection gets for one run
//! - `delivery`: one event that came to one viewer
//! - `run`: what the transcript says about one run
//! - `http`: a run that was started over HTTP
//! - `assign`: which answer and which event belongs to which request
//! - `cut`: which requests are cut off time after time
//! - `displacement`: from when on another viewer may have taken a viewer's place
//! - `yardstick`: runs that came to their end, as a measure for others
//! - `build`: all of these put together
//! - `questions`: the whole, and the questions to it

pub(crate) mod assign;
mod build;
pub(crate) mod connection;
mod cut;
pub(crate) mod delivery;
pub(crate) mod displacement;
pub(crate) mod http;
pub(crate) mod questions;
pub(crate) mod run;
pub(crate) mod subscription;
pub(crate) mod yardstick;

pub use connection::Connection;
pub use delivery::{Delivery, Phase};
pub use http::HttpStart;
pub use questions::Trace;
pub use run::Run;
pub use subscription::{Earlier, Origin, Subscription};
pub use yardstick::Yardstick;
