//! A process and all its children, ended together.
//!
//! The process leads a process group of its own, which is killed as a whole: at the end, or when this
//! value is dropped. After `kill -9` of the suite nothing is left to do so. Therefore the process has a
//! pipe on its stdin, and must kill its group when that closes: `app.py` and `watched.py` do.

use std::io;
use std::process::{ExitStatus, Output, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// A running process and all its children.
#[derive(Debug)]
pub struct ProcessGroup {
    leader: Child,
}

impl ProcessGroup {
    /// Starts it, with a pipe on its stdin that stays open as long as this value lives.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // In a group of its own, it does not get the Ctrl-C of the terminal.
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
    /// Those of the pipe; usually because the process has ended.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        let Some(stdin) = &mut self.leader.stdin else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        stdin.write_all(text.as_bytes()).await?;
        stdin.flush().await
    }

    /// Its exit status, if it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.leader.try_wait().ok().flatten()
    }

    /// Kills the whole group, and waits for the process.
    pub async fn end(&mut self) {
        self.kill();
        let _ = self.leader.wait().await;
    }

    /// Waits until it ends by itself; returns what it printed, if its outputs are pipes.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub async fn output(mut self) -> io::Result<Output> {
        // Kept open: `wait` would close it.
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
        // It was not waited for yet, so no other group can have this id.
        #[cfg(unix)]
        if let Some(group) = self.leader.id().and_then(|id| id.try_into().ok())
            && let Some(group) = rustix::process::Pid::from_raw(group)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.leader.start_kill();
    }
}

impl Drop for ProcessGroup {
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

    /// How long a killed process may take to end.
    const SOON: Duration = Duration::from_secs(60);

    /// A shell that starts another process, prints its id, and waits.
    fn with_child() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $!; wait"]);
        command.stdout(Stdio::piped());
        command
    }

    /// The id of the other process.
    async fn child_of(group: &mut ProcessGroup) -> u32 {
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
            // A process that was not waited for is a zombie, which counts as ended.
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
    async fn its_children_end_with_it() {
        let mut group = ProcessGroup::start(&mut with_child()).expect("started");
        let child = child_of(&mut group).await;
        assert!(runs(child));
        timeout(SOON, group.end()).await.expect("ended");
        gone(child).await;
        assert!(group.ended().is_some());
        // Ending it again does no harm.
        group.end().await;
    }

    #[tokio::test]
    async fn its_children_end_when_it_is_dropped() {
        let mut group = ProcessGroup::start(&mut with_child()).expect("started");
        let child = child_of(&mut group).await;
        drop(group);
        gone(child).await;
        let mut group = ProcessGroup::start(&mut with_child()).expect("started");
        let child = child_of(&mut group).await;
        let cut_short = timeout(Duration::from_millis(10), group.output()).await;
        assert!(cut_short.is_err());
        gone(child).await;
    }

    #[tokio::test]
    async fn its_output_is_returned_and_it_reads_its_stdin() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let group = ProcessGroup::start(&mut command).expect("started");
        let output = timeout(SOON, group.output()).await.expect("in time");
        let output = output.expect("output");
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        let cat = ProcessGroup::start(Command::new("cat").stdout(Stdio::piped()));
        let mut cat = cat.expect("started");
        cat.send("a line\n").await.expect("sent");
        let mut line = [0; 7];
        let stdout = cat.leader.stdout.as_mut().expect("a pipe");
        timeout(SOON, stdout.read_exact(&mut line))
            .await
            .expect("in time")
            .expect("a line");
        assert_eq!(&line, b"a line\n");
        assert_eq!(cat.ended(), None);
    }
}
