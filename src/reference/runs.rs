//! All runs, and who watches them. No sockets, no clock: times come in, deliveries go out.

use std::collections::HashMap;
use std::sync::Arc;

use super::event::{Draft, Event};
use super::faulty::Faulty;
use super::ids::Ids;
use super::run::{Owed, Run, Status, Watcher};
use super::say::{self, Say};
use crate::protocol::Position;

/// All the runs of a server. They are kept for as long as the server is.
#[derive(Debug, Default)]
pub struct Runs {
    runs: HashMap<String, Run>,
    /// How many events the runs of each starting connection have had.
    counts: HashMap<u64, u64>,
    ids: Ids,
    faulty: Faulty,
}

/// Something to be sent to one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The connection's number.
    pub to: u64,
    /// What it is told.
    pub say: Say,
}

/// A viewer's wish to return to a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The workflow's run id.
    pub run_id: String,
    /// Where the viewer left off.
    pub position: Position,
    /// The workflow that the viewer names, if any.
    pub workflow_id: Option<String>,
    /// The session that the viewer names, if any.
    pub session_id: Option<String>,
}

impl Runs {
    /// No run yet, with these faults.
    #[must_use]
    pub fn new(faulty: Faulty) -> Self {
        Self {
            faulty,
            ..Self::default()
        }
    }

    /// Starts a run that `connection` watches. Gives its run id and its session, which is a new one
    /// where none is named.
    pub fn start(
        &mut self,
        connection: u64,
        workflow_id: &str,
        session_id: Option<String>,
    ) -> (String, String) {
        let id = self.ids.make();
        let session_id = session_id.unwrap_or_else(|| self.ids.make());
        let run = Run::new(id.clone(), workflow_id, &session_id, connection);
        self.runs.insert(id.clone(), run);
        (id, session_id)
    }

    /// Lets an event happen at this time (Unix seconds). Gives what each watcher is told; `None`
    /// where there is no such run (any more).
    pub fn happen(&mut self, run_id: &str, draft: Draft, now: u64) -> Option<Vec<Delivery>> {
        let run = self.runs.get_mut(run_id)?;
        let count = self.counts.entry(run.starter).or_default();
        let index = self.faulty.index(run, *count);
        *count += 1;

        let ends = draft.ends;
        let event = self.faulty.on_event(Event::new(draft, index, now));
        let event = run.happen(event, ends);
        let mut deliveries = Vec::new();
        for watcher in &mut run.watchers {
            let say = if watcher.returned {
                Say::Plain(Arc::clone(&event))
            } else {
                Say::Wrapped(Arc::clone(&event))
            };
            let mut says = vec![say];
            self.faulty.on_live(watcher, &event, run.returns, &mut says);
            watcher.behind = run.events.len();
            watcher.live += 1;
            let to = watcher.connection;
            deliveries.extend(says.into_iter().map(|say| Delivery { to, say }));
        }
        if run.status != Status::Running {
            run.watchers.clear();
        }
        if self.faulty.goes_astray(&event) {
            deliveries.extend(self.astray(run_id, &event));
        }
        Some(deliveries)
    }

    fn astray(&self, run_id: &str, event: &Arc<Event>) -> Vec<Delivery> {
        let others = self.runs.values().filter(|other| other.id != run_id);
        others
            .flat_map(|other| &other.watchers)
            .map(|watcher| Delivery {
                to: watcher.connection,
                say: Say::Plain(Arc::clone(event)),
            })
            .collect()
    }

    /// The answer to a viewer who returns on `connection`; they watch from then on, where the run is
    /// under way.
    ///
    /// Events that were sent on this very connection while it watched the run are not missed,
    /// whatever position it names: they may only not have been read yet.
    pub fn come_back(&mut self, connection: u64, wish: &Wish) -> Vec<Say> {
        let shows_others = self.faulty.shows_others();
        let run = self.runs.get_mut(&wish.run_id);
        let Some(run) = run.filter(|run| shows_others || wish.may_see(run)) else {
            let refusal = format!("Run {} not found in buffer or database", wish.run_id);
            let answer = self
                .faulty
                .on_unknown_run(&wish.run_id, say::error(&refusal));
            return answer.into_iter().map(Say::Control).collect();
        };
        if let Some(says) = self.faulty.instead_of_answer(run, &wish.position) {
            return says;
        }
        let owed = run.owed(&wish.position);
        match self.faulty.on_owed(run, &wish.position, owed) {
            Owed::Odd => refuse("last_event_index must be a whole number from 0"),
            Owed::Beyond => refuse("last_event_index is beyond the last event of the run"),
            Owed::Replay => replay(&self.faulty, run, &wish.position),
            Owed::From(from) => catch_up(&self.faulty, run, connection, &wish.position, from),
        }
    }

    /// Lets a connection go: it watches nothing any more. `politely` where it was by a closing
    /// handshake. Gives the sessions of the runs that it had started or watched.
    pub fn leave(&mut self, connection: u64, politely: bool) -> Vec<String> {
        let watched = |run: &&Run| run.starter == connection || run.watcher(connection).is_some();
        let runs = self.runs.values().filter(watched);
        let sessions = runs.map(|run| run.session_id.clone()).collect();
        let faulty = &self.faulty;
        self.runs.retain(|_, run| {
            !(run.starter == connection
                && run.status == Status::Running
                && faulty.leaving_stops(politely, run.events.len()))
        });
        for run in self.runs.values_mut() {
            run.watchers
                .retain(|watcher| watcher.connection != connection);
        }
        sessions
    }

    /// Forgets every run that is under way.
    pub fn stop_all(&mut self) {
        self.runs.retain(|_, run| run.status != Status::Running);
    }

    /// Whether the connection watches any run.
    #[must_use]
    pub fn watches(&self, connection: u64) -> bool {
        let mut runs = self.runs.values();
        runs.any(|run| run.watcher(connection).is_some())
    }

    /// The connections that watch the run.
    pub fn watchers(&self, run_id: &str) -> impl Iterator<Item = u64> {
        let run = self.runs.get(run_id);
        run.into_iter()
            .flat_map(|run| &run.watchers)
            .map(|watcher| watcher.connection)
    }

    /// Whether anybody watches the run; also where there is no such run, so that nothing waits for
    /// it.
    #[must_use]
    pub fn is_watched(&self, run_id: &str) -> bool {
        let run = self.runs.get(run_id);
        run.is_none_or(|run| !run.watchers.is_empty())
    }
}

impl Wish {
    fn may_see(&self, run: &Run) -> bool {
        let same = |named: &Option<String>, own: &str| named.as_deref().is_none_or(|n| n == own);
        same(&self.workflow_id, &run.workflow_id) && same(&self.session_id, &run.session_id)
    }
}

fn refuse(text: &str) -> Vec<Say> {
    vec![Say::Control(say::error(text))]
}

fn replay(faulty: &Faulty, run: &mut Run, position: &Position) -> Vec<Say> {
    let count = run.events.len();
    let mut says = vec![Say::Control(say::replay(&run.id, run.status.word(), count))];
    says.extend(run.events.iter().map(Arc::clone).map(Say::Plain));
    faulty.on_replay(run, position, &mut says);
    run.replays += 1;
    says
}

fn catch_up(
    faulty: &Faulty,
    run: &mut Run,
    connection: u64,
    position: &Position,
    from: usize,
) -> Vec<Say> {
    let count = run.events.len();
    let already = run.watcher(connection).map_or(0, |watcher| watcher.behind);
    let missed = run.events.get(from.max(already)..).unwrap_or_default();

    let mut says = Vec::new();
    if !missed.is_empty() {
        says.push(Say::Control(say::catch_up(&run.id, missed.len(), count)));
        says.extend(missed.iter().map(Arc::clone).map(Say::Plain));
    }
    says.push(Say::Control(say::subscribed(&run.id, count)));
    faulty.on_catch_up(&run.id, position, &mut says);

    let watcher = Watcher {
        muted_to: faulty.muted_to(run, position),
        ..Watcher::returning(connection, count)
    };
    faulty.on_subscription(run, connection);
    run.watchers.push(watcher);
    run.returns += 1;
    says
}

#[cfg(test)]
mod tests;
