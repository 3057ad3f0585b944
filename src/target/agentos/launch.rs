//! The server process: started on a free port, watched until it is ready, stopped for certain.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, interval};

use super::APP;
use super::guard::Guard;
use super::replicas::Shares;
use crate::target::Error;
use crate::target::agentos::process_group::Group;

/// How long the app may take to confirm what it was told.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);
/// The file in which the app says what it is able to do.
const ABOUT: &str = "about.json";

/// How many lines of the log are shown where the server did not come up.
const SHOWN_LINES: usize = 12;

/// How many events of a run the served app keeps; fewer than its `endless` workflow has, and more than
/// any other.
pub const KEEPS: u64 = 250;

/// A running AgentOS.
#[derive(Debug)]
pub struct Process {
    group: Group,
    launch: Launch,
}

/// What a server is for.
#[derive(Clone, Debug)]
pub struct Role {
    /// The port that it takes connections on.
    pub port: u16,
    /// What it asks of its viewers.
    pub guard: Guard,
    /// What it shares with its replicas, where it has some.
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

    /// What the log says of it.
    fn words(&self) -> &'static str {
        match &self.shares {
            None => self.guard.words(),
            Some(shares) if shares.starts_redis => " as a replica, with a Redis",
            Some(_) => " as another replica",
        }
    }
}

/// What it takes to start the server, and to start it again.
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
    let name = format!("{}{port}", marked(release));
    home.join("run").join(name)
}

/// The database of a server in this folder, where it shares none.
#[must_use]
pub fn db(folder: &Path) -> PathBuf {
    folder.join("agno.db")
}

impl Process {
    /// Starts the app of this release in this role, and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] where it ended or was not ready in time, with the end of its log.
    pub async fn start(
        home: &Path,
        release: &str,
        python: &Path,
        role: Role,
        ready_within: Duration,
        say: &(dyn Fn(&str) + Send + Sync),
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
        let group = launch.go(say).await?;
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

    /// Drops a finished run from its memory, as agno does by itself 30 minutes after the end.
    ///
    /// # Errors
    ///
    /// Why the app does not confirm it, as a sentence.
    pub async fn forget(&mut self, run_id: &str) -> Result<(), String> {
        let is_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if run_id.is_empty() || !run_id.chars().all(is_id) {
            return Err("the run has no id that the app can be told".to_owned());
        }
        let told = self.group.tell(&format!("forget {run_id}\n")).await;
        told.map_err(|error| format!("the app cannot be told anything: {error}"))?;
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

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/workflows/ws", self.launch.role.port)
    }

    /// The file in which it says what it is able to do.
    #[must_use]
    pub fn about(&self) -> PathBuf {
        self.launch.about()
    }

    /// Where it answers over HTTP.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.role.port)
    }

    /// Ends it, and what it started. Its database and log are removed.
    pub async fn stop(mut self) {
        self.group.end().await;
        let _ = std::fs::remove_dir_all(&self.launch.folder);
    }
}

impl Launch {
    async fn go(&self, say: &(dyn Fn(&str) + Send + Sync)) -> Result<Group, Error> {
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
        say(&format!(
            "agno {release}: starting{} on port {port}, log in {}",
            role.words(),
            log_file.display()
        ));
        let mut command = Command::new(&self.python);
        command.arg(self.folder.join("app.py"));
        role.guard.tell(&mut command);
        if let Some(shares) = &role.shares {
            shares.tell(&mut command);
        }
        command
            .args(["--port", &port.to_string(), "--keeps", &KEEPS.to_string()])
            .arg("--db")
            .arg(self.db())
            .arg("--about")
            .arg(self.about())
            .stdout(log)
            .stderr(errors);
        let mut group = Group::start(&mut command)
            .map_err(|error| Error::Setup(format!("start {}: {error}", self.python.display())))?;
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            if answers(port).await {
                say(&format!(
                    "agno {release}: ready{} after {:.1} s",
                    role.words(),
                    began.elapsed().as_secs_f64()
                ));
                return Ok(group);
            }
            let problem = match group.ended() {
                Some(status) => format!("it ended with {status}"),
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

/// How the names of this process's folders for a release begin.
fn marked(release: &str) -> String {
    format!("{release}-{}-", std::process::id())
}

/// Removes the folders of servers of this release that never came to be: their start was cut short.
pub fn sweep(home: &Path, release: &str) {
    let mark = marked(release);
    let folders = std::fs::read_dir(home.join("run")).into_iter().flatten();
    for folder in folders.flatten() {
        if folder.file_name().to_string_lossy().starts_with(&mark) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// Whether somebody else listens on the port. A connection from a free port to itself comes about now
/// and then: the system picks its own end from the same range.
async fn answers(port: u16) -> bool {
    let Ok(tcp) = TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    matches!((tcp.local_addr(), tcp.peer_addr()), (Ok(own), Ok(theirs)) if own != theirs)
}

/// Ports that nobody listens on, no two the same.
///
/// # Errors
///
/// [`Error::NotReady`] where the machine has none.
pub fn free_ports<const N: usize>() -> Result<[u16; N], Error> {
    let not_free = |error| Error::NotReady(format!("find a free port of 127.0.0.1: {error}"));
    // Taken all at once, so that the second is not the first again.
    let mut taken = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(not_free)?;
        *port = listener.local_addr().map_err(not_free)?.port();
        taken.push(listener);
    }
    Ok(ports)
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
