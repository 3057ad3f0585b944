//! The HTTP side of the server: the upgrade to a WebSocket, and the other routes, as agno
//! 3.1.10 answers them.
//!
//! - `GET /workflows/ws`: the upgrade
//! - `GET /health`, `/config`, `/workflows`, `/agents`, `/teams`: see [`offer`]
//! - `/workflows/{id}/runs` and the like, and what is below it: see [`runs`]; `stream`: answers that grow with a run
//!
//! Where the server asks for a token, every route but the upgrade and `/health` needs it as
//! `Authorization: Bearer …`.
//!
//! Where a client is judged over HTTP, there is no upgrade; `observed` tells of its requests.

mod answer;
mod body;
mod observed;
mod offer;
mod runs;
mod stream;

use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::http::request::Parts as Head;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::protocol::{Route, TurnedAway};
use crate::reference::fault::hooks::OnMalformed;
use crate::reference::model::conversation::Rules;
use crate::reference::model::script::Script;
use crate::reference::play::Play;
use crate::reference::server::http::answer::{HttpAnswer, detail, of_json, whole};
use crate::reference::server::http::body::Fields;
use crate::reference::server::http::observed::{Seen, Twin, twin};
use crate::reference::server::http::offer::Question;
use crate::reference::server::http::runs::{Asker, Refused};
use crate::reference::server::state::Shared;

/// The path of the WebSocket.
pub const PATH: &str = "/workflows/ws";

/// How many bytes of an answer are collected before they are written: what is on its way to a client who does not read
/// stays small, as on a WebSocket.
const COLLECTED: usize = 16 << 10;

/// Serves a connection until it ends, or becomes a WebSocket: then gives it back, with what of it
/// has been read already, and the path and query that were asked for. `replica` where it came to the other
/// replica.
pub(crate) async fn serve(
    shared: &Arc<Shared>,
    tcp: TcpStream,
    replica: bool,
) -> Option<(TcpStream, Vec<u8>, String)> {
    let upgrade: Mutex<Option<(OnUpgrade, String)>> = Mutex::new(None);
    let waiting = &upgrade;
    let judges_client = shared.rules.play.is_some();
    let play = shared.rules.play.as_deref().filter(|play| play.over_http);
    let twin = &play.and_then(|_| twin(&tcp));
    let service = service_fn(|mut request: Request<Incoming>| async move {
        let opens = request.uri().path() == PATH && request.method() == Method::GET;
        let answer = match play {
            Some(play) => judged(shared, play, request, twin.clone()).await,
            None if opens => return Ok(open(&mut request, waiting)),
            None if judges_client && request.method() == Method::OPTIONS => Ok(preflight()),
            None => answer(shared, request, replica).await,
        };
        match judges_client {
            true => answer.map(for_browsers),
            false => answer,
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(COLLECTED)
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades();
    // A connection that breaks here needs no answer.
    let _ = connection.await;
    let (upgrade, asked) = upgrade
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)?;
    let upgraded = upgrade.await.ok()?;
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some((io.into_inner(), read_buf.to_vec(), asked))
}

/// The opening handshake (RFC 6455, section 4.2).
fn open(
    request: &mut Request<Incoming>,
    upgrade: &Mutex<Option<(OnUpgrade, String)>>,
) -> HttpAnswer {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    *head.headers_mut() = request.headers().clone();
    match create_response(&head) {
        Ok(response) => {
            let waiting = Some((hyper::upgrade::on(request), head.uri().to_string()));
            *upgrade.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
            response.map(|()| whole(String::new()))
        }
        Err(_) => detail(StatusCode::UPGRADE_REQUIRED, "This is a WebSocket"),
    }
}

/// A connection that is dropped without an answer. Only faults do so.
#[derive(Debug, thiserror::Error)]
#[error("no answer is given")]
struct Dropped;

async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
    replica: bool,
) -> Result<HttpAnswer, Dropped> {
    let (head, body) = request.into_parts();
    let asker = Asker {
        at_replica: replica,
        ..Asker::default()
    };
    match body::fields(&head, body).await {
        Ok(fields) => answer_to(shared, &head, fields, asker).await,
        Err(refusal) => Ok(refusal.into()),
    }
}

/// Answers a client that is judged: later, otherwise or not at all, where it is to be treated so. The observer is told.
async fn judged(
    shared: &Arc<Shared>,
    play: &Play,
    request: Request<Incoming>,
    twin: Option<Twin>,
) -> Result<HttpAnswer, Dropped> {
    play.lets_in().await;
    match play.turns_away() {
        None => {}
        Some(TurnedAway::Closed) => return Err(Dropped),
        Some(TurnedAway::Status(status)) => {
            let status = StatusCode::from_u16(status);
            let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return Ok(detail(status, "Unavailable"));
        }
    }
    let (head, body) = request.into_parts();
    if head.method == Method::OPTIONS {
        return Ok(preflight());
    }
    let fields = match body::fields(&head, body).await {
        Ok(fields) => fields,
        Err(refusal) => return Ok(refusal.into()),
    };
    let seen = Seen::asked(play, &head, &fields, twin);
    let asker = Asker {
        seen: seen.clone(),
        ..Asker::default()
    };
    let answer = answer_to(shared, &head, fields, asker).await?;
    Ok(match seen {
        Some(seen) => seen.answered(answer).await,
        None => answer,
    })
}

/// The answer to a browser that asks what a page may ask for (Fetch, CORS-preflight request).
fn preflight() -> HttpAnswer {
    of_json(StatusCode::OK, &Value::Null)
}

/// Lets the pages of every other site read an answer: a client may be one, and its server is another site.
fn for_browsers(mut answer: HttpAnswer) -> HttpAnswer {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, *",
        ),
    ] {
        let value = header::HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    answer
}

async fn answer_to(
    shared: &Arc<Shared>,
    head: &Head,
    fields: Fields,
    asker: Asker,
) -> Result<HttpAnswer, Dropped> {
    let path = head.uri.path();
    let route = Route::of(head.method.as_str(), path);
    let question = Question::of(&head.method, path);
    if question.is_none() && route.is_none() {
        // The path of a request by another method.
        let mut methods = ["POST", "GET"].into_iter();
        return match methods.find_map(|it| Route::of(it, path)) {
            Some(_) => {
                let refusal = detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
                invalid(shared, refusal).await
            }
            None => Ok(detail(StatusCode::NOT_FOUND, "Not Found")),
        };
    }
    let asker = match admitted(&shared.rules, head, route.as_ref(), asker) {
        Ok(asker) => asker,
        Err(_) if question == Some(Question::Health) => Asker::default(),
        Err(refusal) => return Ok(detail(StatusCode::UNAUTHORIZED, refusal)),
    };
    if let Some(question) = question {
        let answer = question.answer(scripts(shared));
        return Ok(of_json(StatusCode::OK, &answer));
    }
    let Some(route) = route else {
        return Ok(detail(StatusCode::NOT_FOUND, "Not Found"));
    };
    match runs::answer(shared, asker, &route, fields.into_iter().collect()) {
        Ok(answer) => Ok(answer),
        Err(Refused::Because(refusal)) => Ok(refusal.into()),
        Err(Refused::Invalid(refusal)) => invalid(shared, refusal.into()).await,
    }
}

/// What can be started.
fn scripts(shared: &Shared) -> &[Script] {
    match &shared.rules.play {
        Some(play) if play.over_http => std::slice::from_ref(&play.script),
        _ => &shared.scripts,
    }
}

/// The answer to a request that is none of the protocol's, or what a fault does instead.
async fn invalid(shared: &Arc<Shared>, refusal: HttpAnswer) -> Result<HttpAnswer, Dropped> {
    let faults = &shared.rules.faults;
    if faults.is_silent_on_malformed() {
        std::future::pending::<()>().await;
    }
    match faults.on_malformed() {
        None => Ok(refusal),
        Some(OnMalformed::Drop) => Err(Dropped),
        Some(OnMalformed::StopAll) => {
            shared.stop_all_runs();
            Err(Dropped)
        }
    }
}

/// Who asks.
///
/// # Errors
///
/// The text of the refusal where a token is needed and the right one was not sent.
fn admitted(
    rules: &Rules,
    head: &Head,
    route: Option<&Route<'_>>,
    asker: Asker,
) -> Result<Asker, &'static str> {
    if !rules.is_guarded() {
        return Ok(asker);
    }
    let given = head.headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    let right = given.filter(|given| rules.admits(given));
    let asked = route.map(|route| &route.request);
    if right.is_none() && !asked.is_some_and(|it| rules.lets_in_over_http(given, it)) {
        return Err(match given {
            None => "Authorization header required",
            Some(_) => "Invalid authentication token",
        });
    }
    Ok(Asker {
        user: right.and_then(|it| rules.users.get(it).cloned()),
        permitted: right.and_then(|it| rules.permissions.get(it).cloned()),
        ..asker
    })
}
