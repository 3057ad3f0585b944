//! Who comes to the other replica, and asks there for a run that the first one runs.

use serde_json::json;

use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::fault::hooks::mutations::{alter_content, alter_control, count_up};
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::{ResumePlan, Run, Status};
use crate::reference::model::watchers::Watcher;

impl Faulty {
    /// Whether the other replica does not know a run that was started elsewhere.
    pub fn hides_from_replica(&self, elsewhere: bool) -> bool {
        elsewhere && self.has(Fault::ReplicaKnowsOwnRuns)
    }

    /// What a viewer is owed there, decided otherwise.
    pub fn on_owed_at_replica(
        &self,
        run: &Run,
        elsewhere: bool,
        resume_plan: ResumePlan,
    ) -> ResumePlan {
        match resume_plan {
            ResumePlan::Replay
                if elsewhere
                    && self.has(Fault::ReplicaShowsRunning)
                    && run.status != Status::Paused =>
            {
                ResumePlan::From(0)
            }
            ResumePlan::From(_) if elsewhere && self.has(Fault::ReplicaReplaysUnderWay) => {
                ResumePlan::Replay
            }
            _ => resume_plan,
        }
    }

    /// The answer to a viewer there of a run under way.
    pub fn on_catch_up_at_replica(&self, elsewhere: bool, says: &mut Vec<Outgoing>) {
        if !elsewhere || !says.first().is_some_and(|say| say.is("catch_up")) {
            return;
        }
        // `catch_up` stands first and `subscribed` last.
        let middle = says.len() / 2;
        if self.has(Fault::ReplicaLosesMissed) && says[middle].event().is_some() {
            says.remove(middle);
            let missed = says.iter().filter(|say| say.event().is_some()).count();
            alter_control(says, "catch_up", "missed_events", |_| json!(missed));
        }
        let last = says.iter().rfind(|say| say.event().is_some()).cloned();
        if let Some(last) = last.filter(|_| self.has(Fault::ReplicaRepeatsAtSeam)) {
            says.push(last);
        }
    }

    /// The answer to a viewer there of a finished run.
    pub fn on_replay_at_replica(&self, elsewhere: bool, says: &mut Vec<Outgoing>) {
        if !elsewhere {
            return;
        }
        if self.has(Fault::ReplicaShortensReplay) && says.len() > 2 {
            says.remove(2);
            let events = says.iter().filter(|say| say.event().is_some()).count();
            alter_control(says, "replay", "total_events", |_| json!(events));
        }
        if self.has(Fault::ReplicaReplayTotal) {
            count_up(says, "replay", "total_events");
        }
        if self.has(Fault::ReplicaChangesReplay) {
            alter_content(says);
        }
    }

    /// What a watcher there gets when something happens.
    pub fn on_live_at_replica(&self, watcher: &Watcher, says: &mut Vec<Outgoing>) {
        if watcher.elsewhere && self.has(Fault::ReplicaNotLive) {
            says.clear();
        }
    }
}
