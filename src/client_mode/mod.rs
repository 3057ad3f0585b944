//! A client that is judged: its process, the server that it watches, and what is done to it.
//!
//! Nothing is judged here. What happens is recorded as for viewers of the suite's own, seen from the client, so that
//! the trace, the checks and the reports work on it.
//!
//! - `arrivals`: which connections are the client's, where it is not started for each scenario
//! - [`observer`]: records what the server sees of the client
//! - [`process`]: the client's process group: started, read and ended
//! - [`witness`]: the lines in which a client says what it shows
//! - [`session`]: all of these in one scenario: wait for the client, and do something to it

mod arrivals;
pub mod observer;
pub mod process;
pub mod session;
pub mod witness;

pub use crate::protocol::{Cut, TurnedAway};
pub use crate::reference::{Provocation, ReturnAnswer};
pub use arrivals::EarlierRuns;
pub use observer::VIEWER;
pub use process::{NOT_APPLICABLE, Role};
pub use session::{Session, Setup, Waited};
