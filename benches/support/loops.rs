//! The loops that are compared: each asks the server of [`super::server`] for its run, and takes what
//! comes until the last event. Measured from the request to that event.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use reconnect_acceptance::client::http::{Place, Site};
use reconnect_acceptance::client::{Address, Patience, Recorder, Redactor, Server, Viewer, tls};
use reconnect_acceptance::protocol::{Action, Component, Position};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::{Message as Frame, Utf8Bytes};

use super::frames;

/// As the command line makes it.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Everything that the server sends of a run of so many events.
pub fn texts(events: usize) -> Vec<String> {
    let mut texts = vec![frames::replay(events)];
    texts.extend(frames::run(events));
    texts
}

/// A loop around the socket alone, in a task of its own.
pub fn bare(
    runtime: &Runtime,
    server: SocketAddr,
    messages: usize,
    mut each: impl FnMut(Utf8Bytes) + Send + 'static,
) -> Duration {
    let task = runtime.spawn(async move {
        let tcp = TcpStream::connect(server).await.expect("a connection");
        let url = format!("ws://{server}/workflows/ws");
        let (mut socket, _) = client_async(url, tcp).await.expect("an upgrade");
        let greeting = socket.next().await;
        assert!(matches!(greeting, Some(Ok(Frame::Text(_)))), "{greeting:?}");
        let began = Instant::now();
        let request = Frame::text(reconnect().to_text());
        socket.send(request).await.expect("the request is sent");
        for _ in 0..messages {
            match socket.next().await {
                Some(Ok(Frame::Text(text))) => each(text),
                other => panic!("a text was to come, not {other:?}"),
            }
        }
        began.elapsed()
    });
    runtime.block_on(task).expect("no panic")
}

/// Likewise over HTTP, to the end of the answer.
pub fn bare_over_http(
    runtime: &Runtime,
    server: SocketAddr,
    mut each: impl FnMut(Bytes) + Send + 'static,
) -> Duration {
    let task = runtime.spawn(async move {
        let tcp = TcpStream::connect(server).await.expect("a connection");
        let both = http1::handshake(TokioIo::new(tcp)).await;
        let (mut sender, connection) = both.expect("a connection over HTTP");
        tokio::spawn(connection);
        let began = Instant::now();
        let request = Request::post(RESUME)
            .header(header::HOST, server.to_string())
            .body(Full::<Bytes>::default());
        let answer = sender.send_request(request.expect("a request")).await;
        let mut answer = answer.expect("an answer");
        while let Some(frame) = answer.frame().await {
            if let Ok(data) = frame.expect("the answer whole").into_data() {
                each(data);
            }
        }
        began.elapsed()
    });
    runtime.block_on(task).expect("no panic")
}

/// How long a viewer waits at most.
const PATIENCE: Patience = Patience {
    silence: Duration::from_secs(30),
    quiet: Duration::from_secs(1),
};

/// What over HTTP asks for the run again.
pub const RESUME: &str = "/workflows/w/runs/r/resume";

/// Where a viewer over the WebSocket connects to.
pub fn over_websocket(server: SocketAddr) -> Server {
    let address = Address::new(
        &format!("ws://{server}/workflows/ws"),
        tls::config(None, false).expect("TLS settings"),
        Vec::new(),
        PATIENCE.silence,
    );
    Server::WebSocket(Arc::new(address.expect("an address")))
}

/// Where a viewer over HTTP connects to.
pub fn over_http(server: SocketAddr) -> Server {
    let site = Site::new(
        &format!("http://{server}"),
        tls::config(None, false).expect("TLS settings"),
        Vec::new(),
        PATIENCE.silence,
    );
    Server::Http(Place {
        site: Arc::new(site.expect("an address")),
        component: Component::Workflow,
        id: "w".to_owned(),
    })
}

/// A viewer whose step waits for the last event; gives the record as well.
pub fn viewer(runtime: &Runtime, server: Server, events: usize) -> (Duration, Arc<Recorder>) {
    let patience = PATIENCE;
    let recorder = Arc::new(Recorder::new(Arc::new(Redactor::default())));
    let mut ada = Viewer::new("Ada", server, None, Arc::clone(&recorder), patience);
    let last = (events - 1) as u64;
    let took = runtime.block_on(async {
        ada.connect().await.expect("a connection");
        let began = Instant::now();
        let asked = ada.say(reconnect()).await.expect("the request is sent");
        ada.wait(asked, "the last event", |entry| {
            let index = entry.message()?.event()?.index.at()?;
            (index == last).then_some(())
        })
        .await
        .expect("the last event");
        let took = began.elapsed();
        ada.retire().await.expect("no panic");
        took
    });
    assert!(recorder.len() as usize > events, "every message is kept");
    (took, recorder)
}

pub fn reconnect() -> Action {
    Action::Reconnect {
        run_id: Some(frames::RUN.to_owned()),
        position: Position::Null,
        workflow_id: None,
        session_id: None,
    }
}
