//! Where each fault strikes: hooks that the honest server calls, grouped by what it is doing.
//!
//! Without faults every hook leaves everything as it is.
//!
//! - `making`: the events of a run, before they happen
//! - `live`: an event on its way to somebody who watches
//! - `returning`: the answer to a viewer who returns
//! - `cancelling`: a run that is cancelled
//! - `pausing`: a run that waits for a person
//! - `talking`: greeting, ping, authentication, refusals
//! - `lasting`: what was dropped, forgotten, or outlived a restart
//! - `elsewhere`: at the other replica
//! - `lies`: the small changes that they have in common

mod cancelling;
mod handshake;
mod live;
mod making;
mod mutations;
mod pausing;
mod replica;
mod retention;
mod returning;

use crate::reference::fault::Fault;

/// The faults that a server has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faulty(Vec<Fault>);

impl Faulty {
    /// A server with these faults.
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        Self(faults.to_vec())
    }

    fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}
