//! What a viewer who returns gets.

use std::sync::Arc;

use serde_json::Value;

use crate::protocol::Position;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::outgoing::{self, Outgoing};
use crate::reference::model::request::ReturnRequest;
use crate::reference::model::run::{ResumePlan, Run, Storage};
use crate::reference::model::status::Status;
use crate::reference::model::watchers::{Role, Watcher};

/// How many returns a run must have had for the later ones to skip an event.
const SEVERAL: u32 = 3;

/// The code of a close frame that tells of a failure of the server (RFC 6455).
const CLOSED_WITH: u16 = 1011;

/// How many watchers must have returned to a run for further returns to skip an event.
const MANY_RETURNED: usize = 4;

/// How many events a run must have had for a viewer to be displaced.
const DISPLACING: usize = 12;

impl Faults {
    /// Whether a run is shown to a viewer who asks for it; `may_see` says whether it should be.
    pub fn shows(&self, run: &Run, request: &ReturnRequest, may_see: bool) -> bool {
        let hidden = run.over_http && !request.over_http && self.has(Fault::HttpRunUnknown)
            || request.comes_elsewhere(run)
                && (self.has(Fault::ReplicaKnowsOwnRuns)
                    || self.has(Fault::ReplicaForgetsCancelled) && run.status == Status::Cancelled)
            || request.names_only_the_run() && self.has(Fault::RunAloneUnknown)
            || run.past.followed && self.has(Fault::SessionForgetsEarlier)
            || match run.storage {
                Storage::Memory => false,
                Storage::Forgotten => {
                    self.has(Fault::ForgottenUnknown)
                        || self.has(Fault::ForgottenFailedUnknown) && run.status == Status::Failed
                        || self.has(Fault::ForgottenCancelledUnknown)
                            && run.status == Status::Cancelled
                }
                Storage::Restarted => self.has(Fault::RestartLosesRuns),
            };
        let shown = may_see
            || self.has(Fault::OtherSessionShown) && request.owns(run)
            || self.has(Fault::OtherUserShown) && request.names(run);
        shown && !hidden
    }

    /// The answer about a run that is not shown to a viewer, instead of the refusal; `exists` says
    /// whether there is such a run.
    pub fn instead_of_unknown_run(&self, request: &ReturnRequest, exists: bool) -> Option<Value> {
        let run_id = &request.run_id;
        if self.has(Fault::OtherUserTold) && exists && request.user.is_some() {
            let text = format!("Run {run_id} belongs to somebody else");
            Some(outgoing::error(&text))
        } else {
            self.has(Fault::UnknownRunSubscribed)
                .then(|| outgoing::subscribed(run_id, 0))
        }
    }

    /// The answer to a viewer who is refused or gets none, whatever they should get.
    pub fn instead_of_answer(
        &self,
        run: &mut Run,
        connection: u64,
        position: &Position,
    ) -> Option<Vec<Outgoing>> {
        let under_way = run.status == Status::Running;
        let seen = match position {
            Position::At(at) => Some(*at),
            _ => None,
        };
        let another = |it: &Watcher| it.role != Role::Returned && it.connection != connection;
        let returns = run.past.returns;
        let at_ending = seen.is_some() && run.events.last().map(|last| last.index) == seen;
        let refusal = if self.has(Fault::VanishedBlocksReturn)
            && seen.is_some()
            && returns == 0
            && run.watchers.iter().any(another)
        {
            "somebody is watching already"
        } else if under_way && self.has(Fault::SilenceOnReturn) {
            return Some(Vec::new());
        } else if under_way && self.has(Fault::ReturnClosesWithError) {
            return Some(vec![Outgoing::Close(CLOSED_WITH)]);
        } else if under_way && self.has(Fault::ReturnDropsConnection) {
            return Some(vec![Outgoing::Cut]);
        } else if under_way && self.has(Fault::ThirdReturnRefused) && returns == 2 {
            run.past.returns += 1;
            "try again later"
        } else if under_way
            && self.has(Fault::HistoryAbsentRefused)
            && *position == Position::Absent
        {
            "last_event_index is required"
        } else if self.has(Fault::ReturnBeforeFirstRefused) && run.events.is_empty() {
            "run has not started"
        } else if self.has(Fault::PositionEndingRefused) && !under_way && at_ending {
            "nothing to replay"
        } else {
            return self.instead_of_invalid(run, position);
        };
        Some(vec![Outgoing::Control(outgoing::error(refusal))])
    }

    fn instead_of_invalid(&self, run: &Run, position: &Position) -> Option<Vec<Outgoing>> {
        let Position::Odd(invalid) = position else {
            return None;
        };
        if !self.has(Fault::PositionNegative) || invalid.as_i64().is_none() {
            return None;
        }
        let announced = outgoing::catch_up(&run.id, 1, run.events.len());
        let mut messages = vec![Outgoing::Control(announced)];
        messages.extend(
            run.events.last().map(|last| {
                Outgoing::Plain(Arc::new(last.altered("event_index", invalid.clone())))
            }),
        );
        Some(messages)
    }

    /// What a viewer gets; `plan` is what they should.
    pub fn on_plan(&self, run: &Run, request: &ReturnRequest, plan: ResumePlan) -> ResumePlan {
        let count = run.events.len();
        let position = &request.position;
        let elsewhere = request.comes_elsewhere(run);
        match (position, plan) {
            (Position::Odd(_), ResumePlan::Invalid) if self.has(Fault::PositionOddAccepted) => {
                run.resume_plan(&Position::Null)
            }
            (Position::Odd(Value::String(text)), ResumePlan::Invalid)
                if self.has(Fault::PositionTextRead) =>
            {
                let number = text.parse().map(Position::At);
                number.map_or(plan, |position| run.resume_plan(&position))
            }
            (_, ResumePlan::Beyond)
                if self.has(Fault::PositionBeyondAccepted)
                    || self.has(Fault::PositionBeyondSilences) =>
            {
                ResumePlan::From(count)
            }
            (_, ResumePlan::From(_)) if elsewhere && self.has(Fault::ReplicaReplaysUnderWay) => {
                ResumePlan::Replay
            }
            (Position::At(_), ResumePlan::From(from)) if from < count => {
                ResumePlan::From(self.on_first(run, from))
            }
            (Position::Null, ResumePlan::From(_))
                if self.has(Fault::HistoryFromOne)
                    || self.has(Fault::UnseenBeginningLost) && run.past.began_unseen =>
            {
                ResumePlan::From(count.min(1))
            }
            (Position::Null, ResumePlan::From(_)) if self.has(Fault::HistoryNullLiveOnly) => {
                ResumePlan::From(count)
            }
            (_, ResumePlan::Replay)
                if self.has(Fault::FailingShownRunning) && run.status == Status::Failed
                    || self.has(Fault::CancelledShownRunning)
                        && run.status == Status::Cancelled =>
            {
                let next = position.next().unwrap_or(0);
                ResumePlan::From(run.events.partition_point(|event| event.index < next))
            }
            (_, ResumePlan::Replay)
                if elsewhere
                    && self.has(Fault::ReplicaShowsRunning)
                    && run.status != Status::Paused =>
            {
                ResumePlan::From(0)
            }
            _ => plan,
        }
    }

    /// The place in the buffer of the first event that a viewer gets; `from` is where it should be.
    fn on_first(&self, run: &Run, from: usize) -> usize {
        let returned = || {
            run.watchers
                .iter()
                .filter(|it| it.role == Role::Returned)
                .count()
        };
        let returns = run.past.returns;
        if self.has(Fault::PositionIgnored) {
            0
        } else if self.has(Fault::PositionOffByOne) {
            from.saturating_sub(1)
        } else if self.has(Fault::LaterVisitsSkip) && returns >= SEVERAL
            || self.has(Fault::CrowdSkips) && returned() >= MANY_RETURNED
            || self.has(Fault::TenthReturnSkips) && returns % 10 == 9
            || self.has(Fault::ResetLosesEvent) && run.past.was_reset
        {
            from + 1
        } else {
            from.max(run.past.taken_for_seen.saturating_sub(run.dropped))
        }
    }

    /// Whether a position that is no whole number is taken for none.
    pub fn takes_odd_for_none(&self) -> bool {
        self.has(Fault::PositionOddAccepted)
    }

    /// Whether a run is shown without the permission for its workflow.
    pub fn needs_no_permission(&self) -> bool {
        self.has(Fault::PermissionNotNeeded)
    }

    /// Whether a viewer who asks for a run of a session gets its latest one.
    pub fn shows_latest_of_session(&self) -> bool {
        self.has(Fault::SessionShowsLatest)
    }

    /// Whether a connection that returns to a run gets nothing more of any other.
    pub fn follows_one_run(&self) -> bool {
        self.has(Fault::OneRunAConnection)
    }

    /// Whether those who returned to a run before stop getting its events when another returns.
    pub fn displaces(&self, run: &Run) -> bool {
        self.has(Fault::ViewersDisplaced) && run.count() > DISPLACING
    }
}
