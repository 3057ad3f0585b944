//! The server: its configuration, start, restart and clean stop.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::reference::breakpoint::Breakpoints;
use crate::reference::fault::Fault;
use crate::reference::fault::hooks::Faults;
use crate::reference::model::conversation::Rules;
use crate::reference::model::script::Script;
use crate::reference::play::{Play, Provocation};
use crate::reference::server::http::PATH;
use crate::reference::server::pace::Pace;
use crate::reference::server::port::{Port, accept};
use crate::reference::server::run_task;
use crate::reference::server::state::Shared;

/// How a server is to behave. Contains tokens, so it is not `Debug`.
#[derive(Clone)]
pub struct Config {
    /// The time between two events of a run; 5 ms by default. With zero, other tasks still get
    /// their turn between two events.
    pub pace: Duration,
    /// How often its streams over HTTP say something while nothing happens; by default as on agno 3.1.10.
    pub comments: Option<Duration>,
    /// Its faults; none by default.
    pub faults: Vec<Fault>,
    /// The token that every connection must send, where one is needed; none by default.
    pub token: Option<String>,
    /// The tokens of its users, and each one's name; none by default. Where there are some, every
    /// connection must send one of them, and a run belongs to the user who started it.
    pub users: BTreeMap<String, String>,
    /// By token, in the place of other tokens: the ids of the workflows that it is for; none by default.
    pub permissions: BTreeMap<String, Vec<String>>,
    /// Its workflows; [`Script::all`] by default.
    pub scripts: Vec<Script>,
    /// How it treats a client that is judged; nobody is by default.
    pub play: Option<Arc<Play>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            pace: Duration::from_millis(5),
            comments: None,
            faults: Vec::new(),
            token: None,
            users: BTreeMap::new(),
            permissions: BTreeMap::new(),
            scripts: Script::all(),
            play: None,
        }
    }
}

/// A running server. It is stopped when this is dropped; [`Server::stop`] also waits for that.
pub struct Server {
    addr: SocketAddr,
    breakpoints: Breakpoints,
    life: Mutex<Life>,
}

pub use crate::reference::model::runs::RunSeen;

/// What a restart replaces.
struct Life {
    shared: Arc<Shared>,
    /// A second handle of the listening socket: nobody else gets the port during a restart. Gone once
    /// the server is stopped.
    socket: Option<std::net::TcpListener>,
    /// Likewise, of the other replica.
    replica: Option<std::net::TcpListener>,
    port: Port,
}

impl Server {
    /// Starts a server on a listener that is bound already. Must be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// That of the operating system, where the listener has no local address.
    pub fn start(config: Config, listener: TcpListener) -> io::Result<Self> {
        let addr = listener.local_addr()?;
        let rules = Rules {
            token: config.token,
            users: config.users,
            permissions: config.permissions,
            issued: Mutex::default(),
            workflows: Script::workflow_ids(&config.scripts).collect(),
            faults: Faults::new(&config.faults),
            play: config.play,
        };
        let pace = Pace(config.pace);
        let shared = Shared::new(rules, config.scripts, pace, config.comments);
        let shared = Arc::new(shared);
        let listener = listener.into_std()?;
        let socket = Some(listener.try_clone()?);
        let port = Port::open(&shared, TcpListener::from_std(listener)?);
        Ok(Self {
            addr,
            breakpoints: shared.breakpoints.clone(),
            life: Mutex::new(Life {
                shared,
                socket,
                replica: None,
                port,
            }),
        })
    }

    /// Opens another replica on this listener, which has the same runs; gives its URL. Only
    /// the latest one outlives a restart. Must be called within a
    /// Tokio runtime.
    ///
    /// # Errors
    ///
    /// That of the operating system, where the listener has no local address; and where the server had
    /// been stopped.
    pub fn open_replica(&self, listener: TcpListener) -> io::Result<String> {
        let url = format!("ws://{}{PATH}", listener.local_addr()?);
        let listener = listener.into_std()?;
        let mut life = self.life();
        if life.socket.is_none() {
            return Err(io::Error::other("the server was stopped"));
        }
        life.replica = Some(listener.try_clone()?);
        let listener = TcpListener::from_std(listener)?;
        let shared = &life.shared;
        shared.spawn(accept_at_replica(Arc::clone(shared), listener));
        Ok(url)
    }

    /// Stops it, as [`Server::stop`] does, and starts it again at the same address. Runs that had
    /// finished or paused outlive it, those under way do not. The breakpoints stay the same.
    ///
    /// # Errors
    ///
    /// That of the operating system, where the socket cannot be listened on again; and where the
    /// server had been stopped.
    pub async fn restart(&self) -> io::Result<()> {
        let old = Arc::clone(&self.life().shared);
        if let Some(mut tasks) = old.take_tasks() {
            tasks.shutdown().await;
        }
        let mut life = self.life();
        let Some(socket) = &life.socket else {
            return Err(io::Error::other("the server was stopped"));
        };
        let listener = TcpListener::from_std(socket.try_clone()?)?;
        let replica = life.replica.as_ref().map(|socket| socket.try_clone());
        let replica = replica.transpose()?.map(TcpListener::from_std);
        let replica = replica.transpose()?;
        let shared = Arc::new(old.restarted());
        run_task::continue_paused(&shared);
        life.port = Port::open(&shared, listener);
        if let Some(listener) = replica {
            shared.spawn(accept_at_replica(Arc::clone(&shared), listener));
        }
        life.shared = shared;
        Ok(())
    }

    /// Closes its port, so that the operating system refuses everybody who tries to connect. Connections that are open
    /// stay, runs go on, and who asks the system for a free port gets another one.
    ///
    /// # Errors
    ///
    /// That of the operating system, where the port cannot be kept.
    pub async fn close_port(&self) -> io::Result<()> {
        let open = {
            let mut life = self.life();
            life.socket = None;
            std::mem::replace(&mut life.port, Port::Gone)
        };
        let closed = open.close(self.addr).await?;
        self.life().port = closed;
        Ok(())
    }

    /// Opens its port again.
    ///
    /// # Errors
    ///
    /// That of the operating system, where the socket cannot be listened on; and where the port was not closed.
    pub fn open_port(&self) -> io::Result<()> {
        let mut life = self.life();
        let listener = std::mem::replace(&mut life.port, Port::Gone).listen()?;
        let listener = listener.into_std()?;
        life.socket = Some(listener.try_clone()?);
        life.port = Port::open(&life.shared, TcpListener::from_std(listener)?);
        Ok(())
    }

    /// Drops a finished run from the memory, as a server does that makes room; what outlives the
    /// memory still has it. `false` where there is no such run, or it has not finished.
    pub fn forget(&self, run_id: &str) -> bool {
        self.life().shared.ask(|runs| runs.forget(run_id))
    }

    /// A new token for a guarded server, which expires so long after it was first shown.
    #[must_use]
    pub fn issue(&self, valid_for: Duration) -> String {
        self.life().shared.rules.issue(valid_for)
    }

    /// Kills the other replica, as a crash does; the runs that were started there have nobody any more who
    /// carries them out. `false` where there is none.
    pub fn kill_replica(&self) -> bool {
        let mut life = self.life();
        let there = life.replica.take().is_some();
        if there {
            life.shared.kill_replica();
        }
        there
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does this on every open WebSocket, or on every stream where the client speaks over HTTP, after what was to be sent
    /// there before; gives on how many.
    pub fn provoke(&self, provocation: &Provocation) -> usize {
        self.life().shared.provoke(provocation)
    }

    /// What has happened in each run until now.
    #[must_use]
    pub fn runs(&self) -> Vec<RunSeen> {
        self.life().shared.ask(|runs| runs.seen())
    }

    /// Asks a run to end before its time.
    pub fn cancel(&self, run_id: &str) {
        self.life().shared.cancel(run_id);
    }

    /// Where it can be reached: `ws://127.0.0.1:40213/workflows/ws`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}{PATH}", self.addr)
    }

    /// Where it answers over HTTP: `http://127.0.0.1:40213`.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The handle that stops its runs after exact events.
    #[must_use]
    pub fn breakpoints(&self) -> Breakpoints {
        self.breakpoints.clone()
    }

    /// Stops the listener, every connection and every run, and waits until all of them are gone.
    /// Connections end without a close frame. Once it is stopped, nothing happens.
    pub async fn stop(&self) {
        let tasks = {
            let mut life = self.life();
            life.socket = None;
            life.replica = None;
            life.port = Port::Gone;
            life.shared.take_tasks()
        };
        if let Some(mut tasks) = tasks {
            tasks.shutdown().await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.life().shared.take_tasks());
    }
}

async fn accept_at_replica(shared: Arc<Shared>, listener: TcpListener) {
    accept(&shared, &listener, true).await;
}
