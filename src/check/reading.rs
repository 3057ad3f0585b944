//! A return told in the words of the protocol, and in which situation it was.

use super::words;
use crate::protocol::action::NO_SUCH;
use crate::protocol::{Control, Ending, Outcome, Position};
use crate::transcript::{Delivery, Earlier, Entry, Number, Return, Story, Visit};

/// One return, with its answers sorted out.
pub(super) struct Reading<'s, 't> {
    pub(super) story: &'s Story<'t>,
    pub(super) ret: &'s Return<'t>,
    pub(super) visit: &'s Visit<'t>,
    /// The run that was asked for; empty where none was named.
    pub(super) run: &'t str,
    /// The first index that the viewer has not seen; 0 where the position is odd.
    pub(super) next: u64,
    /// The first `catch_up`, with `missed_events`, `current_event_count` and `status`.
    pub(super) catch_up: Option<Announcement<'t>>,
    /// Every `subscribed`.
    pub(super) subscribed: Vec<Announcement<'t>>,
    /// The first `replay`; its number is `total_events`.
    pub(super) replay: Option<Announcement<'t>>,
    /// Every delivery of the run that followed.
    pub(super) deliveries: Vec<Delivery<'t>>,
}

/// `catch_up`, `subscribed` or `replay`, with what it says.
#[derive(Clone, Copy)]
pub(super) struct Announcement<'t> {
    pub(super) entry: &'t Entry,
    pub(super) status: Option<&'t str>,
    /// `missed_events` or `total_events`.
    pub(super) announced: Option<u64>,
    /// `current_event_count`.
    pub(super) count: Option<u64>,
}

/// How a run stood when a viewer returned to it.
pub(super) enum Situation {
    /// It had not finished.
    UnderWay,
    /// It had finished; how, where an ending was seen before.
    Finished(Option<Ending>),
    /// The return says nothing about returning to a run; why.
    Elsewhere(String),
}

impl<'s, 't> Reading<'s, 't> {
    fn of(story: &'s Story<'t>, ret: &'s Return<'t>) -> Self {
        let mut reading = Self {
            story,
            ret,
            visit: story.visit(ret.visit),
            run: ret.run.unwrap_or_default(),
            next: ret.position.next().unwrap_or(0),
            catch_up: None,
            subscribed: Vec::new(),
            replay: None,
            deliveries: ret.deliveries().collect(),
        };
        for (entry, control) in ret.controls() {
            let announcement = |status: &'t Option<Box<str>>, announced, count| Announcement {
                entry,
                status: status.as_deref(),
                announced,
                count,
            };
            match control {
                Control::CatchUp {
                    status,
                    missed_events,
                    current_event_count,
                    ..
                } => {
                    let said = announcement(status, *missed_events, *current_event_count);
                    reading.catch_up.get_or_insert(said);
                }
                Control::Subscribed {
                    status,
                    current_event_count,
                    ..
                } => {
                    let said = announcement(status, None, *current_event_count);
                    reading.subscribed.push(said);
                }
                Control::Replay {
                    status,
                    total_events,
                    ..
                } => {
                    let said = announcement(status, *total_events, None);
                    reading.replay.get_or_insert(said);
                }
                _ => {}
            }
        }
        reading
    }

    /// Who returned.
    pub(super) fn viewer(&self) -> &'t str {
        self.visit.viewer
    }

    /// The first message about the run.
    pub(super) fn answer(&self) -> Option<&'t Entry> {
        self.ret.answer()
    }

    /// The first message about the run, if it is a control message.
    pub(super) fn answer_control(&self) -> Option<&'t Control> {
        self.answer()?.message()?.control()
    }

    /// The deliveries after the entry of this number.
    pub(super) fn after(&self, number: Number) -> &[Delivery<'t>] {
        let from = self
            .deliveries
            .partition_point(|delivery| delivery.entry.number <= number);
        &self.deliveries[from..]
    }

    /// The deliveries before the first `subscribed`, and those after it.
    pub(super) fn around_subscribed(&self) -> (&[Delivery<'t>], &[Delivery<'t>]) {
        let at = self
            .subscribed
            .first()
            .map_or(Number::MAX, |said| said.entry.number);
        let place = self
            .deliveries
            .partition_point(|delivery| delivery.entry.number < at);
        self.deliveries.split_at(place)
    }

    /// The deliveries between `catch_up` and the first `subscribed` after it; all after `catch_up`
    /// where none came.
    pub(super) fn missed(&self) -> &[Delivery<'t>] {
        let Some(catch_up) = self.catch_up else {
            return &[];
        };
        let after = self.after(catch_up.entry.number);
        let until = self
            .subscribed
            .iter()
            .map(|said| said.entry.number)
            .find(|number| *number > catch_up.entry.number)
            .unwrap_or(Number::MAX);
        &after[..after.partition_point(|delivery| delivery.entry.number < until)]
    }

    /// The first final ending that came.
    pub(super) fn ending(&self) -> Option<(Delivery<'t>, Ending)> {
        self.deliveries.iter().find_map(|delivery| {
            let ending = delivery.event.ending().filter(|ending| ending.is_final())?;
            Some((*delivery, ending))
        })
    }

    /// The number of the last message about the run, or of the request.
    pub(super) fn last(&self) -> Number {
        self.ret
            .heard
            .last()
            .map_or(self.ret.request.number, |entry| entry.number)
    }

    /// The first wait in vain after everything that came.
    pub(super) fn gave_up(&self) -> Option<&'t Entry> {
        self.visit
            .gave_up_after(self.last())
            .filter(|entry| self.ret.until.is_none_or(|until| entry.number < until))
    }

    /// The first wait in vain or watch for silence after everything that came.
    pub(super) fn silence(&self) -> Option<&'t Entry> {
        self.visit
            .silence_after(self.last())
            .filter(|entry| self.ret.until.is_none_or(|until| entry.number < until))
    }

    /// After which index the run stood still from the request to the first answer, where the target
    /// said so.
    pub(super) fn held(&self) -> Option<u64> {
        let from = self.ret.request.number;
        let to = self.answer().or(self.gave_up()).map_or(from, |e| e.number);
        self.story.held_through(self.run, from, to)
    }

    /// How the run stood.
    fn situation(&self) -> Situation {
        let elsewhere = |reason: String| Situation::Elsewhere(reason);
        let viewer = self.viewer();
        let Some(run) = self.ret.run.filter(|run| !run.starts_with(NO_SUCH)) else {
            return elsewhere("no viewer returned to a run that exists".to_owned());
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
            (Some((_, ending)), _) => match (ending, &said) {
                // Its end of the stream may still have been to come.
                (Ending::Cancelled, None) => {
                    elsewhere("the run had just been cancelled".to_owned())
                }
                _ => Situation::Finished(Some(ending)),
            },
            (None, _) if said.is_none() => Situation::UnderWay,
            (None, _) if self.stood_still() || status == Some(Outcome::Running) => {
                Situation::UnderWay
            }
            (None, _) if status.is_some_and(Outcome::is_final) => Situation::Finished(None),
            (None, _) => elsewhere("the run was paused, or its status is not known".to_owned()),
        }
    }

    /// Whether the target said that the run stood still, short of its ending.
    fn stood_still(&self) -> bool {
        let Some(held) = self.held() else {
            return false;
        };
        let ending = self
            .story
            .run(self.run)
            .and_then(|run| run.ending?.0.message()?.event()?.index.at());
        ending.is_none_or(|ending| held < ending)
    }

    /// Whether the return names another session or workflow than the run's, or is by another user.
    fn belongs_to_another(&self) -> bool {
        use crate::protocol::Action;
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

/// Every return with its situation, in order.
pub(super) fn readings<'s, 't>(
    story: &'s Story<'t>,
) -> impl Iterator<Item = (Reading<'s, 't>, Situation)> {
    story.returns.iter().map(|ret| {
        let reading = Reading::of(story, ret);
        let situation = reading.situation();
        (reading, situation)
    })
}

/// Why nothing can be told of a viewer who was not let in.
pub(super) fn barred(viewer: &str) -> String {
    format!(
        "{viewer} was asked to authenticate: name the variable that holds a token with --token-env"
    )
}

/// Why a return says nothing about a run under way.
pub(super) fn finished(viewer: &str) -> String {
    format!("the run had finished when {viewer} returned: choose a longer workflow or lower --away")
}

/// What is said of a return that nothing answered.
pub(super) fn unanswered(reading: &Reading<'_, '_>) -> String {
    format!("the record ends before {} was answered", reading.viewer())
}

/// What came in answer, and which entries show it, where a wait in vain or a message is a finding.
pub(super) fn answer_or_silence(reading: &Reading<'_, '_>) -> Option<(String, [Number; 2])> {
    let entry = reading.answer().or(reading.gave_up())?;
    Some((
        words::entry(entry),
        [reading.ret.request.number, entry.number],
    ))
}
