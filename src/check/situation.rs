//! How the run stood when a viewer returned to it: what may be asked of the answer.

use std::time::Duration;

use super::reading::{Reading, barred};
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Action, Control, Ending, Outcome, Position};
use crate::transcript::Earlier;

/// How long after its ending was seen a run certainly counts as finished. Before, a return may still
/// be taken for one to a run under way, as long as the ending comes: a matter of SEAM-2. Real releases
/// (agno 3.1.10) do so for some milliseconds.
const SETTLED: Duration = Duration::from_millis(250);

/// How a run stood when a viewer returned to it.
pub(super) enum Situation {
    /// No run was named, or one that nobody has: a matter of refusals.
    NoRun,
    /// It had not finished.
    UnderWay,
    /// It had finished; how, where an ending was seen before.
    Finished(Option<Ending>),
    /// The return says nothing about returning to a run; why.
    Elsewhere(String),
}

impl Reading<'_, '_> {
    /// How the run stood.
    pub(super) fn situation(&self) -> Situation {
        let elsewhere = |reason: String| Situation::Elsewhere(reason);
        let viewer = self.viewer();
        let Some(run) = self.ret.run.filter(|run| !run.starts_with(NO_SUCH)) else {
            return Situation::NoRun;
        };
        if matches!(self.ret.position, Position::Odd(_)) {
            return elsewhere(format!("{viewer} returned with a position that is none"));
        }
        if self.visit.barred().is_some() {
            return elsewhere(barred(viewer));
        }
        let request = self.ret.request.number;
        let highest = self.story.highest_before(run, request);
        let start = self.story.start_of(run);
        if highest.is_none() && start.is_none_or(|start| start.request.number > request) {
            return elsewhere(format!(
                "the run that {viewer} returned to is not in the record"
            ));
        }
        if self.belongs_to_another() {
            return elsewhere(format!(
                "{viewer} asked for a run that belongs to somebody else"
            ));
        }
        let refused = matches!(self.answer_control(), Some(Control::Error { .. }));
        let beyond = self.next > highest.map_or(0, |index| index.saturating_add(1));
        let ending = self.story.ending_before(run, request);
        let said = self
            .replay
            .filter(|said| self.answer().is_some_and(|a| a.number == said.entry.number));
        let status = said.and_then(|said| Outcome::of(said.status?));
        match (ending, self.ret.earlier) {
            (Some(_), Earlier::Watching) | (None, Earlier::Watching | Earlier::Ended) => elsewhere(
                format!("{viewer} was already watching the run on that connection"),
            ),
            (_, _) if beyond && (refused || ending.is_none()) => elsewhere(format!(
                "{viewer} returned with a position that nobody had seen"
            )),
            (Some((ended, ending)), _) => match (ending, &said) {
                // Its end of the stream may still have been to come.
                (Ending::Cancelled, None) => {
                    elsewhere("the run had just been cancelled".to_owned())
                }
                (_, None) if self.ret.request.at.saturating_sub(ended.at) < SETTLED => elsewhere(
                    format!("{viewer} returned at the very moment of the ending"),
                ),
                _ => Situation::Finished(Some(ending)),
            },
            // The target said that it stood still behind its last event.
            (None, _) if self.held_at_its_ending() => Situation::Finished(None),
            (None, _) if self.may_have_ended() => elsewhere(format!(
                "{viewer} got the ending at once and without a word: the run may have been over"
            )),
            (None, _) if said.is_none() => Situation::UnderWay,
            (None, _) if self.held().is_some() || status == Some(Outcome::Running) => {
                Situation::UnderWay
            }
            (None, _) if status.is_some_and(Outcome::is_final) => Situation::Finished(None),
            (None, _) => elsewhere("the run was paused, or its status is not known".to_owned()),
        }
    }

    /// Whether all that came may be a replay that was not announced as one.
    fn may_have_ended(&self) -> bool {
        let unannounced = self.replay.is_none()
            && self.catch_up.is_none()
            && self.subscribed.is_empty()
            && self.held().is_none();
        let at_once = |at: Duration| at.saturating_sub(self.ret.request.at) < SETTLED;
        unannounced && self.ending().is_some_and(|(it, _)| at_once(it.entry.at))
    }

    /// Whether the target said that the run stood still, with its ending behind it.
    fn held_at_its_ending(&self) -> bool {
        let ending = self
            .story
            .run(self.run)
            .and_then(|run| run.ending?.0.message()?.event()?.index.at());
        matches!((self.held(), ending), (Some(held), Some(ending)) if held >= ending)
    }

    /// Whether the return names another session or workflow than the run's, or is by another user.
    fn belongs_to_another(&self) -> bool {
        let Some(start) = self.story.start_of(self.run) else {
            return false;
        };
        let Some(Action::Reconnect {
            workflow_id,
            session_id,
            ..
        }) = self.ret.request.action()
        else {
            return false;
        };
        let differs = |asked: &Option<String>, started: Option<&str>| {
            asked.is_some() && started.is_some() && asked.as_deref() != started
        };
        let authenticated = self
            .visit
            .entries
            .iter()
            .take_while(|entry| entry.number < self.ret.request.number)
            .take(8)
            .any(|entry| matches!(entry.action(), Some(Action::Authenticate { .. })));
        let starter = self.story.visit(start.visit).viewer;
        differs(workflow_id, start.workflow_id)
            || differs(session_id, start.session_id)
            || (authenticated
                && starter != self.viewer()
                && matches!(self.answer_control(), Some(Control::Error { .. })))
    }
}
