//! All runs, and who watches them. No sockets, no clock: times come in, deliveries go out.

use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::Position;
use crate::reference::fault::hooks::Faulty;
use crate::reference::model::event::{Draft, Event};
use crate::reference::model::ids::Ids;
use crate::reference::model::outgoing;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::pause::{Answer, Going};
use crate::reference::model::run::{Place, ResumePlan, Run, Status};
use crate::reference::model::watchers::{Watcher, Watchers};

/// All the runs of a server. They are kept for as long as the server is; finished and paused ones
/// outlive a restart.
#[derive(Debug, Default)]
pub struct Runs {
    runs: HashMap<String, Run>,
    /// How many events the runs of each starting connection have had.
    counts: HashMap<u64, u64>,
    ids: Ids,
    hooks: Faulty,
}

/// Something to be sent to one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The connection's number.
    pub to: u64,
    /// What it is told.
    pub say: Outgoing,
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
    /// Who the viewer is, where users are kept apart.
    pub user: Option<String>,
    /// Whether the viewer came to the other replica.
    pub at_replica: bool,
}

impl Runs {
    /// No run yet, with these faults.
    #[must_use]
    pub fn new(hooks: Faulty) -> Self {
        Self {
            hooks,
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

    /// Notes that a run was started at the other replica.
    pub fn start_at_replica(&mut self, run_id: &str) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.at_replica = true;
        }
    }

    /// Keeps no more than so many events of a run, the newest.
    pub fn limit(&mut self, run_id: &str, keeps: Option<usize>) {
        if let Some(run) = self.runs.get_mut(run_id) {
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
        run.place = Place::Forgotten;
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

    /// What a restart leaves: the runs that had finished, and those that wait for a person. Whoever
    /// watched is gone.
    #[must_use]
    pub fn restarted(mut self) -> Self {
        self.runs.retain(|_, run| run.status != Status::Running);
        for run in self.runs.values_mut() {
            run.place = Place::Restarted;
            run.watchers.clear();
        }
        self
    }

    /// Like [`Runs::start`], for a run that is started over HTTP.
    pub fn start_over_http(
        &mut self,
        connection: u64,
        workflow_id: &str,
        session_id: Option<String>,
    ) -> (String, String) {
        let (id, session_id) = self.start(connection, workflow_id, session_id);
        if let Some(run) = self.runs.get_mut(&id) {
            run.over_http = true;
        }
        (id, session_id)
    }

    /// Asks a run to end before its time. One that is not running does not: as on agno 3.1.10, that
    /// is no refusal.
    pub fn cancel(&mut self, run_id: &str) {
        let obeys = self.hooks.obeys_cancel();
        let run = self.runs.get_mut(run_id);
        if let Some(run) = run.filter(|run| run.status == Status::Running && obeys) {
            run.cancelled = true;
        }
    }

    /// Whether the run is to end before its time.
    #[must_use]
    pub fn is_cancelled(&self, run_id: &str) -> bool {
        self.runs.get(run_id).is_some_and(|run| run.cancelled)
    }

    /// Lets a paused run go on under the eyes of `connection`, and of nobody else.
    ///
    /// # Errors
    ///
    /// The text of the refusal.
    pub fn go_on(&mut self, connection: u64, going: &Going) -> Result<(), String> {
        let run = self.runs.get_mut(&going.run_id);
        let run = run.filter(|run| going.names(run));
        let run = run.ok_or_else(|| format!("Run {} not found", going.run_id))?;
        if run.status != Status::Paused {
            let word = run.status.word();
            return Err(format!("Run is not paused (status={word})"));
        }
        let answer = going.answer(run)?;
        if let Some(refusal) = self.hooks.refuses_to_go_on(run) {
            return Err(refusal);
        }
        if self.hooks.goes_on() {
            run.status = Status::Running;
            run.rejected = answer == Answer::No;
            run.continued_at = Some(run.count());
            run.watchers = Watchers::of(Watcher::continuing(connection, run.count()));
        }
        Ok(())
    }

    /// Whether the run waits for a person.
    #[must_use]
    pub fn is_paused(&self, run_id: &str) -> bool {
        let run = self.runs.get(run_id);
        run.is_some_and(|run| run.status == Status::Paused)
    }

    /// Whether a person has said no to the run's last step.
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

    /// Says whose a run is.
    pub fn own(&mut self, run_id: &str, user: &str) {
        if let Some(run) = self.runs.get_mut(run_id) {
            run.owner = Some(user.to_owned());
        }
    }

    /// Lets an event happen at this time (Unix seconds). Gives what each watcher is told; `None`
    /// where there is no such run (any more).
    pub fn append(&mut self, run_id: &str, draft: Draft, now: u64) -> Option<Vec<Delivery>> {
        let run = self.runs.get_mut(run_id)?;
        let count = self.counts.entry(run.starter).or_default();
        let index = self.hooks.index(run, *count);
        *count += 1;

        let ends = draft.ends;
        let event = self.hooks.on_event(Event::new(draft, index, now));
        run.began_unseen |= run.count() == 0 && run.watchers.is_empty();
        let event = run.append(event, ends);
        let mut deliveries = Vec::new();
        let two = run.watchers.iter().filter(|it| it.returned).count() == 2;
        let mut first = two;
        for watcher in run.watchers.iter_mut() {
            let say = if watcher.returned {
                Outgoing::Plain(Arc::clone(&event))
            } else {
                Outgoing::Wrapped(Arc::clone(&event))
            };
            let mut says = vec![say];
            self.hooks.on_live(watcher, &event, run.returns, &mut says);
            if watcher.returned && std::mem::take(&mut first) {
                self.hooks.on_first_of_two(&event, &mut says);
            }
            self.hooks.on_http_run(run.over_http, watcher, &mut says);
            self.hooks.on_live_at_replica(watcher, &mut says);
            watcher.behind = run.dropped + run.events.len();
            watcher.live += 1;
            let to = watcher.connection;
            deliveries.extend(says.into_iter().map(|say| Delivery { to, say }));
        }
        if run.status != Status::Running {
            run.watchers.clear();
        }
        if self.hooks.goes_astray(&event) {
            deliveries.extend(self.astray(run_id, &event));
        }
        Some(deliveries)
    }

    fn astray(&self, run_id: &str, event: &Arc<Event>) -> Vec<Delivery> {
        let others = self.runs.values().filter(|other| other.id != run_id);
        others
            .flat_map(|other| other.watchers.iter())
            .map(|watcher| Delivery {
                to: watcher.connection,
                say: Outgoing::Plain(Arc::clone(event)),
            })
            .collect()
    }

    /// The answer to a viewer who returns on `connection`; they watch from then on, where the run is
    /// under way.
    ///
    /// Events that were sent on this very connection while it watched the run are not missed,
    /// whatever position it names: they may only not have been read yet.
    pub fn come_back(&mut self, connection: u64, wish: &Wish) -> Vec<Outgoing> {
        let hooks = &self.hooks;
        let run = self.runs.get_mut(&wish.run_id);
        let may_see = |run: &&mut Run| {
            (hooks.shows_others() || wish.names(run))
                && (hooks.shows_all() || wish.owns(run))
                && !hooks.has_lost(run)
                && !hooks.hides(run)
                && !hooks.hides_from_replica(wish.comes_elsewhere(run))
        };
        let exists = run.is_some();
        let Some(run) = run.filter(may_see) else {
            let refusal = format!("Run {} not found in buffer or database", wish.run_id);
            let refusal = match hooks.instead_of_anothers(wish, exists) {
                Some(answer) => answer,
                None => outgoing::error(&refusal),
            };
            let answer = hooks.on_unknown_run(&wish.run_id, refusal);
            return answer.into_iter().map(Outgoing::Control).collect();
        };
        if self
            .hooks
            .takes_for_present(run, connection, &wish.position)
        {
            return refuse("somebody is watching already");
        }
        if let Some(says) = self.hooks.instead_of_answer(run, &wish.position) {
            run.returns += 1;
            return says;
        }
        let elsewhere = wish.comes_elsewhere(run);
        let resume_plan = run.resume_plan(&wish.position);
        let resume_plan = self.hooks.on_owed(run, &wish.position, resume_plan);
        match self.hooks.on_owed_at_replica(run, elsewhere, resume_plan) {
            ResumePlan::Odd => refuse("last_event_index must be a whole number from 0"),
            ResumePlan::Beyond => refuse("last_event_index is beyond the last event of the run"),
            ResumePlan::Replay => {
                let mut says = replay(&self.hooks, run, &wish.position);
                self.hooks.on_replay_at_replica(elsewhere, &mut says);
                says
            }
            ResumePlan::From(from) => {
                let mut says = catch_up(&self.hooks, run, connection, wish, from);
                self.hooks.on_catch_up_at_replica(elsewhere, &mut says);
                says
            }
        }
    }

    /// Lets a connection go: it watches nothing any more. `politely` where it was by a closing
    /// handshake. Gives the sessions of the runs that it had started or watched.
    pub fn leave(&mut self, connection: u64, politely: bool) -> Vec<String> {
        let watched =
            |run: &&Run| run.starter == connection || run.watchers.on(connection).is_some();
        let runs = self.runs.values().filter(watched);
        let sessions = runs.map(|run| run.session_id.clone()).collect();
        let hooks = &self.hooks;
        self.runs.retain(|_, run| {
            !(run.starter == connection
                && run.status == Status::Running
                && hooks.leaving_stops(politely, run.count()))
        });
        for run in self.runs.values_mut() {
            run.was_reset |= !politely && run.watchers.on(connection).is_some();
            if !politely {
                hooks.on_break(run, connection);
            }
            run.watchers.remove(connection);
        }
        sessions
    }

    /// The connection has been written what it had missed.
    pub fn caught_up(&mut self, connection: u64) {
        let runs = self.runs.values_mut();
        for watcher in runs.flat_map(|run| run.watchers.all_on(connection)) {
            watcher.meanwhile = None;
        }
    }

    /// The session that a run belongs to.
    #[must_use]
    pub fn session_of(&self, run_id: &str) -> Option<&str> {
        let run = self.runs.get(run_id)?;
        Some(&run.session_id)
    }

    /// Forgets every run that is under way.
    pub fn stop_all(&mut self) {
        self.runs.retain(|_, run| run.status != Status::Running);
    }

    /// Whether the connection watches any run.
    #[must_use]
    pub fn watches(&self, connection: u64) -> bool {
        let mut runs = self.runs.values();
        runs.any(|run| run.watchers.on(connection).is_some())
    }

    /// The connections that watch the run.
    pub fn watchers(&self, run_id: &str) -> impl Iterator<Item = u64> {
        let run = self.runs.get(run_id);
        run.into_iter()
            .flat_map(|run| run.watchers.iter())
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
    /// Whether the viewer came to another replica than the one where the run was started.
    fn comes_elsewhere(&self, run: &Run) -> bool {
        self.at_replica && !run.at_replica
    }

    /// Whether the run belongs to the viewer, where users are kept apart.
    fn owns(&self, run: &Run) -> bool {
        self.user == run.owner
    }

    /// Whether the viewer names the run's own workflow and session, or none.
    fn names(&self, run: &Run) -> bool {
        let same = |named: &Option<String>, own: &str| named.as_deref().is_none_or(|n| n == own);
        same(&self.workflow_id, &run.workflow_id) && same(&self.session_id, &run.session_id)
    }
}

fn refuse(text: &str) -> Vec<Outgoing> {
    vec![Outgoing::Control(outgoing::error(text))]
}

fn replay(hooks: &Faulty, run: &mut Run, position: &Position) -> Vec<Outgoing> {
    let mut announced = outgoing::replay(&run.id, run.status.word(), run.events.len());
    let lost = run.lost(position);
    if lost > 0 && hooks.tells_of_loss() {
        announced = outgoing::incomplete(announced, lost);
    }
    let mut says = vec![Outgoing::Control(announced)];
    says.extend(run.events.iter().map(Arc::clone).map(Outgoing::Plain));
    hooks.on_lost(lost, 0, &mut says);
    hooks.on_replay(run, position, &mut says);
    run.replays += 1;
    says
}

fn catch_up(
    hooks: &Faulty,
    run: &mut Run,
    connection: u64,
    wish: &Wish,
    from: usize,
) -> Vec<Outgoing> {
    let position = &wish.position;
    let count = run.count();
    let already = run
        .watchers
        .on(connection)
        .map_or(0, |watcher| watcher.behind);
    let from = from.max(already.saturating_sub(run.dropped));
    let missed = run.events.get(from..).unwrap_or_default();
    let lost = match already {
        0 => run.lost(position),
        _ => 0, // it was sent as it happened
    };

    let mut says = Vec::new();
    if !missed.is_empty() {
        let mut announced = outgoing::catch_up(&run.id, missed.len(), count);
        if lost > 0 && hooks.tells_of_loss() {
            announced = outgoing::incomplete(announced, lost);
        }
        says.push(Outgoing::Control(announced));
        says.extend(missed.iter().map(Arc::clone).map(Outgoing::Plain));
        hooks.on_lost(lost, position.next().unwrap_or(0), &mut says);
    }
    says.push(Outgoing::Control(outgoing::subscribed(&run.id, count)));
    hooks.on_catch_up(&run.id, position, &mut says);

    let watcher = Watcher {
        muted_to: hooks.muted_to(run, position),
        meanwhile: (!missed.is_empty()).then_some(0),
        elsewhere: wish.comes_elsewhere(run),
        ..Watcher::returning(connection, count)
    };
    hooks.on_subscription(run, connection);
    run.watchers.add(watcher);
    run.returns += 1;
    run.was_reset = false;
    run.taken = 0;
    says
}

#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod tests;
