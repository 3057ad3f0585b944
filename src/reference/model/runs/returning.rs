//! The answer to a viewer who returns to a run.

use std::sync::Arc;

use serde_json::Value;

use crate::reference::fault::hooks::Faults;
use crate::reference::fault::mutation::Moment;
use crate::reference::model::outgoing::{self, Outgoing};
use crate::reference::model::request::ReturnRequest;
use crate::reference::model::run::{ResumePlan, Run};
use crate::reference::model::runs::Runs;
use crate::reference::model::watchers::Watcher;

impl Runs {
    /// The answer to a viewer who returns on `connection`; they watch from then on, where the run is
    /// under way.
    ///
    /// Events that were sent on this very connection while it watched the run are not missed,
    /// whatever position it names: they may only not have been read yet.
    pub fn come_back(&mut self, connection: u64, request: &ReturnRequest) -> Vec<Outgoing> {
        let latest = self.latest_of_session(request);
        let request = latest.as_ref().unwrap_or(request);
        if self.faults.follows_one_run() {
            let others = self.runs.values_mut();
            others
                .filter(|run| run.id != request.run_id)
                .for_each(|run| run.watchers.remove(connection));
        }
        self.answer(connection, request).unwrap_or_else(|refusal| {
            let mut messages = vec![Outgoing::Control(refusal)];
            self.faults.mutate(&Moment::control(false), &mut messages);
            messages
        })
    }

    /// A request for the latest run of the session instead of an earlier one, where a fault asks so.
    fn latest_of_session(&self, request: &ReturnRequest) -> Option<ReturnRequest> {
        let asked = self.runs.get(&request.run_id);
        let asked = asked.filter(|run| run.past.followed)?;
        let mut same = self
            .runs
            .values()
            .filter(|run| run.session_id == asked.session_id);
        let latest = same.find(|run| !run.past.followed)?;
        self.faults
            .shows_latest_of_session()
            .then(|| ReturnRequest {
                run_id: latest.id.clone(),
                workflow_id: Some(latest.workflow_id.clone()),
                ..request.clone()
            })
    }

    /// The answer; the error is a refusal.
    fn answer(&mut self, connection: u64, request: &ReturnRequest) -> Result<Vec<Outgoing>, Value> {
        let faults = &self.faults;
        let run = self.runs.get_mut(&request.run_id);
        let exists = run.is_some();
        let shown = |run: &&mut Run| {
            let may_see = request.names(run) && request.owns(run);
            let permitted = request.is_permitted(run) || faults.needs_no_permission();
            permitted && faults.shows(run, request, may_see)
        };
        let Some(run) = run.filter(shown) else {
            let text = format!("Run {} not found in buffer or database", request.run_id);
            let instead = faults.instead_of_unknown_run(request, exists);
            return Err(instead.unwrap_or_else(|| outgoing::error(&text)));
        };
        if let Some(instead) = faults.instead_of_answer(run, connection, &request.position) {
            return Ok(instead);
        }
        let mut viewer = Watcher::returning(connection, request.position.clone(), run.count());
        viewer.elsewhere = request.comes_elsewhere(run);
        viewer.over_http = request.over_http;
        let plan = run.resume_plan(&request.position);
        match faults.on_plan(run, request, plan) {
            ResumePlan::Invalid => Err(outgoing::error(
                "last_event_index must be a whole number from 0",
            )),
            ResumePlan::Beyond => Err(outgoing::error(
                "last_event_index is beyond the last event of the run",
            )),
            ResumePlan::Replay => Ok(replay(faults, run, &viewer)),
            ResumePlan::From(from) => Ok(catch_up(faults, run, viewer, from)),
        }
    }
}

/// Everything that is kept of a finished run; over HTTP only what comes after the position.
fn replay(faults: &Faults, run: &mut Run, viewer: &Watcher) -> Vec<Outgoing> {
    let next = match viewer.over_http {
        true => viewer.position.next().unwrap_or(0),
        false => 0,
    };
    let seen = run.events.partition_point(|event| event.index < next);
    let follow = &run.events[seen..];
    let mut announced = outgoing::replay(&run.id, run.status.word(), follow.len());
    if viewer.over_http {
        announced = outgoing::after_position(announced, run.events.len(), &viewer.position);
    }
    let lost = run.lost_from(next);
    if lost > 0 {
        announced = outgoing::incomplete(announced, lost);
    }
    let mut messages = vec![Outgoing::Control(announced)];
    messages.extend(follow.iter().map(Arc::clone).map(Outgoing::Plain));
    faults.mutate(&Moment::replay(run, viewer), &mut messages);
    run.past.replays += 1;
    messages
}

/// What the viewer missed of a run under way, from this place in its buffer on; then they watch it.
fn catch_up(faults: &Faults, run: &mut Run, mut viewer: Watcher, from: usize) -> Vec<Outgoing> {
    let count = run.count();
    viewer.again = run.watchers.on(viewer.connection).is_some();
    // What happened while its connection watched was sent on it.
    let (missed, lost) = match viewer.again {
        true => (&[][..], 0),
        false => (
            run.events.get(from..).unwrap_or_default(),
            run.lost(&viewer.position),
        ),
    };
    viewer.catching_up = !missed.is_empty();

    let mut messages = Vec::with_capacity(missed.len() + 2);
    if !missed.is_empty() {
        let mut announced = outgoing::catch_up(&run.id, missed.len(), count);
        if lost > 0 {
            announced = outgoing::incomplete(announced, lost);
        }
        messages.push(Outgoing::Control(announced));
        messages.extend(missed.iter().map(Arc::clone).map(Outgoing::Plain));
    }
    messages.push(Outgoing::Control(outgoing::subscribed(&run.id, count)));
    faults.mutate(&Moment::catch_up(run, &viewer), &mut messages);

    if faults.displaces(run) {
        run.watchers.remove_returned();
    }
    run.watchers.add(viewer);
    run.past.returns += 1;
    run.past.returned_at = Some(count);
    run.past.was_reset = false;
    run.past.taken_for_seen = 0;
    messages
}
