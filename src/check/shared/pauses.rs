//! Who saw a run pause while they watched it, and what came to them after that.

use crate::protocol::Ending;
use crate::trace::{Connection, Delivery, Phase, Subscription, Trace};
use crate::transcript::{Entry, Number};

/// A viewer who saw a run pause live.
pub(crate) struct Witness<'s, 't> {
    /// The run.
    pub(crate) run: &'t str,
    pub(crate) watching: &'s Subscription<'t>,
    pub(crate) connection: &'s Connection<'t>,
    /// `WorkflowPaused`, as it came.
    pub(crate) pause: &'t Entry,
    /// What came of the run on the subscription after it: up to its next pause, or its ending.
    pub(crate) after: &'s [Delivery<'t>],
}

impl Witness<'_, '_> {
    /// Whether the viewer was still watching at the time of this entry.
    pub(crate) fn is_there_at(&self, number: Number) -> bool {
        let over = self.connection.over().map(|over| over.number);
        let ends = over.into_iter().chain(self.watching.until);
        ends.min().is_none_or(|end| end > number)
    }

    /// The number of the last message of the run that came: that of the pause, where none did.
    pub(crate) fn last(&self) -> Number {
        let last = self.after.last().map(|last| last.entry.number);
        last.unwrap_or(self.pause.number)
    }
}

/// Everybody who saw a run pause live, once for each pause; in the order of the subscriptions.
pub(crate) fn witnesses<'s, 't>(trace: &'s Trace<'t>) -> Vec<Witness<'s, 't>> {
    let mut witnesses = Vec::new();
    for watching in &trace.subscriptions {
        let connection = trace.connection(watching.connection);
        let Some(run) = watching.run.filter(|_| connection.barred().is_none()) else {
            continue;
        };
        let deliveries = &watching.deliveries;
        let pauses = (0..deliveries.len()).filter(|at| is_pause(&deliveries[*at]));
        let mut pauses = pauses.peekable();
        while let Some(at) = pauses.next() {
            let pause = &deliveries[at];
            let end = pauses.peek().map_or(deliveries.len(), |next| next + 1);
            if matches!(pause.phase, Phase::First | Phase::Live | Phase::Continued) {
                witnesses.push(Witness {
                    run,
                    watching,
                    connection,
                    pause: pause.entry,
                    after: &deliveries[at + 1..end],
                });
            }
        }
    }
    witnesses
}

/// Up to the first pause or ending among these, that one included.
pub(crate) fn to_the_stop<'d, 't>(deliveries: &'d [Delivery<'t>]) -> &'d [Delivery<'t>] {
    let stop = deliveries
        .iter()
        .position(|it| it.event().ending().is_some());
    &deliveries[..stop.map_or(deliveries.len(), |at| at + 1)]
}

/// Whether its event is the pause of its run.
pub(crate) fn is_pause(delivery: &Delivery<'_>) -> bool {
    delivery.event().ending() == Some(Ending::Paused)
}
