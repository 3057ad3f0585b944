//! To which run an event belongs that names none of those that its connection asked for.
//!
//! Where a workflow is a step of another one, the events of the inner run name that run, and on agno 2.5.17
//! to 3.1.10 not the outer one. A connection that gets one run can only have got them for that one. Where it
//! gets several, the session may say which; else nobody can know (START-5).
//!
//! On agno 3.1.10 they have the outer run's next index, and are counted as its events. On 2.5.17 to 2.9.0
//! they are counted for themselves, with indices from 1 on, and belong to no run that anybody asked for.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::protocol::action::NO_SUCH;
use crate::protocol::route::run_of_answer;
use crate::protocol::{About, Action, Body, Component, Control, Event, Form};
use crate::transcript::entry::{EntryKind, Number};

/// So many inner runs can take turns without a new allocation for each event.
const LATEST: usize = 16;

/// What is known of the runs of a record, up to its latest entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Giving {
    /// Every run that anybody started or asked for.
    known: HashSet<Arc<str>>,
    connections: HashMap<(Arc<str>, u32), Lane>,
    inner: InnerRuns,
    given: Given,
}

/// The names and ids of the latest events that were given to a run: as they came, and with that run.
#[derive(Clone, Debug, Default)]
struct Given(VecDeque<(Arc<About>, Arc<About>)>);

/// The runs of one connection.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Whether it is a request over HTTP about a workflow.
    pauses_by_step: bool,
    /// The latest event, where it is one that pauses the run if the stream ends with it.
    may_have_paused: Option<Number>,
    /// The sessions of the starts whose run is not known yet, in order.
    waiting: VecDeque<Option<Arc<str>>>,
    /// Whether nothing was asked for since the latest start.
    asked_to_start: bool,
    /// The runs that were taken for those of starts with another session, by that session.
    guessed: HashMap<Arc<str>, Arc<str>>,
    runs: HashMap<Arc<str>, Seen>,
    /// Those that have not ended since they were asked for.
    open: HashSet<Arc<str>>,
    /// By session: its run, where there is one.
    sessions: HashMap<Arc<str>, Option<Arc<str>>>,
}

/// The inner runs, and whether their events have the indices of the run around them.
#[derive(Clone, Debug, Default)]
struct InnerRuns(HashMap<Arc<str>, bool>);

/// What a connection has got of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The index that comes next.
    next: u64,
    /// Whether the session of its events is known.
    has_session: bool,
}

impl Giving {
    /// Notes what an entry says about runs; an event that names none of those of its connection is given
    /// to the one that it can only be of.
    ///
    /// Returns the number of the event of a step that has paused its run over HTTP, where the entry shows that it has.
    pub(super) fn take(
        &mut self,
        number: Number,
        viewer: &Arc<str>,
        connection: u32,
        what: &mut EntryKind,
    ) -> Option<Number> {
        match what {
            EntryKind::Sent { text, action } => {
                let lane = self.connections.entry((Arc::clone(viewer), connection));
                let lane = lane.or_default();
                lane.pauses_by_step |= Form::component(text) == Some(Component::Workflow);
                self.known.extend(lane.ask(action));
            }
            EntryKind::HttpResponse { text, .. } => self.known.extend(run_of_answer(text)),
            EntryKind::Received { message, .. } => {
                let lane = self
                    .connections
                    .get_mut(&(Arc::clone(viewer), connection))?;
                match &mut message.body {
                    Body::Control(control) => self.known.extend(lane.hear(control)),
                    Body::Event(event) => {
                        // It may come from another record.
                        if event.given_to.is_some() || event.pauses {
                            let about = About::clone(event);
                            event.about = Arc::new(About {
                                given_to: None,
                                pauses: false,
                                ..about
                            });
                        }
                        let pauses = lane.pauses_by_step && event.is_pause_of_a_step();
                        lane.may_have_paused = pauses.then_some(number);
                        if let Some(run) = lane.begin(event, &self.known) {
                            self.known.insert(run);
                        } else if let Some((run, next)) = lane.only(event, &self.known)
                            && self.inner.share(event, next)
                        {
                            event.about = self.given.with(&event.about, &run);
                        }
                        lane.note(event);
                    }
                    Body::Unintelligible(_) => {}
                }
            }
            EntryKind::StreamEnded { .. } => {
                let lane = self
                    .connections
                    .get_mut(&(Arc::clone(viewer), connection))?;
                return lane.may_have_paused.take();
            }
            _ => {}
        }
        None
    }
}

impl InnerRuns {
    /// Whether an event of an inner run has an index of the run around it, whose next one this is. The first
    /// event of the inner run decides: some may have been lost before it, but its own count begins below.
    fn share(&mut self, event: &Event, next: u64) -> bool {
        let Some(inner) = event.named_run() else {
            return true;
        };
        let first = || event.index.at().is_some_and(|index| index >= next);
        *self.0.entry(Arc::clone(inner)).or_insert_with(first)
    }
}

impl Lane {
    /// Notes a request; returns the run that it names.
    fn ask(&mut self, action: &Action) -> Option<Arc<str>> {
        let (run_id, session_id) = match action {
            Action::Start {
                workflow_id,
                session_id,
                ..
            } => {
                self.asked_to_start = workflow_id.as_deref().is_some_and(exists);
                if self.asked_to_start {
                    let session = session_id.as_deref().map(Arc::from);
                    self.waiting.push_back(session);
                }
                return None;
            }
            Action::Reconnect {
                run_id, session_id, ..
            }
            | Action::Continue {
                run_id, session_id, ..
            } => (run_id.as_deref().filter(|id| exists(id)), session_id),
            Action::Authenticate { .. } | Action::Ping => return None,
            Action::Other(_) => (None, &None),
        };
        self.asked_to_start = false;
        let run: Arc<str> = run_id?.into();
        self.add(&run, session_id.as_deref());
        if let Action::Reconnect { position, .. } = action {
            self.expect(&run, position.next().unwrap_or(0));
        }
        Some(run)
    }

    /// Notes a control message; returns the run that it says a start has.
    fn hear(&mut self, control: &Control) -> Option<Arc<str>> {
        match control {
            Control::Error { .. } | Control::AuthRequired if self.asked_to_start => {
                self.asked_to_start = false;
                self.waiting.pop_back();
            }
            Control::Queued { run_id: Some(run) } if !self.runs.contains_key(run) => {
                let session = self.waiting.pop_front()?;
                self.add(run, session.as_deref());
                return Some(Arc::clone(run));
            }
            Control::Replay {
                run_id: Some(run), ..
            } => self.expect(run, 0),
            _ => {}
        }
        None
    }

    /// The next event of this run has this index.
    fn expect(&mut self, run: &str, next: u64) {
        if let Some(seen) = self.runs.get_mut(run) {
            seen.next = next;
        }
    }

    fn add(&mut self, run: &Arc<str>, session: Option<&str>) {
        self.runs.entry(Arc::clone(run)).or_default();
        self.open.insert(Arc::clone(run));
        if let Some(session) = session {
            self.of_session(session, run);
        }
    }

    fn of_session(&mut self, session: &str, run: &Arc<str>) {
        match self.sessions.get_mut(session) {
            None => drop(self.sessions.insert(session.into(), Some(Arc::clone(run)))),
            Some(only) if only.as_ref() != Some(run) => *only = None,
            Some(_) => {}
        }
    }

    /// The run that begins with this event, where a start waits for one.
    fn begin(&mut self, event: &Event, known: &HashSet<Arc<str>>) -> Option<Arc<str>> {
        let run = event.named_run()?;
        if event.nested || self.runs.contains_key(run) {
            return None;
        }
        let stray = event
            .session_id
            .as_ref()
            .and_then(|it| self.guessed.remove_entry(it));
        if let Some((session, stray)) = stray {
            self.runs.remove(&stray);
            self.open.remove(&stray);
            self.sessions.retain(|_, of| of.as_ref() != Some(&stray));
            self.add(run, Some(&session));
            return Some(Arc::clone(run));
        }
        let of_session = event.session_id.as_ref().and_then(|session| {
            let of_it = |it: &Option<Arc<str>>| it.as_ref() == Some(session);
            self.waiting.iter().position(of_it)
        });
        // A server may keep the session to itself. An agent's event says nothing about its workflow's run.
        let is_own = event.workflow_run_id.is_some()
            || ["Workflow", "Step"]
                .iter()
                .any(|it| event.name.starts_with(it));
        let may_be_first = is_own && !known.contains(run) && !self.is_of_a_session_here(event);
        let place = of_session.or(may_be_first.then_some(0))?;
        let session = self.waiting.remove(place)?;
        self.add(run, session.as_deref());
        if let Some(session) = session.filter(|_| of_session.is_none()) {
            self.guessed.insert(session, Arc::clone(run));
        }
        Some(Arc::clone(run))
    }

    fn is_of_a_session_here(&self, event: &Event) -> bool {
        let session = event.session_id.as_ref();
        session.is_some_and(|session| self.sessions.contains_key(session))
    }

    /// The run that an event can only be of, where it names none that anybody asked for, and its next index.
    fn only(&self, event: &Event, known: &HashSet<Arc<str>>) -> Option<(Arc<str>, u64)> {
        let named = event.named_run();
        if named.is_some_and(|run| self.runs.contains_key(run) || known.contains(run)) {
            return None;
        }
        let session = event.session_id.as_ref();
        if let Some(Some(run)) = session.and_then(|session| self.sessions.get(session)) {
            return Some((Arc::clone(run), self.runs.get(run)?.next));
        }
        // What names another session comes from elsewhere, unless an inner workflow has one of its own.
        let is_foreign = session.is_some() && !self.sessions.is_empty();
        if is_foreign && !self.is_of_a_session_here(event) && !event.nested {
            return None;
        }
        let run = match self.runs.len() {
            1 => self.runs.keys().next(),
            _ => self.open.iter().next().filter(|_| self.open.len() == 1),
        }?;
        Some((Arc::clone(run), self.runs.get(run)?.next))
    }

    /// Notes what an event of one of its runs says.
    fn note(&mut self, event: &Event) {
        let Some(run) = event.run() else {
            return;
        };
        let Some(seen) = self.runs.get_mut(run) else {
            return;
        };
        if let Some(index) = event.index.at() {
            seen.next = index.saturating_add(1);
        }
        if event.final_ending().is_some() {
            self.open.remove(run);
        }
        if !seen.has_session
            && let Some(session) = &event.session_id
        {
            seen.has_session = true;
            self.of_session(session, run);
        }
    }
}

impl Given {
    /// The same names and ids, with the run that the event is given to.
    fn with(&mut self, about: &Arc<About>, run: &Arc<str>) -> Arc<About> {
        let is_same = |(known, given): &&(Arc<About>, Arc<About>)| {
            Arc::ptr_eq(known, about) && given.given_to.as_ref() == Some(run)
        };
        if let Some((_, given)) = self.0.iter().find(is_same) {
            return Arc::clone(given);
        }
        let given = Arc::new(About {
            given_to: Some(Arc::clone(run)),
            ..About::clone(about)
        });
        self.0.truncate(LATEST - 1);
        self.0.push_front((Arc::clone(about), Arc::clone(&given)));
        given
    }
}

fn exists(id: &str) -> bool {
    !id.starts_with(NO_SUCH)
}
