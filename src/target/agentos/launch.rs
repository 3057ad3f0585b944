//! The server process: started on a free port, watched until it is ready, stopped reliably.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, interval};

use super::guard::Guard;
use super::replicas::Shares;
use crate::target::Error;
use crate::target::agentos::process_group::ProcessGroup;

/// The app that is served.
const APP: &str = include_str!("app.py");
/// How long the app may take to confirm an order.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);
/// The file in which the app says what it can do.
const ABOUT: &str = "about.json";

/// How many lines of the log are shown if the server did not start.
const SHOWN_LINES: usize = 12;

/// How many events of a run the served app keeps: fewer than its `endless` workflow has, more than any
/// other workflow.
pub const KEEPS: u64 = 250;

/// A running AgentOS.
#[derive(Debug)]
pub struct Process {
    group: ProcessGroup,
    launch: Launch,
}

/// What a server is started for.
#[derive(Clone, Debug)]
pub struct Role {
    /// The port that it listens on.
    pub port: u16,
    /// How its viewers authenticate.
    pub guard: Guard,
    /// What it shares with its replicas, if it has any.
    pub shares: Option<Shares>,
}

impl Role {
    /// A server without replicas.
    #[must_use]
    pub fn alone(port: u16, guard: Guard) -> Self {
        Self {
            port,
            guard,
            shares: None,
        }
    }

    /// How progress lines describe it.
    fn words(&self) -> &'static str {
        match &self.shares {
            None => self.guard.words(),
            Some(shares) if shares.starts_redis => " as a replica, with a Redis",
            Some(_) => " as another replica",
        }
    }
}

/// Everything that is needed to start the server, and to start it again.
#[derive(Debug)]
struct Launch {
    release: String,
    python: PathBuf,
    ready_within: Duration,
    role: Role,
    folder: PathBuf,
}

/// The folder of the server of this release on this port.
#[must_use]
pub fn folder(home: &Path, release: &str, port: u16) -> PathBuf {
    let name = format!("{}{port}", prefix(release));
    home.join("run").join(name)
}

/// The database of a server in this folder, if it shares none.
#[must_use]
pub fn db(folder: &Path) -> PathBuf {
    folder.join("agno.db")
}

impl Process {
    /// Starts the app of this release in this role, and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] if it ended or was not ready in time, with the end of its log.
    pub async fn start(
        home: &Path,
        release: &str,
        python: &Path,
        role: Role,
        ready_within: Duration,
        progress: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Self, Error> {
        let launch = Launch {
            release: release.to_owned(),
            python: python.to_owned(),
            ready_within,
            folder: folder(home, release, role.port),
            role,
        };
        let shared = launch.db().parent().map(Path::to_owned);
        for folder in shared.iter().chain([&launch.folder]) {
            std::fs::create_dir_all(folder)
                .map_err(|error| launch.setup("make a folder", &error))?;
        }
        std::fs::write(launch.folder.join("app.py"), APP)
            .map_err(|error| launch.setup("write app.py", &error))?;
        let group = launch.go(progress).await?;
        Ok(Self { group, launch })
    }

    /// Stops it and starts it again, on the same port and over the same database.
    ///
    /// # Errors
    ///
    /// As for [`Process::start`].
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.group.end().await;
        self.group = self.launch.go(&|_| {}).await?;
        Ok(())
    }

    /// Drops a finished run from its memory, as agno itself does 30 minutes after the end of the run.
    ///
    /// # Errors
    ///
    /// Why it was not dropped, as a sentence.
    pub async fn forget(&mut self, run_id: &str) -> Result<(), String> {
        let is_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if run_id.is_empty() || !run_id.chars().all(is_id) {
            return Err(format!("the app accepts no run id like {run_id:?}"));
        }
        let sent = self.group.send(&format!("forget {run_id}\n")).await;
        sent.map_err(|error| format!("the app cannot be reached on its stdin: {error}"))?;
        let confirmed = format!("forgotten {run_id}");
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(20));
        while began.elapsed() < CONFIRMED_WITHIN {
            tick.tick().await;
            let log = std::fs::read(self.launch.log()).unwrap_or_default();
            if String::from_utf8_lossy(&log).contains(&confirmed) {
                return Ok(());
            }
        }
        Err(format!(
            "the app did not drop the run within {}",
            humantime::format_duration(CONFIRMED_WITHIN)
        ))
    }

    /// Its WebSocket URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/workflows/ws", self.launch.role.port)
    }

    /// The file in which it says what it can do.
    #[must_use]
    pub fn about(&self) -> PathBuf {
        self.launch.about()
    }

    /// Its HTTP address.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.role.port)
    }

    /// Ends it with all its children, and removes its database and log.
    pub async fn stop(mut self) {
        self.group.end().await;
        let _ = std::fs::remove_dir_all(&self.launch.folder);
    }
}

impl Launch {
    async fn go(&self, progress: &(dyn Fn(&str) + Send + Sync)) -> Result<ProcessGroup, Error> {
        let Self { release, role, .. } = self;
        let port = role.port;
        let log_file = self.log();
        let log = File::options()
            .create(true)
            .append(true)
            .open(&log_file)
            .map_err(|error| self.setup("write server.log", &error))?;
        let errors = log
            .try_clone()
            .map_err(|error| self.setup("write server.log", &error))?;
        progress(&format!(
            "agno {release}: starting{} on port {port}, log in {}",
            role.words(),
            log_file.display()
        ));
        let mut command = Command::new(&self.python);
        command.arg(self.folder.join("app.py"));
        role.guard.add_to(&mut command);
        if let Some(shares) = &role.shares {
            shares.add_to(&mut command);
        }
        command
            .args(["--port", &port.to_string(), "--keeps", &KEEPS.to_string()])
            .arg("--db")
            .arg(self.db())
            .arg("--about")
            .arg(self.about())
            .stdout(log)
            .stderr(errors);
        let mut group = ProcessGroup::start(&mut command)
            .map_err(|error| Error::Setup(format!("start {}: {error}", self.python.display())))?;
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            let problem = match group.ended() {
                // Who answers on the port of a server that has ended is somebody else.
                Some(status) => format!("it ended with {status}"),
                None if answers(port).await => {
                    progress(&format!(
                        "agno {release}: ready{} after {:.1} s",
                        role.words(),
                        began.elapsed().as_secs_f64()
                    ));
                    return Ok(group);
                }
                None if began.elapsed() > self.ready_within => {
                    group.end().await;
                    format!(
                        "it was not ready within {}",
                        humantime::format_duration(self.ready_within)
                    )
                }
                None => continue,
            };
            return Err(Error::NotReady(format!(
                "start agno {release}{}: {problem}; the end of {}:\n{}",
                role.words(),
                log_file.display(),
                end_of(&log_file)
            )));
        }
    }

    fn db(&self) -> PathBuf {
        let shared = self.role.shares.as_ref().map(|shares| shares.db.clone());
        shared.unwrap_or_else(|| db(&self.folder))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn setup(&self, what: &str, error: &std::io::Error) -> Error {
        Error::Setup(format!("{what} in {}: {error}", self.folder.display()))
    }

    fn about(&self) -> PathBuf {
        self.folder.join(ABOUT)
    }
}

/// The prefix of this process's folders for a release.
fn prefix(release: &str) -> String {
    format!("{release}-{}-", std::process::id())
}

/// Removes the folders of this release's servers whose start was interrupted.
pub fn sweep(home: &Path, release: &str) {
    let prefix = prefix(release);
    let folders = std::fs::read_dir(home.join("run")).into_iter().flatten();
    for folder in folders.flatten() {
        if folder.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// Whether another process listens on the port. A connection from a free port to itself can happen: the
/// system picks the local port from the same range.
async fn answers(port: u16) -> bool {
    let Ok(tcp) = TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    matches!((tcp.local_addr(), tcp.peer_addr()), (Ok(own), Ok(theirs)) if own != theirs)
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
