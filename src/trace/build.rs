//! How the structure of a transcript is built.

use std::collections::HashMap;

use crate::trace::delivery::{Delivery, narrow};
use crate::trace::questions::Trace;
use crate::trace::run::Run;
use crate::trace::subscription::Origin;
use crate::trace::{assign, displacement};
use crate::transcript::Transcript;
use crate::transcript::entry::{Entry, EntryKind, Number};

impl<'t> Trace<'t> {
    /// The structure of a transcript. Linear in its length.
    #[must_use]
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut trace = Self {
            transcript,
            connections: assign::connections(transcript),
            subscriptions: Vec::new(),
            deliveries: Vec::new(),
            parts: HashMap::new(),
            users: HashMap::new(),
            runs: HashMap::new(),
            returns: HashMap::new(),
            continuations: HashMap::new(),
            breakpoints: HashMap::new(),
            retention: None,
            dropped: HashMap::new(),
            restarts: Vec::new(),
        };
        for entry in transcript.entries() {
            trace.declare(entry);
        }
        for connection in 0..trace.connections.len() {
            assign::assign(&mut trace, connection);
        }
        assign::find_unheard(&mut trace);
        trace.subscriptions.sort_by_key(|it| it.request.number);
        let deliveries = &mut trace.deliveries;
        deliveries.sort_unstable_by_key(|delivery| delivery.entry.number);
        for (place, it) in trace.subscriptions.iter().enumerate() {
            let by_run = match it.origin {
                Origin::Started => continue,
                Origin::Returned { .. } => &mut trace.returns,
                Origin::Continued => &mut trace.continuations,
            };
            if let Some(run) = it.run {
                by_run.entry(run).or_default().push(place);
            }
        }
        trace.runs = runs(&trace);
        displacement::find(&mut trace);
        trace
    }

    /// Notes what the target, or the suite on its behalf, says on no connection.
    fn declare(&mut self, entry: &'t Entry) {
        match &entry.what {
            EntryKind::Part { workflow_id, part } => {
                self.parts.insert(workflow_id, *part);
            }
            EntryKind::User { user } => {
                self.users.insert(&entry.viewer, user);
            }
            EntryKind::BreakpointReached { session_id, after } => {
                self.breakpoint(session_id, entry.number, Some(*after));
            }
            EntryKind::BreakpointCleared { session_id } => {
                self.breakpoint(session_id, entry.number, None)
            }
            EntryKind::Retention { events } => self.retention = Some(*events),
            EntryKind::RunDropped { run_id } => {
                self.dropped.entry(run_id).or_insert(entry.number);
            }
            EntryKind::Restarted => self.restarts.push(entry.number),
            _ => {}
        }
    }

    /// Notes that the run of this session stands after this index from now on, or runs on; what is
    /// said again is noted once.
    fn breakpoint(&mut self, session: &'t str, number: Number, after: Option<u64>) {
        let changes = self.breakpoints.entry(session).or_default();
        if changes.last().is_none_or(|(_, latest)| *latest != after) {
            changes.push((number, after));
        }
    }
}

/// Every run that was started or delivered, by its id.
fn runs<'t>(trace: &Trace<'t>) -> HashMap<&'t str, Run<'t>> {
    let mut runs: HashMap<&'t str, Run<'t>> = HashMap::new();
    for (place, it) in trace.subscriptions.iter().enumerate() {
        if let (Origin::Started, Some(id)) = (it.origin, it.run) {
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
    for it in &trace.subscriptions {
        let Some(run) = it.run.and_then(|id| runs.get_mut(id)) else {
            continue;
        };
        match it.origin {
            Origin::Started => {}
            Origin::Returned { .. } => run.add_return(it),
            Origin::Continued if it.deliveries.is_empty() => {}
            Origin::Continued => run.continued.push(it.request.number),
        }
    }
    runs
}
