//! In which state a run was when a viewer returned to it: what the answer has to be.

use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::shared::return_view::{ReturnView, barred};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Component, Control, Ending, Outcome, Position};
use crate::trace::{Delivery, Earlier};
use crate::transcript::Entry;

/// How long after its ending was seen a run certainly counts as finished. Before, a return may still
/// be taken for one to a run under way, as long as the ending comes: SEAM-2 judges that. Real releases
/// (agno 3.1.10) do so for some milliseconds.
pub(crate) const SETTLED: Duration = Duration::from_millis(250);

/// How long a replay may take, from its first event to its ending. What takes longer is a run under way.
const REPLAYED: Duration = Duration::from_secs(2);

/// In which state a run was when a viewer returned to it.
pub(crate) enum Precondition {
    /// No run was named, or one that does not exist: REFUSAL judges that.
    NoRun,
    /// It had not finished.
    UnderWay,
    /// It had finished; how, where an ending was seen before.
    Finished(Option<Ending>),
    /// The return shows nothing about returning to a run; why.
    Unclear(String),
}

/// Why a return may show nothing about the requirement that a check is about.
#[derive(Clone, Copy)]
pub(crate) enum Obstacle {
    /// The position is neither a whole number from 0 nor left out.
    InvalidPosition,
    /// The viewer was not let in.
    Unauthenticated,
    /// The run is not in the transcript.
    Unrecorded,
    /// The run belongs to somebody else.
    AnothersRun,
    /// It was to another replica than the one that runs the workflow: REPLICA judges that.
    OtherReplica,
    /// The server could not answer from a memory of the whole run: RETENTION and RESTART judge that.
    OutOfMemory,
    /// The run was paused: PAUSE judges that.
    Paused,
    /// The connection was already watching the run.
    Watching,
}

impl ReturnView<'_, '_> {
    /// The reason of the first of these obstacles that the return meets.
    pub(crate) fn obstacle(&self, obstacles: &[Obstacle]) -> Option<String> {
        obstacles.iter().find_map(|obstacle| self.reason(*obstacle))
    }

    /// Whether the viewer was not let in; the reason is noted.
    pub(crate) fn is_barred(&self, collector: &mut Collector) -> bool {
        let reason = self.obstacle(&[Obstacle::Unauthenticated]);
        let is_barred = reason.is_some();
        if let Some(reason) = reason {
            collector.inconclusive(reason);
        }
        is_barred
    }

    fn reason(&self, obstacle: Obstacle) -> Option<String> {
        let (viewer, request) = (self.viewer(), self.ret.request.number);
        let met = match obstacle {
            Obstacle::InvalidPosition => matches!(self.position, Position::Odd(_)),
            Obstacle::Unauthenticated => self.connection.barred().is_some(),
            Obstacle::Unrecorded => {
                self.trace.highest_before(self.run, request).is_none()
                    && !self.trace.started_before(self.run, request)
            }
            Obstacle::AnothersRun => self.belongs_to_another(),
            Obstacle::OtherReplica => self.at_another_replica(),
            Obstacle::OutOfMemory => return self.out_of_memory(),
            Obstacle::Paused => self.trace.is_paused(self.run, request),
            Obstacle::Watching => self.earlier != Earlier::Nothing,
        };
        met.then(|| match obstacle {
            Obstacle::InvalidPosition => format!("{viewer} returned with an invalid position"),
            Obstacle::Unauthenticated => barred(viewer),
            Obstacle::Unrecorded => {
                format!("the run that {viewer} returned to is not in the transcript")
            }
            Obstacle::AnothersRun => {
                format!("{viewer} asked for a run that belongs to another user")
            }
            Obstacle::OtherReplica => {
                format!("{viewer} returned to another replica than the one that runs the workflow")
            }
            Obstacle::Paused => format!("the run was paused when {viewer} returned"),
            Obstacle::Watching | Obstacle::OutOfMemory => {
                format!("{viewer} was already watching the run on that connection")
            }
        })
    }

    /// In which state the run was.
    pub(crate) fn precondition(&self) -> Precondition {
        let unclear = |reason: String| Precondition::Unclear(reason);
        let viewer = self.viewer();
        let Some(run) = self.ret.run.filter(|run| !run.starts_with(NO_SUCH)) else {
            return Precondition::NoRun;
        };
        if let Some(reason) = self.obstacle(&[
            Obstacle::InvalidPosition,
            Obstacle::Unauthenticated,
            Obstacle::Unrecorded,
            Obstacle::AnothersRun,
            Obstacle::OtherReplica,
            Obstacle::OutOfMemory,
            Obstacle::Paused,
        ]) {
            return unclear(reason);
        }
        if self.is_live_unannounced() {
            return unclear(format!(
                "{viewer} got events without `subscribed`, as of workflows over HTTP on agno 2.x: nothing tells \
                 live ones from what was missed"
            ));
        }
        let request = self.ret.request.number;
        let refused = matches!(self.answer_control(), Some(Control::Error { .. }));
        if refused && self.names_only_the_run() {
            return unclear(format!(
                "{viewer} named neither the run's session nor its workflow, which a server may need"
            ));
        }
        if self.is_over_http() && (refused || self.answer().is_none()) {
            return unclear(format!(
                "{viewer} was not given the run, which was started over HTTP (HTTP-1)"
            ));
        }
        let beyond = self.is_beyond();
        let ending = self.trace.ending_before(run, request);
        let said = self
            .replay
            .filter(|said| self.answer().is_some_and(|a| a.number == said.entry.number));
        let status = said.and_then(|said| Outcome::of(said.status?));
        match (ending, self.earlier) {
            (Some(_), Earlier::Watching) | (None, Earlier::Watching | Earlier::Ended) => unclear(
                format!("{viewer} was already watching the run on that connection"),
            ),
            (_, _) if beyond && (refused || ending.is_none()) => unclear(format!(
                "{viewer} returned with a position that no viewer had seen"
            )),
            (Some((ended, ending)), _) => match (ending, &said) {
                // Its end of the stream may still have been to come.
                (Ending::Cancelled, None) => unclear("the run had just been cancelled".to_owned()),
                (_, None) if self.ret.request.at().saturating_sub(ended.at()) < SETTLED => {
                    unclear(format!("{viewer} returned just as the run ended"))
                }
                _ => Precondition::Finished(Some(ending)),
            },
            // The target said that it stood at a breakpoint behind its last event.
            (None, _) if self.held_at_its_ending() => Precondition::Finished(None),
            (None, _) if self.may_have_ended() => unclear(format!(
                "{viewer} got the ending at once, without `replay`: the run may have been over"
            )),
            (None, _) if self.has_ended_meanwhile() => {
                unclear(format!("the run ended while {viewer} returned"))
            }
            (None, _) if said.is_none() => Precondition::UnderWay,
            // It may have stood behind its ending, which the replay would have shown.
            (None, _) if status.is_some_and(Outcome::is_final) && self.is_cut_short() => {
                unclear(format!(
                    "{viewer} lost the connection before the replay showed how the run had ended"
                ))
            }
            (None, _) if self.held_at().is_some() || status == Some(Outcome::Running) => {
                Precondition::UnderWay
            }
            (None, _) if status.is_some_and(Outcome::is_final) => Precondition::Finished(None),
            (None, _) => unclear("the run was paused, or its status is not known".to_owned()),
        }
    }

    /// Whether all that a workflow's viewer had missed came over HTTP, and something or nothing after it, but neither
    /// `subscribed` nor `replay`.
    fn is_live_unannounced(&self) -> bool {
        let of_workflow = self.connection.component() == Some(Component::Workflow);
        let announced = self.replay.is_some() || !self.subscribed.is_empty();
        let missed = self.catch_up.and_then(|said| said.announced).unwrap_or(0);
        let came = self.deliveries.len() as u64;
        let nothing_more = || self.silence().is_some() || self.connection.stream_ended().is_some();
        of_workflow && !announced && came > 0 && (came > missed || came == missed && nothing_more())
    }

    /// Whether the position is further than any event that anybody had seen.
    pub(crate) fn is_beyond(&self) -> bool {
        let highest = self.trace.highest_before(self.run, self.ret.request.number);
        self.next > highest.map_or(0, |index| index.saturating_add(1))
    }

    /// Whether all that came may be an unannounced replay.
    fn may_have_ended(&self) -> bool {
        let unannounced = self.replay.is_none()
            && self.catch_up.is_none()
            && self.subscribed.is_empty()
            && self.held_at().is_none();
        // An event that had come before is replayed, however late a busy server begins to.
        let replayed = |answer: &&Entry| {
            let event = answer.message().and_then(|message| message.event());
            let index = event.and_then(|event| event.index.at());
            index.is_some_and(|index| index < self.next)
        };
        let (from, within) = match self.answer().filter(replayed) {
            Some(first) => (first.at(), REPLAYED),
            None => (self.ret.request.at(), SETTLED),
        };
        let at_once = |at: Duration| at.saturating_sub(from) < within;
        unannounced && self.ending().is_some_and(|(it, _)| at_once(it.entry.at()))
    }

    /// Whether a stream over HTTP ended without a word as somebody was sent the run's ending: it says nothing of how
    /// the run stood when it was asked for.
    fn has_ended_meanwhile(&self) -> bool {
        let silent = self.connection.is_over_http() && self.answer().is_none();
        let over = self.connection.stream_ended().filter(|_| silent);
        let ending = self.trace.run(self.run).and_then(|run| run.ending);
        // It may have been on its way.
        over.zip(ending)
            .is_some_and(|(over, (ending, _))| ending.at().saturating_sub(over.at()) < SETTLED)
    }

    /// Whether the connection broke before anybody had seen the run's ending.
    fn is_cut_short(&self) -> bool {
        let broke = self.connection.lost().is_some() && self.connection.closed().is_none();
        broke
            && self
                .trace
                .run(self.run)
                .is_none_or(|run| run.ending.is_none())
    }

    /// Whether the target said that the run stood at a breakpoint, with its ending behind it. Where its indices are
    /// wrong, the breakpoint may be beyond the last of them, and the run go on all the same.
    pub(crate) fn held_at_its_ending(&self) -> bool {
        let last = self.trace.run(self.run).and_then(|run| run.last_index());
        let goes_on = || !self.around_subscribed().1.is_empty();
        self.held_at()
            .zip(last)
            .is_some_and(|(held, last)| held == last || held > last && !goes_on())
    }

    /// Why the server could not answer from a memory of the whole run, where it could not.
    pub(crate) fn out_of_memory(&self) -> Option<String> {
        let (viewer, request) = (self.viewer(), self.ret.request.number);
        if self.trace.restarted_before(self.run, request) {
            Some(format!("the server was restarted before {viewer} returned"))
        } else if self.trace.dropped_before(self.run, request) {
            Some(format!(
                "the server had dropped the run from its memory before {viewer} returned"
            ))
        } else if self.first_kept().is_some() {
            Some(format!(
                "the server keeps fewer events than {viewer} asked for"
            ))
        } else {
            None
        }
    }

    /// The index of the first event that the server still had to keep when it answered, where that is
    /// beyond the first that was asked for.
    ///
    /// Counted from what anyone had been sent by then, so the server may have dropped more.
    pub(crate) fn first_kept(&self) -> Option<u64> {
        let keeps = self.trace.retention()?;
        let first = self.happened().saturating_sub(keeps);
        (first > self.asked_from()).then_some(first)
    }

    /// The first index that was asked for: a finished run is replayed from 0.
    pub(crate) fn asked_from(&self) -> u64 {
        let request = self.ret.request.number;
        let over = self.replay.is_some() || self.trace.ending_before(self.run, request).is_some();
        if over { 0 } else { self.next }
    }

    /// How many events the run had certainly had when the return was answered: those that came to anybody
    /// before, and to this viewer as missed, or were announced before the connection ended. What
    /// others got before this viewer read the answer may have happened after it.
    pub(crate) fn happened(&self) -> u64 {
        let (before, _) = self.around_subscribed();
        let missed = before.iter().filter_map(Delivery::index).max();
        let answered = self.ret.request.number;
        let highest = self.trace.highest_before(self.run, answered);
        // A server that uses an index twice still had both events.
        let watched = self.trace.start_of(self.run).map_or(0, |start| {
            let before = |delivery: &Delivery<'_>| delivery.entry.number < answered;
            start.deliveries.partition_point(before) as u64
        });
        highest
            .max(missed)
            .map_or(0, |last| last.saturating_add(1))
            .max(watched)
            .max(self.announced_until().unwrap_or(0))
    }

    /// How many events the run had had by what was announced, where the connection ended before all of that
    /// came.
    fn announced_until(&self) -> Option<u64> {
        let is_over = self.connection.left().or(self.connection.lost()).is_some();
        let said = self.replay.or(self.catch_up).filter(|_| is_over)?;
        let (before, _) = self.around_subscribed();
        let (first, announced) = (before.first()?.index()?, said.announced?);
        let is_cut = (before.len() as u64) < announced;
        is_cut.then(|| first.saturating_add(announced))
    }

    /// Whether the return names another session or workflow than the run's, or is by another user, or by
    /// one whose token is not for it.
    pub(crate) fn belongs_to_another(&self) -> bool {
        let starter = self.trace.starter_of(self.run);
        let is_permitted = !self.trace.is_not_permitted(self.run, self.viewer());
        !is_permitted
            || starter.is_some_and(|starter| self.names_another() || self.is_anothers(starter))
    }

    /// Whether it was to another replica of the server than the one where the run was started.
    pub(crate) fn at_another_replica(&self) -> bool {
        let elsewhere = self.connection.at_another_replica();
        match self.trace.start_of(self.run) {
            Some(start) => {
                self.trace.connection(start.connection).at_another_replica() != elsewhere
            }
            // The HTTP address is that of the usual one.
            None => elsewhere && self.trace.http_start_of(self.run).is_some(),
        }
    }

    /// Whether the viewer comes as another user than this one.
    pub(crate) fn is_anothers(&self, starter: &str) -> bool {
        let users = self
            .trace
            .user_of(starter)
            .zip(self.trace.user_of(self.viewer()));
        users.is_some_and(|(one, other)| one != other)
    }

    /// Whether the return names neither a session nor a workflow. A server may need them (HISTORY-3).
    pub(crate) fn names_only_the_run(&self) -> bool {
        // Over HTTP the path names what is run.
        let no_workflow = self.ret.workflow_id().is_none() || self.connection.is_over_http();
        self.ret.session_id().is_none() && no_workflow
    }

    /// Whether the return names another session or workflow than the run's.
    pub(crate) fn names_another(&self) -> bool {
        let differs = |asked: Option<&str>, started: Option<&str>| {
            asked.is_some() && started.is_some() && asked != started
        };
        differs(self.ret.workflow_id(), self.trace.workflow_of(self.run))
            || differs(self.ret.session_id(), self.trace.session_of(self.run))
    }
}
