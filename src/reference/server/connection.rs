//! The task of one connection: handshake, greeting, then receiving and sending until it ends.

use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use crate::protocol::{Action, Cut};
use crate::reference::fault::hooks::OnMalformed;
use crate::reference::model::conversation::{Conversation, Effect};
use crate::reference::model::outgoing::{self, Outgoing};
use crate::reference::model::watchers::Leaving;
use crate::reference::play::{Observe, Observed, Provocation};
use crate::reference::server::state::{Shared, Starter};
use crate::reference::server::{http, provoked, run_task};

/// The largest message a client may send, as with uvicorn.
const LARGEST: usize = 16 << 20;

/// How many bytes the system may keep of what was written, and the peer has not taken. Linux doubles
/// it for its own purposes.
const SEND_BUFFER: usize = 64 << 10;

/// How many bytes are read at a time: a request is small. Before each read all of it is written to, so
/// that a larger one costs memory and time with thousands of viewers.
const READ_AT_ONCE: usize = 4 << 10;

/// How many bytes are collected before they are written.
const WRITE_AT_ONCE: usize = 16 << 10;

/// How many messages are written before they are flushed together.
const TOGETHER: usize = 64;

type Socket = WebSocketStream<TcpStream>;

/// Serves one connection until it ends; `replica` where it came to the other replica.
pub(crate) async fn serve(shared: Arc<Shared>, tcp: TcpStream, replica: bool) {
    // Without it the server is only slower.
    let _ = tcp.set_nodelay(true);
    // Small, and always the same: a viewer who does not read is noticed soon.
    let _ = SockRef::from(&tcp).set_send_buffer_size(SEND_BUFFER);
    let limits = WebSocketConfig::default()
        .read_buffer_size(READ_AT_ONCE)
        .write_buffer_size(WRITE_AT_ONCE)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let play = shared.rules.play.clone();
    // Over HTTP each request waits or is turned away by itself: a connection may carry several.
    if let Some(play) = play.as_ref().filter(|play| !play.over_http) {
        play.lets_in().await;
        if let Some(how) = play.turns_away() {
            return provoked::turn_away(tcp, how).await;
        }
    }
    // A client that does not open a WebSocket has been answered over HTTP.
    let Some((tcp, read, asked)) = http::serve(&shared, tcp, replica).await else {
        return;
    };
    let socket = WebSocketStream::from_partially_read(tcp, read, Role::Server, Some(limits)).await;
    let (number, messages) = shared.arrive();
    let mut connection = Connection {
        conversation: Conversation::new(Arc::clone(&shared.rules)).at_replica(replica),
        shared,
        number,
        replica,
        politely: false,
        observer: play.map(|play| Arc::clone(&play.observer)),
    };
    connection.saw(Observed::Opened(&asked));
    connection.serve(socket, messages).await;
}

/// One connection. It ends when this is dropped, also where the task is aborted.
struct Connection {
    shared: Arc<Shared>,
    conversation: Conversation,
    number: u64,
    replica: bool,
    politely: bool,
    /// Is told what happens, where a client is judged.
    observer: Option<Arc<dyn Observe>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let leaving = match self.politely {
            true => Leaving::Closed,
            false => Leaving::Broken,
        };
        self.shared.leave(self.number, leaving);
    }
}

/// Whether a connection goes on.
enum Next {
    GoOn,
    /// Nothing is sent any more; the closing handshake is brought to its end.
    Close,
    /// The TCP connection is dropped as it is.
    Drop,
    /// Nothing is read or written any more, and it stays open.
    Freeze,
}

impl Connection {
    async fn serve(&mut self, mut socket: Socket, mut messages: UnboundedReceiver<Outgoing>) {
        self.send(self.conversation.greeting());
        let mut due = Vec::with_capacity(TOGETHER);
        loop {
            // Writing is not raced against receiving: a message is never half written.
            let next = tokio::select! {
                heard = socket.next() => match heard {
                    Some(Ok(message)) => self.hear(message),
                    // The handshake is over, or the peer has vanished.
                    Some(Err(_)) | None => {
                        if !self.politely {
                            self.saw(Observed::Left { politely: false });
                        }
                        Next::Drop
                    }
                },
                _ = messages.recv_many(&mut due, TOGETHER) => {
                    self.shared.writing(self.number, true);
                    let caught_up = due.iter().any(|it| it.is("subscribed"));
                    let next = self.write(&mut socket, &mut due).await;
                    if caught_up {
                        self.shared.ask(|runs| runs.caught_up(self.number));
                    }
                    self.shared.writing(self.number, false);
                    next
                }
            };
            match next {
                Next::GoOn => {}
                Next::Drop => return,
                Next::Freeze => return self.freeze(socket).await,
                Next::Close => {
                    // Receiving sends the answering close frame, or waits for that of the peer.
                    while let Some(Ok(_)) = socket.next().await {}
                    return;
                }
            }
        }
    }

    /// Neither reads nor writes, until what came meanwhile is to be looked at.
    async fn freeze(&mut self, mut socket: Socket) {
        match &self.shared.rules.play {
            Some(play) => play.thaws().await,
            None => std::future::pending().await,
        }
        while let Some(Ok(message)) = socket.next().await {
            self.politely |= matches!(message, Message::Close(_));
        }
        self.saw(Observed::Left {
            politely: self.politely,
        });
    }

    fn hear(&mut self, message: Message) -> Next {
        let action = match message {
            Message::Text(text) => {
                self.saw(Observed::Heard(&text));
                Action::of(&text)
            }
            Message::Binary(binary) => {
                self.saw(Observed::HeardBinary(binary.len()));
                Action::Other(String::new())
            }
            Message::Pong(payload) => {
                self.saw(Observed::Ponged(&payload));
                return Next::GoOn;
            }
            Message::Close(_) => {
                self.politely = true;
                self.saw(Observed::Left { politely: true });
                let answers = self.shared.rules.faults.answers_close();
                return if answers { Next::Close } else { Next::Drop };
            }
            Message::Ping(_) | Message::Frame(_) => return Next::GoOn,
        };
        let watching = self.shared.ask(|runs| runs.watches(self.number));
        match self.conversation.hear(action, watching) {
            Effect::Send(messages) => {
                if messages.iter().any(|message| message.is("error")) {
                    self.conversation.refused();
                }
                self.send(messages);
            }
            Effect::Start {
                workflow_id,
                message,
                session_id,
            } => {
                let by = Starter {
                    connection: self.number,
                    over_http: false,
                    at_replica: self.replica,
                };
                let others = || self.shared.ask(|runs| runs.most_of_another(self.number));
                if self.shared.rules.faults.ignores_start(others) {
                    return Next::GoOn;
                }
                let user = self.conversation.user().map(String::as_str);
                run_task::start(&self.shared, by, &workflow_id, &message, session_id, user);
            }
            Effect::Return(request) => {
                if self.shared.come_back(self.number, &request) {
                    self.conversation.refused();
                }
            }
            Effect::Continue(request) => {
                if let Err(refusal) = self.shared.resume(self.number, &request) {
                    self.conversation.refused();
                    self.send(vec![Outgoing::Control(outgoing::error(&refusal))]);
                }
            }
            Effect::Malformed(OnMalformed::Drop) => return Next::Drop,
            Effect::Malformed(OnMalformed::StopAll) => self.shared.stop_all_runs(),
        }
        Next::GoOn
    }

    fn send(&self, messages: Vec<Outgoing>) {
        for message in messages {
            self.shared.send(self.number, message);
        }
    }

    /// Tells the observer, where there is one.
    fn saw(&self, what: Observed<'_>) {
        if let Some(observer) = &self.observer {
            observer.saw(self.number, what);
        }
    }

    /// Writes what is due, and flushes it.
    async fn write(&self, socket: &mut Socket, due: &mut Vec<Outgoing>) -> Next {
        for message in due.drain(..) {
            let text = match message {
                Outgoing::Close(code) => return close(socket, code).await,
                Outgoing::Provoked(provocation) => match self.provoke(socket, provocation).await {
                    Next::GoOn => continue,
                    next => return next,
                },
                message => message.text(),
            };
            let Some(text) = text else {
                // What came before has been written; the rest never is.
                let _ = socket.flush().await;
                return Next::Drop;
            };
            self.saw(Observed::Said(&text));
            if socket.feed(Message::text(text)).await.is_err() {
                return Next::Drop;
            }
        }
        let flushed = socket.flush().await;
        flushed.map_or(Next::Drop, |()| Next::GoOn)
    }

    /// Does to the client what it is to be judged by.
    async fn provoke(&self, socket: &mut Socket, provocation: Provocation) -> Next {
        let message = match provocation {
            Provocation::Ping(payload) => Message::Ping(payload.to_be_bytes().to_vec().into()),
            Provocation::Say(text) => {
                self.saw(Observed::Said(&text));
                Message::text(text)
            }
            Provocation::SayBinary(bytes) => {
                self.saw(Observed::SaidBinary(bytes.len()));
                Message::Binary(bytes.into())
            }
            Provocation::Cut(cut) => {
                let _ = socket.flush().await;
                self.saw(Observed::Cut(cut));
                return match cut {
                    Cut::Close(code) => close(socket, code).await,
                    Cut::Dead => Next::Freeze,
                    // A WebSocket has no other clean end.
                    Cut::EndOfStream => close(socket, 1000).await,
                    Cut::Reset => {
                        provoked::reset(socket.get_ref());
                        Next::Drop
                    }
                    Cut::MidMessage => {
                        provoked::half_a_message(socket.get_mut()).await;
                        Next::Drop
                    }
                };
            }
        };
        let sent = socket.send(message).await;
        sent.map_or(Next::Drop, |()| Next::GoOn)
    }
}

/// Begins the closing handshake.
async fn close(socket: &mut Socket, code: u16) -> Next {
    let code = CloseCode::from(code);
    let reason = "".into();
    let closed = socket.close(Some(CloseFrame { code, reason })).await;
    closed.map_or(Next::Drop, |()| Next::Close)
}
