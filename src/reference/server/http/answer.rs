//! Answers over HTTP.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};

/// An answer: a whole body, or one that grows with a run.
pub(crate) type HttpAnswer = Response<UnsyncBoxBody<Bytes, BrokenOff>>;

/// An answer breaks off: its connection is dropped. Only faults do so.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer breaks off")]
pub(crate) struct BrokenOff;

/// A whole body.
pub(crate) fn whole(text: String) -> UnsyncBoxBody<Bytes, BrokenOff> {
    let body = Full::from(text);
    body.map_err(|never| match never {}).boxed_unsync()
}

/// Why a request is not done as it was asked: the status, and the JSON that goes with it.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) Value);

impl Refusal {
    /// A refusal with a text for people.
    pub(crate) fn new(status: StatusCode, text: &str) -> Self {
        Self(status, json!({"detail": text}))
    }
}

impl From<Refusal> for HttpAnswer {
    fn from(Refusal(status, value): Refusal) -> Self {
        of_json(status, &value)
    }
}

/// An answer with a text for people.
pub(crate) fn detail(status: StatusCode, text: &str) -> HttpAnswer {
    of_json(status, &json!({"detail": text}))
}

/// An answer with this JSON.
pub(crate) fn of_json(status: StatusCode, value: &Value) -> HttpAnswer {
    let mut answer = Response::new(whole(value.to_string()));
    *answer.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
