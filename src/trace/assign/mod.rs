//! Which connection an entry is of, and which answer and which event belongs to which request.

mod owed;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use crate::protocol::action::NO_SUCH;
use crate::protocol::{Action, Control, Ending, Position};
use crate::trace::connection::Connection;
use crate::trace::delivery::{Delivery, Phase};
use crate::trace::questions::Trace;
use crate::trace::subscription::{Earlier, Origin, Subscription};
use crate::transcript::Transcript;
use crate::transcript::entry::{Entry, EntryKind, Number};

/// The connections of a transcript, in the order in which they began.
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
                    connections.push(Connection::new(&entry.viewer, entry.connection));
                    connections.len() - 1
                })
        });
        latest = Some((&entry.viewer, entry.connection, place));
        connections[place].add(entry);
    }
    connections
}

/// Adds the subscriptions and the deliveries of one connection to the trace.
pub(crate) fn assign(trace: &mut Trace<'_>, place: usize) {
    let entries = std::mem::take(&mut trace.connections[place].entries);
    let mut assignment = Assignment {
        first: trace.subscriptions.len(),
        first_delivery: trace.deliveries.len(),
        place,
        hearers: HashMap::new(),
        early: HashMap::new(),
        guessed: HashSet::new(),
        states: Vec::new(),
        asked: HashSet::new(),
        ended: HashSet::new(),
        silent: 0,
        doomed: VecDeque::new(),
        waiting: Vec::new(),
        by_session: HashMap::new(),
        unbound: BTreeSet::new(),
        latest: None,
        trace,
    };
    for &entry in &entries {
        assignment.hear(entry);
    }
    trace.connections[place].entries = entries;
}

/// Gives the starts of which nothing was heard their runs, by the sessions that they named: the viewer
/// left before the first event, and the run was asked for in that session later. What was heard until
/// then, if anything, was of other sessions.
pub(crate) fn find_unheard(trace: &mut Trace<'_>) {
    let of_another = |start: &Subscription<'_>, delivery: &Delivery<'_>| {
        let session = delivery.event().session_id.as_deref();
        session.is_some() && session != start.session_id()
    };
    let is_unheard = |start: &Subscription<'_>| match start.run {
        None => start.refusal().is_none(),
        Some(_) => {
            let heard = &start.deliveries;
            !heard.is_empty() && heard.iter().all(|it| of_another(start, it))
        }
    };
    let unheard: Vec<usize> = (0..trace.subscriptions.len())
        .filter(|place| trace.subscriptions[*place].origin == Origin::Started)
        .filter(|place| is_unheard(&trace.subscriptions[*place]))
        .collect();
    if unheard.is_empty() {
        return;
    }
    let mut others = unheard.iter().copied().peekable();
    let starts = trace.subscriptions.iter().enumerate();
    let heard: HashSet<&str> = starts
        .filter(|(place, _)| others.next_if_eq(place).is_none())
        .filter(|(_, it)| it.origin == Origin::Started)
        .filter_map(|(_, start)| start.run)
        .collect();
    let mut asked: HashMap<&str, &str> = HashMap::new();
    for it in trace.returns() {
        if let (Some(run), Some(session)) = (it.run, it.session_id())
            && !heard.contains(run)
            && !no_such(Some(run))
        {
            asked.entry(session).or_insert(run);
        }
    }
    let mut strays = HashSet::new();
    for place in unheard {
        let start = &mut trace.subscriptions[place];
        let run = start.session_id().and_then(|session| asked.remove(session));
        if run.is_some() && run != start.run {
            start.run = run;
            strays.extend(start.deliveries.drain(..).map(|it| it.entry.number));
        }
    }
    if strays.is_empty() {
        return;
    }
    for delivery in &mut trace.deliveries {
        if strays.contains(&delivery.entry.number) {
            delivery.phase = Phase::Stray;
        }
    }
}

/// The state in which one connection is after some of its entries. Every step takes the same time,
/// however many requests there are.
struct Assignment<'s, 't> {
    trace: &'s mut Trace<'t>,
    place: usize,
    /// Where in [`Trace::subscriptions`] those of this connection begin.
    first: usize,
    /// Where in [`Trace::deliveries`] the deliveries of this connection begin.
    first_delivery: usize,
    /// Which subscription gets the events of a run; one at a time.
    hearers: HashMap<&'t str, usize>,
    /// The continuations of runs whose pause has not been sent on this connection yet.
    early: HashMap<&'t str, usize>,
    /// The starts whose run names another session, so that it may be a stray one.
    guessed: HashSet<usize>,
    /// Of each subscription of this connection.
    states: Vec<State>,
    /// The runs that were asked for.
    asked: HashSet<&'t str>,
    /// The runs of which a final ending came, with no answer to a return still on its way.
    ended: HashSet<&'t str>,
    /// The last time that nothing came any more.
    silent: Number,
    /// The requests that only a refusal can answer and that none has answered yet, in order.
    doomed: VecDeque<Request>,
    /// The other requests, without pings, in order; those that were answered are passed over.
    waiting: Vec<Request>,
    /// By session: the starts that named it and that a run of the session may still be given to.
    by_session: HashMap<&'t str, VecDeque<usize>>,
    /// The starts without a run, those first that a run belongs to sooner: whether it was refused,
    /// whether it should be, and its place.
    unbound: BTreeSet<(bool, bool, usize)>,
    /// The latest return or continuation, which an answer without a run id belongs to.
    latest: Option<usize>,
}

/// How far a subscription has come.
#[derive(Clone, Copy)]
struct State {
    /// The phase of the events that come next.
    phase: Phase,
    is_answered: bool,
    /// Whether the answer to an earlier return to the run may still come, and be taken for its own.
    is_crossed: bool,
}

/// A request that waits for its answer.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Request {
    /// For a subscription.
    For(usize),
    /// Something that only a refusal can answer.
    Malformed,
}

impl<'t> Assignment<'_, 't> {
    fn hear(&mut self, entry: &'t Entry) {
        match &entry.what {
            EntryKind::Sent { action, .. } => self.ask(entry, action),
            EntryKind::SentBinary(_) => self.ask_malformed(),
            // What nothing answered in time will not be mistaken for the answer to something later.
            EntryKind::TimedOut { .. } => {
                self.doomed.clear();
                self.waiting.clear();
                self.silent = entry.number;
            }
            EntryKind::Watched(_) => self.silent = entry.number,
            EntryKind::Refused { message, .. } => {
                if let Some(control) = message.control() {
                    self.control(entry, control);
                }
            }
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
        let at = self.trace.subscriptions.len();
        let mut is_crossed = false;
        let (origin, run, phase, is_doomed) = match action {
            Action::Start { workflow_id, .. } => {
                let is_doomed = no_such(workflow_id.as_deref());
                self.unbound.insert((false, is_doomed, at));
                (Origin::Started, None, Phase::First, is_doomed)
            }
            Action::Reconnect {
                run_id,
                position,
                session_id,
                ..
            } => {
                let run = run_id.as_deref();
                is_crossed = run.is_some_and(|run| self.is_owed(run));
                let earlier = match run {
                    Some(run) if self.ended.remove(run) || self.is_over(run) => Earlier::Ended,
                    Some(run) if self.hearers.contains_key(run) => Earlier::Watching,
                    Some(_) if self.may_have_started(session_id.as_deref()) => Earlier::Watching,
                    _ => Earlier::Nothing,
                };
                let is_doomed = no_such(run) || matches!(position, Position::Odd(_));
                let origin = Origin::Returned { position, earlier };
                (origin, run, Phase::Unannounced, is_doomed)
            }
            Action::Continue { run_id, .. } => {
                let run = run_id.as_deref();
                (Origin::Continued, run, Phase::Continued, false)
            }
            Action::Other(_) => return self.ask_malformed(),
            Action::Ping | Action::Authenticate { .. } => return,
        };
        // Events of the run may be on their way to who continues it, and come before the refusal.
        self.latest = (origin != Origin::Started).then_some(at);
        match is_doomed {
            true => self.doomed.push_back(Request::For(at)),
            false => self.waiting.push(Request::For(at)),
        }
        if let Some(run) = run {
            self.asked.insert(run);
            if origin == Origin::Continued && (self.is_watched_on(run) || self.is_owed(run)) {
                self.early.insert(run, at);
            } else {
                self.hand_over(run, at, request.number);
            }
        }
        self.states.push(State {
            phase,
            is_answered: false,
            is_crossed,
        });
        let subscription = Subscription {
            request,
            connection: self.place,
            run,
            origin,
            controls: Vec::new(),
            deliveries: Vec::new(),
            until: None,
            displaced: None,
        };
        if let (Origin::Started, Some(session)) = (origin, subscription.session_id()) {
            self.by_session.entry(session).or_default().push_back(at);
        }
        self.trace.subscriptions.push(subscription);
    }

    /// Lets this subscription get what comes of the run from the entry of this number on.
    fn hand_over(&mut self, run: &'t str, at: usize, number: Number) {
        if let Some(before) = self.hearers.insert(run, at) {
            let until = &mut self.trace.subscriptions[before].until;
            until.get_or_insert(number);
        }
    }

    fn ask_malformed(&mut self) {
        self.latest = None;
        self.doomed.push_back(Request::Malformed);
    }

    fn state(&mut self, at: usize) -> &mut State {
        &mut self.states[at - self.first]
    }

    fn control(&mut self, entry: &'t Entry, control: &'t Control) {
        let phase = match control {
            Control::CatchUp { .. } => Phase::Missed,
            Control::Subscribed { .. } => Phase::Live,
            Control::Replay { .. } => Phase::Replayed,
            Control::Error { .. } | Control::AuthRequired => return self.refuse(entry),
            Control::Queued { run_id: Some(id) } => {
                self.bind(id, None);
                return;
            }
            _ => return,
        };
        let to = match control.run_id() {
            Some(id) => self.hearers.get(&**id).copied(),
            None => self.latest,
        };
        let is_return = |at: &usize| {
            matches!(
                self.trace.subscriptions[*at].origin,
                Origin::Returned { .. }
            )
        };
        if let Some(at) = to.filter(is_return) {
            let state = self.state(at);
            state.phase = phase;
            state.is_answered = true;
            self.trace.subscriptions[at].controls.push(entry);
        }
    }

    /// Gives a refusal to the request that it answers: the first that only a refusal can answer, else
    /// the latest.
    fn refuse(&mut self, entry: &'t Entry) {
        let (states, first) = (&self.states, self.first);
        let waits = |request: &Request| match request {
            Request::For(at) => !states[at - first].is_answered,
            Request::Malformed => true,
        };
        while self.doomed.front().is_some_and(|it| !waits(it)) {
            self.doomed.pop_front();
        }
        while self.waiting.pop_if(|it| !waits(it)).is_some() {}
        let refused = self.doomed.pop_front().or_else(|| self.waiting.pop());
        let at = match refused {
            Some(Request::For(at)) => at,
            Some(Request::Malformed) => return,
            None => match self.latest {
                Some(at) => at,
                None => return,
            },
        };
        let subscription = &mut self.trace.subscriptions[at];
        subscription.controls.push(entry);
        if let (Origin::Returned { earlier, .. }, Some(run)) =
            (subscription.origin, subscription.run)
            && earlier == Earlier::Ended
        {
            self.ended.insert(run);
        }
        if subscription.origin == Origin::Started {
            let is_doomed = no_such(subscription.workflow_id());
            if self.unbound.remove(&(false, is_doomed, at)) {
                self.unbound.insert((true, is_doomed, at));
            }
        }
    }

    fn event(&mut self, entry: &'t Entry) {
        let Some(mut delivery) = Delivery::stray(entry, self.place) else {
            return;
        };
        let event = delivery.event();
        if let Some(run) = event.run() {
            let known = self.hearers.get(&**run).copied();
            let hearer = known.or_else(|| match event.nested {
                // No run begins inside another one.
                true => None,
                false => self.bind(run, event.session_id.as_deref()),
            });
            if let Some(at) = hearer {
                let state = self.state(at);
                state.is_answered = true;
                delivery.phase = state.phase;
                self.trace.subscriptions[at].deliveries.push(delivery);
            }
            let ending = delivery.event().ending();
            if ending == Some(Ending::Paused)
                && hearer.is_none_or(|at| self.waits_at_pause(at))
                && let Some(at) = self.early.remove(&**run)
            {
                // What comes next is the answer's.
                self.hand_over(run, at, entry.number + 1);
            }
            if delivery.is_final() && hearer.is_none_or(|at| self.is_last_of(at)) {
                self.ended.insert(run);
            }
        }
        self.trace.deliveries.push(delivery);
    }

    /// Gives a new run to the start that it belongs to: the one of its session, else the first
    /// without a run, those last that were or should be refused. The latter is a guess, which gives
    /// way to a run of the session.
    fn bind(&mut self, run: &'t str, session: Option<&str>) -> Option<usize> {
        if self.asked.contains(run) {
            return None;
        }
        let of_session = session.and_then(|session| self.by_session.get_mut(session));
        // A server that keeps the session to itself: its runs are taken in the order of the starts.
        let is_foreign = of_session.is_none();
        let named = of_session.and_then(VecDeque::pop_front);
        let guess = self.unbound.first().map(|(_, _, at)| *at);
        let at = named.or(guess.filter(|_| is_foreign))?;
        if named.is_some() {
            self.guessed.remove(&at);
        } else {
            self.guessed.insert(at);
        }
        let start = &mut self.trace.subscriptions[at];
        let is_doomed = no_such(start.workflow_id());
        self.unbound.remove(&(false, is_doomed, at));
        self.unbound.remove(&(true, is_doomed, at));
        if let Some(stray) = start.run.replace(run) {
            self.disown(at, stray);
        }
        self.hearers.insert(run, at);
        self.state(at).is_answered = true;
        Some(at)
    }

    /// Takes from a start what it heard of a run that is not the one it started.
    fn disown(&mut self, at: usize, stray: &str) {
        self.hearers.remove(stray);
        for heard in std::mem::take(&mut self.trace.subscriptions[at].deliveries) {
            let all = &mut self.trace.deliveries[self.first_delivery..];
            let at = all.partition_point(|delivery| delivery.entry.number < heard.entry.number);
            all[at].phase = Phase::Stray;
        }
    }
}

fn no_such(id: Option<&str>) -> bool {
    id.is_none_or(|id| id.starts_with(NO_SUCH))
}
