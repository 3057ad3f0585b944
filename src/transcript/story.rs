//! The record told again by visits, starts, returns and runs: what the checks ask their questions of.
//!
//! Nothing is judged here. What came on a visit after its viewer left is in the record, but not in
//! the story: the viewer did not see it.

use std::collections::{HashMap, HashSet};

use super::Transcript;
use super::entry::{Entry, Number, Part, What};
use crate::protocol::{Action, Control, Ending, Event, Position};

/// The record of one scenario, told again.
#[derive(Debug)]
pub struct Story<'t> {
    /// The record itself.
    pub transcript: &'t Transcript,
    /// Every connection that was tried, in the order in which it was.
    pub visits: Vec<Visit<'t>>,
    /// Every `start-workflow`, in order.
    pub starts: Vec<Start<'t>>,
    /// Every `reconnect`, in order.
    pub returns: Vec<Return<'t>>,
    /// Every delivery of an event to a viewer, in order.
    pub deliveries: Vec<Delivery<'t>>,
    plays: HashMap<&'t str, Part>,
}

/// One connection of a viewer, from open to close.
#[derive(Debug)]
pub struct Visit<'t> {
    /// Whose it is.
    pub viewer: &'t str,
    /// Which one of that viewer, counted from 1.
    pub number: u32,
    /// What happened on it, up to and including the viewer's leaving.
    pub entries: Vec<&'t Entry>,
    /// What came after the viewer had left.
    pub afterwards: Vec<&'t Entry>,
}

/// One `start-workflow` and what followed it on its visit.
#[derive(Debug)]
pub struct Start<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which visit it was on, as a place in [`Story::visits`].
    pub visit: usize,
    /// The workflow that was asked for.
    pub workflow_id: Option<&'t str>,
    /// The session that was named.
    pub session_id: Option<&'t str>,
    /// The run that started, learnt from its first event (or from `queued`).
    pub run: Option<&'t str>,
    /// The deliveries of that run on this visit, until it was asked for by a return.
    pub heard: Vec<Delivery<'t>>,
}

/// One `reconnect` and what followed it about the run, until the viewer left or asked again.
#[derive(Debug)]
pub struct Return<'t> {
    /// The request.
    pub request: &'t Entry,
    /// Which visit it was on, as a place in [`Story::visits`].
    pub visit: usize,
    /// The run that was asked for.
    pub run: Option<&'t str>,
    /// The position that was named.
    pub position: &'t Position,
    /// The messages about the run that followed, errors included.
    pub heard: Vec<&'t Entry>,
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
    /// After a return that nothing had answered yet.
    Unannounced,
    /// For a run that was neither started nor asked for on this visit.
    Stray,
}

/// One arrival of an event at one viewer on one connection.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'t> {
    /// The entry that recorded it.
    pub entry: &'t Entry,
    /// The event.
    pub event: &'t Event,
    /// Which visit it was on, as a place in [`Story::visits`].
    pub visit: usize,
    /// In which part of the visit.
    pub phase: Phase,
}

impl Delivery<'_> {
    /// The event's index, where it is a whole number from 0.
    #[must_use]
    pub fn index(&self) -> Option<u64> {
        self.event.index.at()
    }
}

impl<'t> Visit<'t> {
    /// The text messages that the viewer saw, in order.
    pub fn heard(&self) -> impl Iterator<Item = &'t Entry> {
        self.entries
            .iter()
            .copied()
            .filter(|entry| entry.message().is_some())
    }

    /// What happened on it after the entry of this number, up to and including the leaving.
    #[must_use]
    pub fn after(&self, number: Number) -> &[&'t Entry] {
        let from = self.entries.partition_point(|entry| entry.number <= number);
        &self.entries[from..]
    }

    /// The viewer's leaving, if they left.
    #[must_use]
    pub fn left(&self) -> Option<&'t Entry> {
        self.entries
            .iter()
            .copied()
            .find(|entry| matches!(entry.what, What::Left(_)))
    }

    /// Whether the WebSocket upgrade succeeded.
    #[must_use]
    pub fn opened(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| matches!(entry.what, What::Opened))
    }

    /// The end of the connection by the server's doing: its close frame or the end of the stream,
    /// before the viewer left.
    #[must_use]
    pub fn lost(&self) -> Option<&'t Entry> {
        self.entries
            .iter()
            .copied()
            .find(|entry| matches!(entry.what, What::CloseReceived { .. } | What::Ended(_)))
    }
}

impl<'t> Return<'t> {
    /// The first message about the run.
    #[must_use]
    pub fn answer(&self) -> Option<&'t Entry> {
        self.heard.first().copied()
    }

    /// The control messages that followed, in order.
    pub fn controls(&self) -> impl Iterator<Item = (&'t Entry, &'t Control)> {
        self.heard
            .iter()
            .copied()
            .filter_map(|entry| Some((entry, entry.message()?.control()?)))
    }

    /// The deliveries that followed, each with its phase, in order.
    pub fn deliveries(&self) -> impl Iterator<Item = Delivery<'t>> {
        let visit = self.visit;
        let mut phase = Phase::Unannounced;
        self.heard.iter().copied().filter_map(move |entry| {
            let message = entry.message()?;
            match message.control() {
                Some(Control::CatchUp { .. }) => phase = Phase::Missed,
                Some(Control::Subscribed { .. }) => phase = Phase::Live,
                Some(Control::Replay { .. }) => phase = Phase::Replayed,
                _ => {}
            }
            Some(Delivery {
                entry,
                event: message.event()?,
                visit,
                phase,
            })
        })
    }
}

impl<'t> Story<'t> {
    /// Tells the record again. Linear in its length.
    #[must_use]
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut story = Self {
            transcript,
            visits: visits(transcript),
            starts: Vec::new(),
            returns: Vec::new(),
            deliveries: Vec::new(),
            plays: transcript
                .entries()
                .iter()
                .filter_map(|entry| match &entry.what {
                    What::Plays { workflow_id, part } => Some((workflow_id.as_str(), *part)),
                    _ => None,
                })
                .collect(),
        };
        for visit in 0..story.visits.len() {
            story.tell(visit);
        }
        story.starts.sort_by_key(|start| start.request.number);
        story.returns.sort_by_key(|r| r.request.number);
        story
            .deliveries
            .sort_by_key(|delivery| delivery.entry.number);
        story
    }

    /// The visit that a start, return or delivery was on.
    #[must_use]
    pub fn visit(&self, place: usize) -> &Visit<'t> {
        &self.visits[place]
    }

    /// The deliveries of this run to anyone, in order.
    pub fn deliveries_of<'s>(&'s self, run: &'s str) -> impl Iterator<Item = &'s Delivery<'t>> {
        self.deliveries
            .iter()
            .filter(move |delivery| delivery.event.run().is_some_and(|id| &**id == run))
    }

    /// The first final ending of this run that anyone saw before the entry of this number.
    #[must_use]
    pub fn ending_before(&self, run: &str, number: Number) -> Option<(&'t Entry, Ending)> {
        self.deliveries_of(run)
            .take_while(|delivery| delivery.entry.number < number)
            .find_map(|delivery| {
                let ending = delivery.event.ending().filter(|ending| ending.is_final())?;
                Some((delivery.entry, ending))
            })
    }

    /// The start of this run, where it is in the record.
    #[must_use]
    pub fn start_of(&self, run: &str) -> Option<&Start<'t>> {
        self.starts.iter().find(|start| start.run == Some(run))
    }

    /// The part that the run's workflow plays, where it is known.
    #[must_use]
    pub fn part_of(&self, run: &str) -> Option<Part> {
        self.plays.get(self.start_of(run)?.workflow_id?).copied()
    }

    /// After which index the run stood still at the time of this entry, where the target said so.
    #[must_use]
    pub fn held_at(&self, run: &str, number: Number) -> Option<u64> {
        let session = self.start_of(run)?.session_id?;
        let mut held = None;
        for entry in self.transcript.entries().iter().take(number as usize) {
            match &entry.what {
                What::Held { session_id, after } if &**session_id == session => held = Some(*after),
                What::Released { session_id } if &**session_id == session => held = None,
                _ => {}
            }
        }
        held
    }

    fn tell(&mut self, place: usize) {
        let visit = &self.visits[place];
        // Places in `starts` and `returns` that this visit opened; a run has one hearer at a time.
        let (first_start, first_return) = (self.starts.len(), self.returns.len());
        let mut hearer: HashMap<&'t str, Hearer> = HashMap::new();
        let mut phases: HashMap<usize, Phase> = HashMap::new();
        let mut requested: HashSet<&'t str> = HashSet::new();
        // The return that an answer without a run id belongs to.
        let mut latest: Option<usize> = None;
        for &entry in &visit.entries {
            match entry.action() {
                Some(Action::Start {
                    workflow_id,
                    session_id,
                    ..
                }) => {
                    latest = None;
                    self.starts.push(Start {
                        request: entry,
                        visit: place,
                        workflow_id: workflow_id.as_deref(),
                        session_id: session_id.as_deref(),
                        run: None,
                        heard: Vec::new(),
                    });
                }
                Some(Action::Reconnect {
                    run_id, position, ..
                }) => {
                    let run = run_id.as_deref();
                    latest = Some(self.returns.len());
                    if let Some(run) = run {
                        requested.insert(run);
                        hearer.insert(run, Hearer::Return(self.returns.len()));
                    }
                    phases.insert(self.returns.len(), Phase::Unannounced);
                    self.returns.push(Return {
                        request: entry,
                        visit: place,
                        run,
                        position,
                        heard: Vec::new(),
                    });
                }
                Some(_) => latest = None,
                None => {}
            }
            let Some(message) = entry.message() else {
                continue;
            };
            if let Some(control) = message.control() {
                let to = match control {
                    Control::CatchUp { run_id, .. }
                    | Control::Subscribed { run_id, .. }
                    | Control::Replay { run_id, .. } => match run_id {
                        Some(id) => match hearer.get(&**id) {
                            Some(Hearer::Return(to)) => Some(*to),
                            _ => None,
                        },
                        None => latest,
                    },
                    Control::Error { .. } | Control::AuthRequired => latest.take(),
                    Control::Queued { run_id: Some(id) } => {
                        bind(&mut self.starts[first_start..], id, None, &requested);
                        None
                    }
                    _ => None,
                };
                if let Some(to) = to {
                    phases.insert(
                        to,
                        match control {
                            Control::CatchUp { .. } => Phase::Missed,
                            Control::Subscribed { .. } => Phase::Live,
                            Control::Replay { .. } => Phase::Replayed,
                            _ => phases.get(&to).copied().unwrap_or(Phase::Unannounced),
                        },
                    );
                    self.returns[to].heard.push(entry);
                }
            }
            let Some(event) = message.event() else {
                continue;
            };
            let mut delivery = Delivery {
                entry,
                event,
                visit: place,
                phase: Phase::Stray,
            };
            if let Some(run) = event.run() {
                if !hearer.contains_key(&**run) {
                    let session = event.session_id.as_deref();
                    if let Some(at) =
                        bind(&mut self.starts[first_start..], run, session, &requested)
                    {
                        hearer.insert(run, Hearer::Start(first_start + at));
                    }
                }
                match hearer.get(&**run) {
                    Some(Hearer::Start(at)) => {
                        delivery.phase = Phase::First;
                        self.starts[*at].heard.push(delivery);
                    }
                    Some(Hearer::Return(at)) => {
                        debug_assert!(*at >= first_return);
                        delivery.phase = phases.get(at).copied().unwrap_or(Phase::Unannounced);
                        self.returns[*at].heard.push(entry);
                    }
                    None => {}
                }
            }
            self.deliveries.push(delivery);
        }
    }
}

/// Who hears the events of a run on a visit.
enum Hearer {
    Start(usize),
    Return(usize),
}

/// Gives a new run to the start that it belongs to: the one of its session, else the first without.
fn bind<'t>(
    starts: &mut [Start<'t>],
    run: &'t str,
    session: Option<&str>,
    requested: &HashSet<&str>,
) -> Option<usize> {
    if let Some(at) = starts.iter().position(|start| start.run == Some(run)) {
        return Some(at);
    }
    if requested.contains(run) {
        return None;
    }
    let unbound = |start: &Start<'_>| start.run.is_none();
    let named = starts
        .iter()
        .position(|start| unbound(start) && session.is_some() && start.session_id == session);
    let at = named.or_else(|| {
        // A server that keeps the session to itself: its runs are taken in the order of the starts.
        let foreign = session.is_none_or(|id| starts.iter().all(|s| s.session_id != Some(id)));
        foreign.then(|| starts.iter().position(unbound)).flatten()
    })?;
    starts[at].run = Some(run);
    Some(at)
}

fn visits(transcript: &Transcript) -> Vec<Visit<'_>> {
    let mut visits: Vec<Visit<'_>> = Vec::new();
    let mut places: HashMap<(&str, u32), usize> = HashMap::new();
    let mut left: HashSet<usize> = HashSet::new();
    for entry in transcript.entries() {
        if entry.visit == 0 {
            continue;
        }
        let place = *places
            .entry((&entry.viewer, entry.visit))
            .or_insert_with(|| {
                visits.push(Visit {
                    viewer: &entry.viewer,
                    number: entry.visit,
                    entries: Vec::new(),
                    afterwards: Vec::new(),
                });
                visits.len() - 1
            });
        if left.contains(&place) {
            visits[place].afterwards.push(entry);
        } else {
            visits[place].entries.push(entry);
            if matches!(entry.what, What::Left(_)) {
                left.insert(place);
            }
        }
    }
    visits
}
