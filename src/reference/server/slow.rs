//! Connections that are being written to, and what faults withhold until they have been.

use std::collections::HashSet;

use crate::reference::model::runs::Delivery;

/// Connections that are being written to, and what nobody is sent before they have been. Empty without
/// the faults that wait for slow viewers.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    writing: HashSet<u64>,
    /// Deliveries by run id.
    withheld: Vec<(String, Delivery)>,
}

impl Slow {
    /// Notes that a connection is being written to, or no more.
    pub(crate) fn set(&mut self, connection: u64, writing: bool) {
        if writing {
            self.writing.insert(connection);
        } else {
            self.writing.remove(&connection);
        }
    }

    /// Whether one of these connections is being written to.
    pub(crate) fn is_any(&self, mut connections: impl Iterator<Item = u64>) -> bool {
        connections.any(|connection| self.writing.contains(&connection))
    }

    /// Whether something of the run is withheld.
    pub(crate) fn withholds(&self, run_id: &str) -> bool {
        self.withheld.iter().any(|(run, _)| run == run_id)
    }

    /// Withholds deliveries of a run.
    pub(crate) fn withhold(&mut self, run_id: &str, deliveries: Vec<Delivery>) {
        let deliveries = deliveries.into_iter();
        self.withheld
            .extend(deliveries.map(|delivery| (run_id.to_owned(), delivery)));
    }

    /// Takes out what need not be withheld any longer.
    pub(crate) fn release(&mut self) -> Vec<Delivery> {
        let all = std::mem::take(&mut self.withheld);
        let busy: HashSet<String> = all
            .iter()
            .filter(|(_, delivery)| self.writing.contains(&delivery.to))
            .map(|(run, _)| run.clone())
            .collect();
        let (withheld, released) = all.into_iter().partition(|(run, _)| busy.contains(run));
        self.withheld = withheld;
        released.into_iter().map(|(_, delivery)| delivery).collect()
    }
}
