//! An answer that is a stream of server-sent events: what a connection of the WebSocket would be sent, until
//! the run ends or pauses, and comments while nothing happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, header};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::reference::model::outgoing::Outgoing;
use crate::reference::server::http::answer::HttpAnswer;
use crate::reference::server::state::Shared;

/// A client of a stream. Its connection ends when this is dropped.
pub(super) struct Client {
    shared: Arc<Shared>,
    /// The number of its connection.
    pub(super) number: u64,
    messages: UnboundedReceiver<Outgoing>,
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
        self.shared.leave(self.number, true);
    }
}

impl Client {
    /// A new one, which watches nothing yet.
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let (number, messages) = shared.arrive();
        Self {
            shared: Arc::clone(shared),
            number,
            messages,
        }
    }

    /// The answer: everything that the client is sent.
    pub(super) fn stream(self, comment: Comment) -> HttpAnswer {
        let frames = futures::stream::unfold(self, move |mut client| async move {
            let text = client.next(comment).await?;
            Some((Ok::<_, Infallible>(Frame::data(text.into())), client))
        });
        let mut answer = Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
        let events = header::HeaderValue::from_static("text/event-stream; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, events);
        answer
    }

    async fn next(&mut self, Comment(comment, after): Comment) -> Option<String> {
        let Ok(message) = tokio::time::timeout(after, self.messages.recv()).await else {
            return Some(comment.to_owned());
        };
        let message = message?;
        if message.is("subscribed") {
            self.shared.ask(|runs| runs.caught_up(self.number));
        }
        message.server_sent()
    }
}
