//! One connection of a viewer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub use crate::client::connection_task::Reading;
use crate::client::connection_task::{Command, Task};
use crate::client::recorder::Recorder;
use crate::client::transport::Transport;
use crate::protocol::Action;
use crate::transcript::{Disconnect, Number};

/// A connection that is open, or was.
#[derive(Debug)]
pub struct Connection {
    /// Which one of its viewer, counted from 1.
    pub number: u32,
    commands: mpsc::UnboundedSender<Command>,
    task: JoinHandle<()>,
}

impl Connection {
    /// Takes over a transport. `limit` bounds the closing handshake.
    #[must_use]
    pub(super) fn new(
        transport: impl Transport,
        recorder: Arc<Recorder>,
        viewer: Arc<str>,
        number: u32,
        limit: Duration,
    ) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let task = Task::new(transport, recorder, viewer, number, limit);
        Self {
            number,
            commands,
            task: tokio::spawn(task.run(inbox)),
        }
    }

    /// Sends a message; returns the number of its entry, or nothing if the connection is over.
    pub async fn say(&self, action: Action) -> Option<Number> {
        let (said, number) = oneshot::channel();
        self.commands.send(Command::Outgoing(action, said)).ok()?;
        self.answer(number).await
    }

    /// Sends a binary message; returns the number of its entry, or nothing if the connection is over.
    pub async fn say_binary(&self, bytes: Vec<u8>) -> Option<Number> {
        let (said, number) = oneshot::channel();
        self.commands.send(Command::SayBinary(bytes, said)).ok()?;
        number.await.ok()
    }

    /// Reads from now on in this way; nothing if the connection is over.
    pub async fn read(&self, reading: Reading) -> Option<()> {
        let (heeded, done) = oneshot::channel();
        self.commands.send(Command::Read(reading, heeded)).ok()?;
        self.answer(done).await
    }

    /// Disconnects; returns once it is done, but does not wait for the server's side of a closing
    /// handshake.
    pub async fn leave(&self, disconnect: Disconnect) {
        let (left, done) = oneshot::channel();
        if self.commands.send(Command::Leave(disconnect, left)).is_ok() {
            self.answer(done).await;
        }
    }

    /// Asks the server for a sign of life. Resolves once the pong has come and everything before
    /// it is in the transcript; at once if the viewer reads nothing, and so cannot know. It is dropped if the
    /// connection is over, or being closed.
    pub fn ping(&self) -> oneshot::Receiver<()> {
        let (asked, answered) = oneshot::channel();
        let _ = self.commands.send(Command::Ping(asked));
        answered
    }

    /// Drops the connection, with this reason; returns once it is recorded.
    pub async fn hang_up(&self, reason: String) {
        let (gone, done) = oneshot::channel();
        if self.commands.send(Command::HangUp(reason, gone)).is_ok() {
            self.answer(done).await;
        }
    }

    /// The task's answer to a command, or nothing where the task has ended.
    ///
    /// A command that is sent at the very moment at which the task ends can stay in the queue,
    /// neither answered nor dropped, for as long as this sender lives; so the end is looked at, too.
    async fn answer<T>(&self, mut answer: oneshot::Receiver<T>) -> Option<T> {
        tokio::select! {
            biased;
            answered = &mut answer => answered.ok(),
            () = self.commands.closed() => answer.try_recv().ok(),
        }
    }

    /// Waits for the end of the connection and of its task.
    ///
    /// # Errors
    ///
    /// Where the task panicked, which is the suite's own fault.
    pub async fn finished(self) -> Result<(), tokio::task::JoinError> {
        drop(self.commands);
        self.task.await
    }
}
