//! The client's process and all that it starts: one process group, ended together. What it writes is read to the
//! end, and little of it is kept.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::client::{Recorder, timer};
use crate::client_mode::observer::Observer;
use crate::client_mode::witness;
use crate::transcript::ClientEntry;

/// How long a client may take to end after SIGTERM.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// How long its last words are waited for once it has ended: something that it has started may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// A longer line is none of ours, in bytes.
const LONGEST_LINE: usize = 64 << 10;
/// So much of its last line on stderr is kept, in characters.
const LONGEST_REASON: usize = 300;

/// The exit code with which a client says that a scenario is not for it.
pub const NOT_APPLICABLE: i32 = 77;

/// What a client's end looked like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exit {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The last line that it wrote to stderr.
    pub last_line: String,
}

/// What a process is to the scenario.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The client that is judged.
    Client,
    /// It makes a client start a run that is none of the suite's processes.
    Trigger,
}

impl Role {
    /// `the client`, as the beginning of a sentence in lower case.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Client => "the client",
            Self::Trigger => "the command that makes the client start a run",
        }
    }
}

/// A running client.
pub struct Process {
    group: Option<u32>,
    exited: watch::Receiver<Option<Exit>>,
    kill: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Process {
    /// Starts the program with these arguments and variables; those of the suite are not handed on. What it says
    /// is noted by the observer.
    ///
    /// # Errors
    ///
    /// Those of the system, where it cannot be started.
    pub fn start(
        program: &[String],
        variables: &[(&str, Option<&str>)],
        observer: &Arc<Observer>,
        recorder: &Arc<Recorder>,
        role: Role,
    ) -> io::Result<Self> {
        let (name, arguments) = program
            .split_first()
            .ok_or_else(|| io::Error::other("no command was given"))?;
        let mut command = Command::new(name);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // In a group of its own, it does not get the Ctrl-C of the terminal.
        #[cfg(unix)]
        command.process_group(0);
        for (variable, value) in variables {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        let child = command.spawn()?;
        let group = child.id();
        let (exit, exited) = watch::channel(None);
        let (kill, killed) = watch::channel(false);
        let (observer, recorder) = (Arc::clone(observer), Arc::clone(recorder));
        let task = tokio::spawn(attend(child, observer, recorder, role, exit, killed));
        Ok(Self {
            group,
            exited,
            kill,
            task,
        })
    }

    /// How it has ended, if it has.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        self.exited.borrow().clone()
    }

    /// Asks the whole group to end, and ends what does not.
    pub async fn end(mut self) {
        if self.exit().is_some() {
            // A client's group was ended with it, and the id may be another one's by now. What a trigger has left
            // behind stays.
            self.kill.send_replace(true);
            let _ = timer::within(ENDS_WITHIN, &mut self.task).await;
            return;
        }
        signal(self.group, Signal::Term);
        let ended = self.exited.wait_for(Option::is_some);
        if !matches!(timer::within(ENDS_WITHIN, ended).await, Ok(Ok(_))) {
            signal(self.group, Signal::Kill);
        }
        self.kill.send_replace(true);
        let _ = timer::within(ENDS_WITHIN, &mut self.task).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.task.is_finished() {
            signal(self.group, Signal::Kill);
            self.task.abort();
        }
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Term,
    Kill,
}

fn signal(group: Option<u32>, signal: Signal) {
    #[cfg(unix)]
    if let Some(group) = group.and_then(|id| id.try_into().ok())
        && let Some(group) = rustix::process::Pid::from_raw(group)
    {
        let signal = match signal {
            Signal::Term => rustix::process::Signal::TERM,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

async fn is_killed(killed: &mut watch::Receiver<bool>) {
    let _ = killed.wait_for(|killed| *killed).await;
}

/// Reads what the client says until it ends, and tells how it did.
async fn attend(
    mut child: Child,
    observer: Arc<Observer>,
    recorder: Arc<Recorder>,
    role: Role,
    exit: watch::Sender<Option<Exit>>,
    mut killed: watch::Receiver<bool>,
) {
    let group = child.id();
    let last_line = Arc::new(Mutex::new(Vec::new()));
    let mut reading = {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let last_line = Arc::clone(&last_line);
        let observer = Arc::clone(&observer);
        let said = each_line(stdout, move |line| {
            if let Some(entry) = witness::read(line) {
                observer.note(entry);
            }
        });
        let complained = each_line(stderr, move |line| {
            if line.iter().any(|byte| !byte.is_ascii_whitespace()) {
                let mut last = last_line.lock().unwrap_or_else(PoisonError::into_inner);
                last.clear();
                last.extend_from_slice(line);
            }
        });
        tokio::spawn(async move { tokio::join!(said, complained) })
    };
    let status = tokio::select! {
        status = child.wait() => status.ok(),
        // It does not end even so.
        () = is_killed(&mut killed) => None,
    };
    let status = match status {
        Some(status) => Some(status),
        None => child.kill().await.and(child.try_wait()).ok().flatten(),
    };
    if role == Role::Client {
        // What it has started goes with it.
        signal(group, Signal::Kill);
    }
    let _ = timer::within(LAST_WORDS, &mut reading).await;
    let last_line = {
        let line = last_line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = String::from_utf8_lossy(&line);
        let line = recorder.mask(line.trim());
        line.chars().take(LONGEST_REASON).collect()
    };
    let ended = Exit {
        code: status.and_then(|status: ExitStatus| status.code()),
        last_line,
    };
    // A scenario that knows of the end may be over at once, and then nothing more is recorded.
    if role == Role::Client {
        observer.note(ClientEntry::Exited {
            code: ended.code,
            last_line: ended.last_line.clone(),
        });
    }
    exit.send_replace(Some(ended));
    observer.changed();
    if role == Role::Trigger {
        // What it has left behind may say more, for as long as the scenario lasts.
        tokio::select! {
            _ = &mut reading => {}
            () = is_killed(&mut killed) => {}
        }
    }
    reading.abort();
}

/// Calls this with each line that is not too long, until the pipe ends.
async fn each_line(pipe: Option<impl AsyncRead + Unpin>, mut told: impl FnMut(&[u8])) {
    let Some(mut pipe) = pipe else {
        return;
    };
    let mut line: Vec<u8> = Vec::new();
    let mut part = vec![0; 8 << 10];
    let mut is_long = false;
    loop {
        let length = match pipe.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(length) => length,
        };
        let mut rest = &part[..length];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            if !is_long {
                line.extend_from_slice(&rest[..end]);
                told(&line);
            }
            line.clear();
            is_long = false;
            rest = &rest[end + 1..];
        }
        is_long |= line.len() + rest.len() > LONGEST_LINE;
        if is_long {
            line.clear();
        } else {
            line.extend_from_slice(rest);
        }
    }
    if !is_long && !line.is_empty() {
        told(&line);
    }
}
