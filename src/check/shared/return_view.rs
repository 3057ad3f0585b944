//! A return with its answers sorted by kind.

use crate::check::describe;
use crate::check::shared::broken_off::{BrokenOff, broken_off};
use crate::check::shared::ending;
use crate::check::shared::ending::Missing;
use crate::protocol::{Control, Ending, Position};
use crate::trace::{Connection, Delivery, Earlier, Origin, Subscription, Trace};
use crate::transcript::{Entry, Number};

/// One return, with its answers sorted by kind.
pub(crate) struct ReturnView<'s, 't> {
    pub(crate) trace: &'s Trace<'t>,
    pub(crate) ret: &'s Subscription<'t>,
    pub(crate) connection: &'s Connection<'t>,
    /// The position that was named.
    pub(crate) position: &'t Position,
    /// What the connection had to do with the run before.
    pub(crate) earlier: Earlier,
    /// The run that was asked for; empty where none was named.
    pub(crate) run: &'t str,
    /// The first index that the viewer has not seen; 0 where the position is odd.
    pub(crate) next: u64,
    /// The first `catch_up`, with `missed_events`, `current_event_count` and `status`.
    pub(crate) catch_up: Option<Announcement<'t>>,
    /// Every `subscribed`.
    pub(crate) subscribed: Vec<Announcement<'t>>,
    /// The first `replay`; its number is `total_events`.
    pub(crate) replay: Option<Announcement<'t>>,
    /// Every delivery of the run that followed.
    pub(crate) deliveries: &'s [Delivery<'t>],
}

/// `catch_up`, `subscribed` or `replay`, with what it says.
#[derive(Clone, Copy)]
pub(crate) struct Announcement<'t> {
    pub(crate) entry: &'t Entry,
    pub(crate) status: Option<&'t str>,
    /// `missed_events` or `total_events`.
    pub(crate) announced: Option<u64>,
    /// `current_event_count`.
    pub(crate) count: Option<u64>,
}

impl<'s, 't> ReturnView<'s, 't> {
    /// `None` where the subscription comes from another request than a return.
    fn of(trace: &'s Trace<'t>, ret: &'s Subscription<'t>) -> Option<Self> {
        let Origin::Returned { position, earlier } = ret.origin else {
            return None;
        };
        let mut view = Self {
            trace,
            ret,
            connection: trace.connection(ret.connection),
            position,
            earlier,
            run: ret.run.unwrap_or_default(),
            next: position.next().unwrap_or(0),
            catch_up: None,
            subscribed: Vec::new(),
            replay: None,
            deliveries: &ret.deliveries,
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
                    view.catch_up.get_or_insert(said);
                }
                Control::Subscribed {
                    status,
                    current_event_count,
                    ..
                } => {
                    let said = announcement(status, None, *current_event_count);
                    view.subscribed.push(said);
                }
                Control::Replay {
                    status,
                    total_events,
                    ..
                } => {
                    let said = announcement(status, *total_events, None);
                    view.replay.get_or_insert(said);
                }
                _ => {}
            }
        }
        Some(view)
    }

    /// Who returned.
    pub(crate) fn viewer(&self) -> &'t str {
        self.connection.viewer
    }

    /// The first message about the run.
    pub(crate) fn answer(&self) -> Option<&'t Entry> {
        self.ret.answer()
    }

    /// The first message about the run, if it is a control message.
    pub(crate) fn answer_control(&self) -> Option<&'t Control> {
        self.answer()?.message()?.control()
    }

    /// The deliveries after the entry of this number.
    pub(crate) fn after(&self, number: Number) -> &[Delivery<'t>] {
        let from = self
            .deliveries
            .partition_point(|delivery| delivery.entry.number <= number);
        &self.deliveries[from..]
    }

    /// The deliveries before the first `subscribed`, and those after it.
    pub(crate) fn around_subscribed(&self) -> (&[Delivery<'t>], &[Delivery<'t>]) {
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
    pub(crate) fn missed(&self) -> &[Delivery<'t>] {
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

    /// The index at which a replay for this viewer begins: over HTTP the one after the position.
    pub(crate) fn replayed_from(&self) -> u64 {
        match self.connection.is_over_http() {
            true => self.next,
            false => 0,
        }
    }

    /// Whether the run was started over HTTP: whether it can be watched live is a matter of HTTP-1.
    pub(crate) fn is_over_http(&self) -> bool {
        self.trace.http_start_of(self.run).is_some()
    }

    /// The first final ending that came.
    pub(crate) fn ending(&self) -> Option<(Delivery<'t>, Ending)> {
        self.deliveries
            .iter()
            .find_map(|delivery| Some((*delivery, delivery.event().final_ending()?)))
    }

    /// The number of the last message about the run, or of the request.
    pub(crate) fn last(&self) -> Number {
        let last = self.ret.last().unwrap_or(self.ret.request);
        last.number
    }

    /// The ending that the viewer waited for and did not get, before another viewer may have displaced
    /// them, which is a requirement of its own (VIEWERS-1).
    pub(crate) fn missing(&self) -> Option<Missing<'t>> {
        let until = self.undisplaced_until();
        ending::missing(self.trace, self.connection, self.run, self.last(), until)
    }

    /// Up to where what follows is this viewer's alone, where that has an end.
    pub(crate) fn undisplaced_until(&self) -> Option<Number> {
        let displaced = self.ret.displaced.map(|it| it.from);
        displaced.into_iter().chain(self.ret.until).min()
    }

    /// Why the ending that did not come proves nothing.
    pub(crate) fn unseen(&self) -> String {
        match self.ret.displaced {
            Some(displacement) => format!(
                "{} returned to the run as well, and may have displaced {} (VIEWERS-1)",
                self.trace.connection(displacement.by).viewer,
                self.viewer()
            ),
            None if self.is_over_http() && self.missing().is_some() => {
                nothing_live_over_http(self.viewer())
            }
            None => ending::unseen(self.connection, self.last()),
        }
    }

    /// The first wait that timed out after everything that came.
    pub(crate) fn timed_out(&self) -> Option<&'t Entry> {
        self.connection
            .timeout_after(self.last())
            .filter(|entry| self.ret.until.is_none_or(|until| entry.number < until))
    }

    /// The first timeout or watch for silence after everything that came.
    pub(crate) fn silence(&self) -> Option<&'t Entry> {
        self.connection
            .silence_after(self.last())
            .filter(|entry| self.ret.until.is_none_or(|until| entry.number < until))
    }

    /// After which index the run stood at a breakpoint from the request to the first answer, where the
    /// target said so.
    pub(crate) fn held_at(&self) -> Option<u64> {
        let from = self.ret.request.number;
        let to = self
            .answer()
            .or(self.timed_out())
            .map_or(from, |e| e.number);
        self.trace.held_through(self.run, from, to)
    }

    /// The server's close frame, where it came after the request.
    pub(crate) fn closed(&self) -> Option<&'t Entry> {
        let request = self.ret.request.number;
        self.connection.closed().filter(|it| it.number > request)
    }

    /// How the server ended the connection after all that came, where that is a finding.
    pub(crate) fn broken_off(&self) -> Option<BrokenOff<'t>> {
        broken_off(self.trace, self.connection, self.last(), self.ret.until)
    }

    /// What came in answer, the timeout, or the close frame.
    pub(crate) fn outcome(&self) -> Option<&'t Entry> {
        self.answer().or(self.timed_out()).or(self.closed())
    }

    /// The replay, where it was the first answer.
    pub(crate) fn replay_first(&self) -> Option<Announcement<'t>> {
        self.replay
            .filter(|_| matches!(self.answer_control(), Some(Control::Replay { .. })))
    }
}

/// Every return, in order.
pub(crate) fn views<'s, 't>(trace: &'s Trace<'t>) -> impl Iterator<Item = ReturnView<'s, 't>> {
    trace.returns().filter_map(|ret| ReturnView::of(trace, ret))
}

/// Why a viewer who was not let in shows nothing.
pub(crate) fn barred(viewer: &str) -> String {
    format!(
        "{viewer} was asked to authenticate: name the variable that contains a token with --token-env"
    )
}

/// Why a return says nothing about a run under way.
pub(crate) fn finished(viewer: &str) -> String {
    format!("the run had finished when {viewer} returned: choose a longer workflow or lower --away")
}

/// Why a viewer of a run that was started over HTTP shows nothing about its live events.
pub(crate) fn nothing_live_over_http(viewer: &str) -> String {
    format!("{viewer} got no live events of a run that was started over HTTP (HTTP-1)")
}

/// The reason for a viewer who did not stay until `subscribed`.
pub(crate) fn left_unsubscribed(view: &ReturnView<'_, '_>) -> String {
    describe::gone(view.connection, "`subscribed` came")
}

/// The reason for a return that nothing answered.
pub(crate) fn unanswered(view: &ReturnView<'_, '_>) -> String {
    describe::unanswered(view.connection, view.ret.request.number)
}

/// Whether the entry is an `error` from the server.
pub(crate) fn is_error(entry: &Entry) -> bool {
    let control = entry.message().and_then(|message| message.control());
    matches!(control, Some(Control::Error { .. }))
}

/// What came in answer, or the timeout, or how the server ended the connection; and which entries show it.
pub(crate) fn answer_or_silence(view: &ReturnView<'_, '_>) -> Option<(String, Vec<Number>)> {
    let request = view.ret.request.number;
    if let Some(entry) = view.answer().or(view.timed_out()) {
        return Some((describe::entry(entry), vec![request, entry.number]));
    }
    let broken_off = view.broken_off()?;
    let evidence = [request].into_iter().chain(broken_off.evidence());
    Some((broken_off.observed(), evidence.collect()))
}
