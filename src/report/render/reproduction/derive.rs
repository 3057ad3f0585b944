//! From a scenario's transcript to the acts that reproduce a finding. Viewers who are not needed are left out,
//! and so is what came after the connections of the finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::protocol::{Action, Control, Form, Route, RunRequest};
use crate::report::render::reproduction::act::{Act, Acts, Goal, Step};
use crate::report::render::reproduction::cast;
use crate::report::render::reproduction::cast::Cast;
use crate::report::render::reproduction::unsupported::WhyNot;
use crate::trace::Trace;
use crate::transcript::{Entries, Entry, EntryKind, Number, ShownToken};

/// A longer script is hard to read.
const MOST_STEPS: usize = 120;
/// A longer text is not written into a script, in bytes.
pub(super) const LONGEST_TEXT: usize = 4_000;
/// With fewer events left, a run may be over before a viewer is back.
const ROOM: u64 = 10;
/// Within so many events a run that was cancelled has ended.
const TO_STOP: u64 = 3;
/// A shorter time away is none.
const SHORTEST_AWAY: Duration = Duration::from_millis(50);

/// The acts behind the finding of this requirement with this evidence.
pub(crate) fn actions(trace: &Trace<'_>, id: &str, evidence: &[Number]) -> Result<Acts, WhyNot> {
    let Cast {
        actions,
        viewers,
        until,
    } = cast::of(trace, id, evidence)?;
    let entries = trace.transcript.entries();
    if speak_over_both(trace, &viewers) {
        return Err(WhyNot::BothWires);
    }
    let mut plan = Planner {
        entries,
        has_breakpoints: entries
            .iter()
            .any(|it| matches!(it.what, EntryKind::BreakpointReached { .. })),
        actions,
        connections: BTreeMap::new(),
        left: BTreeMap::new(),
        tokens: BTreeMap::new(),
        last: BTreeMap::new(),
        learned: BTreeSet::new(),
        started: BTreeSet::new(),
        held: BTreeMap::new(),
        known: BTreeMap::new(),
    };
    for delivery in &trace.deliveries {
        let run = delivery.event().run().and_then(|run| plan.actions.run(run));
        if let (Some(run), Some(index)) = (run, delivery.index()) {
            let last = plan.last.entry(run).or_insert(index);
            *last = index.max(*last);
        }
    }
    for entry in entries.iter().take_while(|entry| entry.number <= until) {
        if entry.connection > 0 || cast::is_of_viewer(&entry.what) {
            if viewers.contains(&entry.viewer) {
                plan.of_viewer(entry)?;
            }
        } else {
            plan.of_server(entry)?;
        }
        if plan.actions.steps.len() > MOST_STEPS {
            return Err(WhyNot::Long);
        }
    }
    plan.rest();
    Ok(plan.actions)
}

/// Whether some of these viewers speak over HTTP, and some over the WebSocket: others, or the same ones later.
fn speak_over_both(trace: &Trace<'_>, viewers: &BTreeSet<Arc<str>>) -> bool {
    let mut over_http = trace.connections.iter().filter(|it| it.is_over_http());
    let mut websockets = trace.websockets().filter(|it| it.opened());
    over_http.any(|it| viewers.contains(it.viewer))
        && websockets.any(|it| viewers.contains(it.viewer))
}

/// What is known of one open connection.
#[derive(Default)]
pub(super) struct Watching {
    pub(super) connection: u32,
    /// What has been heard and is not yet read in the script.
    goal: Option<Goal>,
    /// The highest index heard, by run.
    highest: BTreeMap<usize, u64>,
    heard: usize,
    /// `subscribed` has been heard and is not yet read.
    subscribed: bool,
    /// What comes answers a request that is left out.
    pub(super) deaf: bool,
    /// Over HTTP, the request was refused: the script reads that at once.
    refused: bool,
}

pub(super) struct Planner<'t> {
    entries: Entries<'t>,
    has_breakpoints: bool,
    pub(super) actions: Acts,
    /// The open connections, by viewer.
    pub(super) connections: BTreeMap<Arc<str>, Watching>,
    /// Over HTTP: the token of the next request, by viewer.
    pub(super) tokens: BTreeMap<Arc<str>, ShownToken>,
    /// When each viewer's last connection was over.
    left: BTreeMap<Arc<str>, Duration>,
    /// By run: the highest index that anybody saw.
    last: BTreeMap<usize, u64>,
    /// The runs whose ids the script knows by then.
    learned: BTreeSet<usize>,
    /// The runs that the script starts, or tries to.
    started: BTreeSet<usize>,
    /// By run: the event at which a breakpoint stopped it.
    held: BTreeMap<usize, u64>,
    /// By run: how far the script has seen it.
    known: BTreeMap<usize, u64>,
}

impl Planner<'_> {
    fn of_server(&mut self, entry: &Entry) -> Result<(), WhyNot> {
        match &entry.what {
            EntryKind::BreakpointReached { session_id, after } => {
                let run = self.actions.session(session_id);
                if let Some(run) = run.filter(|run| self.started.contains(run)) {
                    self.held.insert(run, *after);
                }
            }
            EntryKind::Restarted => self.push(&entry.viewer, Act::Restart),
            EntryKind::RunDropped { .. } => return Err(WhyNot::Forgot),
            EntryKind::Client(_) => return Err(WhyNot::Client),
            _ => {}
        }
        Ok(())
    }

    fn of_viewer(&mut self, entry: &Entry) -> Result<(), WhyNot> {
        let viewer = &entry.viewer;
        match &entry.what {
            EntryKind::ShowsToken(shown) => {
                self.tokens.insert(Arc::clone(viewer), *shown);
            }
            EntryKind::Sent { text, action } if Form::component(text).is_some() => {
                self.post(entry, text, action)?;
            }
            // Over HTTP it is the answer to a request.
            EntryKind::Opened if self.actions.over_http.is_some() => {}
            EntryKind::Opened => self.connect(entry),
            // The end of an earlier connection, which comes when the next is open already.
            _ if self
                .connections
                .get(viewer)
                .is_some_and(|it| it.connection != entry.connection)
                && entry.connection > 0 => {}
            EntryKind::Received { .. } => self.hear(entry),
            EntryKind::Watched(_) => self.wants(viewer, Goal::Silence),
            EntryKind::TimedOut { .. } => self.wants(viewer, Goal::Timeout),
            EntryKind::Refused { .. } => {
                if let Some(watching) = self.connections.get_mut(viewer) {
                    watching.refused = true;
                }
            }
            EntryKind::Sent { action, .. } if !self.can_ask(action) => {
                self.read(viewer);
                if let Some(watching) = self.connections.get_mut(viewer) {
                    watching.deaf = true;
                }
            }
            EntryKind::Sent { text, action } => {
                self.about_to(viewer);
                if let Some(watching) = self.connections.get_mut(viewer) {
                    watching.deaf = false;
                }
                self.asks(action)?;
                let said = said(text)?;
                self.push(viewer, said);
            }
            EntryKind::SentBinary(length) => {
                self.about_to(viewer);
                self.push(viewer, Act::SendBytes(*length));
            }
            // A connection over HTTP on which nothing was asked.
            EntryKind::Disconnected(_)
                if self.actions.over_http.is_some() && !self.connections.contains_key(viewer) => {}
            EntryKind::Disconnected(how) => {
                let waits = self.timed_out(viewer);
                self.read(viewer);
                if waits {
                    // What others received meanwhile shows whether there was something to wait for.
                    let others: Vec<Arc<str>> = self.connections.keys().cloned().collect();
                    for other in &others {
                        self.read(other);
                    }
                }
                self.push(viewer, Act::Leave(*how));
                self.over(entry);
            }
            // If the viewer had not disconnected, the server ended it.
            EntryKind::CloseReceived { .. }
            | EntryKind::StreamEnded { .. }
            | EntryKind::Ended(_)
                if self.connections.get(viewer).is_some_and(|it| it.refused) =>
            {
                self.over(entry);
            }
            EntryKind::CloseReceived { .. }
            | EntryKind::StreamEnded { .. }
            | EntryKind::Ended(_)
                if self.connections.contains_key(viewer) =>
            {
                if self.actions.over_http.is_some() {
                    // A stream ends with its run: what came last is waited for, too.
                    self.read(viewer);
                }
                self.wants(viewer, Goal::Silence);
                self.read(viewer);
                self.over(entry);
            }
            EntryKind::HttpRequest {
                method,
                path,
                with_token,
            } => self.ask(entry, method, path, *with_token),
            EntryKind::NotOpened(_) => return Err(WhyNot::NoConnection),
            EntryKind::StopsReading { .. } | EntryKind::ReadsOn => {
                return Err(WhyNot::StopsReading);
            }
            EntryKind::User { .. } => return Err(WhyNot::Users),
            EntryKind::AtAnotherReplica | EntryKind::ReplicaKilled => {
                return Err(WhyNot::Replicas);
            }
            EntryKind::NotPermitted { .. } => return Err(WhyNot::Users),
            EntryKind::TokenExpired => return Err(WhyNot::Expires),
            EntryKind::Client(_) => return Err(WhyNot::Client),
            _ => {}
        }
        Ok(())
    }

    /// Notes a run that the script starts with a request.
    ///
    /// # Errors
    ///
    /// [`WhyNot::Unheard`] where the script would not know the run's id.
    pub(super) fn asks(&mut self, action: &Action) -> Result<(), WhyNot> {
        if let Action::Start {
            session_id: Some(session),
            ..
        } = action
        {
            self.started.extend(self.actions.session(session));
        }
        if let Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. } = action {
            let run = run_id.as_deref().and_then(|run| self.actions.run(run));
            if run.is_some_and(|run| !self.learned.contains(&run)) {
                return Err(WhyNot::Unheard);
            }
        }
        Ok(())
    }

    /// Whether the run that is asked for is one that the script starts, or none of the record.
    pub(super) fn can_ask(&self, action: &Action) -> bool {
        let (Action::Reconnect { run_id, .. } | Action::Continue { run_id, .. }) = action else {
            return true;
        };
        let run = run_id.as_deref().and_then(|run| self.actions.run(run));
        run.is_none_or(|run| self.started.contains(&run))
    }

    pub(super) fn push(&mut self, viewer: &str, act: Act) {
        let place = self.actions.viewers.iter().position(|it| it == viewer);
        let viewer = place.unwrap_or_else(|| {
            self.actions.viewers.push(viewer.to_owned());
            self.actions.viewers.len() - 1
        });
        self.actions.steps.push(Step { viewer, act });
    }

    fn connect(&mut self, entry: &Entry) {
        self.arrive(entry);
        self.push(&entry.viewer, Act::Connect);
        self.begin(entry);
    }

    /// Notes that a connection began.
    pub(super) fn begin(&mut self, entry: &Entry) {
        let watching = Watching {
            connection: entry.connection,
            ..Watching::default()
        };
        self.connections.insert(Arc::clone(&entry.viewer), watching);
    }

    /// Waits until the viewer comes, as long as they were away.
    pub(super) fn arrive(&mut self, entry: &Entry) {
        let viewer = &entry.viewer;
        let before = self.actions.steps.len();
        self.keep_pace(viewer);
        if before == self.actions.steps.len() {
            if let Some(events) = self.ended_meanwhile(entry) {
                self.push(viewer, Act::AwayFor(events));
            } else if let Some(left) = self.left.get(viewer).filter(|_| !self.has_breakpoints) {
                let away = entry.at().saturating_sub(*left);
                if away >= SHORTEST_AWAY {
                    self.push(viewer, Act::AwayWhile(away));
                }
            }
        }
    }

    /// If the answer on this connection is a `replay` of a run whose end no viewer had seen: how many more
    /// events the run had, and one to be sure.
    fn ended_meanwhile(&self, entry: &Entry) -> Option<u64> {
        if !self.has_breakpoints {
            return None;
        }
        let entries = self.entries.skip(entry.number as usize);
        let mut own = entries
            .iter()
            .filter(|it| it.viewer == entry.viewer && it.connection == entry.connection);
        own.find_map(|it| match it.message()?.control()? {
            Control::Replay {
                run_id: Some(run),
                total_events: Some(total),
                ..
            } => {
                let run = self
                    .actions
                    .run(run)
                    .filter(|run| self.started.contains(run))?;
                let known = self
                    .known
                    .get(&run)
                    .map_or(0, |known| known.saturating_add(1));
                total.checked_sub(known).filter(|more| *more > 0)
            }
            _ => None,
        })
        .map(|more| more.min(10_000) + 1)
    }

    fn hear(&mut self, entry: &Entry) {
        let Some(message) = entry.message() else {
            return;
        };
        let run = message
            .event()
            .and_then(|event| Some((self.actions.run(event.run()?)?, event.index.at()?)));
        let Some(watching) = self.connections.get_mut(&entry.viewer) else {
            return;
        };
        watching.heard += 1;
        let named = message.control().and_then(Control::run_id);
        let named = named.or_else(|| message.event()?.run());
        self.learned
            .extend(named.and_then(|run| self.actions.run(run)));
        if watching.deaf {
            return;
        }
        if let Some((run, index)) = run {
            let highest = watching.highest.entry(run).or_insert(index);
            *highest = index.max(*highest);
        }
        if matches!(message.control(), Some(Control::Subscribed { .. })) {
            watching.subscribed = true;
        }
        let goal = match message.event() {
            Some(event) if event.ending().is_none() => event.index.at().map(Goal::Index),
            // The greeting is read on connecting.
            None if watching.heard == 1
                && matches!(message.control(), Some(Control::Connected { .. })) =>
            {
                return;
            }
            _ if message.event().is_none() && message.control().is_none() => Some(Goal::Silence),
            _ => Some(Goal::Name(message.name().to_owned())),
        };
        watching.goal = goal.or(Some(Goal::Silence));
    }

    fn wants(&mut self, viewer: &Arc<str>, goal: Goal) {
        if let Some(watching) = self.connections.get_mut(viewer).filter(|it| !it.deaf) {
            // A wait that timed out has seen the silence, too.
            if goal != Goal::Silence || watching.goal != Some(Goal::Timeout) {
                watching.goal = Some(goal);
            }
        }
    }

    fn timed_out(&self, viewer: &Arc<str>) -> bool {
        let goal = self.connections.get(viewer).and_then(|it| it.goal.as_ref());
        goal == Some(&Goal::Timeout)
    }

    /// Writes down what the viewer has read by now.
    pub(super) fn read(&mut self, viewer: &Arc<str>) {
        let Some(watching) = self.connections.get_mut(viewer) else {
            return;
        };
        let Some(goal) = watching.goal.take() else {
            return;
        };
        // The index alone does not show whether the event was missed or live.
        let subscribed = std::mem::take(&mut watching.subscribed) && matches!(goal, Goal::Index(_));
        for (run, index) in &watching.highest {
            let known = self.known.entry(*run).or_insert(*index);
            *known = (*known).max(*index);
        }
        if subscribed {
            self.push(viewer, Act::Read(Goal::Name("subscribed".to_owned())));
        }
        self.push(viewer, Act::Read(goal));
    }

    fn about_to(&mut self, viewer: &Arc<str>) {
        self.read(viewer);
        self.keep_pace(viewer);
    }

    /// Waits until the runs have got as far as they had; if a viewer watches, by reading.
    fn keep_pace(&mut self, actor: &Arc<str>) {
        for run in 0..self.actions.sessions.len() {
            let known = self.known.get(&run).copied();
            let ahead = self
                .connections
                .iter()
                .filter_map(|(viewer, it)| Some((it.highest.get(&run)?, viewer)))
                .max_by_key(|(index, _)| **index)
                .filter(|(index, _)| known.is_none_or(|known| **index > known))
                .map(|(_, viewer)| Arc::clone(viewer));
            if let Some(viewer) = ahead {
                self.read(&viewer);
            }
            let known = self
                .known
                .get(&run)
                .map_or(0, |known| known.saturating_add(1));
            let held = self.held.get(&run).map_or(0, |held| held.saturating_add(1));
            if held > known {
                self.push(actor, Act::AwayFor(held - known));
                let last = self.last.get(&run).copied().unwrap_or_default();
                self.actions.tight |= last < held.saturating_add(ROOM);
                self.known.insert(run, held - 1);
            }
        }
    }

    fn over(&mut self, entry: &Entry) {
        self.connections.remove(&entry.viewer);
        self.left.insert(Arc::clone(&entry.viewer), entry.at());
    }

    fn ask(&mut self, entry: &Entry, method: &str, path: &str, with_token: bool) {
        let viewer = &entry.viewer;
        self.about_to(viewer);
        let request = Route::of(method, path).map(|route| route.request);
        let act = match request {
            Some(RunRequest::Start) => {
                let place = self.actions.beside(entry.number);
                let session = place.as_deref().and_then(|it| self.actions.session(it));
                self.started.extend(session);
                self.learned.extend(session);
                Act::StartOverHttp {
                    path: path.to_owned(),
                    session: place.unwrap_or_default(),
                    with_token,
                }
            }
            _ => Act::Ask {
                method: method.to_owned(),
                path: path.to_owned(),
                with_token,
            },
        };
        self.push(viewer, act);
        // On a server with breakpoints, the run ends with the next event after that.
        if self.has_breakpoints && matches!(request, Some(RunRequest::Cancel(_))) {
            self.push(viewer, Act::AwayFor(TO_STOP));
        }
    }

    /// What was still to be read when the record was cut off.
    fn rest(&mut self) {
        let open: Vec<Arc<str>> = self.connections.keys().cloned().collect();
        for viewer in &open {
            self.read(viewer);
        }
    }
}

fn said(text: &str) -> Result<Act, WhyNot> {
    if text.len() > LONGEST_TEXT {
        return Err(WhyNot::LongText);
    }
    Ok(match serde_json::from_str(text) {
        Ok(said @ Value::Object(_)) => Act::Outgoing(said),
        _ => Act::SendText(text.to_owned()),
    })
}
