//! One scenario's client, and the server that it watches: what is done to the client, and waits for what it does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use crate::client::stall::Stopwatch;
use crate::client::{Recorder, timer};
use crate::client_mode::arrivals::EarlierRuns;
use crate::client_mode::observer::Observer;
use crate::client_mode::process::{Exit, Process, Role};
use crate::plan::ClientPlan;
use crate::protocol::{Action, Cut, Part, TurnedAway, Wire};
use crate::reference::{Config, Play, Provocation, ReturnAnswer, Script, Server};
use crate::transcript::{ClientEntry, EntryKind, Number};

/// What the server of a scenario is like.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What every run does.
    pub script: Script,
    /// The event after which each run stops, counted from 0.
    pub stop_after: Option<u64>,
    /// Whether it asks for the client's token.
    pub guarded: bool,
    /// The name that the event of this index has instead of its own.
    pub renamed: Option<(u64, String)>,
    /// How the client speaks with it, and what it runs.
    pub wire: Wire,
}

impl Setup {
    /// A server for clients that speak so, whose runs play this part, and stop after this event.
    #[must_use]
    pub fn of(part: Part, stop_after: Option<u64>, wire: Wire) -> Self {
        let script = match part {
            Part::Long | Part::Echoing => Script::long(),
            Part::Short => Script::short(),
            Part::Failing => Script::failing(),
            Part::Pausing => Script::pausing(),
            Part::Endless => Script::endless(),
            Part::Talkative => Script::talkative(),
            Part::Quiet => Script::quiet(),
            Part::Nested => Script::nested(),
        };
        Self {
            script: Script {
                component: wire.component(),
                ..script
            },
            stop_after,
            guarded: false,
            renamed: None,
            wire,
        }
    }

    /// Makes runs as long as this: so many events.
    pub fn lengthen(&mut self, events: usize) {
        self.script = Script {
            component: self.script.component,
            fails: self.script.fails,
            ..Script::long_of(events)
        };
    }
}

/// What came of a wait for the client.
#[derive(Clone, Debug, PartialEq)]
pub enum Waited<T> {
    /// This came.
    Found(T),
    /// The client ended before.
    Ended(Exit),
    /// It did not come in time.
    Late,
}

/// A client that is being judged.
pub struct Session {
    server: Server,
    play: Arc<Play>,
    observer: Arc<Observer>,
    /// The client, or what makes it start a run; none where a person does.
    process: Option<Process>,
    role: Role,
    earlier: EarlierRuns,
    recorder: Arc<Recorder>,
    settle: Duration,
    wire: Wire,
    pings: AtomicU64,
    /// The event after which the run stands, or goes on to.
    pub at: u64,
}

impl Session {
    /// Starts a server on a free port of this machine, and the client, which is told where it is and, unless that is
    /// hidden, what the scenario is called. Where a client is waited for, the server listens where that comes, and what
    /// makes it start a run is started, if there is something; `earlier` are the runs of the scenarios before.
    ///
    /// # Errors
    ///
    /// What failed, and why.
    pub async fn start(
        plan: &ClientPlan,
        setup: Setup,
        scenario: Option<&str>,
        recorder: &Arc<Recorder>,
        earlier: EarlierRuns,
    ) -> Result<Self, String> {
        let token = plan.token.as_ref();
        let observer = Observer::new(Arc::clone(recorder), token.cloned());
        let (observer, role) = match plan.listen {
            None => (observer, Role::Client),
            Some(_) => (observer.among_others(earlier.clone()), Role::Trigger),
        };
        let observer = Arc::new(observer);
        let mut play = Play::new(setup.script, Arc::clone(&observer) as _);
        play.renamed = setup.renamed;
        play.over_http = setup.wire != Wire::WebSocket;
        let play = Arc::new(play);
        play.stop_after(setup.stop_after);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let address = plan.listen.unwrap_or(any);
        let listener = TcpListener::bind(address).await;
        let listener = listener
            .map_err(|error| format!("the address {address} could not be opened: {error}"))?;
        let config = Config {
            token: token
                .filter(|_| setup.guarded)
                .map(|token| token.expose_secret().to_owned()),
            play: Some(Arc::clone(&play)),
            ..Config::default()
        };
        let server = Server::start(config, listener)
            .map_err(|error| format!("the bundled server could not be started: {error}"))?;
        let url = match setup.wire {
            Wire::WebSocket => server.url(),
            Wire::Http(_) => server.http_url(),
        };
        observer.note(ClientEntry::Started(plan.name()));
        let token = token.map(ExposeSecret::expose_secret);
        let (component, over) = setup.wire.words();
        let variables = [
            ("RECONNECT_ACCEPTANCE_URL", Some(url.as_str())),
            ("RECONNECT_ACCEPTANCE_SCENARIO", scenario),
            ("RECONNECT_ACCEPTANCE_TOKEN", token),
            ("RECONNECT_ACCEPTANCE_COMPONENT", Some(component)),
            ("RECONNECT_ACCEPTANCE_OVER", Some(over)),
        ];
        let program = plan.with_url(&url);
        let start = |name: &String| {
            let process = Process::start(&program, &variables, &observer, recorder, role);
            process
                .map_err(|error| format!("{} {name:?} could not be started: {error}", role.words()))
        };
        let process = program.first().map(start).transpose()?;
        Ok(Self {
            server,
            play,
            observer,
            process,
            role,
            earlier,
            recorder: Arc::clone(recorder),
            settle: plan.settle,
            wire: setup.wire,
            pings: AtomicU64::new(0),
            at: setup.stop_after.unwrap_or_default(),
        })
    }

    /// How the client has ended, if it has. What makes a client start a run may end once it has.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        let exit = self.process.as_ref()?.exit()?;
        let has_done_it = || exit.code == Some(0) || self.first_run().is_some();
        (self.role == Role::Client || !has_done_it()).then_some(exit)
    }

    /// What ends where something has ended.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether the client did so much that not all of it was recorded.
    #[must_use]
    pub fn is_flooded(&self) -> bool {
        self.observer.is_full()
    }

    /// Waits until this finds something, the client ends, or the limit is over.
    pub async fn until<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut() -> Option<T>,
    ) -> Waited<T> {
        let mut changed = self.observer.watch();
        let stopwatch = Stopwatch::start();
        loop {
            changed.mark_unchanged();
            let exit = self.exit();
            if let Some(found) = find() {
                return Waited::Found(found);
            }
            if let Some(exit) = exit {
                return Waited::Ended(exit);
            }
            let left = limit.saturating_sub(stopwatch.elapsed());
            if left.is_zero() || self.is_flooded() {
                return Waited::Late;
            }
            let _ = timer::within(left, changed.changed()).await;
        }
    }

    /// Waits until the client has started a run.
    pub async fn run(&self, limit: Duration) -> Waited<String> {
        let first = || self.observer.runs().first().map(|(run, _)| run.clone());
        self.until(limit, first).await
    }

    /// Waits until the run that was started first stands after this event, whatever the client does.
    pub async fn stands(&self, after: u64, limit: Duration) -> bool {
        let Some((_, session)) = self.observer.runs().into_iter().next() else {
            return false;
        };
        let breakpoints = self.server.breakpoints();
        let reached = timer::within(limit, breakpoints.reached(&session, after)).await;
        matches!(reached, Ok(Ok(())))
    }

    /// Lets the runs go on, and stop again after this event.
    pub fn go_on_to(&mut self, after: u64) {
        self.at = after;
        self.play.stop_after(Some(after));
        for (_, session) in self.observer.runs() {
            self.server.breakpoints().set(&session, after);
        }
    }

    /// Lets the runs go on to their ends.
    pub fn go_on(&self) {
        self.play.stop_after(None);
        for (_, session) in self.observer.runs() {
            self.server.breakpoints().clear(&session);
        }
    }

    /// Waits until the client has answered a WebSocket ping on every connection that is open, and a while longer;
    /// then it has read everything that it was sent. `false` where it does not answer.
    ///
    /// Over HTTP, where nothing shows what was read, it only waits for that while.
    pub async fn settle(&self, limit: Duration) -> bool {
        let open = self.observer.open();
        if open.is_empty() {
            return false;
        }
        if self.wire != Wire::WebSocket {
            timer::away(self.settle).await;
            return true;
        }
        let ping = self.pings.fetch_add(1, Ordering::Relaxed);
        self.server.provoke(&Provocation::Ping(ping));
        let answered = || {
            let mut all = open.iter();
            all.all(|(server, _)| self.observer.has_ponged(*server, ping))
                .then_some(())
        };
        if self.until(limit, answered).await != Waited::Found(()) {
            return false;
        }
        timer::away(self.settle).await;
        // Nothing is known of a connection that the client has left meanwhile.
        let still = self.observer.open();
        for (_, own) in open.into_iter().filter(|it| still.contains(it)) {
            let settled = ClientEntry::Settled(self.settle);
            self.observer
                .note_on(own, EntryKind::Client(Box::new(settled)));
        }
        true
    }

    /// Ends every open connection; gives the number of the first entry that says so, or `None` where none was open.
    pub async fn cut(&self, cut: Cut, limit: Duration) -> Option<Number> {
        let before = self.recorder.len();
        if cut == Cut::Dead {
            self.play.freeze();
        }
        if self.server.provoke(&Provocation::Cut(cut)) == 0 {
            return None;
        }
        let is_cut = || {
            self.recorder.look(before, |entry| {
                let cut = matches!(entry.of_client(), Some(ClientEntry::Cut(_)));
                cut.then_some(entry.number)
            })
        };
        match self.until(limit, is_cut).await {
            Waited::Found(number) => Some(number),
            Waited::Ended(_) | Waited::Late => is_cut(),
        }
    }

    /// Lets a client that comes wait before it is answered, or waits no more.
    pub fn hold_arrivals(&self, hold: bool) {
        self.play.hold_arrivals(hold);
    }

    /// Looks at what came on dead lines meanwhile.
    pub fn thaw(&self) {
        self.play.thaw();
    }

    /// The workflow's run that was started first.
    #[must_use]
    pub fn first_run(&self) -> Option<String> {
        self.observer.runs().first().map(|(run, _)| run.clone())
    }

    /// Waits until the run that was started first has ended.
    pub async fn run_ends(&self, limit: Duration) -> bool {
        let Some((_, session)) = self.observer.runs().into_iter().next() else {
            return false;
        };
        let breakpoints = self.server.breakpoints();
        timer::within(limit, breakpoints.ended(&session))
            .await
            .is_ok()
    }

    /// Records what the suite did besides.
    pub fn note(&self, entry: ClientEntry) {
        self.observer.note(entry);
    }

    /// Does this on every open connection.
    pub fn provoke(&self, provocation: &Provocation) {
        self.server.provoke(provocation);
    }

    /// Turns so many tries to connect away.
    pub fn turn_away(&self, how: TurnedAway, times: u32) {
        self.play.turn_away(how, times);
    }

    /// Closes the server's port: who tries to connect is refused.
    ///
    /// # Errors
    ///
    /// What failed, and why.
    pub async fn close_port(&self) -> Result<(), String> {
        let closed = self.server.close_port().await;
        closed
            .map_err(|error| format!("the port of the bundled server could not be closed: {error}"))
    }

    /// Opens it again.
    ///
    /// # Errors
    ///
    /// What failed, and why.
    pub fn open_port(&self) -> Result<(), String> {
        let opened = self.server.open_port();
        opened.map_err(|error| {
            format!("the port of the bundled server could not be opened again: {error}")
        })
    }

    /// The next return without an answer of its own is answered like this.
    pub fn answer(&self, answer: ReturnAnswer) {
        self.play.answer(answer);
    }

    /// Refuses every token from now on.
    pub fn refuse_tokens(&self) {
        self.play.refuse_tokens();
    }

    /// Cancels every run.
    pub fn cancel(&self) {
        for (run, _) in self.observer.runs() {
            self.server.cancel(&run);
        }
    }

    /// Waits until the client asks for a run after this entry: gives the number of the request.
    pub async fn asks(&self, after: Number, limit: Duration) -> Waited<Number> {
        let asked = || {
            self.recorder.look(after, |entry| {
                let asks = matches!(
                    entry.action(),
                    Some(Action::Reconnect { .. } | Action::Start { .. })
                );
                asks.then_some(entry.number)
            })
        };
        self.until(limit, asked).await
    }

    /// Records that the client was waited for this long, without success.
    pub fn timed_out(&self, waiting_for: &str, after: Duration) {
        let open = self.observer.open();
        let connection = open.last().map_or(0, |(_, own)| *own);
        let waiting_for = waiting_for.to_owned();
        self.observer
            .note_on(connection, EntryKind::TimedOut { waiting_for, after });
    }

    /// Records that the client was watched for this long.
    pub fn watched(&self, lasted: Duration) {
        self.observer.note_on(0, EntryKind::Watched(lasted));
    }

    /// Records what has happened in the runs, and ends client and server.
    pub async fn end(self) {
        for run in self.server.runs() {
            self.observer.note(ClientEntry::RunWas {
                run_id: run.run_id,
                events: run.events,
                status: run.status.to_owned(),
            });
        }
        self.observer.close();
        if let Some(process) = self.process {
            process.end().await;
        }
        self.server.stop().await;
        self.earlier
            .add(self.observer.runs().into_iter().map(|(run, _)| run));
    }
}
