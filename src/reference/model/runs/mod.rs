//! All runs, and who watches them. No sockets, no clock: times come in, deliveries go out.

mod returning;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::Component;
use crate::reference::fault::hooks::{Faults, LateAnswer};
use crate::reference::fault::mutation::Moment;
use crate::reference::model::event::{Draft, Event};
use crate::reference::model::ids::Ids;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::request::{ContinueRequest, Decision};
use crate::reference::model::run::{Run, Storage};
use crate::reference::model::status::Status;
use crate::reference::model::watchers::{Leaving, Role, Watcher};

/// All the runs of a server. They are kept for as long as the server is; finished and paused ones
/// outlive a restart.
#[derive(Debug, Default)]
pub struct Runs {
    runs: HashMap<String, Run>,
    ids: Ids,
    faults: Faults,
}

/// What has happened in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSeen {
    /// Its id.
    pub run_id: String,
    /// How many events it has had: their indices count from 0.
    pub events: u64,
    /// Its status, in upper case as on the wire: `RUNNING`, `COMPLETED`.
    pub status: &'static str,
}

/// A message to one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The connection's number.
    pub to: u64,
    /// What it is sent.
    pub message: Outgoing,
}

impl Runs {
    /// No run yet, with these faults.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            faults,
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
        for run in self.runs.values_mut() {
            run.past.followed |= run.session_id == session_id;
        }
        let run = Run::new(id.clone(), workflow_id, &session_id, connection);
        self.runs.insert(id.clone(), run);
        (id, session_id)
    }

    /// Notes that a run was started at the other replica.
    pub fn start_at_replica(&mut self, run_id: &str) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.at_replica = true;
        }
    }

    /// Notes that a run was started over HTTP.
    pub fn start_over_http(&mut self, run_id: &str) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.over_http = true;
            run.watchers.over_http(run.starter);
        }
    }

    /// Notes what a run is of, and how many of its events are kept at the most, the newest.
    pub fn describe(&mut self, run_id: &str, component: Component, keeps: Option<usize>) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.component = component;
            run.keeps = keeps;
        }
    }

    /// Drops a finished run from the memory; `false` where there is no such run, or it has not
    /// finished.
    pub fn forget(&mut self, run_id: &str) -> bool {
        let run = self.runs.get_mut(run_id);
        let unfinished = [Status::Running, Status::Paused];
        let Some(run) = run.filter(|run| !unfinished.contains(&run.status)) else {
            return false;
        };
        run.storage = Storage::Forgotten;
        true
    }

    /// The runs that wait for a person: id, session, and how many events each has had.
    pub fn paused(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        let runs = self
            .runs
            .values()
            .filter(|run| run.status == Status::Paused);
        runs.map(|run| (run.id.as_str(), run.session_id.as_str(), run.count()))
    }

    /// What a restart leaves: the runs that had finished, and those that wait for a person. Nobody
    /// watches them any more.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        let keeps_all = self.faults.keeps_cut_off();
        self.runs
            .retain(|_, run| keeps_all || run.status != Status::Running);
        for run in self.runs.values_mut() {
            run.storage = Storage::Restarted;
            run.watchers.clear();
        }
        self
    }

    /// Asks a run to end before its time. One that is over does not: as on agno 3.1.10, that is no
    /// refusal.
    pub fn cancel(&mut self, run_id: &str) {
        let faults = &self.faults;
        let run = self.runs.get_mut(run_id);
        if let Some(run) = run.filter(|run| !run.status.is_over() && faults.obeys_cancel(run)) {
            run.past.cancelled_paused = run.status == Status::Paused;
            run.cancelled = true;
        }
    }

    /// Whether the run is to end before its time.
    #[must_use]
    pub fn is_cancelled(&self, run_id: &str) -> bool {
        self.runs.get(run_id).is_some_and(|run| run.cancelled)
    }

    /// The other replica has died: nobody carries out the runs any more that were started there.
    pub fn lose_replica(&mut self) {
        let runs = self.runs.values_mut();
        for run in runs.filter(|run| run.at_replica && run.status == Status::Running) {
            run.lost = true;
        }
    }

    /// Whether nobody carries out the run any more.
    #[must_use]
    pub fn is_lost(&self, run_id: &str) -> bool {
        self.runs.get(run_id).is_some_and(|run| run.lost)
    }

    /// What has happened in each of them.
    #[must_use]
    pub fn seen(&self) -> Vec<RunSeen> {
        let seen = self.runs.values().map(|run| RunSeen {
            run_id: run.id.clone(),
            events: run.count() as u64,
            status: run.status.word(),
        });
        seen.collect()
    }

    /// Lets a paused run go on; from then on `connection` watches it, beside those who have stayed.
    ///
    /// # Errors
    ///
    /// The text of the refusal.
    pub fn resume(&mut self, connection: u64, request: &ContinueRequest) -> Result<(), String> {
        let run = self.runs.get_mut(&request.run_id);
        let anybody = self.faults.lets_anybody_continue();
        let run = run.filter(|run| request.names(run) && (anybody || request.owns(run)));
        let run = run.ok_or_else(|| format!("Run {} not found", request.run_id))?;
        if run.status != Status::Paused || run.cancelled {
            let word = match run.cancelled {
                true => Status::Cancelled.word(),
                false => run.status.word(),
            };
            return match self.faults.on_late_answer(run) {
                LateAnswer::Refused => Err(format!("Run is not paused (status={word})")),
                LateAnswer::Unanswered => Ok(()),
                LateAnswer::Accepted => {
                    run.watchers
                        .add(Watcher::continuing(connection, run.count()));
                    Ok(())
                }
            };
        }
        let decision = request.decision(run)?;
        if self.faults.on_continue(run)? {
            run.status = Status::Running;
            run.rejected = decision == Decision::Rejected;
            run.continued_at = Some(run.count());
            let watcher = Watcher::continuing(connection, run.count());
            run.watchers.add(watcher.over_http(request.over_http));
            run.past.unstreamed = !request.streams;
        }
        Ok(())
    }

    /// Whether the run waits for a person.
    #[must_use]
    pub fn is_paused(&self, run_id: &str) -> bool {
        let run = self.runs.get(run_id);
        run.is_some_and(|run| run.status == Status::Paused)
    }

    /// Whether a person has rejected the run's last step.
    #[must_use]
    pub fn is_rejected(&self, run_id: &str) -> bool {
        self.runs.get(run_id).is_some_and(|run| run.rejected)
    }

    /// Whether there is such a run, and it is this user's.
    #[must_use]
    pub fn is_owned(&self, run_id: &str, user: Option<&str>) -> bool {
        let run = self.runs.get(run_id);
        run.is_some_and(|run| run.owner.as_deref() == user)
    }

    /// How a run is, as `GET` tells it: its status, and what it waits for; `None` where there is none.
    #[must_use]
    pub fn state(&self, run_id: &str) -> Option<Value> {
        let run = self.runs.get(run_id)?;
        let mut state = json!({"run_id": run.id, "session_id": run.session_id,
            "status": run.status.word()});
        state[format!("{}_id", run.component.word())] = json!(run.workflow_id);
        if run.status == Status::Paused {
            let list = run.component.question().list;
            let asked = run.events.last().and_then(|it| it.field(list));
            state[list] = asked.cloned().unwrap_or_default();
        }
        self.faults
            .on_state(run, run.component.question().list, &mut state);
        Some(state)
    }

    /// Sets the user to whom a run belongs.
    pub fn own(&mut self, run_id: &str, user: &str) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.owner = Some(user.to_owned());
        }
    }

    /// Lets an event happen at this time (Unix seconds). Gives what each watcher is sent; `None`
    /// where there is no such run (any more).
    pub fn append(&mut self, run_id: &str, draft: Draft, now: u64) -> Option<Vec<Delivery>> {
        let shared = self.faults.counts_runs_as_one();
        let shared = shared.then(|| self.count_of_starter(run_id));
        let run = self.runs.get_mut(run_id)?;
        let index = shared.unwrap_or_else(|| self.faults.index(run));
        run.past.began_unseen |= run.count() == 0 && run.watchers.is_empty();
        run.past.rested |= !draft.rests.is_zero();
        let ends = draft.ends;
        let event = run.append(Event::new(draft, index, now), ends);
        if run.past.unstreamed && !self.faults.keeps_unstreamed() {
            run.forget_last();
        }

        let mut deliveries = Vec::new();
        let mut messages = Vec::new();
        for watcher in run.watchers.iter() {
            messages.push(match watcher.role {
                Role::Returned => Outgoing::Plain(Arc::clone(&event)),
                Role::Starter | Role::Continuing => Outgoing::Wrapped(Arc::clone(&event)),
            });
            self.faults
                .mutate(&Moment::live(run, watcher), &mut messages);
            let to = watcher.connection;
            deliveries.extend(messages.drain(..).map(|message| Delivery { to, message }));
        }
        if run.status.is_over() {
            run.watchers.clear();
        } else if run.status == Status::Paused {
            run.watchers.remove_over_http();
        }
        if self.faults.mixes_runs(&event) {
            deliveries.extend(self.to_watchers_of_others(run_id, &event));
        }
        Some(deliveries)
    }

    /// How many events the runs have had that were started on the same connection as this one.
    fn count_of_starter(&self, run_id: &str) -> u64 {
        let starter = self.runs.get(run_id).map(|run| run.starter);
        let runs = self.runs.values();
        let runs = runs.filter(|run| Some(run.starter) == starter);
        runs.map(|run| run.count() as u64).sum()
    }

    fn to_watchers_of_others(&self, run_id: &str, event: &Arc<Event>) -> Vec<Delivery> {
        let others = self.runs.values().filter(|other| other.id != run_id);
        others
            .flat_map(|other| other.watchers.iter())
            .map(|watcher| Delivery {
                to: watcher.connection,
                message: Outgoing::Plain(Arc::clone(event)),
            })
            .collect()
    }

    /// A connection ends: it watches nothing any more.
    /// Gives the sessions of the runs that it had started or watched.
    pub fn leave(&mut self, connection: u64, leaving: Leaving) -> Vec<String> {
        let mut sessions = Vec::new();
        let faults = &self.faults;
        self.runs.retain(|_, run| {
            if run.starter == connection || run.watchers.on(connection).is_some() {
                sessions.push(run.session_id.clone());
            }
            let left = leaving == Leaving::Left;
            let kept = !(left && faults.on_leave_stream(run, connection))
                && faults.on_leave(run, connection, leaving);
            run.watchers.remove(connection);
            kept
        });
        sessions
    }

    /// The connection has been written what it had missed.
    pub fn caught_up(&mut self, connection: u64) {
        for run in self.runs.values_mut() {
            run.watchers.caught_up(connection);
        }
    }

    /// The session that a run belongs to.
    #[must_use]
    pub fn session_of(&self, run_id: &str) -> Option<&str> {
        let run = self.runs.get(run_id)?;
        Some(&run.session_id)
    }

    /// Drops every run that is under way.
    pub fn stop_all(&mut self) {
        self.runs.retain(|_, run| run.status != Status::Running);
    }

    /// Whether the connection watches any run.
    #[must_use]
    pub fn watches(&self, connection: u64) -> bool {
        let mut runs = self.runs.values();
        runs.any(|run| run.watchers.on(connection).is_some())
    }

    /// Whether the connection watches this run.
    #[must_use]
    pub fn watches_run(&self, run_id: &str, connection: u64) -> bool {
        let run = self.runs.get(run_id);
        run.is_some_and(|run| run.watchers.on(connection).is_some())
    }

    /// The most runs that are under way of any one connection but this one.
    #[must_use]
    pub fn most_of_another(&self, connection: u64) -> usize {
        let mut by_starter: HashMap<u64, usize> = HashMap::new();
        let others = self.runs.values().filter(|run| run.starter != connection);
        for run in others.filter(|run| run.status == Status::Running) {
            *by_starter.entry(run.starter).or_default() += 1;
        }
        by_starter.into_values().max().unwrap_or(0)
    }

    /// The connection that started the run.
    #[must_use]
    pub fn starter(&self, run_id: &str) -> Option<u64> {
        self.runs.get(run_id).map(|run| run.starter)
    }

    /// The connections that watch the run.
    pub fn watchers(&self, run_id: &str) -> impl Iterator<Item = u64> {
        let run = self.runs.get(run_id);
        run.into_iter()
            .flat_map(|run| run.watchers.iter())
            .map(|watcher| watcher.connection)
    }

    /// Whether a viewer has returned to the run.
    #[must_use]
    pub fn is_returned_to(&self, run_id: &str) -> bool {
        let run = self.runs.get(run_id);
        run.is_some_and(|run| run.past.returns > 0)
    }

    /// Whether anybody watches the run; also where there is no such run, so that nothing waits for
    /// it.
    #[must_use]
    pub fn is_watched(&self, run_id: &str) -> bool {
        let run = self.runs.get(run_id);
        run.is_none_or(|run| !run.watchers.is_empty())
    }
}

#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod tests;
