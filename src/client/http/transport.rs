//! Requests over HTTP as a viewer's transport: one request, and the stream of server-sent events that answers it.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Ask, LARGEST_BODY, Site};
use crate::client::dial::{LARGEST_MESSAGE, RecvBuffer};
use crate::client::stream::Stream;
use crate::client::transport::{Heard, Over, Transport, WIDE_BUFFER};
use crate::protocol::{Action, Component, EventStream, Form, InvalidRequest};
use crate::transcript::EntryKind;

/// Which component a viewer's requests are about, and where it is served.
#[derive(Clone, Debug)]
pub struct Place {
    /// The server.
    pub site: Arc<Site>,
    /// What kind of component.
    pub component: Component,
    /// Its id, where a request names none.
    pub id: String,
}

/// One request and its answer.
pub(in crate::client) struct Exchange {
    place: Place,
    token: Option<SecretString>,
    line: RecvBuffer,
    answer: Answer,
    /// The TCP connection, beside hyper, which owns it.
    socket: Option<socket2::Socket>,
    /// What reads and writes for hyper, and the requests that ask for a sign of life. They end with this.
    tasks: JoinSet<()>,
    pong: mpsc::UnboundedSender<u64>,
    pongs: mpsc::UnboundedReceiver<u64>,
}

/// The answer, as far as it came.
enum Answer {
    /// Nothing was asked.
    Idle,
    /// The head of the answer is to come.
    Asked(BoxFuture<'static, hyper::Result<Response<Incoming>>>),
    /// The answer is no stream of events; so much of it came.
    Refused(u16, Incoming, Vec<u8>),
    /// The events are coming.
    Streaming(Incoming, EventStream),
    /// Nothing more comes.
    Over,
}

impl Exchange {
    /// Nothing is sent yet, and no connection made.
    pub(in crate::client) fn new(
        place: Place,
        token: Option<SecretString>,
        line: RecvBuffer,
    ) -> Self {
        let (pong, pongs) = mpsc::unbounded_channel();
        Self {
            place,
            token,
            line,
            answer: Answer::Idle,
            socket: None,
            tasks: JoinSet::new(),
            pong,
            pongs,
        }
    }

    fn form(&self, action: &Action) -> Option<Form> {
        Form::of(action, self.place.component, &self.place.id)
    }

    /// The request that says this, where HTTP has one.
    fn request(&self, action: &Action) -> Option<Result<Request<Full<Bytes>>, String>> {
        let site = &self.place.site;
        if let Action::Other(text) = action {
            let invalid = InvalidRequest::of(text)?;
            let method = Method::from_bytes(invalid.method.as_bytes()).ok()?;
            let body = invalid.body.map(|(of, body)| (of, body.to_owned()));
            return Some(site.request_with(&method, invalid.path, self.token.as_ref(), body));
        }
        let form = self.form(action)?;
        Some(site.request(&Ask {
            method: Method::POST,
            path: form.path,
            form: form.fields,
            token: self.token.clone(),
        }))
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<(), String> {
        let stream = self.place.site.connect(self.line).await?;
        self.socket = twin(stream.tcp());
        let begun = self.begin(stream, request).await;
        begun.map_err(|error| error.to_string())
    }

    async fn begin(&mut self, stream: Stream, request: Request<Full<Bytes>>) -> hyper::Result<()> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        self.tasks.spawn(connection.map(|_| ()));
        sender.ready().await?;
        // Sent at once: the viewer may read nothing for long.
        self.answer = Answer::Asked(sender.send_request(request).boxed());
        Ok(())
    }
}

impl Answer {
    /// The next thing that the answer says.
    async fn read(&mut self) -> Heard<String> {
        match self {
            Answer::Idle => std::future::pending().await,
            Answer::Over => Heard::Over(Over(None)),
            Answer::Asked(answer) => match answer.await {
                Ok(answer) => self.begun(answer),
                Err(error) => {
                    *self = Answer::Over;
                    Heard::Over(Over::because(broke(&error)))
                }
            },
            Answer::Refused(status, body, text) => {
                while text.len() <= LARGEST_BODY {
                    match body.frame().await.map(|frame| frame.map(Frame::into_data)) {
                        Some(Ok(Ok(data))) => text.extend_from_slice(&data),
                        Some(Ok(Err(_))) => {}
                        Some(Err(_)) | None => break,
                    }
                }
                let text = String::from_utf8_lossy(text);
                // All of it: what is recorded is cut once its secrets are masked.
                let refused = EntryKind::refused(*status, &text);
                *self = Answer::Over;
                Heard::Other(refused)
            }
            Answer::Streaming(body, events) => loop {
                if let Some(block) = events.next_block() {
                    return match String::from_utf8(block) {
                        Ok(text) => Heard::Text(text),
                        Err(_) => {
                            Heard::Over(Over::because("the server sent an event that is not UTF-8"))
                        }
                    };
                }
                match body.frame().await.map(|frame| frame.map(Frame::into_data)) {
                    Some(Ok(Ok(data))) => {
                        // What is whole comes first: the next frame is only read after it.
                        if let Err(too_long) = events.feed(&data) {
                            return Heard::Over(Over::because(format!(
                                "the suite hung up: {too_long}"
                            )));
                        }
                    }
                    Some(Ok(Err(_))) => {}
                    Some(Err(error)) => return Heard::Over(Over::because(broke(&error))),
                    None => {
                        let unfinished = events.rest().len();
                        *self = Answer::Over;
                        return Heard::Other(EntryKind::StreamEnded { unfinished });
                    }
                }
            },
        }
    }

    /// Takes the head of the answer.
    fn begun(&mut self, answer: Response<Incoming>) -> Heard<String> {
        let headers = answer.headers();
        let says = |name, value: &str| {
            let said = headers.get(name).and_then(|said| said.to_str().ok());
            said.is_some_and(|said| said.trim().to_ascii_lowercase().starts_with(value))
        };
        let status = answer.status();
        if headers.contains_key(header::CONTENT_ENCODING)
            && !says(header::CONTENT_ENCODING, "identity")
        {
            return Heard::Over(Over::because(
                "the server compressed the answer, although nothing said that it may",
            ));
        }
        if status == hyper::StatusCode::OK && says(header::CONTENT_TYPE, "text/event-stream") {
            let events = EventStream::new(LARGEST_MESSAGE);
            *self = Answer::Streaming(answer.into_body(), events);
            return Heard::Other(EntryKind::Opened);
        }
        let status = status.as_u16();
        *self = Answer::Refused(status, answer.into_body(), Vec::new());
        Heard::Nothing
    }
}

/// A second handle of a TCP connection.
fn twin(tcp: &TcpStream) -> Option<socket2::Socket> {
    socket2::SockRef::from(tcp).try_clone().ok()
}

fn broke(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "the connection broke in the middle of the answer".to_owned();
    }
    match std::error::Error::source(error) {
        Some(source) => format!("the connection broke: {error}: {source}"),
        None => format!("the connection broke: {error}"),
    }
}

impl Transport for Exchange {
    type Text = String;

    fn written(&self, action: &Action) -> String {
        match (action, self.form(action)) {
            (Action::Other(text), _) => text.clone(),
            (_, Some(form)) => form.to_text(),
            (_, None) => action.to_text(),
        }
    }

    fn is_closing(&self) -> bool {
        matches!(self.answer, Answer::Over)
    }

    async fn send(&mut self, action: &Action) -> Result<(), Over> {
        let Some(request) = self.request(action) else {
            return Err(Over::because("HTTP has no such request"));
        };
        let request = request.map_err(Over::because)?;
        self.ask(request).await.map_err(Over::because)
    }

    async fn send_binary(&mut self, _: Vec<u8>) -> Result<(), Over> {
        Err(Over::because("HTTP has no binary messages"))
    }

    /// Asks the server for something else, by a connection of its own: a stream has no pings, and any answer shows
    /// that the server is there. What is on its way on the stream may come after it.
    async fn ping(&mut self, number: u64) -> Result<(), Over> {
        let site = Arc::clone(&self.place.site);
        let answered = self.pong.clone();
        let ask = Ask::list(self.place.component, self.token.clone());
        self.tasks.spawn(async move {
            if site.ask(&ask).await.is_ok() {
                let _ = answered.send(number);
            }
        });
        Ok(())
    }

    async fn next(&mut self) -> Heard<String> {
        tokio::select! {
            biased;
            heard = self.answer.read() => heard,
            Some(number) = self.pongs.recv() => Heard::Pong(number),
        }
    }

    fn widen(&self) {
        if let Some(socket) = &self.socket {
            let _ = socket.set_recv_buffer_size(WIDE_BUFFER);
        }
    }

    /// HTTP has no closing handshake: the connection is dropped.
    async fn close(&mut self) -> Result<(), Over> {
        Err(Over(None))
    }

    /// A request is whole before anything comes.
    async fn send_half_a_message(&mut self) {}

    fn reset(self) {
        // With a linger of zero, dropping the socket resets the connection.
        if let Some(socket) = &self.socket {
            let _ = socket.set_linger(Some(std::time::Duration::ZERO));
        }
    }
}
