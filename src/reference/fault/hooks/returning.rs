//! The answer to a viewer who returns.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::protocol::Position;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faulty;
use crate::reference::fault::hooks::mutations::{
    alter, alter_content, alter_control, count_up, field, has_newline,
};
use crate::reference::model::outgoing;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::run::{ResumePlan, Run, Status};
use crate::reference::model::runs::Wish;
use crate::reference::model::watchers::Watcher;

/// How far from its own the index of a relabelled event is.
const FAR: u64 = 1000;

/// How many returns a run must have had for the later ones to skip an event.
const SEVERAL: u32 = 3;

/// How many watchers must have returned to a run for further returns to skip an event.
const CROWD: usize = 4;

/// How many missed events the buffer holds that loses one where there are more.
const BUFFER: usize = 64;

/// How many missed events make a long catch-up.
const LONG: usize = 12;

/// How many events make a long replay.
const LONG_REPLAY: usize = 50;

/// How many events must have been missed for a live one to be lost.
const VERY_MANY: u64 = 25;

impl Faulty {
    /// Whether a run is shown to somebody who names another session or workflow.
    pub fn shows_others(&self) -> bool {
        self.has(Fault::OtherSessionShown)
    }

    /// Whether a run is shown to nobody who returns.
    pub fn hides(&self, run: &Run) -> bool {
        run.over_http && self.has(Fault::HttpRunUnknown)
    }

    /// Whether a run is shown to another user than its own.
    pub fn shows_all(&self) -> bool {
        self.has(Fault::OtherUserShown)
    }

    /// What a user is told of a run that is not theirs, where it is told apart from one that does not
    /// exist.
    pub fn instead_of_anothers(&self, wish: &Wish, exists: bool) -> Option<Value> {
        let told = self.has(Fault::OtherUserTold) && exists && wish.user.is_some();
        told.then(|| outgoing::error(&format!("Run {} belongs to somebody else", wish.run_id)))
    }

    /// What a viewer is owed, decided otherwise.
    pub fn on_owed(&self, run: &Run, position: &Position, resume_plan: ResumePlan) -> ResumePlan {
        let count = run.events.len();
        match (position, resume_plan) {
            (Position::Odd(_), ResumePlan::Odd) if self.has(Fault::PositionOddAccepted) => {
                run.resume_plan(&Position::Null)
            }
            (_, ResumePlan::Beyond)
                if self.has(Fault::PositionBeyondAccepted)
                    || self.has(Fault::PositionBeyondSilences) =>
            {
                ResumePlan::From(count)
            }
            (Position::At(_), ResumePlan::From(from)) if from < count => self.from(run, from),
            (Position::Null, ResumePlan::From(_))
                if self.has(Fault::HistoryFromOne)
                    || self.has(Fault::UnseenBeginningLost) && run.began_unseen =>
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
            _ => resume_plan,
        }
    }

    fn from(&self, run: &Run, from: usize) -> ResumePlan {
        let returned = || run.watchers.iter().filter(|it| it.returned).count();
        ResumePlan::From(if self.has(Fault::PositionIgnored) {
            0
        } else if self.has(Fault::PositionOffByOne) {
            from.saturating_sub(1)
        } else if self.has(Fault::LaterVisitsSkip) && run.returns >= SEVERAL
            || self.has(Fault::CrowdSkips) && returned() >= CROWD
            || self.has(Fault::TenthReturnSkips) && run.returns % 10 == 9
            || self.has(Fault::ResetLosesEvent) && run.was_reset
        {
            from + 1
        } else {
            from.max(run.taken.saturating_sub(run.dropped))
        })
    }

    /// Whether a viewer is turned away because the one who started the run seems to watch it still.
    pub fn takes_for_present(&self, run: &Run, connection: u64, position: &Position) -> bool {
        let another = |watcher: &Watcher| !watcher.returned && watcher.connection != connection;
        self.has(Fault::VanishedBlocksReturn)
            && matches!(position, Position::At(_))
            && run.returns == 0
            && run.watchers.iter().any(another)
    }

    /// Whether a viewer is turned away or met with silence, whatever they are owed.
    pub fn instead_of_answer(&self, run: &Run, position: &Position) -> Option<Vec<Outgoing>> {
        let refuse = |text: &str| Some(vec![Outgoing::Control(outgoing::error(text))]);
        let under_way = run.status == Status::Running;
        let at_ending = match position {
            Position::At(at) => run.events.last().is_some_and(|last| last.index == *at),
            _ => false,
        };
        if under_way && self.has(Fault::SilenceOnReturn) {
            Some(Vec::new())
        } else if under_way && self.has(Fault::ThirdReturnRefused) && run.returns == 2 {
            refuse("try again later")
        } else if under_way
            && self.has(Fault::HistoryAbsentRefused)
            && *position == Position::Absent
        {
            refuse("last_event_index is required")
        } else if self.has(Fault::ReturnBeforeFirstRefused) && run.events.is_empty() {
            refuse("run has not started")
        } else if self.has(Fault::PositionEndingRefused) && !under_way && at_ending {
            refuse("nothing to replay")
        } else if let Position::Odd(odd) = position {
            self.instead_of_odd(run, odd)
        } else {
            None
        }
    }

    fn instead_of_odd(&self, run: &Run, odd: &Value) -> Option<Vec<Outgoing>> {
        if self.has(Fault::PositionOddTold) {
            let trace = format!(
                "Traceback (most recent call last):\n  File \"/srv/agent_os/event_buffer.py\", \
                 line 61, in get_events\nTypeError: '>' not supported: {odd}"
            );
            return Some(vec![Outgoing::Control(outgoing::error(&trace))]);
        }
        if self.has(Fault::PositionNegative) && odd.as_i64().is_some() {
            let mut says = vec![Outgoing::Control(outgoing::catch_up(
                &run.id,
                1,
                run.events.len(),
            ))];
            says.extend(
                run.events.last().map(|last| {
                    Outgoing::Plain(Arc::new(last.altered("event_index", odd.clone())))
                }),
            );
            return Some(says);
        }
        None
    }

    /// Who else watches, once a viewer returned on `connection`. Called before they are added.
    pub fn on_subscription(&self, run: &mut Run, connection: u64) {
        if self.has(Fault::ViewersDisplaced) && run.count() > 12 {
            run.watchers.retain(|watcher| !watcher.returned);
        }
        if self.has(Fault::StarterLosesOne) && !run.events.is_empty() {
            let next = run.events.len() as u64;
            for starter in run.watchers.iter_mut().filter(|it| !it.returned) {
                starter.muted_to = Some(next);
            }
        }
        if !self.has(Fault::ReturningTwiceDoubles) {
            run.watchers.remove(connection);
        }
    }

    /// The index up to which a viewer who returned with this position gets no live events.
    pub fn muted_to(&self, run: &Run, position: &Position) -> Option<u64> {
        match position {
            Position::At(_) if run.resume_plan(position) == ResumePlan::Beyond => {
                self.has(Fault::PositionBeyondSilences).then_some(u64::MAX)
            }
            Position::At(at) if self.has(Fault::CatchUpHangs) => {
                let missed = run.events.last()?.index.saturating_sub(*at);
                (missed > LONG as u64).then_some(u64::MAX)
            }
            Position::At(at) if self.has(Fault::LongCatchUpLosesLive) => {
                let next = run.events.last()?.index + 1;
                (next - at > VERY_MANY).then_some(next)
            }
            _ => None,
        }
    }

    /// The answer to a viewer of a run under way: `catch_up` and missed events, if any, then
    /// `subscribed`.
    pub fn on_catch_up(&self, run_id: &str, position: &Position, says: &mut Vec<Outgoing>) {
        if self.has(Fault::ContentOnlyOnce) {
            leave_out_newlines(says);
        }
        if self.has(Fault::SubscribedCount) {
            count_up(says, "subscribed", "current_event_count");
        }
        if !matches!(position, Position::At(_)) {
            return;
        }
        if !says.iter().any(|say| say.is("catch_up")) {
            if self.has(Fault::CatchUpForNothing) {
                let count = field(says, "subscribed", "current_event_count");
                let count = count.and_then(Value::as_u64).unwrap_or(0) as usize;
                says.insert(0, Outgoing::Control(outgoing::catch_up(run_id, 0, count)));
            }
            return;
        }
        self.on_missed(says);
        self.on_announcements(says);
    }

    fn on_missed(&self, says: &mut Vec<Outgoing>) {
        // `catch_up` stands first and `subscribed` last.
        let (first, last) = (1, says.len().saturating_sub(2));
        if last < first {
            return;
        }
        let middle = first + (last - first) / 2;
        let missed = last + 1 - first;
        if self.has(Fault::CatchUpHangs) && missed > LONG {
            says.truncate(middle);
        } else if self.has(Fault::ManyMissedLoseOne) && missed > BUFFER
            || self.has(Fault::ThousandMissedLoseOne) && missed > 1000
        {
            says.remove(first + BUFFER);
        } else if self.has(Fault::MissedInOneMessage) && first < last {
            let both = says.drain(middle..=middle + 1);
            let texts: Vec<String> = both.filter_map(|say| say.text()).collect();
            says.insert(middle, Outgoing::Text(texts.join("\n")));
        } else if self.has(Fault::CatchUpDouble) {
            says.insert(middle, says[middle].clone());
        } else if self.has(Fault::CatchUpDrop) && first < last {
            says.remove(middle);
        } else if self.has(Fault::CatchUpSwap) && first < last {
            says.swap(middle, middle + 1);
        } else if self.has(Fault::CatchUpRelabel) {
            alter(&mut says[middle], "event_index", |index| {
                json!(index.as_u64().unwrap_or(0) + FAR)
            });
        } else if self.has(Fault::LiveRepeatAfterSubscribed) {
            says.push(says[last].clone());
        } else if self.has(Fault::IdentityContent) {
            alter_content(&mut says[first..=last]);
        } else if self.has(Fault::IdentityEventIds) {
            alter(&mut says[middle], "session_id", |_| {
                json!("another session")
            });
        } else if self.has(Fault::IdentityTimestamp) {
            alter(&mut says[middle], "created_at", |time| {
                json!(time.as_u64().unwrap_or(0) + 1)
            });
        }
    }

    fn on_announcements(&self, says: &mut Vec<Outgoing>) {
        if self.has(Fault::CatchUpCount) {
            count_up(says, "catch_up", "missed_events");
        }
        if self.has(Fault::CatchUpStatus) {
            alter_control(says, "catch_up", "status", |_| json!("completed"));
        }
        let subscribed = says.iter().position(|say| say.is("subscribed"));
        let Some(subscribed) = subscribed else { return };
        if self.has(Fault::NoCatchUp) {
            says.retain(|say| !say.is("catch_up"));
        } else if self.has(Fault::CatchUpAfterSubscribed) {
            let subscribed = says.remove(subscribed);
            says.insert(0, subscribed);
        } else if self.has(Fault::SubscribedMissing) {
            says.remove(subscribed);
        } else if self.has(Fault::SubscribedEarly) {
            let subscribed = says.remove(subscribed);
            says.insert(1, subscribed);
        } else if self.has(Fault::SubscribedTwice) {
            says.insert(subscribed, says[subscribed].clone());
        }
    }

    /// The answer to a viewer of a finished run: `replay` and every event.
    pub fn on_replay(&self, run: &Run, position: &Position, says: &mut Vec<Outgoing>) {
        if self.has(Fault::ContentOnlyOnce) {
            leave_out_newlines(says);
        }
        if self.has(Fault::ReplayHeedsPosition) {
            let next = position.next().unwrap_or(0);
            says.retain(|say| say.event().is_none_or(|event| event.index >= next));
            let total = says.len() - 1;
            alter_control(says, "replay", "total_events", |_| json!(total));
        }
        if run.status == Status::Paused {
            self.on_replay_of_paused(says);
        }
        let middle = says.len() / 2;
        if self.has(Fault::ReplayHangs) && says.len() > LONG_REPLAY {
            says.truncate(middle);
        } else if self.has(Fault::UnreadEndingLost) && run.broke_at_end {
            says.pop();
            let total = says.len() - 1;
            alter_control(says, "replay", "total_events", |_| json!(total));
        } else if self.has(Fault::ReplayDrop) && middle > 0 {
            says.remove(middle);
        } else if self.has(Fault::ReplaySwap) && middle + 1 < says.len() {
            says.swap(middle, middle + 1);
        }
        if self.has(Fault::IdentityReplayContent)
            || (self.has(Fault::ReplayDiffersSecondTime) && run.replays > 0)
        {
            alter_content(says);
        }
        if self.has(Fault::ReplayTotal) {
            count_up(says, "replay", "total_events");
        }
        let other = match run.status {
            Status::Failed if self.has(Fault::ReplayStatus) => Some(Status::Completed),
            Status::Completed if self.has(Fault::ReplayStatus) => Some(Status::Failed),
            Status::Cancelled if self.has(Fault::CancelledReplayedCompleted) => {
                Some(Status::Completed)
            }
            _ => None,
        };
        if let Some(other) = other {
            alter_control(says, "replay", "status", |_| json!(other.word()));
        }
        if self.has(Fault::ReplayMissingAnnouncement) {
            says.retain(|say| !say.is("replay"));
        }
        if self.has(Fault::ReplaySubscribed) {
            says.push(Outgoing::Control(outgoing::subscribed(
                &run.id,
                run.count(),
            )));
        }
        self.on_lasting(run, says);
        if self.has(Fault::ReplayCloses) {
            says.push(Outgoing::Close);
        }
    }
}

/// Leaves events with a line break out, and does not count them.
fn leave_out_newlines(says: &mut Vec<Outgoing>) {
    says.retain(|say| !has_newline(say));
    let events = says.iter().filter(|say| say.event().is_some()).count();
    alter_control(says, "catch_up", "missed_events", |_| json!(events));
    alter_control(says, "replay", "total_events", |_| json!(events));
}
