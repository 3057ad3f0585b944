//! The server process: started on a free port, watched until it is ready, stopped for certain.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval};

use super::APP;
use crate::target::Error;

/// How long a server that was asked to end may take before it is killed.
const FAREWELL: Duration = Duration::from_secs(5);

/// The file in which the app says what it is able to do.
const ABOUT: &str = "about.json";

/// How many lines of the log are shown where the server did not come up.
const SHOWN_LINES: usize = 12;

/// A running AgentOS.
#[derive(Debug)]
pub struct Process {
    child: Child,
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
        let setup = |what: &str, error: std::io::Error| {
            Error::Setup(format!("{what} in {}: {error}", folder.display()))
        };
        std::fs::create_dir_all(&folder).map_err(|error| setup("make a folder", error))?;
        let app = folder.join("app.py");
        std::fs::write(&app, APP).map_err(|error| setup("write app.py", error))?;
        let log_file = folder.join("server.log");
        let log = File::create(&log_file).map_err(|error| setup("write server.log", error))?;
        let errors = log
            .try_clone()
            .map_err(|error| setup("write server.log", error))?;
        say(&format!(
            "agno {release}: starting on port {port}, log in {}",
            log_file.display()
        ));
        let mut child = Command::new(python)
            .arg(&app)
            .args(["--port", &port.to_string(), "--db"])
            .arg(folder.join("agno.db"))
            .arg("--about")
            .arg(folder.join(ABOUT))
            // The app ends when this pipe does, so nothing is left behind even after `kill -9`.
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::Setup(format!("start {}: {error}", python.display())))?;
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(100));
        loop {
            tick.tick().await;
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                say(&format!(
                    "agno {release}: ready after {:.1} s",
                    began.elapsed().as_secs_f64()
                ));
                return Ok(Self {
                    child,
                    port,
                    folder,
                });
            }
            let ended = child.try_wait().ok().flatten();
            let problem = match ended {
                Some(status) => format!("it ended with {status}"),
                None if began.elapsed() > ready_within => {
                    let _ = child.kill().await;
                    format!(
                        "it was not ready within {}",
                        humantime::format_duration(ready_within)
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

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/workflows/ws", self.port)
    }

    /// The file in which it says what it is able to do.
    #[must_use]
    pub fn about(&self) -> PathBuf {
        self.folder.join(ABOUT)
    }

    /// Where it answers over HTTP.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end, and kills it if it does not. Its database and log are removed.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(FAREWELL, self.child.wait())
            .await
            .is_err()
        {
            let _ = self.child.kill().await;
        }
        let _ = std::fs::remove_dir_all(&self.folder);
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
