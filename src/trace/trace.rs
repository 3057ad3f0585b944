//! The record told again by visits, starts, returns and runs: what the checks ask their questions of.
//!
//! Nothing is judged here. What came on a visit after its viewer left is in the record, but not in
//! the story: the viewer did not see it.

use std::collections::HashMap;
use std::iter;
use std::sync::Arc;

use crate::protocol::{Control, Ending, Event, Message, Outcome, Position};
use crate::trace::assign;
use crate::trace::connection::Connection;
use crate::trace::displacement;
use crate::trace::displacement::Displacement;
use crate::transcript::Transcript;
use crate::transcript::entry::{Entry, EntryKind, Number, Part};

/// The record of one scenario, told again.
#[derive(Debug)]
pub struct Trace<'t> {
    /// The record itself.
    pub transcript: &'t Transcript,
    /// Every connection that was tried, in the order in which it was.
    pub connections: Vec<Connection<'t>>,
    /// Every `start-workflow`, in order.
    pub starts: Vec<Start<'t>>,
    /// Every `reconnect`, in order.
    pub returns: Vec<Return<'t>>,
    /// Every `continue-workflow`, in order.
    pub continuations: Vec<Continuation<'t>>,
    /// Every delivery of an event to a viewer, in order.
    pub deliveries: Vec<Delivery<'t>>,
    plays: HashMap<&'t str, Part>,
    /// By viewer.
    users: HashMap<&'t str, &'t str>,
    runs: HashMap<&'t str, Run<'t>>,
    /// By session: from which entry on its run stood still after which index, or went on.
    passed: HashMap<&'t str, Vec<(Number, Option<u64>)>>,
    keeps: Option<u64>,
    /// By run: from which entry on it was dropped from the target's memory.
    forgotten: HashMap<&'t str, Number>,
    /// When the target was restarted, in order.
    restarts: Vec<Number>,
}

/// What the record tells of one run, whoever heard it.
#[derive(Debug, Default)]
pub struct Run<'t> {
    /// Its deliveries, as places in [`Trace::deliveries`].
    places: Vec<u32>,
    /// The highest index among the deliveries up to each of them.
    highest: Vec<Highest>,
    /// The lowest index among its deliveries.
    pub lowest: Option<u64>,
    /// Its start, as a place in [`Trace::starts`].
    start: Option<usize>,
    /// The returns to it, as places in [`Trace::returns`].
    pub(crate) returns: Vec<usize>,
    /// The first final ending that anyone was sent.
    pub ending: Option<(&'t Entry, Ending)>,
    /// The first `WorkflowCancelled` that anyone was sent.
    pub cancelled: Option<&'t Entry>,
    /// The first `WorkflowPaused` that anyone was sent.
    pub paused: Option<&'t Entry>,
    /// The first `replay` with the status of a finished run, and that status.
    pub replayed: Option<(&'t Entry, Outcome)>,
}

impl<'t> Run<'t> {
    fn add(&mut self, delivery: &Delivery<'t>) {
        let highest = self.highest.last().copied().unwrap_or_default();
        self.highest
            .push(highest.max(Highest::of(delivery.index())));
        self.lowest = self.lowest.into_iter().chain(delivery.index()).min();
        let Some(ending) = delivery.event().ending() else {
            return;
        };
        if ending == Ending::Paused {
            self.paused.get_or_insert(delivery.entry);
        }
        if ending.is_final() {
            self.ending.get_or_insert((delivery.entry, ending));
        }
        if ending == Ending::Cancelled {
            self.cancelled.get_or_insert(delivery.entry);
        }
    }
}

/// The highest index so far, if there was any. One number, since there are as many as deliveries.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
struct Highest(u64);

impl Highest {
    fn of(index: Option<u64>) -> Self {
        Self(index.map_or(0, |index| index.saturating_add(1)))
    }

    fn index(self) -> Option<u64> {
        self.0.checked_sub(1)
    }
}

/// One `start-workflow` and what followed it on its visit.
#[derive(Debug)]
pub struct Start<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which visit it was on, as a place in [`Trace::connections`].
    pub connection: usize,
    /// The workflow that was asked for.
    pub workflow_id: Option<&'t str>,
    /// The session that was named.
    pub session_id: Option<&'t str>,
    /// The run that started, learnt from its first event (or from `queued`).
    pub run: Option<&'t str>,
    /// The `error` that refused it.
    pub refusal: Option<&'t Entry>,
    /// The deliveries of that run on this visit, until it was asked for by a return.
    pub heard: Vec<Delivery<'t>>,
    /// The return on this visit that took over what follows of the run.
    pub until: Option<Number>,
}

/// One `reconnect` and what followed it about the run, until the viewer left or asked again.
#[derive(Debug)]
pub struct Return<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which visit it was on, as a place in [`Trace::connections`].
    pub connection: usize,
    /// The run that was asked for.
    pub run: Option<&'t str>,
    /// The position that was named.
    pub position: &'t Position,
    /// What this visit had to do with the run before.
    pub earlier: Earlier,
    /// The control messages about the run that followed, errors included, in order.
    pub(crate) controls: Vec<&'t Entry>,
    /// The deliveries of the run that followed, in order.
    pub deliveries: Vec<Delivery<'t>>,
    /// The next return to the run on this visit, which took over what follows.
    pub until: Option<Number>,
    /// Another viewer's return to the run, after which this one may have been put off.
    pub displaced: Option<Displacement>,
}

/// One `continue-workflow` and what followed it about the run on its visit.
#[derive(Debug)]
pub struct Continuation<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which visit it was on, as a place in [`Trace::connections`].
    pub connection: usize,
    /// The run that was to go on.
    pub run: Option<&'t str>,
    /// The `error` that refused it.
    pub refusal: Option<&'t Entry>,
    /// The deliveries of the run that followed.
    pub heard: Vec<Delivery<'t>>,
    /// The next request on this visit that took over what follows of the run.
    pub until: Option<Number>,
}

/// What a visit had to do with a run before it was asked for. Events may still be on their way to a
/// viewer who is already watching, so what comes first says nothing about the answer then.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Earlier {
    /// Nothing.
    Nothing,
    /// The run was started, or had been asked for, on this visit.
    Watching,
    /// Likewise, and a final ending of it had come on this visit.
    Ended,
}

/// In which part of a return, or of the starting connection, an event was delivered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Phase {
    /// On the connection that started the run.
    First,
    /// After `catch_up`, before `subscribed`.
    Missed,
    /// After `subscribed`.
    Live,
    /// After `replay`.
    Replayed,
    /// After `continue-workflow`.
    Continued,
    /// After a return that nothing had answered yet.
    Unannounced,
    /// For a run that was neither started nor asked for on this visit.
    Stray,
}

/// One arrival of an event at one viewer on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'t> {
    /// The entry that recorded it: an event.
    pub entry: &'t Entry,
    /// See [`Delivery::connection`]. There are many deliveries, and so it is half as wide as other places.
    pub(crate) on: u32,
    /// In which part of the visit.
    pub phase: Phase,
}

impl<'t> Delivery<'t> {
    /// An event that came on this visit, a place in [`Trace::connections`], and that nobody had asked for.
    /// `None` where the entry is no event.
    #[must_use]
    pub fn stray(entry: &'t Entry, connection: usize) -> Option<Self> {
        entry.message()?.event()?;
        Some(Self {
            entry,
            on: narrow(connection),
            phase: Phase::Stray,
        })
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &'t Event {
        match self.entry.message().and_then(Message::event) {
            Some(event) => event,
            None => unreachable!("entry {} is no event", self.entry.number),
        }
    }

    /// Which visit it was on, as a place in [`Trace::connections`].
    #[must_use]
    pub fn connection(&self) -> usize {
        self.on as usize
    }

    /// Whether the two events name the same run, or both name none.
    fn is_of_the_run_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.event().about, &other.event().about)
            || self.event().run() == other.event().run()
    }

    /// The event's index, where it is a whole number from 0.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.event().index.at()
    }
}

impl<'t> Return<'t> {
    /// The first message about the run, errors included.
    #[must_use]
    pub fn answer(&self) -> Option<&'t Entry> {
        self.heard().next()
    }

    /// The last message about the run, errors included.
    #[must_use]
    pub fn last(&self) -> Option<&'t Entry> {
        let control = self.controls.last().copied();
        let event = self.deliveries.last().map(|last| last.entry);
        control
            .into_iter()
            .chain(event)
            .max_by_key(|entry| entry.number)
    }

    /// The messages about the run that followed, errors included, in order.
    pub fn heard(&self) -> impl Iterator<Item = &'t Entry> {
        let mut controls = self.controls.iter().copied().peekable();
        let mut deliveries = self.deliveries.iter().map(|it| it.entry).peekable();
        iter::from_fn(move || match (controls.peek(), deliveries.peek()) {
            (Some(control), Some(event)) if control.number < event.number => controls.next(),
            (Some(_), None) => controls.next(),
            _ => deliveries.next(),
        })
    }

    /// The control messages that followed, in order.
    pub fn controls(&self) -> impl Iterator<Item = (&'t Entry, &'t Control)> {
        let controls = self.controls.iter().copied();
        controls.filter_map(|entry| Some((entry, entry.message()?.control()?)))
    }
}

impl<'t> Trace<'t> {
    /// Tells the record again. Linear in its length.
    #[must_use]
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut trace = Self {
            transcript,
            connections: assign::connections(transcript),
            starts: Vec::new(),
            returns: Vec::new(),
            continuations: Vec::new(),
            deliveries: Vec::new(),
            plays: HashMap::new(),
            users: HashMap::new(),
            runs: HashMap::new(),
            passed: HashMap::new(),
            keeps: None,
            forgotten: HashMap::new(),
            restarts: Vec::new(),
        };
        for entry in transcript.entries() {
            match &entry.what {
                EntryKind::Plays { workflow_id, part } => {
                    trace.plays.insert(workflow_id, *part);
                }
                EntryKind::ComesAs { user } => {
                    trace.users.insert(&entry.viewer, user);
                }
                EntryKind::Held { session_id, after } => {
                    let passed = trace.passed.entry(session_id).or_default();
                    passed.push((entry.number, Some(*after)));
                }
                EntryKind::Released { session_id } => {
                    let passed = trace.passed.entry(session_id).or_default();
                    passed.push((entry.number, None));
                }
                EntryKind::Keeps { events } => trace.keeps = Some(*events),
                EntryKind::Forgot { run_id } => {
                    trace.forgotten.entry(run_id).or_insert(entry.number);
                }
                EntryKind::Restarted => trace.restarts.push(entry.number),
                _ => {}
            }
        }
        for connection in 0..trace.connections.len() {
            assign::tell(&mut trace, connection);
        }
        assign::find_unheard(&mut trace);
        trace.starts.sort_by_key(|start| start.request.number);
        trace.returns.sort_by_key(|r| r.request.number);
        trace.continuations.sort_by_key(|it| it.request.number);
        let deliveries = &mut trace.deliveries;
        deliveries.sort_unstable_by_key(|delivery| delivery.entry.number);
        trace.runs = runs(&trace);
        displacement::find(&mut trace);
        trace
    }

    /// The deliveries, in order: as many together as came on one visit, of one run and in one phase.
    /// None of them is empty.
    pub fn stretches(&self) -> impl Iterator<Item = &[Delivery<'t>]> {
        self.deliveries.chunk_by(|one, other| {
            one.on == other.on && one.phase == other.phase && one.is_of_the_run_of(other)
        })
    }

    /// The visit that a start, return or delivery was on.
    #[must_use]
    pub fn connection(&self, place: usize) -> &Connection<'t> {
        &self.connections[place]
    }

    /// What the record tells of this run, where it was started or delivered.
    #[must_use]
    pub fn run(&self, run: &str) -> Option<&Run<'t>> {
        self.runs.get(run)
    }

    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run<'t>> {
        self.runs.values()
    }

    /// The deliveries of this run to anyone, in order.
    pub fn deliveries_of<'s>(&'s self, run: &str) -> impl Iterator<Item = &'s Delivery<'t>> {
        let places = self.run(run).map_or(&[][..], |run| &run.places);
        places.iter().map(|place| &self.deliveries[*place as usize])
    }

    /// The first final ending of this run that anyone saw before the entry of this number.
    #[must_use]
    pub fn ending_before(&self, run: &str, number: Number) -> Option<(&'t Entry, Ending)> {
        self.run(run)?
            .ending
            .filter(|(entry, _)| entry.number < number)
    }

    /// Whether the run stood still after a pause at the time of this entry, as far as anyone had seen:
    /// it had paused, and nothing had come since somebody let it go on.
    #[must_use]
    pub fn is_paused(&self, run: &str, number: Number) -> bool {
        let paused = self.run(run).and_then(|run| run.paused);
        let Some(paused) = paused.filter(|entry| entry.number < number) else {
            return false;
        };
        let went_on = self.continuations.iter().any(|it| {
            it.run == Some(run)
                && !it.heard.is_empty()
                && (paused.number..number).contains(&it.request.number)
        });
        !went_on && self.ending_before(run, number).is_none()
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

    /// The start of this run, where it is in the record.
    #[must_use]
    pub fn start_of(&self, run: &str) -> Option<&Start<'t>> {
        self.starts.get(self.run(run)?.start?)
    }

    /// The returns to this run, in order.
    pub fn returns_to<'s>(&'s self, run: &str) -> impl Iterator<Item = &'s Return<'t>> {
        let places = self.run(run).map_or(&[][..], |run| &run.returns);
        places.iter().map(|place| &self.returns[*place])
    }

    /// The user as whom this viewer comes, where the target declares it.
    #[must_use]
    pub fn user_of(&self, viewer: &str) -> Option<&'t str> {
        self.users.get(viewer).copied()
    }

    /// The part that the run's workflow plays, where it is known.
    #[must_use]
    pub fn part_of(&self, run: &str) -> Option<Part> {
        self.plays.get(self.start_of(run)?.workflow_id?).copied()
    }

    /// How many events of a run the target keeps at most, the newest, where it says so.
    #[must_use]
    pub fn keeps(&self) -> Option<u64> {
        self.keeps
    }

    /// Whether the target had dropped this run from its memory before the entry of this number.
    #[must_use]
    pub fn forgotten_before(&self, run: &str, number: Number) -> bool {
        self.forgotten.get(run).is_some_and(|from| *from < number)
    }

    /// Whether the target was restarted between the start of this run and the entry of this number.
    #[must_use]
    pub fn restarted_before(&self, run: &str, number: Number) -> bool {
        let from = self.start_of(run).map_or(0, |start| start.request.number);
        self.restarts.iter().any(|at| (from..number).contains(at))
    }

    /// Whether the target was restarted between the end of this run, which somebody saw, and the entry
    /// of this number.
    #[must_use]
    pub fn restarted_since_the_end(&self, run: &str, number: Number) -> bool {
        let mut restarts = self.restarts.iter().filter(|at| **at < number);
        restarts.any(|at| self.ending_before(run, *at).is_some())
    }

    /// After which index the run stood still at the time of this entry, where the target said so.
    #[must_use]
    pub fn held_at(&self, run: &str, number: Number) -> Option<u64> {
        self.held_through(run, number, number)
    }

    /// After which index the run stood still all the time from one entry to another, where the
    /// target said so.
    #[must_use]
    pub fn held_through(&self, run: &str, from: Number, to: Number) -> Option<u64> {
        let passed = self.passed.get(self.start_of(run)?.session_id?)?;
        let until = |number| passed.partition_point(|(at, _)| *at <= number);
        let first = until(from);
        passed[first.checked_sub(1)?..until(to).max(first)]
            .iter()
            .map(|(_, after)| *after)
            .reduce(|one, other| one.filter(|_| one == other))?
    }
}

/// A place, where there are many.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn runs<'t>(trace: &Trace<'t>) -> HashMap<&'t str, Run<'t>> {
    let mut runs: HashMap<&'t str, Run<'t>> = HashMap::new();
    for (place, start) in trace.starts.iter().enumerate() {
        if let Some(id) = start.run {
            runs.entry(id).or_default().start.get_or_insert(place);
        }
    }
    let mut place = 0;
    for deliveries in trace.deliveries.chunk_by(Delivery::is_of_the_run_of) {
        let first = place;
        place += deliveries.len();
        let id = deliveries.first().and_then(|first| first.event().run());
        if let Some(id) = id {
            let run = runs.entry(id).or_default();
            run.places.extend((first..place).map(narrow));
            run.highest.reserve(deliveries.len());
            deliveries.iter().for_each(|it| run.add(it));
        }
    }
    for (place, ret) in trace.returns.iter().enumerate() {
        let Some(run) = ret.run.and_then(|id| runs.get_mut(id)) else {
            continue;
        };
        run.returns.push(place);
        for (entry, control) in ret.controls() {
            if let Control::Replay {
                status: Some(status),
                ..
            } = control
                && let Some(outcome) = Outcome::of(status).filter(|outcome| outcome.is_final())
                && run
                    .replayed
                    .is_none_or(|(first, _)| entry.number < first.number)
            {
                run.replayed = Some((entry, outcome));
            }
        }
    }
    runs
}
