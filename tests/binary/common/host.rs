//! Servers that do what a test tells them, on a free port of this machine.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reconnect_acceptance::reference::{Config, Server};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

pub type Socket = WebSocketStream<TcpStream>;

/// A server that hands every connection to one function. It ends with the test.
pub struct Host {
    pub addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Host {
    /// Hands over every TCP connection.
    pub async fn tcp<F>(behave: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let _ = tcp.set_nodelay(true);
                connections.spawn(behave(tcp));
            }
        });
        Self { addr, task }
    }

    /// Hands over every WebSocket.
    pub async fn websocket<F>(behave: impl Fn(Socket) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let behave = Arc::new(behave);
        Self::tcp(move |tcp| {
            let behave = Arc::clone(&behave);
            async move {
                if let Ok(socket) = tokio_tungstenite::accept_async(tcp).await {
                    behave(socket).await;
                }
            }
        })
        .await
    }

    /// Sends these texts on every connection, and then only reads.
    pub async fn saying(texts: &[&str]) -> Self {
        let texts: Arc<[String]> = texts.iter().map(|text| (*text).to_owned()).collect();
        Self::websocket(move |mut socket| {
            let texts = Arc::clone(&texts);
            async move {
                for text in &*texts {
                    if !say(&mut socket, text).await {
                        return;
                    }
                }
                listen(&mut socket).await;
            }
        })
        .await
    }

    /// Greets, and answers every action with what this function returns for it.
    pub async fn answering(answer: impl Fn(&Value) -> Vec<String> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::websocket(move |mut socket| {
            let answer = Arc::clone(&answer);
            async move {
                let mut goes_on = say(&mut socket, GREETING).await;
                while goes_on && let Some(asked) = hear(&mut socket).await {
                    for text in answer(&asked) {
                        goes_on &= say(&mut socket, &text).await;
                    }
                }
            }
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("ws://{}/workflows/ws", self.addr)
    }
}

pub const GREETING: &str =
    r#"{"event": "connected", "message": "Connected.", "requires_auth": false}"#;

/// Sends a text. Returns whether the other side is still there.
pub async fn say(socket: &mut Socket, text: &str) -> bool {
    socket.send(Message::text(text)).await.is_ok()
}

/// The next action; `None` if the other side is gone.
pub async fn hear(socket: &mut Socket) -> Option<Value> {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            return serde_json::from_str(&text).ok();
        }
    }
    None
}

/// Reads until the other side is gone, and answers its close frame.
pub async fn listen(socket: &mut Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// The bundled server.
pub async fn reference(config: Config) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Server::start(config, listener).expect("a server")
}

/// The configuration of a bundled server without pauses between events.
pub fn quick() -> Config {
    Config {
        pace: Duration::ZERO,
        ..Config::default()
    }
}

/// An event of a run.
pub fn event(name: &str, run: &str, session: &Value, index: impl Into<Value>) -> String {
    serde_json::json!({
        "event": name, "run_id": run, "workflow_id": "w", "session_id": session,
        "event_index": index.into(),
    })
    .to_string()
}
