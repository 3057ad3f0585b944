//! The faults of one server, and where they strike.
//!
//! Most faults are [mutations](crate::reference::fault::mutation) of what is about to be sent:
//! [`Faults::mutate`] applies them. The others concern state or time, and are decided by hooks that the
//! server calls, grouped by what it is doing:
//!
//! - `making`: the events of a run, before they happen
//! - `handshake`: authentication, and what is done with requests
//! - `returning`: what a viewer who returns gets
//! - `running`: a run that is watched, left, cancelled or continued
//! - `streaming`: answers over HTTP
//!
//! Without faults every hook leaves everything as it is.

mod handshake;
mod making;
mod returning;
mod running;
mod streaming;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::reference::fault::Fault;
use crate::reference::fault::mutation::Moment;
use crate::reference::model::outgoing::Outgoing;

pub use handshake::OnMalformed;
pub use running::LateAnswer;

/// The faults that a server has.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    all: Vec<Fault>,
    /// The sessions that were named with a token; only one fault keeps any.
    sessions: Arc<Mutex<HashSet<String>>>,
}

impl Faults {
    /// A server with these faults.
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        Self {
            all: faults.to_vec(),
            sessions: Arc::default(),
        }
    }

    /// Changes messages that are about to be sent as the mutations of the faults say.
    pub fn mutate(&self, moment: &Moment<'_>, messages: &mut Vec<Outgoing>) {
        for mutation in self.all.iter().flat_map(|fault| fault.mutations()) {
            mutation.apply(moment, messages);
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.all.contains(&fault)
    }
}
