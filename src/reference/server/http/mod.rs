//! The HTTP side of the server: the upgrade to a WebSocket, and the other routes, as agno
//! 3.1.10 answers them.
//!
//! - `GET /workflows/ws`: the upgrade
//! - `GET /workflows`, `/agents`, `/teams`: those that can be started
//! - `/workflows/{id}/runs` and the like, and what is below it: see [`runs`]; `stream`: answers that grow with a run
//!
//! Where the server asks for a token, every route but the upgrade needs it as
//! `Authorization: Bearer …`.

mod answer;
mod runs;
mod stream;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::protocol::{Component, Route};
use crate::reference::model::conversation::Rules;
use crate::reference::model::script::Script;
use crate::reference::server::http::answer::{HttpAnswer, detail, of_json};
use crate::reference::server::http::runs::Asker;
use crate::reference::server::state::Shared;

/// The path of the WebSocket.
pub const PATH: &str = "/workflows/ws";

/// Serves a connection until it ends, or becomes a WebSocket: then gives it back, with what of it
/// has been read already. `replica` where it came to the other replica.
pub(crate) async fn serve(
    shared: &Arc<Shared>,
    tcp: TcpStream,
    replica: bool,
) -> Option<(TcpStream, Vec<u8>)> {
    let upgrade: Mutex<Option<OnUpgrade>> = Mutex::new(None);
    let waiting = &upgrade;
    let service = service_fn(|mut request: Request<Incoming>| async move {
        let opens = request.uri().path() == PATH && request.method() == Method::GET;
        Ok::<_, Infallible>(match opens {
            true => open(&mut request, waiting),
            false => answer(shared, request, replica).await,
        })
    });
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(tcp), service)
        .with_upgrades();
    // A connection that breaks here needs no answer.
    let _ = connection.await;
    let upgrade = upgrade
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)?;
    let upgraded = upgrade.await.ok()?;
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some((io.into_inner(), read_buf.to_vec()))
}

/// The opening handshake (RFC 6455, section 4.2).
fn open(request: &mut Request<Incoming>, upgrade: &Mutex<Option<OnUpgrade>>) -> HttpAnswer {
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

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>, replica: bool) -> HttpAnswer {
    let path = request.uri().path().to_owned();
    let route = Route::of(request.method().as_str(), &path);
    let mut components = Component::ALL.into_iter();
    let listed = components.find(|it| it.segment() == path.trim_matches('/'));
    let listed = listed.filter(|_| request.method() == Method::GET);
    if listed.is_none() && route.is_none() {
        return detail(StatusCode::NOT_FOUND, "Not Found");
    }
    let asker = match admitted(&shared.rules, &request) {
        Ok(asker) => asker,
        Err(refusal) => return detail(StatusCode::UNAUTHORIZED, refusal),
    };
    let Some(route) = route else {
        return listing(&shared.scripts, listed);
    };
    let asker = Asker {
        at_replica: replica,
        ..asker
    };
    let answered = runs::answer(shared, asker, &route, request.into_body()).await;
    answered.unwrap_or_else(HttpAnswer::from)
}

/// Who asks.
///
/// # Errors
///
/// The text of the refusal where a token is needed and the right one was not sent.
fn admitted(rules: &Rules, request: &Request<Incoming>) -> Result<Asker, &'static str> {
    if !rules.is_guarded() {
        return Ok(Asker::default());
    }
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    match given.and_then(|value| value.strip_prefix("Bearer ")) {
        None => Err("Authorization header required"),
        Some(given) if rules.admits(given) => Ok(Asker {
            user: rules.users.get(given).cloned(),
            permitted: rules.permissions.get(given).cloned(),
            at_replica: false,
        }),
        Some(_) => Err("Invalid authentication token"),
    }
}

fn listing(scripts: &[Script], component: Option<Component>) -> HttpAnswer {
    let listed: Vec<Value> = scripts
        .iter()
        .filter(|it| Some(it.component) == component)
        .map(|it| json!({"id": it.id, "name": it.id}))
        .collect();
    of_json(StatusCode::OK, &Value::from(listed))
}
