//! An answer that is a stream of server-sent events: what a connection of the WebSocket would be sent, until
//! the run ends or pauses, and comments while nothing happens.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, header};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::protocol::Cut;
use crate::protocol::framing::wrap_sse;
use crate::reference::model::outgoing::Outgoing;
use crate::reference::model::watchers::Leaving;
use crate::reference::play::{Observed, Provocation};
use crate::reference::server::http::answer::{BrokenOff, HttpAnswer};
use crate::reference::server::http::observed::Seen;
use crate::reference::server::state::Shared;

/// Half an event.
const HALF: &str = "event: RunContent\ndata: {\"event\": \"RunContent\", \"content\": \"half of a";

/// A client of a stream. Its connection ends when this is dropped.
pub(super) struct Client {
    shared: Arc<Shared>,
    /// The number of its connection.
    pub(super) number: u64,
    messages: UnboundedReceiver<Outgoing>,
    /// Whether there is more to be sent.
    is_streaming: bool,
    /// Whether the answer breaks off here.
    breaks_off: bool,
    /// Where a client is judged: its request.
    seen: Option<Arc<Seen>>,
}

/// What is said while nothing happens, as on agno 3.1.10: the comment, and after how long.
#[derive(Clone, Copy)]
pub(super) struct Comment(&'static str, Duration);

/// To the client that started or continued the run.
pub(super) const KEEP_ALIVE: Comment = Comment(": keepalive\n\n", Duration::from_secs(15));
/// To one that returned to it.
pub(super) const HEARTBEAT: Comment = Comment(": heartbeat\n\n", Duration::from_secs(30));

impl Drop for Client {
    fn drop(&mut self) {
        let leaving = match self.is_streaming {
            true => Leaving::Left,
            false => Leaving::Closed,
        };
        self.shared.leave(self.number, leaving);
    }
}

impl Client {
    /// A new one, which watches nothing yet.
    pub(super) fn new(shared: &Arc<Shared>, seen: Option<Arc<Seen>>) -> Self {
        let (number, messages) = shared.arrive();
        Self {
            shared: Arc::clone(shared),
            number,
            messages,
            is_streaming: false,
            breaks_off: false,
            seen,
        }
    }

    /// The answer: everything that the client is sent.
    pub(super) fn stream(mut self, comment: Comment) -> HttpAnswer {
        self.is_streaming = true;
        self.saw(Observed::Streams);
        let frames = futures::stream::unfold(self, move |mut client| async move {
            let text = client.next(comment).await?;
            Some((text.map(|text| Frame::data(text.into())), client))
        });
        let mut answer = Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
        let events = header::HeaderValue::from_static("text/event-stream; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, events);
        answer
    }

    /// The next thing to be sent; an error where the connection is dropped, and nothing at its end.
    async fn next(&mut self, comment: Comment) -> Option<Result<String, BrokenOff>> {
        let next = self.next_text(comment).await;
        self.is_streaming = matches!(next, Some(Ok(_)));
        match &next {
            Some(Ok(text)) => self.saw(Observed::Said(text)),
            Some(Err(BrokenOff)) => {}
            None => self.ends(Observed::StreamEnded),
        }
        next
    }

    async fn next_text(
        &mut self,
        Comment(comment, after): Comment,
    ) -> Option<Result<String, BrokenOff>> {
        if self.breaks_off {
            // What came before is written first.
            tokio::task::yield_now().await;
            return Some(Err(BrokenOff));
        }
        let shared = Arc::clone(&self.shared);
        let faults = &shared.rules.faults;
        let after = shared.comments.unwrap_or(after);
        let message = loop {
            match tokio::time::timeout(after, self.messages.recv()).await {
                Ok(Some(Outgoing::Provoked(Provocation::Ping(_) | Provocation::SayBinary(_)))) => {}
                Ok(message) => break message?,
                Err(_) if faults.says_nothing_meanwhile() || shared.is_muted(self.number) => {}
                Err(_) => return Some(Ok(comment.to_owned())),
            }
        };
        if message.is("subscribed") {
            shared.ask(|runs| runs.caught_up(self.number));
        }
        match message {
            Outgoing::Cut => Some(Err(BrokenOff)),
            Outgoing::Provoked(Provocation::Cut(cut)) => self.cut(cut).await,
            Outgoing::Provoked(Provocation::Say(text)) => Some(Ok(block(text))),
            message => {
                let text = message.server_sent()?;
                let of_return = comment == HEARTBEAT.0;
                Some(Ok(faults.on_stream(text, of_return)))
            }
        }
    }

    /// Ends the answer to a client that is judged.
    async fn cut(&mut self, cut: Cut) -> Option<Result<String, BrokenOff>> {
        if cut == Cut::Dead {
            self.saw(Observed::Cut(cut));
            // It goes on to be read, so that it is seen when the client leaves.
            return std::future::pending().await;
        }
        self.ends(Observed::Cut(cut));
        match cut {
            Cut::EndOfStream | Cut::Close(_) | Cut::Dead => None,
            Cut::MidMessage => {
                self.breaks_off = true;
                Some(Ok(HALF.to_owned()))
            }
            Cut::Reset => {
                if let Some(seen) = &self.seen {
                    seen.reset();
                }
                Some(Err(BrokenOff))
            }
        }
    }

    fn saw(&self, what: Observed<'_>) {
        if let Some(seen) = &self.seen {
            seen.saw(what);
        }
    }

    fn ends(&self, what: Observed<'_>) {
        if let Some(seen) = &self.seen {
            seen.ends(what);
        }
    }
}

/// A text as one block of the stream, with the name of its event where it has one.
fn block(text: String) -> String {
    let event: Option<Value> = serde_json::from_str(&text).ok();
    let name = event.as_ref().and_then(|event| event["event"].as_str());
    match name {
        Some(name) => wrap_sse(name, &text),
        None => Outgoing::Text(text).server_sent().unwrap_or_default(),
    }
}
