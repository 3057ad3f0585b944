//! The HTTP side of the server: the upgrade to a WebSocket, and the few routes beside it, as agno
//! 3.1.10 answers them.
//!
//! - `GET /workflows/ws`: the upgrade
//! - `GET /workflows`: the workflows that can be started
//! - `POST /workflows/{id}/runs` and `POST /workflows/{id}/runs/{run_id}/cancel`: see [`runs`]
//!
//! Where the server asks for a token, every route but the upgrade wants it as
//! `Authorization: Bearer …`.

mod runs;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use super::server::PATH;
use super::shared::Shared;
use crate::protocol::Route;

/// An answer: a whole body, or one that grows with a run.
type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// Serves a connection until it ends, or becomes a WebSocket: then gives it back, with what of it
/// has been read already.
pub(crate) async fn serve(shared: &Arc<Shared>, tcp: TcpStream) -> Option<(TcpStream, Vec<u8>)> {
    let upgrade: Mutex<Option<OnUpgrade>> = Mutex::new(None);
    let waiting = &upgrade;
    let service = service_fn(|mut request: Request<Incoming>| async move {
        let opens = request.uri().path() == PATH && request.method() == Method::GET;
        Ok::<_, Infallible>(match opens {
            true => open(&mut request, waiting),
            false => answer(shared, request).await,
        })
    });
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades();
    // A connection that breaks here has nobody to tell.
    let _ = connection.await;
    let upgrade = upgrade
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)?;
    let upgraded = upgrade.await.ok()?;
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some((io.into_inner(), read_buf.to_vec()))
}

/// The opening handshake (RFC 6455, section 4.2).
fn open(request: &mut Request<Incoming>, upgrade: &Mutex<Option<OnUpgrade>>) -> Answer {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    *head.headers_mut() = request.headers().clone();
    match create_response(&head) {
        Ok(response) => {
            let waiting = Some(hyper::upgrade::on(request));
            *upgrade.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
            response.map(|()| Full::default().boxed_unsync())
        }
        Err(_) => detail(StatusCode::UPGRADE_REQUIRED, "This is a WebSocket"),
    }
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let route = Route::of(request.method().as_str(), &path);
    let listing_wanted = request.method() == Method::GET && path.trim_matches('/') == "workflows";
    if !listing_wanted && route.is_none() {
        return detail(StatusCode::NOT_FOUND, "Not Found");
    }
    if let Some(refusal) = turned_away(shared, &request) {
        return refusal;
    }
    match route {
        None => listing(&shared.rules.workflows),
        Some(Route::Cancel {
            workflow_id,
            run_id,
        }) => runs::cancel(shared, &workflow_id, &run_id),
        Some(Route::Start { workflow_id }) => {
            runs::start(shared, &workflow_id, request.into_body()).await
        }
    }
}

/// The refusal, unless no token is needed or the right one has come.
fn turned_away(shared: &Shared, request: &Request<Incoming>) -> Option<Answer> {
    let token = shared.rules.token.as_ref()?;
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let refusal = match given.and_then(|value| value.strip_prefix("Bearer ")) {
        None => "Authorization header required",
        Some(given) if given == token => return None,
        Some(_) => "Invalid authentication token",
    };
    Some(detail(StatusCode::UNAUTHORIZED, refusal))
}

fn listing(workflows: &[String]) -> Answer {
    let workflows: Vec<Value> = workflows
        .iter()
        .map(|id| json!({"id": id, "name": id}))
        .collect();
    of_json(StatusCode::OK, &Value::from(workflows))
}

fn detail(status: StatusCode, text: &str) -> Answer {
    of_json(status, &json!({"detail": text}))
}

fn of_json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Response::new(Full::from(value.to_string()).boxed_unsync());
    *answer.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
