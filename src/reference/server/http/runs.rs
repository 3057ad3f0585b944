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
//! Where users are kept apart, another user's run is 404; without the permission for a workflow, 403. A start without
//! a message is 422, whatever else the body is.

use std::sync::Arc;

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::protocol::{Position, Route, RunRequest};
use crate::reference::model::request::{ContinueRequest, ReturnRequest};
use crate::reference::server::http::answer::{HttpAnswer, Refusal, of_json};
use crate::reference::server::http::body::Form;
use crate::reference::server::http::observed::Seen;
use crate::reference::server::http::stream::{Client, HEARTBEAT, KEEP_ALIVE};
use crate::reference::server::run_task;
use crate::reference::server::state::{Shared, Starter};

/// Who asks.
#[derive(Clone, Default)]
pub(super) struct Asker {
    /// The user, where users are kept apart.
    pub(super) user: Option<String>,
    /// The workflows that the token is for, where permissions are given for single ones.
    pub(super) permitted: Option<Vec<String>>,
    /// Whether the request came to the other replica.
    pub(super) at_replica: bool,
    /// Where a client is judged: its request.
    pub(super) seen: Option<Arc<Seen>>,
}

impl Asker {
    /// Whether the token is for the agent, team or workflow of this id.
    fn is_permitted(&self, id: &str) -> bool {
        let permitted = self.permitted.as_ref();
        permitted.is_none_or(|permitted| permitted.iter().any(|it| it == id))
    }
}

/// Why a request is refused.
pub(super) enum Refused {
    /// It cannot be done.
    Because(Refusal),
    /// It is none of the protocol's.
    Invalid(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Because(refusal)
    }
}

/// Answers a request that is about runs.
pub(super) fn answer(
    shared: &Arc<Shared>,
    asker: Asker,
    route: &Route<'_>,
    form: Form,
) -> Result<HttpAnswer, Refused> {
    if !is_known(shared, route) {
        let known = &shared.rules.workflows;
        let instead = shared.rules.faults.instead_of_unknown_workflow(known);
        let instead = instead.filter(|_| route.request == RunRequest::Start);
        let id = instead.ok_or_else(|| unknown(route))?;
        let route = Route::of_workflow(id, RunRequest::Start);
        return Ok(start(shared, &asker, &route, form)?);
    }
    match &route.request {
        RunRequest::Start => {
            // A field that is empty counts as one that is left out.
            if form.get("message").is_none_or(String::is_empty) {
                return Err(Refused::Invalid(missing("message")));
            }
            Ok(start(shared, &asker, route, form)?)
        }
        RunRequest::Cancel(run_id) => Ok(cancel(shared, &asker, run_id)?),
        RunRequest::Resume(run_id) => Ok(resume(shared, asker, route, run_id, form)?),
        RunRequest::Continue(run_id) => Ok(go_on(shared, asker, route, run_id, form)?),
        RunRequest::State(run_id) => Ok(state(shared, &asker, run_id)?),
    }
}

/// Whether there is such an agent, team or workflow: for a client that is judged, every one of the kind that is played.
fn is_known(shared: &Shared, route: &Route<'_>) -> bool {
    if let Some(play) = shared.rules.play.as_ref().filter(|play| play.over_http) {
        return play.script.component == route.component;
    }
    let mut scripts = shared.scripts.iter();
    scripts.any(|it| (it.component, &*it.id) == (route.component, &*route.id))
}

/// 422, in the words of agno 3.1.10, for a field that is left out.
fn missing(field: &str) -> Refusal {
    let wrong = json!({"type": "missing", "loc": ["body", field], "msg": "Field required",
        "input": null});
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, json!({"detail": [wrong]}))
}

fn start(
    shared: &Arc<Shared>,
    asker: &Asker,
    route: &Route<'_>,
    mut form: Form,
) -> Result<HttpAnswer, Refusal> {
    if !asker.is_permitted(&route.id) {
        return Err(forbidden());
    }
    let message = Value::from(form.remove("message").unwrap_or_default());
    let session_id = form.remove("session_id").filter(|it| !it.is_empty());
    let client = Client::new(shared, asker.seen.clone());
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
    let position = match position(form.remove("last_event_index")) {
        Err(_) if shared.rules.faults.takes_odd_for_none() => Position::Null,
        position => position?,
    };
    if !shared.rules.faults.needs_no_permission() && !asker.is_permitted(&route.id) {
        return Err(forbidden());
    }
    owned_to_return(shared, &asker, run_id)?;
    let client = Client::new(shared, asker.seen.clone());
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
    let client = Client::new(shared, asker.seen.clone());
    let request = ContinueRequest {
        run_id: run_id.to_owned(),
        component: route.component,
        workflow_id: route.id.to_string(),
        session_id: form.remove("session_id").unwrap_or_default(),
        user: asker.user,
        answers,
        over_http: true,
        streams: streams(&form),
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

/// Likewise for a viewer who returns; faults may show another user's run, or tell of it.
fn owned_to_return(shared: &Shared, asker: &Asker, run_id: &str) -> Result<(), Refusal> {
    let faults = &shared.rules.faults;
    let owned = owned(shared, asker, run_id);
    if owned.is_ok() || faults.shows_other_users() {
        return Ok(());
    }
    match faults.tells_other_users() && shared.ask(|runs| runs.session_of(run_id).is_some()) {
        true => Err(Refusal::new(StatusCode::FORBIDDEN, "Not your run")),
        false => owned,
    }
}

fn forbidden() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "Insufficient permissions")
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
    let Some(given) = given else {
        return Ok(Position::Absent);
    };
    if given.is_empty() {
        return Ok(Position::Null);
    }
    given.parse().map(Position::At).map_err(|_| {
        let wrong = json!({"type": "int_parsing", "loc": ["body", "last_event_index"],
            "msg": "Input should be a whole number from 0", "input": given});
        Refusal(StatusCode::UNPROCESSABLE_ENTITY, json!({"detail": [wrong]}))
    })
}
