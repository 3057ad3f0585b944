//! A plain WebSocket client, and a server for it.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reconnect_acceptance::protocol::framing;
use reconnect_acceptance::reference::{Config, Fault, Server};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub async fn server(config: Config) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Server::start(config, listener).expect("a server")
}

pub async fn quick(faults: &[Fault]) -> Server {
    let config = Config {
        pace: Duration::ZERO,
        faults: faults.to_vec(),
        ..Config::default()
    };
    server(config).await
}

pub async fn in_time<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("in time")
}

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Connects without taking the greeting.
    pub async fn open(server: &Server) -> Self {
        Self::open_at(&server.url()).await
    }

    /// Likewise, at this URL.
    pub async fn open_at(url: &str) -> Self {
        let limits = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let opened = tokio_tungstenite::connect_async_with_config(url, Some(limits), true);
        Self(in_time(opened).await.expect("a connection").0)
    }

    pub async fn connect(server: &Server) -> Self {
        let mut client = Self::open(server).await;
        assert_eq!(client.hear().await["event"], "connected");
        client
    }

    pub async fn connect_at(url: &str) -> Self {
        let mut client = Self::open_at(url).await;
        assert_eq!(client.hear().await["event"], "connected");
        client
    }

    pub async fn say(&mut self, value: Value) {
        self.0
            .send(Message::text(value.to_string()))
            .await
            .expect("sent");
    }

    pub async fn frame(&mut self) -> Option<Result<Message, Error>> {
        in_time(self.0.next()).await
    }

    pub async fn text(&mut self) -> String {
        match self.frame().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("no text: {other:?}"),
        }
    }

    pub async fn hear(&mut self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&framing::unwrap(&text).1).expect("JSON")
    }

    pub async fn ask(&mut self, value: Value) -> Value {
        self.say(value).await;
        self.hear().await
    }

    pub async fn start(&mut self, workflow: &str, session: &str) {
        self.say(json!({"action": "start-workflow", "workflow_id": workflow,
            "message": "hello", "session_id": session}))
            .await;
    }

    pub async fn come_back(&mut self, run_id: &str, position: Value) -> Value {
        self.ask(json!({"action": "reconnect", "run_id": run_id, "last_event_index": position}))
            .await
    }

    /// So many events, by index.
    pub async fn events(&mut self, count: u64) -> Vec<u64> {
        let mut indices = Vec::new();
        for _ in 0..count {
            let event = self.hear().await;
            indices.push(event["event_index"].as_u64().expect("an event"));
        }
        indices
    }
}

/// A client that has started a run of the long workflow in this session, which stands still after the event of
/// this index, and the run's id.
pub async fn standing(server: &Server, session: &str, index: u64) -> (Client, String) {
    standing_at(&server.url(), server, session, index).await
}

/// Likewise, a client of this URL.
pub async fn standing_at(
    url: &str,
    server: &Server,
    session: &str,
    index: u64,
) -> (Client, String) {
    let breakpoints = server.breakpoints();
    breakpoints.set(session, index);
    let mut client = Client::connect_at(url).await;
    client.start(LONG, session).await;
    let stopped = in_time(breakpoints.reached(session, index)).await;
    stopped.expect("it stands still");
    let run_id = breakpoints.run_of(session).expect("a run");
    (client, run_id)
}

pub fn span(from: u64, to: u64) -> Vec<u64> {
    (from..to).collect()
}

pub const LONG: &str = "content-creation-workflow";
