//! How the structure of a transcript is built.

use std::collections::{HashMap, HashSet};

use crate::trace::delivery::{Delivery, Phase, narrow};
use crate::trace::questions::Trace;
use crate::trace::run::Run;
use crate::trace::subscription::Origin;
use crate::trace::{assign, cut, displacement, http, yardstick};
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
            unassigned: HashSet::new(),
            parts: HashMap::new(),
            users: HashMap::new(),
            not_permitted: HashSet::new(),
            replica_killed: None,
            runs: HashMap::new(),
            returns: HashMap::new(),
            continuations: HashMap::new(),
            breakpoints: HashMap::new(),
            wire_of_each: false,
            retention: None,
            quiet: None,
            longest_silence: None,
            http_continues: http::continues(transcript),
            dropped: HashMap::new(),
            restarts: Vec::new(),
            http_starts: http::starts(transcript),
            cut_off: Default::default(),
            yardsticks: HashMap::new(),
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
        trace.unassigned = unassigned(&trace);
        displacement::find(&mut trace);
        trace.cut_off = cut::find(
            &trace.connections,
            &trace.subscriptions,
            !trace.restarts.is_empty(),
        );
        trace.yardsticks = yardstick::find(&trace.subscriptions);
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
            EntryKind::SpeaksOverHttp => self.wire_of_each = true,
            EntryKind::BreakpointReached { session_id, after } => {
                self.breakpoint(session_id, entry.number, Some(*after));
            }
            EntryKind::BreakpointCleared { session_id } => {
                self.breakpoint(session_id, entry.number, None)
            }
            EntryKind::Retention { events } => self.retention = Some(*events),
            EntryKind::Quiet(lasts) => self.quiet = Some(*lasts),
            EntryKind::LongestSilence(limit) => self.longest_silence = Some(*limit),
            EntryKind::RunDropped { run_id } => {
                self.dropped.entry(run_id).or_insert(entry.number);
            }
            EntryKind::Restarted => self.restarts.push(entry.number),
            EntryKind::NotPermitted { workflow_id } => {
                self.not_permitted.insert((&entry.viewer, workflow_id));
            }
            EntryKind::ReplicaKilled => {
                self.replica_killed.get_or_insert(entry.number);
            }
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

/// The connections with several requests that got events of no run that anybody asked for, but which may be of
/// one of theirs: those of another session are not.
fn unassigned(trace: &Trace<'_>) -> HashSet<usize> {
    let asked = trace.subscriptions.iter();
    let known: HashSet<&str> = asked.clone().filter_map(|it| it.run).collect();
    let sessions = asked.flat_map(|it| {
        let first = it.deliveries.first();
        let seen = first.and_then(|first| first.event().session_id.as_deref());
        let named = it.session_id().into_iter().chain(seen);
        named.map(|session| (it.connection, session))
    });
    let sessions: HashSet<(usize, &str)> = sessions.collect();
    let strays = trace.deliveries.iter();
    let strays = strays.filter(|delivery| delivery.phase == Phase::Stray);
    let unknown = strays.filter(|delivery| {
        let event = delivery.event();
        let session = event.session_id.as_deref();
        let of_here = |session| sessions.contains(&(delivery.connection(), session));
        (event.nested || session.is_none_or(of_here))
            && event.run().is_none_or(|run| !known.contains(&**run))
    });
    unknown
        .map(Delivery::connection)
        .filter(|connection| trace.connection(*connection).requests() > 1)
        .collect()
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
            Origin::Continued if it.deliveries.is_empty() || it.is_refused() => {}
            Origin::Continued => run.continued.push(it.request.number),
        }
    }
    runs
}
