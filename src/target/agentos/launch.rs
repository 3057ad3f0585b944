//! The server process: started on a free port, watched until it is ready, stopped for certain.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval};

use super::APP;
use crate::target::Error;

/// How long a server that was asked to end may take before it is killed.
const FAREWELL: Duration = Duration::from_secs(5);

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
    child: Child,
    launch: Launch,
}

/// What it takes to start the server, and to start it again.
#[derive(Debug)]
struct Launch {
    release: String,
    python: PathBuf,
    ready_within: Duration,
    port: u16,
    folder: PathBuf,
}

impl Process {
    /// Starts the app of this release, and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] where it ended or was not ready in time, with the end of its log.
    pub async fn start(
        home: &Path,
        release: &str,
        python: &Path,
        ready_within: Duration,
        say: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Self, Error> {
        let port = free_port()?;
        let folder = home
            .join("run")
            .join(format!("{release}-{}-{port}", std::process::id()));
        let launch = Launch {
            release: release.to_owned(),
            python: python.to_owned(),
            ready_within,
            port,
            folder,
        };
        std::fs::create_dir_all(&launch.folder)
            .map_err(|error| launch.setup("make a folder", &error))?;
        std::fs::write(launch.folder.join("app.py"), APP)
            .map_err(|error| launch.setup("write app.py", &error))?;
        let child = launch.go(say).await?;
        Ok(Self { child, launch })
    }

    /// Stops it and starts it again, on the same port and over the same database.
    ///
    /// # Errors
    ///
    /// As for [`Process::start`].
    pub async fn restart(&mut self) -> Result<(), Error> {
        end(&mut self.child).await;
        self.child = self.launch.go(&|_| {}).await?;
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
        let gone = |error: std::io::Error| format!("the app cannot be told anything: {error}");
        let Some(stdin) = &mut self.child.stdin else {
            return Err("the app cannot be told anything".to_owned());
        };
        let order = format!("forget {run_id}\n");
        stdin.write_all(order.as_bytes()).await.map_err(gone)?;
        stdin.flush().await.map_err(gone)?;
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
        format!("ws://127.0.0.1:{}/workflows/ws", self.launch.port)
    }

    /// The file in which it says what it is able to do.
    #[must_use]
    pub fn about(&self) -> PathBuf {
        self.launch.folder.join(ABOUT)
    }

    /// Where it answers over HTTP.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.port)
    }

    /// Asks it to end, and kills it if it does not. Its database and log are removed.
    pub async fn stop(mut self) {
        end(&mut self.child).await;
        let _ = std::fs::remove_dir_all(&self.launch.folder);
    }
}

impl Launch {
    async fn go(&self, say: &(dyn Fn(&str) + Send + Sync)) -> Result<Child, Error> {
        let Self { release, port, .. } = self;
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
            "agno {release}: starting on port {port}, log in {}",
            log_file.display()
        ));
        let mut child = Command::new(&self.python)
            .arg(self.folder.join("app.py"))
            .args(["--port", &port.to_string(), "--keeps", &KEEPS.to_string()])
            .arg("--db")
            .arg(self.folder.join("agno.db"))
            .arg("--about")
            .arg(self.folder.join(ABOUT))
            // The app ends when this pipe does, so nothing is left behind even after `kill -9`.
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::Setup(format!("start {}: {error}", self.python.display())))?;
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            if TcpStream::connect(("127.0.0.1", *port)).await.is_ok() {
                say(&format!(
                    "agno {release}: ready after {:.1} s",
                    began.elapsed().as_secs_f64()
                ));
                return Ok(child);
            }
            let ended = child.try_wait().ok().flatten();
            let problem = match ended {
                Some(status) => format!("it ended with {status}"),
                None if began.elapsed() > self.ready_within => {
                    let _ = child.kill().await;
                    format!(
                        "it was not ready within {}",
                        humantime::format_duration(self.ready_within)
                    )
                }
                None => continue,
            };
            return Err(Error::NotReady(format!(
                "start agno {release}: {problem}; the end of {}:\n{}",
                log_file.display(),
                end_of(&log_file)
            )));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn setup(&self, what: &str, error: &std::io::Error) -> Error {
        Error::Setup(format!("{what} in {}: {error}", self.folder.display()))
    }
}

/// Asks a server to end, and kills it if it does not.
async fn end(child: &mut Child) {
    drop(child.stdin.take());
    if tokio::time::timeout(FAREWELL, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| Error::NotReady(format!("find a free port of 127.0.0.1: {error}")))
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
