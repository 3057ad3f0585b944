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
use super::guard::Guard;
use crate::target::Error;

/// How long a server that was asked to end may take before it is killed.
const FAREWELL: Duration = Duration::from_secs(5);

/// The file into which the app writes what its release is able to do, a line each.
const ABILITIES: &str = "abilities.txt";

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
    /// Starts the app of this release on this port, guarded in this way, and waits until it takes
    /// connections.
    ///
    /// # Errors
    ///
    /// [`Error::NotReady`] where it ended or was not ready in time, with the end of its log.
    pub async fn start(
        home: &Path,
        release: &str,
        python: &Path,
        (port, guard): (u16, &Guard),
        ready_within: Duration,
        say: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Self, Error> {
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
            "agno {release}: starting{} on port {port}, log in {}",
            guard.words(),
            log_file.display()
        ));
        let mut command = Command::new(python);
        command.arg(&app);
        guard.tell(&mut command);
        let mut child = command
            .args(["--port", &port.to_string(), "--db"])
            .arg(folder.join("agno.db"))
            .arg("--abilities")
            .arg(folder.join(ABILITIES))
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
            if answers(port).await {
                say(&format!(
                    "agno {release}: ready{} after {:.1} s",
                    guard.words(),
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
                "start agno {release}{}: {problem}; the end of {}:\n{}",
                guard.words(),
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

    /// Where it answers over HTTP.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whether the app says that its release is able to do this.
    #[must_use]
    pub fn can(&self, ability: &str) -> bool {
        std::fs::read_to_string(self.folder.join(ABILITIES))
            .is_ok_and(|text| text.lines().any(|line| line == ability))
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
