//! The exemplary viewer: it follows one run to its end, whatever happens to the connection. Front ends can be
//! written after it ([docs/writing-a-client.md](../../../docs/writing-a-client.md)), and the judge of clients is
//! tested with its defects.
//!
//! - [`follower`]: what to show and what to do next, given a message. No sockets, no clock. `request` is what it
//!   sends, `progress` what it has shown
//! - [`pauses`]: how long to wait before the next try
//! - [`shown`]: what is shown, as values and as lines of JSON; [`text`]: the same for people
//! - [`follow`](mod@follow): the loop around all that, with a connection
//! - [`defect`]: the mistakes that it can make on purpose

pub mod defect;
pub mod follow;
pub mod follower;
pub mod pauses;
mod progress;
mod request;
pub mod shown;
pub mod text;

pub use defect::{Defect, Defects};
pub use follow::{Limits, follow};
pub use follower::Follower;
pub use request::Wanted;
pub use shown::{End, Shown, State};
