//! The structured transcript, and the questions that the checks ask of it.

use std::collections::HashMap;

use crate::protocol::Ending;
use crate::trace::connection::Connection;
use crate::trace::delivery::Delivery;
use crate::trace::run::Run;
use crate::trace::subscription::{Origin, Subscription};
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
    /// By workflow: its part.
    pub(super) parts: HashMap<&'t str, Part>,
    /// By viewer.
    pub(super) users: HashMap<&'t str, &'t str>,
    pub(super) runs: HashMap<&'t str, Run<'t>>,
    /// By run: the returns to it, as places in [`Trace::subscriptions`].
    pub(super) returns: HashMap<&'t str, Vec<usize>>,
    /// Likewise the continuations.
    pub(super) continuations: HashMap<&'t str, Vec<usize>>,
    /// By session: from which entry on its run stood at a breakpoint after which index, or ran on.
    pub(super) breakpoints: HashMap<&'t str, Vec<(Number, Option<u64>)>>,
    pub(super) retention: Option<u64>,
    /// By run: from which entry on it was dropped from the target's memory.
    pub(super) dropped: HashMap<&'t str, Number>,
    /// When the target was restarted, in order.
    pub(super) restarts: Vec<Number>,
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

    /// Whether the run was paused at the time of this entry, as far as anyone had seen: it had paused,
    /// and nothing had come since somebody continued it.
    #[must_use]
    pub fn is_paused(&self, run: &str, number: Number) -> bool {
        let Some(told) = self.run(run) else {
            return false;
        };
        let paused = told.paused.filter(|entry| entry.number < number);
        paused.is_some_and(|paused| {
            let continued = &told.continued;
            let first = continued.partition_point(|request| *request < paused.number);
            let went_on = continued.get(first).is_some_and(|it| *it < number);
            !went_on && self.ending_before(run, number).is_none()
        })
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

    /// The user as whom this viewer comes, where the target declares it.
    #[must_use]
    pub fn user_of(&self, viewer: &str) -> Option<&'t str> {
        self.users.get(viewer).copied()
    }

    /// The part that the run's workflow plays, where it is known.
    #[must_use]
    pub fn part_of(&self, run: &str) -> Option<Part> {
        self.parts.get(self.start_of(run)?.workflow_id()?).copied()
    }

    /// How many events of a run the target keeps at most, the newest, where it says so.
    #[must_use]
    pub fn retention(&self) -> Option<u64> {
        self.retention
    }

    /// Whether the target had dropped this run from its memory before the entry of this number.
    #[must_use]
    pub fn dropped_before(&self, run: &str, number: Number) -> bool {
        self.dropped.get(run).is_some_and(|from| *from < number)
    }

    /// Whether the target was restarted between the start of this run and the entry of this number.
    #[must_use]
    pub fn restarted_before(&self, run: &str, number: Number) -> bool {
        let from = self.start_of(run).map_or(0, |start| start.request.number);
        let first = self.restarts.partition_point(|at| *at < from);
        self.restarts.get(first).is_some_and(|at| *at < number)
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
        let changes = self.breakpoints.get(self.start_of(run)?.session_id()?)?;
        let until = |number| changes.partition_point(|(at, _)| *at <= number);
        let first = until(from);
        let is_unchanged = until(to) <= first;
        changes[first.checked_sub(1)?].1.filter(|_| is_unchanged)
    }
}
