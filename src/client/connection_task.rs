//! The task that owns a connection's socket. It alone reads and writes: it stamps and records every frame
//! as it comes, and records the viewer's disconnect in the order in which it does it.

use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message as Frame};

use crate::client::dial::LARGEST_MESSAGE;
use crate::client::recorder::{Batch, Full, Recorder};
use crate::client::stream::Stream;
use crate::client::timer;
use crate::protocol::Action;
use crate::transcript::{Disconnect, EntryKind, Number};

/// The receive buffer of a viewer who reads normally again, in bytes.
const WIDE_BUFFER: usize = 1 << 20;

/// How many messages are recorded under one lock at the most.
const BATCH: usize = 256;

/// The beginning of a masked text frame of 64 bytes (RFC 6455, section 5.2), with the mask 0: 10 bytes
/// of text come, and 54 never do.
const HALF_A_FRAME: [u8; 16] = *b"\x81\xc0\0\0\0\0{\"action\":";

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

/// Owns the socket.
pub(super) struct Task {
    socket: WebSocketStream<Stream>,
    recorder: Arc<Recorder>,
    viewer: Arc<str>,
    connection: u32,
    limit: Duration,
    batch: Batch,
    /// The server has sent a close frame: nothing can be sent to it any more (RFC 6455, section 5.5.1).
    is_closing: bool,
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
    fn pong(&mut self, payload: &[u8]) {
        let number = payload.try_into().map(u64::from_be_bytes);
        if let Ok(number) = number
            && self.open.iter().any(|(ping, _)| *ping == number)
        {
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

/// The connection is over; how, unless it was a clean close.
struct Over(Option<String>);

impl Task {
    /// For an open socket. `limit` bounds each write and the closing handshake.
    pub(super) fn new(
        socket: WebSocketStream<Stream>,
        recorder: Arc<Recorder>,
        viewer: Arc<str>,
        connection: u32,
        limit: Duration,
    ) -> Self {
        Self {
            socket,
            recorder,
            viewer,
            connection,
            limit,
            batch: Batch::default(),
            is_closing: false,
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
                    Some(Command::Outgoing(..)) if self.is_closing => {}
                    Some(Command::Outgoing(action, said)) => {
                        // Recorded first, so that an answer always comes after its question.
                        let number = self.recorder.record_sent(&self.viewer, self.connection, &action);
                        let _ = said.send(number);
                        if let Err(Over(reason)) = self.send(Frame::text(action.to_text())).await {
                            return self.over(reason);
                        }
                    }
                    Some(Command::SayBinary(bytes, said)) => {
                        let what = EntryKind::SentBinary(bytes.len());
                        let number = self.recorder.record(&self.viewer, self.connection, what);
                        let _ = said.send(number);
                        if let Err(Over(reason)) = self.send(Frame::binary(bytes)).await {
                            return self.over(reason);
                        }
                    }
                    Some(Command::Read(reading, heeded)) => {
                        self.read(reading);
                        let _ = heeded.send(());
                    }
                    Some(Command::Ping(_)) if self.is_closing => {}
                    Some(Command::Ping(asked)) if !self.reads() => {
                        let _ = asked.send(());
                    }
                    Some(Command::Ping(asked)) => {
                        self.pings.sent += 1;
                        let number = self.pings.sent;
                        self.pings.open.push((number, asked));
                        let ping = Frame::Ping(number.to_be_bytes().to_vec().into());
                        if let Err(Over(reason)) = self.send(ping).await {
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
                                self.send_half_a_message().await;
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
                frame = self.socket.next(), if self.reads() => {
                    let stop = self.hear(frame).await;
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

    async fn send(&mut self, frame: Frame) -> Result<(), Over> {
        match timer::within(self.limit, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Over(explain(&error))),
            Err(late) => Err(Over(Some(format!(
                "the server did not read what was sent: {late}"
            )))),
        }
    }

    /// Takes the frame, and whatever else has already come, and records it.
    ///
    /// A server that sends faster than this reads would keep the task running for ever, and block every
    /// timer of its thread, so after a full batch the task yields.
    async fn hear(&mut self, frame: Option<Result<Frame, tungstenite::Error>>) -> Result<(), Over> {
        let mut stop = self.take(frame);
        let mut taken = 1;
        let most = match self.reading {
            Reading::Freely => BATCH,
            _ => 1,
        };
        while stop.is_ok() && taken < most {
            match self.socket.next().now_or_never() {
                Some(frame) => stop = self.take(frame),
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

    fn take(&mut self, frame: Option<Result<Frame, tungstenite::Error>>) -> Result<(), Over> {
        match frame {
            Some(Ok(Frame::Text(text))) => self.recorder.take(&mut self.batch, &text),
            Some(Ok(Frame::Binary(bytes))) => {
                self.recorder
                    .take_other(&mut self.batch, EntryKind::ReceivedBinary(bytes.len()));
            }
            Some(Ok(Frame::Close(frame))) => {
                self.is_closing = true;
                let (code, reason) = match frame {
                    Some(frame) => (
                        Some(u16::from(frame.code)),
                        self.recorder.mask(&frame.reason).into_owned(),
                    ),
                    None => (None, String::new()),
                };
                self.recorder
                    .take_other(&mut self.batch, EntryKind::CloseReceived { code, reason });
            }
            Some(Ok(Frame::Pong(payload))) => self.pings.pong(&payload),
            Some(Ok(Frame::Ping(_) | Frame::Frame(_))) => {}
            Some(Err(error)) => return Err(Over(explain(&error))),
            None => return Err(Over(None)),
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
            let tcp = socket2::SockRef::from(self.socket.get_ref().tcp());
            let _ = tcp.set_recv_buffer_size(WIDE_BUFFER);
        }
        self.reading = reading;
    }

    /// Resets the connection.
    fn reset(self, left: oneshot::Sender<()>) {
        // With a linger of zero, dropping the socket resets the connection.
        let _ = self.socket.get_ref().tcp().set_zero_linger();
        let Self {
            socket,
            recorder,
            viewer,
            connection,
            ..
        } = self;
        drop(socket);
        let _ = left.send(());
        recorder.record(&viewer, connection, EntryKind::Ended(None));
    }

    /// Writes the beginning of a text frame that is never completed.
    async fn send_half_a_message(&mut self) {
        let stream = self.socket.get_mut();
        let _ = timer::within(self.limit, async {
            stream.write_all(&HALF_A_FRAME).await?;
            stream.flush().await
        })
        .await;
    }

    /// The closing handshake.
    async fn close(mut self, left: oneshot::Sender<()>) {
        let limit = self.limit;
        let closing = match self.is_closing {
            // The answer to the server's close frame is sent automatically.
            true => Ok(Ok(())),
            false => timer::within(limit, self.socket.close(None)).await,
        };
        let _ = left.send(());
        let reason = match closing {
            Ok(Ok(())) => match timer::within(limit, self.drain()).await {
                Ok(reason) => reason,
                Err(_) => return self.gave_up(),
            },
            Ok(Err(error)) => explain(&error),
            Err(_) => return self.gave_up(),
        };
        self.over(reason);
    }

    /// Reads on until the connection is over, as the closing handshake asks for.
    async fn drain(&mut self) -> Option<String> {
        loop {
            let frame = self.socket.next().await;
            if let Err(Over(reason)) = self.hear(frame).await {
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

    fn record(&self, what: EntryKind) {
        self.recorder.record(&self.viewer, self.connection, what);
    }
}

/// One sentence for an error of the socket; none for a clean close.
fn explain(error: &tungstenite::Error) -> Option<String> {
    use tungstenite::error::{CapacityError, ProtocolError};
    Some(match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => return None,
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { size, .. }) => format!(
            "the suite hung up: a message of {size} bytes or more came, and {} MiB is the most that it takes",
            LARGEST_MESSAGE >> 20
        ),
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            "the server dropped the connection without a closing handshake".to_owned()
        }
        tungstenite::Error::Protocol(ProtocolError::SendAfterClosing) => {
            "the connection was being closed".to_owned()
        }
        tungstenite::Error::Io(error) => format!("the connection broke: {error}"),
        tungstenite::Error::Utf8(_) => {
            "the server sent a text message that is not UTF-8".to_owned()
        }
        other => format!("the server broke the WebSocket protocol: {other}"),
    })
}
