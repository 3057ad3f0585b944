//! One connection of a viewer.

use std::collections::HashSet;

use crate::protocol::message::COMMENT;
use crate::protocol::{Action, Component, Control, Form};
use crate::transcript::entry::{Entry, EntryKind, Number, ShownToken};
use crate::transcript::work;

/// The close codes that accuse no server: a normal end, one that goes away or restarts, no code at all, and
/// one that asks to be left alone for a while.
const HARMLESS: [u16; 5] = [1000, 1001, 1005, 1012, 1013];

/// The status that asks for a token, or for another one (RFC 9110, section 15.5.2).
const UNAUTHORIZED: u16 = 401;

/// One connection of a viewer, from open to close.
#[derive(Debug)]
pub struct Connection<'t> {
    /// Whose it is.
    pub viewer: &'t str,
    /// Which one of that viewer, counted from 1.
    pub number: u32,
    /// What happened on it, up to and including the viewer's leaving.
    pub entries: Vec<&'t Entry>,
    /// What came after the viewer had left.
    pub afterwards: Vec<&'t Entry>,
    opened: bool,
    component: Option<Component>,
    shown: Option<(&'t Entry, ShownToken)>,
    stream_ended: Option<&'t Entry>,
    /// Whether something came after which a stream over HTTP may end: an ending, a pause, a replay or an `error`.
    may_end: bool,
    at_another_replica: bool,
    lost: Option<&'t Entry>,
    guarded: Option<bool>,
    authenticated: Option<&'t Entry>,
    /// Whether the token that was shown has expired.
    expired: bool,
    barred: Option<&'t Entry>,
    malformed: Option<&'t Entry>,
    stopped_reading: bool,
    /// Whether what comes is read.
    reads: bool,
    silences: Vec<&'t Entry>,
    timeouts: Vec<&'t Entry>,
    /// The texts that the viewer sent.
    sent: Vec<&'t Entry>,
    /// How many of them start a run or return to one.
    requests: usize,
    /// The runs whose final ending came after the viewer had left.
    ended_afterwards: HashSet<&'t str>,
    /// The names of the messages of unknown kinds.
    others: HashSet<&'t str>,
    latest: Latest,
}

/// The number of the last entry of each kind, 0 where there is none.
#[derive(Debug, Default)]
struct Latest {
    /// Something that the server sent, also after the viewer had left.
    heard: Number,
    pong: Number,
    error: Number,
    /// `authenticated` or `auth_error`.
    authentication: Number,
    /// What may tell a viewer that another one has displaced them: `error`, or an unknown message.
    displacing: Number,
    /// A watch for silence, or a text that the viewer sent and after which something came.
    attended: Number,
}

impl<'t> Connection<'t> {
    pub(super) fn new(viewer: &'t str, number: u32) -> Self {
        Self {
            viewer,
            number,
            entries: Vec::new(),
            afterwards: Vec::new(),
            opened: false,
            component: None,
            shown: None,
            stream_ended: None,
            may_end: false,
            at_another_replica: false,
            lost: None,
            guarded: None,
            authenticated: None,
            expired: false,
            barred: None,
            malformed: None,
            stopped_reading: false,
            reads: true,
            silences: Vec::new(),
            timeouts: Vec::new(),
            sent: Vec::new(),
            requests: 0,
            ended_afterwards: HashSet::new(),
            others: HashSet::new(),
            latest: Latest::default(),
        }
    }

    /// Adds the next entry.
    pub(super) fn add(&mut self, entry: &'t Entry) {
        if matches!(
            entry.what,
            EntryKind::Received { .. }
                | EntryKind::Refused { .. }
                | EntryKind::StreamEnded { .. }
                | EntryKind::ReceivedBinary(_)
                | EntryKind::CloseReceived { .. }
        ) {
            self.latest.heard = entry.number;
        }
        if self.left().is_some() {
            self.afterwards.push(entry);
            let event = entry.message().and_then(|message| message.event());
            if let Some(event) = event.filter(|event| event.final_ending().is_some()) {
                self.ended_afterwards.extend(event.run().map(|run| &**run));
            }
            return;
        }
        // The silence of a viewer who does not read is their own.
        let silent = matches!(
            entry.what,
            EntryKind::TimedOut { .. } | EntryKind::Watched(_)
        );
        if silent && !self.reads {
            return;
        }
        self.entries.push(entry);
        match &entry.what {
            EntryKind::Opened => {
                self.opened = true;
                self.let_in();
            }
            EntryKind::ShowsToken(shown) => self.shown = Some((entry, *shown)),
            EntryKind::AtAnotherReplica => self.at_another_replica = true,
            EntryKind::TokenExpired => self.expired = true,
            EntryKind::CloseReceived { .. } | EntryKind::Ended(_) => {
                self.lost.get_or_insert(entry);
            }
            EntryKind::StreamEnded { .. } => {
                self.lost.get_or_insert(entry);
                self.stream_ended = Some(entry);
            }
            EntryKind::TimedOut { .. } => {
                self.silences.push(entry);
                self.timeouts.push(entry);
            }
            EntryKind::Watched(_) => {
                self.silences.push(entry);
                self.latest.attended = entry.number;
            }
            EntryKind::SentBinary(_) => {
                self.malformed.get_or_insert(entry);
            }
            EntryKind::StopsReading { .. } => {
                self.stopped_reading = true;
                self.reads = false;
            }
            EntryKind::ReadsOn => self.reads = true,
            EntryKind::Sent { text, action } => {
                self.component = self.component.or_else(|| Form::component(text));
                self.add_sent(entry, action);
            }
            EntryKind::Refused {
                message, status, ..
            } => {
                if *status != UNAUTHORIZED {
                    self.let_in();
                }
                if let Some(control) = message.control() {
                    self.add_control(entry, control);
                }
            }
            EntryKind::Received { message, .. } => {
                let attended = self.sent.last().map_or(0, |sent| sent.number);
                self.latest.attended = self.latest.attended.max(attended);
                if let Some(control) = message.control() {
                    self.add_control(entry, control);
                }
                let ends = message
                    .event()
                    .is_some_and(|event| event.ending().is_some());
                let replays = matches!(
                    message.control(),
                    Some(Control::Replay { .. } | Control::Error { .. })
                );
                self.may_end |= ends || replays;
            }
            _ => {}
        }
    }

    /// Notes that the viewer's own token was taken, where it went with the request over HTTP.
    fn let_in(&mut self) {
        if let Some((entry, ShownToken::Own)) = self.shown {
            self.authenticated.get_or_insert(entry);
        }
    }

    fn add_sent(&mut self, entry: &'t Entry, action: &Action) {
        self.sent.push(entry);
        match action {
            Action::Other(_) => {
                self.malformed.get_or_insert(entry);
                return;
            }
            Action::Start { .. } | Action::Reconnect { .. } => self.requests += 1,
            _ => {}
        }
        if self.guarded == Some(true)
            && (self.authenticated.is_none() || self.expired)
            && !matches!(action, Action::Authenticate { .. })
        {
            self.barred.get_or_insert(entry);
        }
    }

    fn add_control(&mut self, entry: &'t Entry, control: &'t Control) {
        let (number, latest) = (entry.number, &mut self.latest);
        match control {
            Control::Connected {
                requires_auth: Some(asks),
            } => {
                self.guarded.get_or_insert(*asks);
            }
            Control::Authenticated => {
                self.authenticated.get_or_insert(entry);
                latest.authentication = number;
            }
            Control::AuthError => latest.authentication = number,
            Control::AuthRequired => {
                self.barred.get_or_insert(entry);
            }
            Control::Pong => latest.pong = number,
            Control::Error { .. } => (latest.error, latest.displacing) = (number, number),
            // What comes again and again is a heartbeat, and a comment tells nothing.
            Control::Other { name } if &**name != COMMENT && self.others.insert(name) => {
                latest.displacing = number;
            }
            _ => {}
        }
    }

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

    /// The next text that the viewer sent after the entry of this number.
    #[must_use]
    pub fn sent_after(&self, number: Number) -> Option<&'t Entry> {
        first_after(&self.sent, number)
    }

    /// How many requests on it start a run or return to one.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Whether a `pong` came after the entry of this number.
    #[must_use]
    pub fn pong_after(&self, number: Number) -> bool {
        self.latest.pong > number
    }

    /// Whether an `error` came after the entry of this number.
    #[must_use]
    pub fn error_after(&self, number: Number) -> bool {
        self.latest.error > number
    }

    /// Whether `authenticated` or `auth_error` came after the entry of this number.
    #[must_use]
    pub fn authentication_after(&self, number: Number) -> bool {
        self.latest.authentication > number
    }

    /// Whether a message came after the entry of this number that may tell the viewer that another one
    /// has displaced them.
    #[must_use]
    pub fn displaced_after(&self, number: Number) -> bool {
        self.latest.displacing > number
    }

    /// Whether the viewer watched on after the entry of this number: on purpose, or until something
    /// came after a later request.
    #[must_use]
    pub fn attended_after(&self, number: Number) -> bool {
        self.latest.attended > number
    }

    /// Whether a final ending of this run came after the viewer had left.
    #[must_use]
    pub fn ended_afterwards(&self, run: &str) -> bool {
        self.ended_afterwards.contains(run)
    }

    /// The viewer's leaving, if they left.
    #[must_use]
    pub fn left(&self) -> Option<&'t Entry> {
        self.entries
            .last()
            .copied()
            .filter(|entry| matches!(entry.what, EntryKind::Disconnected(_)))
    }

    /// Whether the WebSocket upgrade succeeded.
    #[must_use]
    pub fn opened(&self) -> bool {
        self.opened
    }

    /// The kind of component that its request over HTTP is about; `None` for a WebSocket.
    #[must_use]
    pub fn component(&self) -> Option<Component> {
        self.component
    }

    /// Whether it is a request over HTTP, with its answer.
    #[must_use]
    pub fn is_over_http(&self) -> bool {
        self.component.is_some()
    }

    /// Where the server ended the stream of its answer over HTTP.
    #[must_use]
    pub fn stream_ended(&self) -> Option<&'t Entry> {
        self.stream_ended
    }

    /// Whether it is to another replica of the server than usual.
    #[must_use]
    pub fn at_another_replica(&self) -> bool {
        self.at_another_replica
    }

    /// The end of the connection before the viewer left: the server's close frame or the end of the
    /// stream.
    #[must_use]
    pub fn lost(&self) -> Option<&'t Entry> {
        self.lost
    }

    /// The server's close frame, or the end of a stream over HTTP, where it ended the connection before the viewer left. Every other end the
    /// network can bring about as well: a proxy that restarts, a tunnel.
    #[must_use]
    pub fn closed(&self) -> Option<&'t Entry> {
        self.lost.filter(|lost| {
            let what = &lost.what;
            matches!(
                what,
                EntryKind::CloseReceived { .. } | EntryKind::StreamEnded { .. }
            )
        })
    }

    /// The server's close frame, where its code says that the server failed or refused, and nothing that the
    /// viewer did explains it: an invalid message, or reading nothing for long.
    #[must_use]
    pub fn closed_with_error(&self) -> Option<&'t Entry> {
        let is_error = |closed: &&Entry| match closed.what {
            EntryKind::CloseReceived {
                code: Some(code), ..
            } => !HARMLESS.contains(&code),
            // A proxy that gives up ends no stream as HTTP does.
            EntryKind::StreamEnded { .. } => !self.may_end,
            _ => false,
        };
        let explained = self.malformed.is_some() || self.stopped_reading;
        self.closed().filter(|_| !explained).filter(is_error)
    }

    /// Whether the server ended the stream of its answer over HTTP after an ending, a pause, a replay or an `error`.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        self.may_end && self.stream_ended.is_some()
    }

    /// Whether the connection certainly worked at some time after the entry of this number, so that what
    /// the server had sent until then had come: the viewer watched for silence or timed out, which both
    /// take an answer from the server; something came; or a closing handshake was completed.
    #[must_use]
    pub fn worked_after(&self, number: Number) -> bool {
        self.latest.heard > number || self.silence_after(number).is_some()
    }

    /// How the connection ended, on either side.
    #[must_use]
    pub fn over(&self) -> Option<&'t Entry> {
        self.lost.or_else(|| self.left())
    }

    /// Whether the greeting asked for a token; `None` where it did not say, or none came.
    #[must_use]
    pub fn guarded(&self) -> Option<bool> {
        self.guarded
    }

    /// Which token went with its request over HTTP, where the viewer has one, or showed none on purpose.
    #[must_use]
    pub fn shown_token(&self) -> Option<ShownToken> {
        self.shown.map(|(_, shown)| shown)
    }

    /// The first `authenticated`; over HTTP the viewer's own token, where the answer was not 401.
    #[must_use]
    pub fn authenticated(&self) -> Option<&'t Entry> {
        self.authenticated
    }

    /// Where the viewer was not let in: the first `auth_required` (401 over HTTP), or the first request that came
    /// before `authenticated` although the greeting had asked for a token. Only the AUTH requirements
    /// judge what becomes of it.
    #[must_use]
    pub fn barred(&self) -> Option<&'t Entry> {
        self.barred
    }

    /// The first text that is no request of the protocol. A server may close the connection on it.
    #[must_use]
    pub fn malformed(&self) -> Option<&'t Entry> {
        self.malformed
    }

    /// Whether the viewer stopped reading for a while.
    #[must_use]
    pub fn stopped_reading(&self) -> bool {
        self.stopped_reading
    }

    /// The first timeout or watch for silence that ended after the entry of this number.
    #[must_use]
    pub fn silence_after(&self, number: Number) -> Option<&'t Entry> {
        first_after(&self.silences, number)
    }

    /// The first wait that timed out after the entry of this number.
    #[must_use]
    pub fn timeout_after(&self, number: Number) -> Option<&'t Entry> {
        first_after(&self.timeouts, number)
    }
}

/// The first of these after the entry of this number.
fn first_after<'t>(entries: &[&'t Entry], number: Number) -> Option<&'t Entry> {
    work::count();
    let from = entries.partition_point(|entry| entry.number <= number);
    entries.get(from).copied()
}
