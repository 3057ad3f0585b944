//! How a record is told again: which answer and which event belongs to which request.

use std::collections::{HashMap, HashSet};

use crate::protocol::action::NO_SUCH;
use crate::protocol::{Action, Control, Position};
use crate::trace::connection::Connection;
use crate::trace::trace::{Continuation, Delivery, Earlier, Phase, Return, Start, Trace};
use crate::transcript::Transcript;
use crate::transcript::entry::{Entry, EntryKind};

/// The visits of a record, in the order in which they began.
pub(crate) fn connections(transcript: &Transcript) -> Vec<Connection<'_>> {
    let mut connections: Vec<Connection<'_>> = Vec::new();
    let mut places: HashMap<(&str, u32), usize> = HashMap::new();
    // Most often the next one is of the same.
    let mut latest: Option<(&str, u32, usize)> = None;
    for entry in transcript.entries() {
        if entry.connection == 0 {
            continue;
        }
        let again = latest.filter(|it| (it.0, it.1) == (&entry.viewer, entry.connection));
        let place = again.map(|it| it.2).unwrap_or_else(|| {
            *places
                .entry((&entry.viewer, entry.connection))
                .or_insert_with(|| {
                    connections.push(Connection {
                        viewer: &entry.viewer,
                        number: entry.connection,
                        entries: Vec::new(),
                        afterwards: Vec::new(),
                        opened: false,
                        at_another_replica: false,
                        lost: None,
                        guarded: None,
                        authenticated: None,
                        barred: None,
                        malformed: None,
                        silences: Vec::new(),
                    });
                    connections.len() - 1
                })
        });
        latest = Some((&entry.viewer, entry.connection, place));
        let connection = &mut connections[place];
        if connection.left().is_some() {
            connection.afterwards.push(entry);
            continue;
        }
        connection.entries.push(entry);
        match &entry.what {
            EntryKind::Opened => connection.opened = true,
            EntryKind::AtAnotherReplica => connection.at_another_replica = true,
            EntryKind::CloseReceived { .. } | EntryKind::Ended(_) => {
                connection.lost.get_or_insert(entry);
            }
            EntryKind::TimedOut { .. } | EntryKind::Watched(_) => connection.silences.push(entry),
            _ if entry.is_malformed() => {
                connection.malformed.get_or_insert(entry);
            }
            EntryKind::Sent { action, .. }
                if connection.guarded == Some(true)
                    && connection.authenticated.is_none()
                    && !matches!(**action, Action::Authenticate { .. }) =>
            {
                connection.barred.get_or_insert(entry);
            }
            EntryKind::Received { message, .. } => match message.control() {
                Some(Control::Connected {
                    requires_auth: Some(asks),
                }) => {
                    connection.guarded.get_or_insert(*asks);
                }
                Some(Control::Authenticated) => {
                    connection.authenticated.get_or_insert(entry);
                }
                Some(Control::AuthRequired) => {
                    connection.barred.get_or_insert(entry);
                }
                _ => {}
            },
            _ => {}
        }
    }
    connections
}

/// Tells one visit: adds its starts, returns and deliveries to the story.
pub(crate) fn tell(trace: &mut Trace<'_>, place: usize) {
    let entries = std::mem::take(&mut trace.connections[place].entries);
    let mut telling = Telling {
        first_start: trace.starts.len(),
        first_delivery: trace.deliveries.len(),
        place,
        hearers: HashMap::new(),
        guessed: HashSet::new(),
        first_return: trace.returns.len(),
        phases: Vec::new(),
        asked: HashSet::new(),
        ended: HashSet::new(),
        waiting: Vec::new(),
        latest: None,
        trace,
    };
    for &entry in &entries {
        telling.hear(entry);
    }
    trace.connections[place].entries = entries;
}

/// Gives the starts of which nothing was heard their runs, by the sessions that they named: the viewer
/// left before the first event, and the run was asked for in that session later. What was heard until
/// then, if anything, was of other sessions.
pub(crate) fn find_unheard(trace: &mut Trace<'_>) {
    let of_another = |start: &Start<'_>, delivery: &Delivery<'_>| {
        let session = delivery.event().session_id.as_deref();
        session.is_some() && session != start.session_id
    };
    let is_unheard = |start: &Start<'_>| match start.run {
        None => start.refusal.is_none(),
        Some(_) => !start.heard.is_empty() && start.heard.iter().all(|it| of_another(start, it)),
    };
    let heard = trace.starts.iter().filter(|start| !is_unheard(start));
    let heard: HashSet<&str> = heard.filter_map(|start| start.run).collect();
    let mut asked: HashMap<&str, &str> = HashMap::new();
    for ret in &trace.returns {
        if let Some(Action::Reconnect {
            run_id: Some(run),
            session_id: Some(session),
            ..
        }) = ret.request.action()
            && !heard.contains(&**run)
            && !no_such(Some(run))
        {
            asked.entry(session).or_insert(run);
        }
    }
    let mut strays = HashSet::new();
    for start in trace.starts.iter_mut().filter(|start| is_unheard(start)) {
        let run = start.session_id.and_then(|session| asked.remove(session));
        if run.is_some() && run != start.run {
            start.run = run;
            strays.extend(start.heard.drain(..).map(|it| it.entry.number));
        }
    }
    for delivery in &mut trace.deliveries {
        if strays.contains(&delivery.entry.number) {
            delivery.phase = Phase::Stray;
        }
    }
}

/// One visit while it is told.
struct Telling<'s, 't> {
    trace: &'s mut Trace<'t>,
    place: usize,
    /// Where in [`Trace::starts`] the starts of this visit begin.
    first_start: usize,
    /// Where in [`Trace::deliveries`] the deliveries of this visit begin.
    first_delivery: usize,
    /// Who hears the events of a run; one at a time.
    hearers: HashMap<&'t str, Hearer>,
    /// The starts whose run names another session, so that it may be a stray one.
    guessed: HashSet<usize>,
    /// Where in [`Trace::returns`] the returns of this visit begin.
    first_return: usize,
    /// The phase of each of them.
    phases: Vec<Phase>,
    /// The runs that were asked for.
    asked: HashSet<&'t str>,
    /// The runs of which a final ending came.
    ended: HashSet<&'t str>,
    /// The requests that nothing has answered yet, in order, without pings.
    waiting: Vec<Asked>,
    /// The latest return, which an answer without a run id belongs to.
    latest: Option<usize>,
}

/// Who hears the events of a run on a visit, as a place among all starts, returns or continuations.
#[derive(Clone, Copy)]
enum Hearer {
    Start(usize),
    Return(usize),
    Continuation(usize),
}

/// A request that waits for its answer, and whether only a refusal can answer it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Asked {
    Start { at: usize, doomed: bool },
    Return { at: usize, doomed: bool },
    Continuation(usize),
    Text,
}

impl<'t> Telling<'_, 't> {
    fn hear(&mut self, entry: &'t Entry) {
        match &entry.what {
            EntryKind::Sent { action, .. } => self.ask(entry, action),
            EntryKind::SentBinary(_) => self.ask_in_vain(),
            // What was waited for in vain will not be mistaken for the answer to something later.
            EntryKind::TimedOut { .. } => self.waiting.clear(),
            EntryKind::Received { message, .. } => {
                if let Some(control) = message.control() {
                    self.control(entry, control);
                } else if message.event().is_some() {
                    self.event(entry);
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, request: &'t Entry, action: &'t Action) {
        match action {
            Action::Start {
                workflow_id,
                session_id,
                ..
            } => {
                self.latest = None;
                self.waiting.push(Asked::Start {
                    at: self.trace.starts.len(),
                    doomed: no_such(workflow_id.as_deref()),
                });
                self.trace.starts.push(Start {
                    request,
                    connection: self.place,
                    workflow_id: workflow_id.as_deref(),
                    session_id: session_id.as_deref(),
                    run: None,
                    refusal: None,
                    heard: Vec::new(),
                    until: None,
                });
            }
            Action::Reconnect {
                run_id, position, ..
            } => {
                let run = run_id.as_deref();
                let at = self.trace.returns.len();
                self.latest = Some(at);
                self.waiting.push(Asked::Return {
                    at,
                    doomed: no_such(run) || matches!(position, Position::Odd(_)),
                });
                let mut earlier = Earlier::Nothing;
                if let Some(run) = run {
                    self.asked.insert(run);
                    if self.take_over(run, Hearer::Return(at), request) {
                        earlier = Earlier::Watching;
                    }
                    if self.ended.contains(run) {
                        earlier = Earlier::Ended;
                    }
                }
                self.phases.push(Phase::Unannounced);
                self.trace.returns.push(Return {
                    request,
                    connection: self.place,
                    run,
                    position,
                    earlier,
                    controls: Vec::new(),
                    deliveries: Vec::new(),
                    until: None,
                    displaced: None,
                });
            }
            Action::Continue { run_id, .. } => {
                let run = run_id.as_deref();
                let at = self.trace.continuations.len();
                self.latest = None;
                self.waiting.push(Asked::Continuation(at));
                if let Some(run) = run {
                    self.asked.insert(run);
                    self.take_over(run, Hearer::Continuation(at), request);
                }
                self.trace.continuations.push(Continuation {
                    request,
                    connection: self.place,
                    run,
                    refusal: None,
                    heard: Vec::new(),
                    until: None,
                });
            }
            Action::Other(_) => self.ask_in_vain(),
            Action::Ping | Action::Authenticate { .. } => {}
        }
    }

    /// Lets a request hear what follows of a run; whether another one had heard it until then.
    fn take_over(&mut self, run: &'t str, hearer: Hearer, request: &Entry) -> bool {
        let Some(before) = self.hearers.insert(run, hearer) else {
            return false;
        };
        let until = match before {
            Hearer::Start(at) => &mut self.trace.starts[at].until,
            Hearer::Return(at) => &mut self.trace.returns[at].until,
            Hearer::Continuation(at) => &mut self.trace.continuations[at].until,
        };
        until.get_or_insert(request.number);
        true
    }

    /// Something that only a refusal can answer.
    fn ask_in_vain(&mut self) {
        self.latest = None;
        self.waiting.push(Asked::Text);
    }

    fn control(&mut self, entry: &'t Entry, control: &'t Control) {
        let phase = match control {
            Control::CatchUp { .. } => Some(Phase::Missed),
            Control::Subscribed { .. } => Some(Phase::Live),
            Control::Replay { .. } => Some(Phase::Replayed),
            Control::Error { .. } | Control::AuthRequired => None,
            Control::Queued { run_id: Some(id) } => {
                self.bind(id, None);
                return;
            }
            _ => return,
        };
        let to = match (phase, control.run_id()) {
            (None, _) => match self.refused() {
                Some(Asked::Start { at, .. }) => {
                    self.trace.starts[at].refusal.get_or_insert(entry);
                    None
                }
                Some(Asked::Return { at, .. }) => Some(at),
                Some(Asked::Continuation(at)) => {
                    self.trace.continuations[at].refusal.get_or_insert(entry);
                    None
                }
                Some(Asked::Text) => None,
                None => self.latest,
            },
            (Some(_), Some(id)) => match self.hearers.get(&**id) {
                Some(Hearer::Return(at)) => Some(*at),
                _ => None,
            },
            (Some(_), None) => self.latest,
        };
        let Some(to) = to else { return };
        if let Some(phase) = phase {
            self.phases[to - self.first_return] = phase;
            self.answered_return(to);
        }
        self.trace.returns[to].controls.push(entry);
    }

    fn event(&mut self, entry: &'t Entry) {
        let Some(mut delivery) = Delivery::stray(entry, self.place) else {
            return;
        };
        let event = delivery.event();
        if let Some(run) = event.run() {
            let known = self.hearers.get(&**run).copied();
            let hearer = known.or_else(|| self.bind(run, event.session_id.as_deref()));
            match hearer {
                Some(Hearer::Start(at)) => {
                    delivery.phase = Phase::First;
                    self.trace.starts[at].heard.push(delivery);
                }
                Some(Hearer::Return(at)) => {
                    delivery.phase = self.phases[at - self.first_return];
                    self.answered_return(at);
                    self.trace.returns[at].deliveries.push(delivery);
                }
                Some(Hearer::Continuation(at)) => {
                    delivery.phase = Phase::Continued;
                    self.waiting
                        .retain(|asked| *asked != Asked::Continuation(at));
                    self.trace.continuations[at].heard.push(delivery);
                }
                None => {}
            }
            if event.final_ending().is_some() {
                self.ended.insert(run);
            }
        }
        self.trace.deliveries.push(delivery);
    }

    /// Takes the request that a refusal answers: the first that only a refusal can answer, else the
    /// latest.
    fn refused(&mut self) -> Option<Asked> {
        let doomed = self.waiting.iter().position(|asked| match asked {
            Asked::Start { doomed, .. } | Asked::Return { doomed, .. } => *doomed,
            Asked::Continuation(_) => false,
            Asked::Text => true,
        });
        match doomed {
            Some(at) => Some(self.waiting.remove(at)),
            None => self.waiting.pop(),
        }
    }

    fn answered_return(&mut self, place: usize) {
        if !self.waiting.is_empty() {
            self.waiting
                .retain(|asked| !matches!(asked, Asked::Return { at, .. } if *at == place));
        }
    }

    /// Gives a new run to the start that it belongs to: the one of its session, else the first
    /// without a run, those last that were or should be refused. The latter is a guess, which gives
    /// way to a run of the session.
    fn bind(&mut self, run: &'t str, session: Option<&str>) -> Option<Hearer> {
        if self.asked.contains(run) {
            return None;
        }
        let first = self.first_start;
        let guessed = &self.guessed;
        let starts = &mut self.trace.starts[first..];
        let unbound = |start: &Start<'_>| start.run.is_none();
        let named = starts.iter().enumerate().position(|(at, start)| {
            (unbound(start) || guessed.contains(&(first + at)))
                && session.is_some()
                && start.session_id == session
        });
        let at = named.or_else(|| {
            // A server that keeps the session to itself: its runs are taken in the order of the starts.
            let foreign = session.is_none_or(|id| starts.iter().all(|s| s.session_id != Some(id)));
            let free = starts
                .iter()
                .enumerate()
                .filter(|(_, start)| unbound(start));
            foreign
                .then(|| {
                    free.min_by_key(|(_, start)| {
                        (start.refusal.is_some(), no_such(start.workflow_id))
                    })
                })
                .flatten()
                .map(|(at, _)| at)
        });
        let at = at?;
        let stray = starts[at].run.replace(run);
        let place = first + at;
        if named.is_some() {
            self.guessed.remove(&place);
        } else {
            self.guessed.insert(place);
        }
        if let Some(stray) = stray {
            self.disown(place, stray);
        }
        let hearer = Hearer::Start(place);
        self.hearers.insert(run, hearer);
        self.waiting
            .retain(|asked| !matches!(asked, Asked::Start { at, .. } if *at == place));
        Some(hearer)
    }

    /// Takes from a start what it heard of a run that is not the one it started.
    fn disown(&mut self, place: usize, stray: &str) {
        self.hearers.remove(stray);
        for heard in std::mem::take(&mut self.trace.starts[place].heard) {
            let all = &mut self.trace.deliveries[self.first_delivery..];
            let at = all.partition_point(|delivery| delivery.entry.number < heard.entry.number);
            all[at].phase = Phase::Stray;
        }
    }
}

fn no_such(id: Option<&str>) -> bool {
    id.is_none_or(|id| id.starts_with(NO_SUCH))
}
