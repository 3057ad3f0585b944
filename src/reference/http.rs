//! The HTTP side of the server: the upgrade to a WebSocket, and the few routes beside it, as agno
//! 3.1.10 answers them.
//!
//! - `GET /workflows/ws`: the upgrade
//! - `GET /workflows`: the workflows that can be started
//!
//! Where the server asks for a token, every route but the upgrade wants it as
//! `Authorization: Bearer …`.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
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

/// An answer with its whole body.
type Answer = Response<Full<Bytes>>;

/// Serves a connection until it ends, or becomes a WebSocket: then gives it back, with what of it
/// has been read already.
pub(crate) async fn serve(shared: &Arc<Shared>, tcp: TcpStream) -> Option<(TcpStream, Vec<u8>)> {
    let upgrade: Mutex<Option<OnUpgrade>> = Mutex::new(None);
    let service = service_fn(|mut request: Request<Incoming>| {
        let answer = if request.uri().path() == PATH && request.method() == Method::GET {
            open(&mut request, &upgrade)
        } else {
            answer(shared, &request)
        };
        std::future::ready(Ok::<_, Infallible>(answer))
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
            response.map(|()| Full::default())
        }
        Err(_) => detail(StatusCode::UPGRADE_REQUIRED, "This is a WebSocket"),
    }
}

fn answer(shared: &Shared, request: &Request<Incoming>) -> Answer {
    let path: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    match (request.method(), path.as_slice()) {
        (&Method::GET, ["workflows"]) => {
            guarded(shared, request, || listing(&shared.rules.workflows))
        }
        _ => detail(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// The answer, where no token is needed or the right one has come.
fn guarded(
    shared: &Shared,
    request: &Request<Incoming>,
    answer: impl FnOnce() -> Answer,
) -> Answer {
    let rules = &shared.rules;
    if !rules.is_guarded() {
        return answer();
    }
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    match given.and_then(|value| value.strip_prefix("Bearer ")) {
        None => detail(StatusCode::UNAUTHORIZED, "Authorization header required"),
        Some(given) if rules.admits(given) => answer(),
        Some(_) => detail(StatusCode::UNAUTHORIZED, "Invalid authentication token"),
    }
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
    let mut answer = Response::new(Full::from(value.to_string()));
    *answer.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
