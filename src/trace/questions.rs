//! The structured transcript, and the questions that the checks ask of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{Ending, Side};
use crate::trace::connection::Connection;
use crate::trace::cut::Tries;
use crate::trace::delivery::Delivery;
use crate::trace::http::HttpStart;
use crate::trace::run::Run;
use crate::trace::subscription::{Origin, Subscription};
use crate::trace::yardstick::{self, Yardstick};
use crate::transcript::entry::{Entry, Number, Part};
use crate::transcript::{Transcript, work};

/// The transcript of one scenario, structured.
#[derive(Debug)]
pub struct Trace<'t> {
    /// The transcript itself.
    pub transcript: &'t Transcript,
    /// Every connection that was tried, in the order in which it was.
    pub connections: Vec<Connection<'t>>,
    /// Every subscription, in the order of the requests.
    pub subscriptions: Vec<Subscription<'t>>,
    /// Every delivery of an event to a viewer, in order.
    pub deliveries: Vec<Delivery<'t>>,
    /// The connections with several requests that got events of none of the runs that anybody asked for, as
    /// places: nobody can assign them.
    pub unassigned: HashSet<usize>,
    /// By workflow: its part.
    pub(super) parts: HashMap<&'t str, Part>,
    /// By viewer.
    pub(super) users: HashMap<&'t str, &'t str>,
    /// Each viewer with each workflow that the viewer's token is not for.
    pub(super) not_permitted: HashSet<(&'t str, &'t str)>,
    /// When the other replica was killed.
    pub(super) replica_killed: Option<Number>,
    pub(super) runs: HashMap<&'t str, Run<'t>>,
    /// By run: the returns to it, as places in [`Trace::subscriptions`].
    pub(super) returns: HashMap<&'t str, Vec<usize>>,
    /// Likewise the continuations.
    pub(super) continuations: HashMap<&'t str, Vec<usize>>,
    /// By session: from which entry on its run stood at a breakpoint after which index, or ran on.
    pub(super) breakpoints: HashMap<&'t str, Vec<(Number, Option<u64>)>>,
    /// Whether the transcript says for each viewer over which wire they speak.
    pub(super) wire_of_each: bool,
    pub(super) retention: Option<u64>,
    pub(super) quiet: Option<Duration>,
    pub(super) longest_silence: Option<Duration>,
    /// By run: the requests over HTTP that let it go on, and were done, without a stream.
    pub(super) http_continues: HashMap<String, Vec<Number>>,
    /// By run: from which entry on it was dropped from the target's memory.
    pub(super) dropped: HashMap<&'t str, Number>,
    /// When the target was restarted, in order.
    pub(super) restarts: Vec<Number>,
    /// By run: its start over HTTP.
    pub(super) http_starts: HashMap<Arc<str>, HttpStart<'t>>,
    /// By workflow and message: the last run that was watched to its ending.
    pub(super) yardsticks: HashMap<String, Yardstick<'t>>,
    /// The requests that were cut off time after time, and by the entry that ends a try the place of its tries.
    pub(super) cut_off: (Vec<Tries<'t>>, HashMap<Number, usize>),
}

impl<'t> Trace<'t> {
    /// Every `start-workflow`, in order.
    pub fn starts(&self) -> impl Iterator<Item = &Subscription<'t>> {
        let is_start = |it: &&Subscription<'t>| matches!(it.origin, Origin::Started);
        work::counted(self.subscriptions.iter()).filter(is_start)
    }

    /// Every `reconnect`, in order.
    pub fn returns(&self) -> impl Iterator<Item = &Subscription<'t>> {
        let is_return = |it: &&Subscription<'t>| matches!(it.origin, Origin::Returned { .. });
        work::counted(self.subscriptions.iter()).filter(is_return)
    }

    /// Every `continue-workflow`, in order.
    pub fn continuations(&self) -> impl Iterator<Item = &Subscription<'t>> {
        let is_continuation = |it: &&Subscription<'t>| matches!(it.origin, Origin::Continued);
        work::counted(self.subscriptions.iter()).filter(is_continuation)
    }

    /// The subscription that this request asked for.
    #[must_use]
    pub fn subscription(&self, request: Number) -> Option<&Subscription<'t>> {
        let by_number = |it: &Subscription<'_>| it.request.number;
        let place = self.subscriptions.binary_search_by_key(&request, by_number);
        Some(&self.subscriptions[place.ok()?])
    }

    /// The deliveries, in order: as many together as came on one connection, of one run and in one
    /// phase. None of these groups is empty.
    pub fn stretches(&self) -> impl Iterator<Item = &[Delivery<'t>]> {
        let stretches = self.deliveries.chunk_by(|one, other| {
            one.on == other.on && one.phase == other.phase && one.is_of_the_run_of(other)
        });
        work::counted(stretches)
    }

    /// Whether any viewer spoke over HTTP alone.
    #[must_use]
    pub fn is_over_http(&self) -> bool {
        self.connections.iter().any(Connection::is_over_http)
    }

    /// Whom the transcript judges: the client that the suite started, or the server that its viewers asked.
    #[must_use]
    pub fn side(&self) -> Side {
        let first = self.transcript.entries().iter().next();
        match first.is_some_and(|it| it.of_client().is_some()) {
            true => Side::Client,
            false => Side::Server,
        }
    }

    /// Whether what binds over the WebSocket alone is judged: on its connections, where each viewer has a wire of
    /// their own; elsewhere where nobody speaks over HTTP.
    #[must_use]
    pub fn is_judged_over_websocket(&self) -> bool {
        let mut opened = self.connections.iter().filter(|it| it.opened());
        match self.wire_of_each {
            true => opened.any(|it| !it.is_over_http()),
            false => !self.is_over_http(),
        }
    }

    /// Likewise what binds over HTTP alone; elsewhere where the first viewer who connected did not do so over the
    /// WebSocket: others may follow that viewer's run over HTTP.
    #[must_use]
    pub fn is_judged_over_http(&self) -> bool {
        let first = self.connections.iter().find(|it| it.opened());
        match self.wire_of_each {
            true => self.is_over_http(),
            false => first.is_none_or(Connection::is_over_http),
        }
    }

    /// Every connection over the WebSocket that was tried, in order.
    pub fn websockets(&self) -> impl Iterator<Item = &Connection<'t>> {
        self.connections.iter().filter(|it| !it.is_over_http())
    }

    /// The connection at this place, as subscriptions and deliveries name it.
    #[must_use]
    pub fn connection(&self, place: usize) -> &Connection<'t> {
        work::count();
        &self.connections[place]
    }

    /// What the transcript says about this run, where it was started or delivered.
    #[must_use]
    pub fn run(&self, run: &str) -> Option<&Run<'t>> {
        work::count();
        self.runs.get(run)
    }

    /// The deliveries of this run to anyone, in order.
    pub fn deliveries_of<'s>(
        &'s self,
        run: &str,
    ) -> impl DoubleEndedIterator<Item = &'s Delivery<'t>> {
        let places = self.run(run).map_or(&[][..], |run| &run.places);
        work::counted(places.iter()).map(|place| &self.deliveries[*place as usize])
    }

    /// The first final ending of this run that anyone saw before the entry of this number.
    #[must_use]
    pub fn ending_before(&self, run: &str, number: Number) -> Option<(&'t Entry, Ending)> {
        self.run(run)?
            .ending
            .filter(|(entry, _)| entry.number < number)
    }

    /// Whether the run was paused at the time of this entry, as far as anyone had seen: it had paused
    /// last, and nothing had come since somebody continued it.
    #[must_use]
    pub fn is_paused(&self, run: &str, number: Number) -> bool {
        let Some(paused) = self.pause_before(run, number) else {
            return false;
        };
        let index = paused.message().and_then(|it| it.event()?.index.at());
        let continued = self.continued_after(run, paused.number);
        let unwatched = self.http_continues.get(run).into_iter().flatten();
        let went_on = continued.is_some_and(|it| it.request.number < number)
            || { unwatched }.any(|at| (paused.number..number).contains(at))
            || self.highest_before(run, number) > index;
        !went_on && self.ending_before(run, number).is_none()
    }

    /// The latest pause of this run that anyone had seen before the entry of this number.
    #[must_use]
    pub fn pause_before(&self, run: &str, number: Number) -> Option<&'t Entry> {
        let pauses = &self.run(run)?.pauses;
        let before = pauses.partition_point(|(_, entry)| entry.number < number);
        Some(pauses[before.checked_sub(1)?].1)
    }

    /// The first continuation of this run, among those after this entry, that something came of.
    #[must_use]
    pub fn continued_after(&self, run: &str, number: Number) -> Option<&Subscription<'t>> {
        let continued = &self.run(run)?.continued;
        let first = continued.partition_point(|request| *request <= number);
        self.subscription(*continued.get(first)?)
    }

    /// The highest index of this run that anyone saw before the entry of this number.
    #[must_use]
    pub fn highest_before(&self, run: &str, number: Number) -> Option<u64> {
        let run = self.run(run)?;
        let before = run
            .places
            .partition_point(|place| self.deliveries[*place as usize].entry.number < number);
        run.highest[before.checked_sub(1)?].index()
    }

    /// The start of this run, where it is in the transcript.
    #[must_use]
    pub fn start_of(&self, run: &str) -> Option<&Subscription<'t>> {
        self.subscriptions.get(self.run(run)?.start?)
    }

    /// The start of this run over HTTP, where it is in the transcript.
    #[must_use]
    pub fn http_start_of(&self, run: &str) -> Option<&HttpStart<'t>> {
        self.http_starts.get(run)
    }

    /// Who started this run, over the WebSocket or over HTTP.
    #[must_use]
    pub fn starter_of(&self, run: &str) -> Option<&'t str> {
        let start = self.start_of(run);
        let over_http = || Some(&*self.http_start_of(run)?.request.viewer);
        start.map_or_else(over_http, |start| {
            Some(self.connection(start.connection).viewer)
        })
    }

    /// The workflow of this run, as the request that started it names it.
    #[must_use]
    pub fn workflow_of(&self, run: &str) -> Option<&str> {
        match self.start_of(run) {
            Some(start) => start.workflow_id(),
            None => Some(&self.http_start_of(run)?.workflow_id),
        }
    }

    /// The session of this run, as the request that started it names it, or the answer.
    #[must_use]
    pub fn session_of(&self, run: &str) -> Option<&str> {
        match self.start_of(run) {
            Some(start) => start.session_id(),
            None => self.http_start_of(run)?.session_id.as_deref(),
        }
    }

    /// Whether the request that started this run is in the transcript, before the entry of this number.
    #[must_use]
    pub fn started_before(&self, run: &str, number: Number) -> bool {
        let asked = self.start_of(run).map(|start| start.request.number);
        let over_http = || Some(self.http_start_of(run)?.answer.number);
        asked.or_else(over_http).is_some_and(|at| at <= number)
    }

    /// The returns to this run, in order.
    pub fn returns_to<'s>(&'s self, run: &str) -> impl Iterator<Item = &'s Subscription<'t>> {
        let places = self.returns.get(run).map_or(&[][..], Vec::as_slice);
        work::counted(places.iter()).map(|place| &self.subscriptions[*place])
    }

    /// The continuations of this run that were asked for after the entry of this number, in order.
    pub fn continuations_after<'s>(
        &'s self,
        run: &str,
        number: Number,
    ) -> impl Iterator<Item = &'s Subscription<'t>> {
        let places = self.continuations.get(run).map_or(&[][..], Vec::as_slice);
        let first =
            places.partition_point(|place| self.subscriptions[*place].request.number <= number);
        work::counted(places[first..].iter()).map(|place| &self.subscriptions[*place])
    }

    /// The tries of a request, each with the end of its connection, where the server cut it off without a close
    /// frame each time at the same point, and this entry is one of the ends.
    #[must_use]
    pub fn cut_off(&self, end: Number) -> Option<&[[&'t Entry; 2]]> {
        let (all, places) = &self.cut_off;
        all.get(*places.get(&end)?).map(Vec::as_slice)
    }

    /// Another run of the same workflow with the same message that was watched to its ending, the last one.
    #[must_use]
    pub fn yardstick_of(&self, run: &str) -> Option<Yardstick<'t>> {
        let start = self.start_of(run)?;
        let yardstick = self.yardsticks.get(&yardstick::asked(start)?).copied();
        yardstick.filter(|it| it.request.number != start.request.number)
    }

    /// The user as whom this viewer comes, where the target declares it.
    #[must_use]
    pub fn user_of(&self, viewer: &str) -> Option<&'t str> {
        self.users.get(viewer).copied()
    }

    /// Whether this viewer comes as another user than the one who started the run.
    #[must_use]
    pub fn is_of_another_user(&self, run: &str, viewer: &str) -> bool {
        let start = self.start_of(run);
        let starter = start.and_then(|it| self.user_of(self.connection(it.connection).viewer));
        let users = starter.zip(self.user_of(viewer));
        users.is_some_and(|(one, other)| one != other)
    }

    /// Whether this viewer's token is not for the run's workflow, as the target declares it.
    #[must_use]
    pub fn is_not_permitted(&self, run: &str, viewer: &str) -> bool {
        let workflow = self.start_of(run).and_then(Subscription::workflow_id);
        workflow.is_some_and(|it| self.not_permitted.contains(&(viewer, it)))
    }

    /// When the other replica was killed, where it was.
    #[must_use]
    pub fn replica_killed(&self) -> Option<Number> {
        self.replica_killed
    }

    /// The part that the run's workflow plays, where it is known.
    #[must_use]
    pub fn part_of(&self, run: &str) -> Option<Part> {
        self.parts.get(self.workflow_of(run)?).copied()
    }

    /// How many events of a run the target keeps at most, the newest, where it says so.
    #[must_use]
    pub fn retention(&self) -> Option<u64> {
        self.retention
    }

    /// For how long at least the part `quiet` says nothing between two events, where the target says so.
    #[must_use]
    pub fn quiet(&self) -> Option<Duration> {
        self.quiet
    }

    /// After how long at the latest a stream over HTTP says something, where the target says so.
    #[must_use]
    pub fn longest_silence(&self) -> Option<Duration> {
        self.longest_silence
    }

    /// Whether the target had dropped this run from its memory before the entry of this number.
    #[must_use]
    pub fn dropped_before(&self, run: &str, number: Number) -> bool {
        self.dropped.get(run).is_some_and(|from| *from < number)
    }

    /// Whether the target was restarted between the start of this run and the entry of this number.
    #[must_use]
    pub fn restarted_before(&self, run: &str, number: Number) -> bool {
        let start = self.start_of(run).map(|start| start.request);
        let start = start.or_else(|| Some(self.http_start_of(run)?.request));
        let from = start.map_or(0, |start| start.number);
        let first = self.restarts.partition_point(|at| *at < from);
        self.restarts.get(first).is_some_and(|at| *at < number)
    }

    /// Whether the target was restarted between these two entries.
    #[must_use]
    pub fn restarted_between(&self, from: Number, to: Number) -> bool {
        let first = self.restarts.partition_point(|at| *at < from);
        self.restarts.get(first).is_some_and(|at| *at < to)
    }

    /// Whether the target was restarted between the end of this run, which somebody saw, and the entry
    /// of this number.
    #[must_use]
    pub fn restarted_since_the_end(&self, run: &str, number: Number) -> bool {
        let until = self.restarts.partition_point(|at| *at < number);
        let latest = self.restarts[..until].last();
        latest.is_some_and(|at| self.ending_before(run, *at).is_some())
    }

    /// After which index the run stood at a breakpoint at the time of this entry, where the target
    /// said so.
    #[must_use]
    pub fn held_at(&self, run: &str, number: Number) -> Option<u64> {
        self.held_through(run, number, number)
    }

    /// After which index the run stood at a breakpoint all the time from one entry to another, where
    /// the target said so.
    #[must_use]
    pub fn held_through(&self, run: &str, from: Number, to: Number) -> Option<u64> {
        let changes = self.breakpoints.get(self.session_of(run)?)?;
        let until = |number| changes.partition_point(|(at, _)| *at <= number);
        let first = until(from);
        let is_unchanged = until(to) <= first;
        changes[first.checked_sub(1)?].1.filter(|_| is_unchanged)
    }
}
