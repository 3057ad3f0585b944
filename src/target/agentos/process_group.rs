//! A process with everything that it starts, ended together.
//!
//! It is the first of a process group of its own, which is killed as a whole: at the end, and where this
//! value is dropped before. After `kill -9` of the suite nobody is left to do so. Therefore the process
//! holds the other end of a pipe on its stdin, and has to kill its group when that ends: `app.py` and
//! `watched.py` do.

use std::io;
use std::process::{ExitStatus, Output, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// A running process, and everything that it started.
#[derive(Debug)]
pub struct Group {
    leader: Child,
}

impl Group {
    /// Starts it, with a pipe on its stdin that is open for as long as this value lives.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // The terminal's Ctrl-C is the suite's to answer, too.
        #[cfg(unix)]
        command.process_group(0);
        command.stdin(Stdio::piped()).kill_on_drop(true);
        let leader = command.spawn()?;
        Ok(Self { leader })
    }

    /// Writes to its stdin.
    ///
    /// # Errors
    ///
    /// Those of the pipe: the process is gone, as a rule.
    pub async fn tell(&mut self, text: &str) -> io::Result<()> {
        let Some(stdin) = &mut self.leader.stdin else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        stdin.write_all(text.as_bytes()).await?;
        stdin.flush().await
    }

    /// How it ended, where it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.leader.try_wait().ok().flatten()
    }

    /// Ends all of it.
    pub async fn end(&mut self) {
        self.kill();
        let _ = self.leader.wait().await;
    }

    /// Waits until it ends by itself, and gives what it said where its outputs are pipes.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub async fn output(mut self) -> io::Result<Output> {
        // `wait` closes it.
        let _open = self.leader.stdin.take();
        let (stdout, stderr) = (self.leader.stdout.take(), self.leader.stderr.take());
        let (status, stdout, stderr) =
            tokio::try_join!(self.leader.wait(), all(stdout), all(stderr))?;
        Ok(Output {
            status,
            stdout,
            stderr,
        })
    }

    fn kill(&mut self) {
        // Not yet waited for, so the number is no other group's.
        #[cfg(unix)]
        if let Some(group) = self.leader.id().and_then(|id| id.try_into().ok())
            && let Some(group) = rustix::process::Pid::from_raw(group)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.leader.start_kill();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn all(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut read).await?;
    }
    Ok(read)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use tokio::time::{interval, timeout};

    use super::*;

    /// How long what was killed may take to be gone.
    const SOON: Duration = Duration::from_secs(60);

    /// A shell that starts another process, tells the number of that, and waits.
    fn family() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $!; wait"]);
        command.stdout(Stdio::piped());
        command
    }

    /// The number of the other process.
    async fn other(group: &mut Group) -> u32 {
        let stdout = group.leader.stdout.as_mut().expect("a pipe");
        let mut number = String::new();
        while !number.ends_with('\n') {
            let byte = stdout.read_u8().await.expect("a number");
            number.push(char::from(byte));
        }
        number.trim().parse().expect("a number")
    }

    async fn gone(process: u32) {
        let mut tick = interval(Duration::from_millis(10));
        let waited = timeout(SOON, async {
            // One that nobody has waited for yet is a zombie, and does nothing any more.
            while runs(process) {
                tick.tick().await;
            }
        });
        waited.await.expect("it is gone");
    }

    fn runs(process: u32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, state)| !state.starts_with('Z'))
    }

    #[tokio::test]
    async fn what_it_started_ends_with_it() {
        let mut group = Group::start(&mut family()).expect("started");
        let other = other(&mut group).await;
        assert!(runs(other));
        timeout(SOON, group.end()).await.expect("ended");
        gone(other).await;
        assert!(group.ended().is_some());
        // Once more does no harm.
        group.end().await;
    }

    #[tokio::test]
    async fn what_it_started_ends_where_nobody_waits_for_it_any_more() {
        let mut group = Group::start(&mut family()).expect("started");
        let first = other(&mut group).await;
        drop(group);
        gone(first).await;
        let mut group = Group::start(&mut family()).expect("started");
        let first = other(&mut group).await;
        let cut_short = timeout(Duration::from_millis(10), group.output()).await;
        assert!(cut_short.is_err());
        gone(first).await;
    }

    #[tokio::test]
    async fn what_it_said_is_there_and_it_can_be_told_something() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let group = Group::start(&mut command).expect("started");
        let output = timeout(SOON, group.output()).await.expect("in time");
        let output = output.expect("output");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        let told = Group::start(Command::new("cat").stdout(Stdio::piped()));
        let mut told = told.expect("started");
        told.tell("a line\n").await.expect("told");
        let mut line = [0; 7];
        let stdout = told.leader.stdout.as_mut().expect("a pipe");
        timeout(SOON, stdout.read_exact(&mut line))
            .await
            .expect("in time")
            .expect("a line");
        assert_eq!(&line, b"a line\n");
        assert_eq!(told.ended(), None);
    }
}
