//! A viewer: a client with a name that connects and disconnects, and keeps its position.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::dial::{Address, RecvBuffer};
use super::http::{Exchange, Place, Stream};
use super::recorder::Recorder;
use super::wait::{self, End, Grace, Limit, Patience, ProvenSilence, WaitScope, Waited};
use crate::client::connection::{Connection, Reading};
use crate::client::stall::Stopwatch;
use crate::client::transport::Transport;
use crate::client::viewer_error::ViewerError;
use crate::client::websocket::WebSocket;
use crate::protocol::{Action, Control, Form, InvalidRequest, Position};
use crate::transcript::entry::NORMAL;
use crate::transcript::{DEAD_LINE, Disconnect, Entry, EntryKind, Number, ShownToken};

/// Where a viewer connects to.
#[derive(Clone, Debug)]
pub enum Server {
    /// A WebSocket, on which everything is asked for.
    WebSocket(Arc<Address>),
    /// Requests over HTTP, each of which is a connection of its own.
    Http(Place),
}

/// Which token a viewer shows over HTTP, with each request; on a WebSocket it is asked for.
#[derive(Debug)]
enum Shows {
    /// Their own, where they have one.
    Own,
    /// None, on purpose.
    None,
    /// This one, which is not right.
    Wrong(SecretString),
}

/// A client with a name.
#[derive(Debug)]
pub struct Viewer {
    pub(super) name: Arc<str>,
    server: Server,
    /// Whether the address is that of another replica than usual.
    at_another: bool,
    token: Option<SecretString>,
    shows: Shows,
    pub(super) recorder: Arc<Recorder>,
    patience: Patience,
    line: RecvBuffer,
    connections: u32,
    connection: Option<Connection>,
    /// Whether a request was sent on the present connection.
    has_asked: bool,
    former: Vec<Connection>,
    /// How many of the former ones were left open.
    silent: usize,
    /// Answers over HTTP that go on.
    pub(super) streams: Vec<Stream>,
}

impl Viewer {
    /// A viewer who has not connected yet.
    #[must_use]
    pub fn new(
        name: &str,
        server: Server,
        token: Option<SecretString>,
        recorder: Arc<Recorder>,
        patience: Patience,
    ) -> Self {
        Self {
            name: name.into(),
            server,
            at_another: false,
            token,
            shows: Shows::Own,
            recorder,
            patience,
            line: RecvBuffer::Usual,
            connections: 0,
            connection: None,
            has_asked: false,
            former: Vec::new(),
            silent: 0,
            streams: Vec::new(),
        }
    }

    /// The token that the viewer brings.
    #[must_use]
    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// How many entries the record has.
    #[must_use]
    pub fn recorded(&self) -> Number {
        self.recorder.len()
    }

    /// Looks at the entries of the record from the last to the first, until one gives an answer.
    pub fn look_back<T>(&self, look: impl FnMut(&Entry) -> Option<T>) -> Option<T> {
        self.recorder.look_back(look)
    }

    /// The viewer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the receive buffer of the next connections.
    pub fn take_line(&mut self, line: RecvBuffer) {
        self.line = line;
    }

    /// Connects from now on to this server, which is the same one at another address.
    pub fn turn_to(&mut self, server: Server) {
        self.server = server;
    }

    /// Connects from now on to this server, which is another replica of it than usual.
    pub fn turn_to_another_replica(&mut self, server: Server) {
        self.server = server;
        self.at_another = true;
    }

    /// Whether the viewer speaks over HTTP, where each stream ends by itself.
    #[must_use]
    pub fn is_over_http(&self) -> bool {
        matches!(self.server, Server::Http(_))
    }

    /// Whether the viewer connects to another replica of the server than usual.
    #[must_use]
    pub fn is_at_another(&self) -> bool {
        self.at_another
    }

    /// Notes something that is known about the present connection.
    pub fn note(&self, what: EntryKind) {
        self.record(what);
    }

    /// Reads from now on in this way, or not at all; records so.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::say`].
    pub async fn read(&self, reading: Reading) -> Result<(), ViewerError> {
        let connection = self
            .connection
            .as_ref()
            .ok_or_else(|| ViewerError::NotHere(Arc::clone(&self.name)))?;
        connection
            .read(reading)
            .await
            .ok_or_else(|| self.not_sent())
    }

    /// Whether the viewer is connected.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.connection.is_some()
    }

    /// Whether the viewer is connected and can ask for something on the present connection: over HTTP it takes one
    /// request.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.is_here() && !(self.is_over_http() && self.has_asked)
    }

    /// How many connections of this viewer are open for the server: the present one, those that were left
    /// silently, and streams over HTTP.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        usize::from(self.connection.is_some()) + self.silent + self.streams.len()
    }

    /// The number of the latest connection, counted from 1; 0 where there was none.
    #[must_use]
    pub fn latest_connection(&self) -> u32 {
        self.connections
    }

    /// Whether the server has closed the present connection as one that has served its purpose (code 1000, RFC 6455
    /// section 7.4.1).
    #[must_use]
    pub fn was_dismissed(&self) -> bool {
        let normal = |entry: &Entry| {
            let code = match entry.what {
                EntryKind::CloseReceived { code, .. } => code?,
                _ => return None,
            };
            (code == NORMAL).then_some(())
        };
        let closed = self
            .recorder
            .look_at(&self.name, self.connections, 0, normal);
        self.is_here() && closed.is_some()
    }

    /// Opens a connection, waits for the greeting, and authenticates if the server asks for it. Over HTTP, the token
    /// goes with each request from here on.
    ///
    /// # Errors
    ///
    /// [`ViewerError`] if the connection, the greeting or the authentication failed.
    pub async fn connect(&mut self) -> Result<(), ViewerError> {
        self.shows = Shows::Own;
        match self.greeted().await? {
            Some(true) => self.authenticate().await,
            _ => Ok(()),
        }
    }

    /// Shows this token, which is not right, with the requests over HTTP from here on.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::open`].
    pub async fn show_instead(&mut self, wrong: SecretString) -> Result<(), ViewerError> {
        self.shows = Shows::Wrong(wrong);
        self.open().await.map(drop)
    }

    /// Opens a connection and waits for the greeting; returns its `requires_auth`. HTTP has none: there, no token goes
    /// with the requests from here on.
    ///
    /// # Errors
    ///
    /// [`ViewerError`] if the connection or the greeting failed.
    pub async fn come(&mut self) -> Result<Option<bool>, ViewerError> {
        self.shows = Shows::None;
        self.greeted().await
    }

    async fn greeted(&mut self) -> Result<Option<bool>, ViewerError> {
        let after = self.open().await?;
        if let Server::Http(_) = self.server {
            return Ok(None);
        }
        self.wait_whole(after, "the greeting", |entry| {
            match entry.message()?.control()? {
                Control::Connected { requires_auth } => Some(*requires_auth),
                _ => None,
            }
        })
        .await
    }

    /// Sends the token, and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`ViewerError::TokenWanted`] where there is none, [`ViewerError::TokenRefused`] where it is wrong.
    pub async fn authenticate(&mut self) -> Result<(), ViewerError> {
        let Some(token) = &self.token else {
            return Err(ViewerError::TokenWanted);
        };
        let token = Some(token.expose_secret().to_owned());
        let asked = self.say(Action::Authenticate { token }).await?;
        let accepted = self
            .wait_whole(asked, "the answer to `authenticate`", |entry| {
                match entry.message()?.control()? {
                    Control::Authenticated => Some(true),
                    Control::AuthError => Some(false),
                    _ => None,
                }
            })
            .await?;
        if accepted {
            Ok(())
        } else {
            Err(ViewerError::TokenRefused)
        }
    }

    /// Opens a connection and waits for nothing; returns the number of its first entry.
    ///
    /// # Errors
    ///
    /// [`ViewerError::NotConnected`].
    pub async fn open(&mut self) -> Result<Number, ViewerError> {
        if let Some(connection) = self.connection.take() {
            connection.leave(Disconnect::Close).await;
            self.former.push(connection);
        }
        self.next_connection();
        let address = match &self.server {
            Server::WebSocket(address) => Arc::clone(address),
            // Made when something is asked.
            Server::Http(place) => {
                self.connection = Some(self.exchange(place));
                return Ok(self.recorder.len());
            }
        };
        // Each stage of it (TCP, TLS, upgrade) may take as long as a viewer waits: the sum is an upper
        // bound.
        let watch = Stopwatch::start();
        let dialled = address.dial(self.line).await;
        if dialled.is_ok() {
            self.recorder.used(watch.elapsed(), "a connection");
        }
        let socket = match dialled {
            Ok(socket) => WebSocket::new(socket, self.patience.silence),
            Err(mut error) => {
                // The server wrote the certificate and the answer to the upgrade: mask them, too.
                error.reason = self.recorder.mask(&error.reason).into_owned();
                self.record(EntryKind::NotOpened(error.to_string()));
                return Err(error.into());
            }
        };
        let opened = self.record(EntryKind::Opened);
        self.connection = Some(self.connection_by(socket));
        Ok(opened)
    }

    fn next_connection(&mut self) {
        self.connections += 1;
        self.has_asked = false;
        if self.at_another {
            self.record(EntryKind::AtAnotherReplica);
        }
    }

    /// A connection for one request over HTTP.
    fn exchange(&self, place: &Place) -> Connection {
        let token = match &self.shows {
            Shows::Own => self.token.clone(),
            Shows::None => None,
            Shows::Wrong(token) => Some(token.clone()),
        };
        self.connection_by(Exchange::new(place.clone(), token, self.line))
    }

    fn connection_by(&self, transport: impl Transport) -> Connection {
        Connection::new(
            transport,
            Arc::clone(&self.recorder),
            Arc::clone(&self.name),
            self.connections,
            self.patience.silence,
        )
    }

    /// Sends a message; returns the number of its entry. Over HTTP each is on a connection of its own, and the former
    /// one, if it still brings events, stays open beside it.
    ///
    /// # Errors
    ///
    /// [`ViewerError::Lost`] and [`ViewerError::Cut`] where the connection is over, [`ViewerError::NotHere`] where there
    /// is none.
    pub async fn say(&mut self, action: Action) -> Result<Number, ViewerError> {
        self.can_say(&action)?;
        if let Server::Http(place) = &self.server
            && self.has_asked
            && let Some(connection) = self.connection.take()
        {
            let place = place.clone();
            self.former.push(connection);
            self.next_connection();
            self.connection = Some(self.exchange(&place));
        }
        self.record_shown();
        self.has_asked = true;
        let connection = self
            .connection
            .as_ref()
            .ok_or_else(|| ViewerError::NotHere(Arc::clone(&self.name)))?;
        connection.say(action).await.ok_or_else(|| self.not_sent())
    }

    /// Records which token goes with the next request over HTTP, where there is one to speak of.
    fn record_shown(&self) {
        let shown = match (&self.server, &self.shows, &self.token) {
            (Server::WebSocket(_), ..) | (_, Shows::Own, None) => return,
            (_, Shows::Own, Some(_)) => ShownToken::Own,
            (_, Shows::None, _) => ShownToken::None,
            (_, Shows::Wrong(_), _) => ShownToken::Wrong,
        };
        self.record(EntryKind::ShowsToken(shown));
    }

    /// Whether the wire has such a request.
    fn can_say(&self, action: &Action) -> Result<(), ViewerError> {
        let Server::Http(place) = &self.server else {
            return Ok(());
        };
        let is_form = Form::of(action, place.component, &place.id).is_some();
        if is_form || matches!(action, Action::Other(text) if InvalidRequest::of(text).is_some()) {
            return Ok(());
        }
        let what = match action {
            Action::Ping => "`ping`",
            Action::Authenticate { .. } => "`authenticate`",
            Action::Reconnect {
                position: Position::Odd(_),
                run_id: Some(_),
                ..
            } => "number that is text: every field is",
            Action::Reconnect { .. } | Action::Continue { .. } => "request without a run",
            Action::Start { .. } => "start without a name: it is a part of the path",
            Action::Other(_) => "such request",
        };
        Err(self.no_such_request(what))
    }

    fn no_such_request(&self, what: &'static str) -> ViewerError {
        let viewer = Arc::clone(&self.name);
        ViewerError::NoSuchRequest { viewer, what }
    }

    /// Sends a binary message; returns the number of its entry.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::say`].
    pub async fn say_binary(&self, bytes: Vec<u8>) -> Result<Number, ViewerError> {
        if let Server::Http(_) = self.server {
            return Err(self.no_such_request("binary messages"));
        }
        let said = match &self.connection {
            Some(connection) => connection.say_binary(bytes).await,
            None => return Err(ViewerError::NotHere(Arc::clone(&self.name))),
        };
        said.ok_or_else(|| self.not_sent())
    }

    fn not_sent(&self) -> ViewerError {
        let ended = self
            .recorder
            .look_at(&self.name, self.connections, 0, wait::over)
            .unwrap_or_else(|| End {
                how: "the connection ended".to_owned(),
                closed: false,
            });
        self.ended("could not send:".to_owned(), ended)
    }

    fn lost(&self, waiting_for: &str, end: End) -> ViewerError {
        self.ended(format!("was waiting for {waiting_for} when"), end)
    }

    fn ended(&self, trouble: String, End { how, closed }: End) -> ViewerError {
        let viewer = Arc::clone(&self.name);
        match closed {
            true => ViewerError::Lost {
                viewer,
                trouble,
                how,
            },
            false => ViewerError::Cut {
                viewer,
                trouble,
                how,
            },
        }
    }

    fn scope(&self) -> WaitScope<'_> {
        WaitScope {
            recorder: &self.recorder,
            viewer: &self.name,
            connection: self.connections,
            line: self.connection.as_ref(),
        }
    }

    /// Waits until an entry of this connection, after the one of this number, gives an answer. A wait
    /// without success is recorded.
    ///
    /// # Errors
    ///
    /// [`ViewerError::TimedOut`], [`ViewerError::Lost`] and [`ViewerError::Cut`].
    pub async fn wait<T>(
        &self,
        after: Number,
        waiting_for: &str,
        look: impl FnMut(&Entry) -> Option<T>,
    ) -> Result<T, ViewerError> {
        let limit = Limit::Silence(self.patience.silence);
        self.wait_for(after, waiting_for, limit, look).await
    }

    /// Like [`Viewer::wait`], where nothing may come for so long.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::wait`].
    pub async fn wait_through<T>(
        &self,
        quiet: Duration,
        after: Number,
        waiting_for: &str,
        look: impl FnMut(&Entry) -> Option<T>,
    ) -> Result<T, ViewerError> {
        let limit = Limit::Silence(self.patience.silence + quiet);
        self.wait_for(after, waiting_for, limit, look).await
    }

    /// Like [`Viewer::wait`], for what has to come before anything else: other messages do not prolong the
    /// wait.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::wait`].
    pub async fn wait_whole<T>(
        &self,
        after: Number,
        waiting_for: &str,
        look: impl FnMut(&Entry) -> Option<T>,
    ) -> Result<T, ViewerError> {
        let limit = Limit::Whole(self.patience.silence);
        self.wait_for(after, waiting_for, limit, look).await
    }

    /// Waits until anything at all comes, a comment included, for so long; a wait without success is recorded.
    ///
    /// # Errors
    ///
    /// As for [`Viewer::wait`].
    pub async fn listen_for(&self, limit: Duration, to: &str) -> Result<(), ViewerError> {
        let after = self.recorder.len();
        let any = |entry: &Entry| matches!(entry.what, EntryKind::Received { .. }).then_some(());
        self.wait_for(after, to, Limit::Whole(limit), any).await
    }

    async fn wait_for<T>(
        &self,
        after: Number,
        waiting_for: &str,
        limit: Limit,
        look: impl FnMut(&Entry) -> Option<T>,
    ) -> Result<T, ViewerError> {
        let Patience { silence, quiet } = self.patience;
        let proven = ProvenSilence {
            pong: silence,
            grace: Grace::Always(quiet.min(silence)),
        };
        let (waited, used) = wait::until(self.scope(), after, limit, proven, look).await;
        if !matches!(waited, Waited::Over(_) | Waited::Dead) {
            // What is known to take long beforehand uses nothing of the limit.
            let known = limit.duration().saturating_sub(silence);
            self.recorder.used(used.saturating_sub(known), waiting_for);
        }
        match waited {
            Waited::Found(found) => Ok(found),
            Waited::Over(end) => Err(self.lost(waiting_for, end)),
            Waited::Dead => Err(self.lost(waiting_for, self.hang_up_on_dead_line().await)),
            Waited::TimedOut => {
                let after = limit.duration();
                self.record(EntryKind::TimedOut {
                    waiting_for: waiting_for.to_owned(),
                    after,
                });
                Err(ViewerError::TimedOut {
                    viewer: Arc::clone(&self.name),
                    waiting_for: waiting_for.to_owned(),
                    after,
                })
            }
        }
    }

    /// Ends a connection on which nothing comes any more; returns how it ended.
    async fn hang_up_on_dead_line(&self) -> End {
        let how = format!(
            "{DEAD_LINE}: for {} nothing came, and for as long again no answer to {}; if the server is only slow, raise --step-timeout",
            humantime::format_duration(self.patience.silence),
            match self.server {
                Server::WebSocket(_) => "a WebSocket ping",
                Server::Http(_) => "another request",
            }
        );
        if let Some(connection) = &self.connection {
            connection.hang_up(how.clone()).await;
        }
        End { how, closed: false }
    }

    /// Watches the connection until nothing has come for [`Patience::quiet`], and records so.
    ///
    /// # Errors
    ///
    /// [`ViewerError::Cut`] if the connection ended without a close frame: more may have been on its way.
    pub async fn watch_quiet(&self) -> Result<(), ViewerError> {
        const WAITING_FOR: &str = "nothing more to come";
        let (quiet, patience) = (self.patience.quiet, self.patience.silence);
        match wait::quiet(self.scope(), quiet, patience).await {
            Waited::Dead => Err(self.lost(WAITING_FOR, self.hang_up_on_dead_line().await)),
            Waited::Over(end) if !end.closed => Err(self.lost(WAITING_FOR, end)),
            Waited::Over(_) | Waited::Found(()) | Waited::TimedOut => {
                self.record(EntryKind::Watched(quiet));
                Ok(())
            }
        }
    }

    /// Disconnects, if the viewer is connected.
    pub async fn leave(&mut self, disconnect: Disconnect) {
        if let Some(connection) = self.connection.take() {
            self.silent += usize::from(disconnect == Disconnect::Silent);
            connection.leave(disconnect).await;
            self.former.push(connection);
        }
    }

    /// Closes the connection, and waits until it is over.
    ///
    /// # Errors
    ///
    /// [`ViewerError::NotHere`] if the viewer is not connected.
    pub async fn leave_for_good(&mut self) -> Result<(), ViewerError> {
        let connection = self
            .connection
            .take()
            .ok_or_else(|| ViewerError::NotHere(Arc::clone(&self.name)))?;
        connection.leave(Disconnect::Close).await;
        self.former.push(connection);
        // Over, or timed out: both are recorded. The connection's task limits each of its two steps, sending
        // a close frame and reading on, so it has always ended by then.
        let limit = Limit::Whole(self.patience.silence * 3);
        let over = |entry: &Entry| matches!(entry.what, EntryKind::Ended(_)).then_some(());
        let _ = wait::until(self.scope(), 0, limit, ProvenSilence::NOT_NEEDED, over).await;
        Ok(())
    }

    /// The position of this viewer in a run: the index of the last event received before disconnecting.
    #[must_use]
    pub fn position(&self, run: &str) -> Position {
        let mut last = None;
        for connection in 1..=self.connections {
            self.recorder.look_at(&self.name, connection, 0, |entry| {
                let event = entry.message().and_then(|message| message.event());
                if let Some(event) = event
                    && event.run().is_some_and(|id| &**id == run)
                {
                    last = event.index.at().or(last);
                }
                matches!(entry.what, EntryKind::Disconnected(_)).then_some(())
            });
        }
        last.map_or(Position::Null, Position::At)
    }

    /// Closes the connection, and waits for the end of every connection this viewer ever had.
    ///
    /// # Errors
    ///
    /// If a connection's task panicked, which is the suite's own fault.
    pub async fn retire(&mut self) -> Result<(), tokio::task::JoinError> {
        self.hang_up();
        self.leave(Disconnect::Close).await;
        for connection in self.former.drain(..) {
            connection.finished().await?;
        }
        self.silent = 0;
        Ok(())
    }

    fn record(&self, what: EntryKind) -> Number {
        self.recorder.record(&self.name, self.connections, what)
    }
}
