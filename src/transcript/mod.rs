//! The append-only record of everything that was sent and received.
//!
//! Reader tasks stamp and record every frame before anyone judges it, so that a verdict can be
//! discussed, tested and made again without a network.
//!
//! - [`entry`]: one thing that happened, with who, when and on which connection
//! - [`judged_client`]: what there is besides, where a client is judged
//! - `log`: the entries, in order
//! - `giving`: to which run an event belongs that names none of its connection
//! - [`jsonl`]: the transcript as JSON Lines, with a version; `codec` stores the texts
//! - [`spill`]: where the texts that came are kept, in memory or in a file
//! - [`work`]: counts what the checks look at, for tests

mod codec;
pub mod entry;
mod giving;
pub mod jsonl;
pub mod judged_client;
mod log;
pub mod spill;
pub mod work;

pub use crate::protocol::{Cut, TurnedAway};
pub use entry::{
    BESIDE, DEAD_LINE, Disconnect, Entry, EntryKind, Number, Part, ShownToken, THE_SUITE,
};
pub use judged_client::ClientEntry;
pub use log::{Entries, Transcript};
