//! Starting and cancelling runs over HTTP.
//!
//! - `POST /workflows/{id}/runs` with a form (`message`, `session_id`, `stream`, `background`): the
//!   run's events as server-sent events, until its end or its pause. With `stream=false` only the
//!   run's id, at once. The run goes on when the client leaves, as with `background=true` on agno
//!   3.1.10.
//! - `POST /workflows/{id}/runs/{run_id}/cancel`: `{}`, also for a run that is over or unknown. Where
//!   users are kept apart, 404 for a run that is unknown or another user's.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::reference::model::outgoing::Outgoing;
use crate::reference::server::http::answer::{HttpAnswer, detail, of_json};
use crate::reference::server::run_task;
use crate::reference::server::state::{Shared, Starter};

/// The longest form that is read, in bytes.
const LARGEST_FORM: usize = 1 << 20;

pub(crate) fn cancel(
    shared: &Shared,
    user: Option<&str>,
    workflow_id: &str,
    run_id: &str,
) -> HttpAnswer {
    if !knows(shared, workflow_id) {
        return unknown();
    }
    let may = || shared.rules.faults.lets_anybody_cancel();
    if user.is_some() && !shared.ask(|runs| runs.is_owned(run_id, user)) && !may() {
        return detail(StatusCode::NOT_FOUND, "Run not found");
    }
    shared.cancel(run_id);
    of_json(StatusCode::OK, &json!({}))
}

pub(crate) async fn start(
    shared: &Arc<Shared>,
    user: Option<&str>,
    workflow_id: &str,
    body: Incoming,
) -> HttpAnswer {
    if !knows(shared, workflow_id) {
        return unknown();
    }
    let Ok(form) = Limited::new(body, LARGEST_FORM).collect().await else {
        return detail(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long");
    };
    let form = form.to_bytes();
    let mut form: HashMap<String, String> = form_urlencoded::parse(&form).into_owned().collect();
    let message = Value::from(form.remove("message").unwrap_or_default());
    let session_id = form.remove("session_id");
    let streams = form.get("stream").is_none_or(|word| word != "false");

    let (number, messages) = shared.arrive();
    let client = Client {
        shared: Arc::clone(shared),
        number,
    };
    let by = Starter::Http(number);
    let Some((run_id, session_id)) =
        run_task::start(shared, by, workflow_id, &message, session_id, user)
    else {
        return unknown();
    };
    if streams {
        return stream(client, messages);
    }
    let started = json!({"run_id": run_id, "session_id": session_id, "status": "PENDING"});
    of_json(StatusCode::ACCEPTED, &started)
}

/// The client of a stream. Its connection ends when this is dropped.
struct Client {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.leave(self.number, true);
    }
}

fn stream(client: Client, messages: UnboundedReceiver<Outgoing>) -> HttpAnswer {
    let frames = futures::stream::unfold((client, messages), |(client, mut messages)| async move {
        let text = messages.recv().await?.text()?;
        Some((
            Ok::<_, Infallible>(Frame::data(text.into())),
            (client, messages),
        ))
    });
    let mut answer = Response::new(BodyExt::boxed_unsync(StreamBody::new(frames)));
    let events = header::HeaderValue::from_static("text/event-stream; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, events);
    answer
}

fn knows(shared: &Shared, workflow_id: &str) -> bool {
    shared
        .rules
        .workflows
        .iter()
        .any(|known| known == workflow_id)
}

fn unknown() -> HttpAnswer {
    detail(StatusCode::NOT_FOUND, "Workflow not found")
}
