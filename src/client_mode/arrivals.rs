//! Whose a connection is, where a client is not started for each scenario: pages of earlier scenarios may still come
//! back to their runs, and are none of this one's.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::Action;
use crate::transcript::{ClientEntry, EntryKind};

/// So many runs of earlier scenarios are known.
const MOST_RUNS: usize = 100_000;
/// So much is kept of a connection of which nobody knows yet whose it is, in entries.
const MOST_HELD: usize = 100;

/// The runs of the scenarios before.
#[derive(Clone, Debug, Default)]
pub struct EarlierRuns(Arc<Mutex<HashSet<String>>>);

impl EarlierRuns {
    /// Whether this is one of them.
    fn has(&self, run_id: &str) -> bool {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.contains(run_id)
    }

    /// A scenario with these runs is over.
    pub fn add(&self, runs: impl IntoIterator<Item = String>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_RUNS.saturating_sub(known.len());
        known.extend(runs.into_iter().take(room));
    }
}

/// What is to be recorded, and when. A connection is held back until it says something: with the start of a run it is
/// the client's, and the scenario begins; with a run of an earlier scenario it is another page's, as is each one that asks
/// for a run before the scenario has begun. Another page that starts a run is the client.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    earlier: EarlierRuns,
    has_begun: bool,
    /// The connections that are the client's, by its numbers.
    known: HashSet<u32>,
    /// The others, likewise.
    held: HashMap<u32, Held>,
}

/// A connection that is not known to be the client's.
#[derive(Debug, Default)]
struct Held {
    /// What came before it asked for a run.
    before: Vec<EntryKind>,
    is_another_pages: bool,
}

impl Arrivals {
    pub(super) fn new(earlier: EarlierRuns) -> Self {
        Self {
            earlier,
            ..Self::default()
        }
    }

    /// Whether it is known that this connection is the client's.
    pub(super) fn knows(&self, connection: u32) -> bool {
        self.known.contains(&connection)
    }

    /// Something happens on a connection of this number, 0 for none: what is to be recorded now.
    pub(super) fn admit(&mut self, connection: u32, what: EntryKind) -> Vec<EntryKind> {
        if connection == 0 || self.knows(connection) {
            return vec![what];
        }
        let starts = matches!(request(&what), Some(Action::Start { .. }));
        self.has_begun |= starts;
        let may_be_clients = self.has_begun && !self.asks_for_an_earlier_run(&what);
        let (asks, is_over) = (is_about_a_run(&what), is_last(&what));
        let held = self.held.entry(connection).or_default();
        let is_clients = may_be_clients && !held.is_another_pages && (asks || is_over);
        if starts || is_clients {
            let held = self.held.remove(&connection).unwrap_or_default();
            self.known.insert(connection);
            return held.before.into_iter().chain([what]).collect();
        }
        if is_over {
            self.held.remove(&connection);
        } else if asks {
            held.is_another_pages = true;
        } else if !held.is_another_pages && held.before.len() < MOST_HELD {
            held.before.push(what);
        }
        Vec::new()
    }

    fn asks_for_an_earlier_run(&self, what: &EntryKind) -> bool {
        match request(what) {
            Some(Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. }) => {
                run_id.as_deref().is_some_and(|id| self.earlier.has(id))
            }
            _ => false,
        }
    }
}

fn request(what: &EntryKind) -> Option<&Action> {
    match what {
        EntryKind::Sent { action, .. } => Some(action),
        _ => None,
    }
}

/// Whether it starts a run, or asks for one.
fn is_about_a_run(what: &EntryKind) -> bool {
    let about = |action: &Action| {
        matches!(
            action,
            Action::Start { .. } | Action::Reconnect { .. } | Action::Continue { .. }
        )
    };
    request(what).is_some_and(about)
}

/// Whether nothing follows on a connection.
fn is_last(what: &EntryKind) -> bool {
    match what {
        EntryKind::Client(entry) => matches!(**entry, ClientEntry::TurnedAway(_)),
        EntryKind::Disconnected(_)
        | EntryKind::Refused { .. }
        | EntryKind::StreamEnded { .. }
        | EntryKind::CloseReceived { .. }
        | EntryKind::Ended(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::Position;
    use crate::transcript::{Disconnect, TurnedAway};

    fn start() -> EntryKind {
        let action = Action::Start {
            workflow_id: Some("w".to_owned()),
            message: json!("go"),
            session_id: None,
        };
        EntryKind::sent(action.to_text())
    }

    fn asks_for(run: &str) -> EntryKind {
        let action = Action::Reconnect {
            run_id: Some(run.to_owned()),
            position: Position::At(3),
            workflow_id: None,
            session_id: None,
        };
        EntryKind::sent(action.to_text())
    }

    fn arrivals() -> Arrivals {
        let earlier = EarlierRuns::default();
        earlier.add(["earlier".to_owned()]);
        Arrivals::new(earlier)
    }

    /// What is recorded when these happen on a connection one after the other.
    fn recorded(arrivals: &mut Arrivals, connection: u32, all: &[EntryKind]) -> Vec<String> {
        let all = all.iter().cloned();
        let admitted = all.flat_map(|what| arrivals.admit(connection, what));
        admitted.map(|what| written(&what)).collect()
    }

    fn written(what: &EntryKind) -> String {
        serde_json::to_string(what).expect("JSON")
    }

    fn all(entries: &[EntryKind]) -> Vec<String> {
        entries.iter().map(written).collect()
    }

    const NOTHING: [String; 0] = [];

    #[test]
    fn what_came_before_the_start_of_a_run_is_recorded_with_it() {
        let mut arrivals = arrivals();
        assert_eq!(recorded(&mut arrivals, 1, &[EntryKind::Opened]), NOTHING);
        let rest = [start(), EntryKind::ReadsOn];
        let whole = all(&[EntryKind::Opened, start(), EntryKind::ReadsOn]);
        assert_eq!(recorded(&mut arrivals, 1, &rest), whole);
        assert!(arrivals.knows(1));
    }

    #[test]
    fn a_page_that_is_still_open_is_not_the_client_until_it_starts_a_run() {
        let mut arrivals = arrivals();
        let left = EntryKind::Disconnected(Disconnect::Close);
        let came = [EntryKind::Opened, asks_for("unknown")];
        assert_eq!(recorded(&mut arrivals, 1, &came), NOTHING, "nothing began");
        let came = [EntryKind::Opened, asks_for("earlier")];
        assert_eq!(recorded(&mut arrivals, 2, &came), NOTHING);
        let began = all(&[EntryKind::Opened, start()]);
        assert_eq!(recorded(&mut arrivals, 2, &[start()]), began);
        let came = [EntryKind::Opened, asks_for("earlier"), left.clone()];
        assert_eq!(recorded(&mut arrivals, 3, &came), NOTHING);
        assert_eq!(recorded(&mut arrivals, 1, &[left]), NOTHING);
        assert!(!arrivals.knows(1) && arrivals.knows(2) && !arrivals.knows(3));
    }

    #[test]
    fn the_client_comes_back_to_a_run_of_this_scenario_or_to_one_that_nobody_knows() {
        let mut arrivals = arrivals();
        recorded(&mut arrivals, 1, &[start()]);
        for (connection, run) in [(2, "present"), (3, "made up")] {
            let came = [EntryKind::Opened, asks_for(run)];
            assert_eq!(recorded(&mut arrivals, connection, &came), all(&came));
        }
    }

    #[test]
    fn a_try_that_says_nothing_counts_once_the_scenario_has_begun() {
        let mut arrivals = arrivals();
        let came = [EntryKind::Opened, EntryKind::Ended(None)];
        assert_eq!(recorded(&mut arrivals, 1, &came), NOTHING);
        recorded(&mut arrivals, 2, &[start()]);
        assert_eq!(recorded(&mut arrivals, 3, &came), all(&came));
        let turned = ClientEntry::TurnedAway(TurnedAway::Closed);
        let turned = [EntryKind::Client(Box::new(turned))];
        assert_eq!(recorded(&mut arrivals, 4, &turned), all(&turned));
    }
}
