//! The requests that are about runs of agents, teams and workflows, as agno 3.1.10 answers them. All of them send
//! forms. `…` is `/agents/{id}`, `/teams/{id}` or `/workflows/{id}`.
//!
//! - `POST …/runs` (`message`, `session_id`, `stream`, `background`): the run's events as server-sent events,
//!   until its end or its pause. With `stream=false` only the run's id, at once. The run goes on when the client
//!   leaves, as with `background=true` there.
//! - `POST …/runs/{run_id}/resume` (`last_event_index`, `session_id`): what `reconnect` brings on the WebSocket,
//!   but of a finished run only what comes after the position; then the end of the file. What is no whole number
//!   from 0 is 422, an unknown run one `error`.
//! - `POST …/runs/{run_id}/continue` (`tools`, `requirements` or `step_requirements`, `session_id`, `stream`): the
//!   events from the pause on. 409 where the run is not paused, or its question is not answered.
//! - `POST …/runs/{run_id}/cancel`: `{}`, also for a run that is over or unknown.
//! - `GET …/runs/{run_id}`: the run's `status`, and what it waits for.
//!
//! Where users are kept apart, another user's run is 404; without the permission for a workflow, 403.

use std::collections::HashMap;
use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::protocol::{Position, Route, RunRequest};
use crate::reference::model::request::{ContinueRequest, ReturnRequest};
use crate::reference::server::http::answer::{HttpAnswer, Refusal, of_json};
use crate::reference::server::http::stream::{Client, HEARTBEAT, KEEP_ALIVE};
use crate::reference::server::run_task;
use crate::reference::server::state::{Shared, Starter};

/// The longest form that is read, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// Who asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    /// The user, where users are kept apart.
    pub(super) user: Option<String>,
    /// The workflows that the token is for, where permissions are given for single ones.
    pub(super) permitted: Option<Vec<String>>,
    /// Whether the request came to the other replica.
    pub(super) at_replica: bool,
}

/// The fields of a form.
type Form = HashMap<String, String>;

/// Answers a request that is about runs.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    asker: Asker,
    route: &Route<'_>,
    body: Incoming,
) -> Result<HttpAnswer, Refusal> {
    let mut scripts = shared.scripts.iter();
    if !scripts.any(|it| (it.component, &*it.id) == (route.component, &*route.id)) {
        return Err(unknown(route));
    }
    match &route.request {
        RunRequest::Start => start(shared, &asker, route, form(body).await?),
        RunRequest::Cancel(run_id) => cancel(shared, &asker, run_id),
        RunRequest::Resume(run_id) => resume(shared, asker, route, run_id, form(body).await?),
        RunRequest::Continue(run_id) => go_on(shared, asker, route, run_id, form(body).await?),
        RunRequest::State(run_id) => state(shared, &asker, run_id),
    }
}

async fn form(body: Incoming) -> Result<Form, Refusal> {
    let form = Limited::new(body, LARGEST_FORM).collect().await;
    let form =
        form.map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long"))?;
    Ok(form_urlencoded::parse(&form.to_bytes())
        .into_owned()
        .collect())
}

fn start(
    shared: &Arc<Shared>,
    asker: &Asker,
    route: &Route<'_>,
    mut form: Form,
) -> Result<HttpAnswer, Refusal> {
    let needs_none = shared.rules.faults.needs_no_permission();
    let permitted = asker.permitted.as_ref();
    if !needs_none && permitted.is_some_and(|it| !it.iter().any(|it| *it == route.id)) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Insufficient permissions",
        ));
    }
    let message = Value::from(form.remove("message").unwrap_or_default());
    let session_id = form.remove("session_id");
    let client = Client::new(shared);
    let by = Starter {
        connection: client.number,
        over_http: true,
        at_replica: asker.at_replica,
    };
    let user = asker.user.as_deref();
    let started = run_task::start(shared, by, &route.id, &message, session_id, user);
    let Some((run_id, session_id)) = started else {
        return Err(unknown(route));
    };
    if streams(&form) {
        return Ok(client.stream(KEEP_ALIVE));
    }
    let started = json!({"run_id": run_id, "session_id": session_id, "status": "PENDING"});
    Ok(of_json(StatusCode::ACCEPTED, &started))
}

fn cancel(shared: &Shared, asker: &Asker, run_id: &str) -> Result<HttpAnswer, Refusal> {
    if !shared.rules.faults.lets_anybody_cancel() {
        owned(shared, asker, run_id)?;
    }
    shared.cancel(run_id);
    Ok(of_json(StatusCode::OK, &json!({})))
}

fn resume(
    shared: &Arc<Shared>,
    asker: Asker,
    route: &Route<'_>,
    run_id: &str,
    mut form: Form,
) -> Result<HttpAnswer, Refusal> {
    let position = position(form.remove("last_event_index"))?;
    owned(shared, &asker, run_id)?;
    let client = Client::new(shared);
    let request = ReturnRequest {
        run_id: run_id.to_owned(),
        position,
        workflow_id: Some(route.id.to_string()),
        session_id: form.remove("session_id"),
        user: asker.user,
        permitted: asker.permitted,
        at_replica: asker.at_replica,
        over_http: true,
    };
    shared.come_back(client.number, &request);
    Ok(client.stream(HEARTBEAT))
}

fn go_on(
    shared: &Arc<Shared>,
    asker: Asker,
    route: &Route<'_>,
    run_id: &str,
    mut form: Form,
) -> Result<HttpAnswer, Refusal> {
    let list = route.component.question().list;
    let answers = form.remove(list).unwrap_or_default();
    let answers: Value = serde_json::from_str(&answers).map_err(|_| {
        let text = format!("{list} must be a JSON list");
        Refusal::new(StatusCode::BAD_REQUEST, &text)
    })?;
    if shared.ask(|runs| runs.session_of(run_id).is_none()) {
        return Err(not_found());
    }
    if !shared.rules.faults.lets_anybody_continue() {
        owned(shared, &asker, run_id)?;
    }
    let client = Client::new(shared);
    let request = ContinueRequest {
        run_id: run_id.to_owned(),
        component: route.component,
        workflow_id: route.id.to_string(),
        session_id: form.remove("session_id").unwrap_or_default(),
        user: asker.user,
        answers,
        over_http: true,
    };
    shared
        .resume(client.number, &request)
        .map_err(|refusal| Refusal::new(StatusCode::CONFLICT, &refusal))?;
    if streams(&form) {
        return Ok(client.stream(KEEP_ALIVE));
    }
    told(shared, run_id)
}

fn state(shared: &Shared, asker: &Asker, run_id: &str) -> Result<HttpAnswer, Refusal> {
    owned(shared, asker, run_id)?;
    told(shared, run_id)
}

/// How the run is.
fn told(shared: &Shared, run_id: &str) -> Result<HttpAnswer, Refusal> {
    let state = shared.ask(|runs| runs.state(run_id));
    let state = state.ok_or_else(not_found)?;
    Ok(of_json(StatusCode::OK, &state))
}

/// # Errors
///
/// 404 where users are kept apart, and there is no such run, or it is another user's.
fn owned(shared: &Shared, asker: &Asker, run_id: &str) -> Result<(), Refusal> {
    let user = asker.user.as_deref();
    match user.is_none() || shared.ask(|runs| runs.is_owned(run_id, user)) {
        true => Ok(()),
        false => Err(not_found()),
    }
}

fn unknown(route: &Route<'_>) -> Refusal {
    let text = format!("No such {}", route.component.word());
    Refusal::new(StatusCode::NOT_FOUND, &text)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Run not found")
}

fn streams(form: &Form) -> bool {
    form.get("stream").is_none_or(|word| word != "false")
}

/// The position that a form names; none where the field is left out or empty.
///
/// # Errors
///
/// 422, in the words of agno 3.1.10, for what is no whole number from 0.
fn position(given: Option<String>) -> Result<Position, Refusal> {
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Ok(Position::Absent);
    };
    given.parse().map(Position::At).map_err(|_| {
        let wrong = json!({"type": "int_parsing", "loc": ["body", "last_event_index"],
            "msg": "Input should be a whole number from 0", "input": given});
        Refusal(StatusCode::UNPROCESSABLE_ENTITY, json!({"detail": [wrong]}))
    })
}
