//! A request over HTTP of a client that is judged: the observer is told of it, and of what becomes of its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::http::request::Parts;
use hyper::{Response, header};
use socket2::{SockRef, Socket};
use tokio::net::TcpStream;

use crate::protocol::{Form, InvalidRequest, Route, RunRequest};
use crate::reference::play::{Asked, Observe, Observed, Play};
use crate::reference::server::http::answer::{HttpAnswer, whole};
use crate::reference::server::http::body::Fields;

/// A second handle of a TCP connection, beside hyper, which owns it.
pub(super) type Twin = Arc<Socket>;

/// One of a connection; without it, a reset is only an end.
pub(super) fn twin(tcp: &TcpStream) -> Option<Twin> {
    SockRef::from(tcp).try_clone().ok().map(Arc::new)
}

/// A request, and what becomes of its answer. Where that has not ended once this is dropped, the client has left.
pub(super) struct Seen {
    observer: Arc<dyn Observe>,
    number: u64,
    twin: Option<Twin>,
    is_over: AtomicBool,
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.ends(Observed::Left { politely: true });
    }
}

impl Seen {
    /// Tells of a request, where it is one for a run's events.
    pub(super) fn asked(
        play: &Play,
        head: &Parts,
        fields: &Fields,
        twin: Option<Twin>,
    ) -> Option<Arc<Self>> {
        let path = head.uri.path();
        let method = head.method.as_str();
        let route = Route::of(method, path).or_else(|| Route::of("POST", path))?;
        if let RunRequest::Cancel(_) | RunRequest::State(_) = route.request {
            return None;
        }
        let seen = Self {
            observer: Arc::clone(&play.observer),
            number: play.next_request(),
            twin,
            is_over: AtomicBool::new(false),
        };
        seen.saw(Observed::Asked(Asked {
            path: &head.uri.to_string(),
            text: &written(method, path, fields),
            token: token(head),
        }));
        Some(Arc::new(seen))
    }

    /// Something happened on it; nothing does once it is over.
    pub(super) fn saw(&self, what: Observed<'_>) {
        if !self.is_over.load(Ordering::Relaxed) {
            self.observer.saw(self.number, what);
        }
    }

    /// The last thing happened on it.
    pub(super) fn ends(&self, what: Observed<'_>) {
        self.saw(what);
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Lets the connection be reset once it is dropped.
    pub(super) fn reset(&self) {
        if let Some(twin) = &self.twin {
            // Without it the connection only ends otherwise.
            let _ = twin.set_linger(Some(Duration::ZERO));
        }
    }

    /// Tells of an answer that is no stream of events; of one that is, the stream tells itself.
    pub(super) async fn answered(&self, answer: HttpAnswer) -> HttpAnswer {
        let of = answer.headers().get(header::CONTENT_TYPE);
        if of.is_some_and(|of| of.as_bytes().starts_with(b"text/event-stream")) {
            return answer;
        }
        let (head, body) = answer.into_parts();
        // It is whole, so that it neither waits nor breaks off.
        let text = match body.collect().await {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(_) => String::new(),
        };
        self.ends(Observed::Refused(head.status.as_u16(), &text));
        Response::from_parts(head, whole(text))
    }
}

/// The request as transcripts have it. What is no field of a form is ignored by the server, and left out.
fn written(method: &str, path: &str, fields: &Fields) -> String {
    if method == "POST" {
        let (path, fields) = (path.to_owned(), fields.clone());
        return Form { path, fields }.to_text();
    }
    let body = None;
    InvalidRequest { method, path, body }.to_text()
}

fn token(head: &Parts) -> Option<&str> {
    let given = head.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    given.strip_prefix("Bearer ")
}
