//! The task that owns a connection's transport. It alone reads and writes: it stamps and records every message
//! as it comes, and records the viewer's disconnect in the order in which it does it.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};

use crate::client::recorder::{Batch, Full, Recorder};
use crate::client::timer;
use crate::client::transport::{Heard, Over, Transport};
use crate::protocol::Action;
use crate::transcript::{Disconnect, EntryKind, Number};

/// How many messages are recorded under one lock at the most.
const BATCH: usize = 256;

/// What the task does for the viewer. Each answers when it is done.
pub(super) enum Command {
    Outgoing(Action, oneshot::Sender<Number>),
    SayBinary(Vec<u8>, oneshot::Sender<Number>),
    Read(Reading, oneshot::Sender<()>),
    Leave(Disconnect, oneshot::Sender<()>),
    Ping(oneshot::Sender<()>),
    HangUp(String, oneshot::Sender<()>),
}

/// How a viewer reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// Everything, as it comes.
    Freely,
    /// One message after the other, with a pause after each.
    Slowly,
    /// One message after the other, until so many events have come; then nothing.
    Events(u64),
    /// Nothing: what comes stays in the buffers, which certainly cannot hold so many bytes.
    Not {
        /// Recorded in [`EntryKind::StopsReading`].
        too_many: u64,
    },
}

/// Owns the transport.
pub(super) struct Task<T> {
    transport: T,
    recorder: Arc<Recorder>,
    viewer: Arc<str>,
    connection: u32,
    limit: Duration,
    batch: Batch,
    reading: Reading,
    pings: Pings,
}

/// The pings that were sent, and those who wait for the pongs.
#[derive(Default)]
struct Pings {
    sent: u64,
    open: Vec<(u64, oneshot::Sender<()>)>,
    /// The latest that was answered, until those who wait are notified.
    answered: Option<u64>,
}

impl Pings {
    /// Takes note of a pong. Unsolicited ones (RFC 6455, section 5.5.3) are ignored.
    fn pong(&mut self, number: u64) {
        if self.open.iter().any(|(ping, _)| *ping == number) {
            self.answered = Some(number);
        }
    }

    /// Notifies those who wait. A server may answer only the latest ping.
    fn tell(&mut self) {
        let Some(number) = self.answered.take() else {
            return;
        };
        for (_, asked) in self.open.extract_if(.., |(ping, _)| *ping <= number) {
            let _ = asked.send(());
        }
    }
}

impl<T: Transport> Task<T> {
    /// `limit` bounds each of the two steps of a closing handshake.
    pub(super) fn new(
        transport: T,
        recorder: Arc<Recorder>,
        viewer: Arc<str>,
        connection: u32,
        limit: Duration,
    ) -> Self {
        Self {
            transport,
            recorder,
            viewer,
            connection,
            limit,
            batch: Batch::default(),
            reading: Reading::Freely,
            pings: Pings::default(),
        }
    }

    /// Does what the viewer asks for, and reads, until the connection is over.
    pub(super) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        loop {
            tokio::select! {
                biased;
                command = inbox.recv() => match command {
                    // The dropped answer means that it was not sent.
                    Some(Command::Outgoing(..)) if self.transport.is_closing() => {}
                    Some(Command::Outgoing(action, said)) => {
                        // Recorded first, so that an answer always comes after its question.
                        let number = self.record_sent(&action);
                        let _ = said.send(number);
                        if let Err(Over(reason)) = self.transport.send(&action).await {
                            return self.over(reason);
                        }
                    }
                    Some(Command::SayBinary(bytes, said)) => {
                        let what = EntryKind::SentBinary(bytes.len());
                        let number = self.recorder.record(&self.viewer, self.connection, what);
                        let _ = said.send(number);
                        if let Err(Over(reason)) = self.transport.send_binary(bytes).await {
                            return self.over(reason);
                        }
                    }
                    Some(Command::Read(reading, heeded)) => {
                        self.read(reading);
                        let _ = heeded.send(());
                    }
                    Some(Command::Ping(_)) if self.transport.is_closing() => {}
                    Some(Command::Ping(asked)) if !self.reads() => {
                        let _ = asked.send(());
                    }
                    Some(Command::Ping(asked)) => {
                        self.pings.sent += 1;
                        let number = self.pings.sent;
                        self.pings.open.push((number, asked));
                        if let Err(Over(reason)) = self.transport.ping(number).await {
                            return self.over(reason);
                        }
                    }
                    Some(Command::HangUp(reason, gone)) => {
                        self.over(Some(reason));
                        let _ = gone.send(());
                        return;
                    }
                    Some(Command::Leave(disconnect, left)) => {
                        self.record(EntryKind::Disconnected(disconnect));
                        self.reading = Reading::Freely;
                        return match disconnect {
                            Disconnect::Close => self.close(left).await,
                            Disconnect::Reset => self.reset(left),
                            Disconnect::Silent => {
                                let _ = left.send(());
                                // Nothing is read or written any more, until nobody needs it open.
                                while inbox.recv().await.is_some() {}
                                self.over(None);
                            }
                            Disconnect::MidMessage => {
                                self.transport.send_half_a_message().await;
                                self.reset(left);
                            }
                        };
                    }
                    None => {
                        self.record(EntryKind::Disconnected(Disconnect::Close));
                        let (left, _) = oneshot::channel();
                        return self.close(left).await;
                    }
                },
                heard = self.transport.next(), if self.reads() => {
                    let stop = self.hear(heard).await;
                    if let Err(Over(reason)) = stop {
                        return self.over(reason);
                    }
                }
            }
        }
    }

    /// Whether the viewer reads what comes.
    fn reads(&self) -> bool {
        !matches!(self.reading, Reading::Not { .. } | Reading::Events(0))
    }

    /// Takes what was heard, and whatever else has already come, and records it.
    ///
    /// A server that sends faster than this reads would keep the task running for ever, and block every
    /// timer of its thread, so after a full batch the task yields.
    async fn hear(&mut self, heard: Heard<T::Text>) -> Result<(), Over> {
        let mut stop = self.take(heard);
        let mut taken = 1;
        let most = match self.reading {
            Reading::Freely => BATCH,
            _ => 1,
        };
        while stop.is_ok() && taken < most {
            match self.transport.next().now_or_never() {
                Some(heard) => stop = self.take(heard),
                None => break,
            }
            taken += 1;
        }
        if let Reading::Events(left) = &mut self.reading
            && self.batch.ends_with_event()
        {
            *left = left.saturating_sub(1);
        }
        let recorded = self
            .recorder
            .record_batch(&self.viewer, self.connection, &mut self.batch);
        self.pings.tell();
        if self.reading == Reading::Slowly {
            timer::between_two_messages().await;
        } else if taken == BATCH {
            tokio::task::yield_now().await;
        }
        match recorded {
            Ok(()) => stop,
            Err(Full(most)) => Err(Over(Some(format!(
                "the suite hung up: the server sent more than {most} in one scenario"
            )))),
        }
    }

    fn take(&mut self, heard: Heard<T::Text>) -> Result<(), Over> {
        match heard {
            Heard::Text(text) => self.recorder.take(&mut self.batch, text.as_ref()),
            Heard::Other(what) => self.recorder.take_other(&mut self.batch, what),
            Heard::Pong(number) => self.pings.pong(number),
            Heard::Nothing => {}
            Heard::Over(over) => return Err(over),
        }
        Ok(())
    }

    /// Takes note of how the viewer reads from now on.
    fn read(&mut self, reading: Reading) {
        match (self.reading, reading) {
            (_, Reading::Not { too_many }) => self.record(EntryKind::StopsReading { too_many }),
            (Reading::Not { .. }, _) => self.record(EntryKind::ReadsOn),
            _ => {}
        }
        if reading == Reading::Freely {
            // The slow connection was only needed until now.
            self.transport.widen();
        }
        self.reading = reading;
    }

    /// Resets the connection.
    fn reset(self, left: oneshot::Sender<()>) {
        let Self {
            transport,
            recorder,
            viewer,
            connection,
            ..
        } = self;
        transport.reset();
        let _ = left.send(());
        recorder.record(&viewer, connection, EntryKind::Ended(None));
    }

    /// The closing handshake.
    async fn close(mut self, left: oneshot::Sender<()>) {
        let limit = self.limit;
        let closing = timer::within(limit, self.transport.close()).await;
        let _ = left.send(());
        let reason = match closing {
            Ok(Ok(())) => match timer::within(limit, self.drain()).await {
                Ok(reason) => reason,
                Err(_) => return self.gave_up(),
            },
            Ok(Err(Over(reason))) => reason,
            Err(_) => return self.gave_up(),
        };
        self.over(reason);
    }

    /// Reads on until the connection is over, as the closing handshake asks for.
    async fn drain(&mut self) -> Option<String> {
        loop {
            let heard = self.transport.next().await;
            if let Err(Over(reason)) = self.hear(heard).await {
                return reason;
            }
        }
    }

    fn gave_up(self) {
        self.record(EntryKind::TimedOut {
            waiting_for: "the server's close frame".to_owned(),
            after: self.limit,
        });
        self.over(Some("the suite hung up".to_owned()));
    }

    fn over(self, reason: Option<String>) {
        let reason = reason.map(|it| self.recorder.mask(&it).into_owned());
        self.record(EntryKind::Ended(reason));
    }

    /// Records a request that is about to be sent, its secrets masked.
    fn record_sent(&self, action: &Action) -> Number {
        let masked = self.recorder.masked(action);
        let text = self.transport.written(masked.as_ref().unwrap_or(action));
        self.recorder
            .record_sent(&self.viewer, self.connection, &text)
    }

    fn record(&self, what: EntryKind) {
        self.recorder.record(&self.viewer, self.connection, what);
    }
}
