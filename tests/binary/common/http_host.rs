//! Servers over HTTP that do what a test tells them: lists are answered as they should be, and everything else is
//! handed to one function.

use std::future::Future;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::host::Host;

/// The head of an answer that is a stream of events, in chunks.
pub const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// A request, read to its end.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The first line and the headers.
    pub head: String,
    /// The form.
    pub body: String,
}

impl Asked {
    /// The method and the path.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// A field of the form.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut fields = form_urlencoded::parse(self.body.as_bytes());
        fields.find_map(|(is, value)| (is == name).then(|| value.into_owned()))
    }

    /// Whether it starts a run.
    pub fn starts(&self) -> bool {
        self.line().starts_with("POST ") && self.line().contains("/runs HTTP")
    }

    /// Whether it returns to one.
    pub fn returns(&self) -> bool {
        self.line().contains("/resume HTTP")
    }

    fn lists(&self) -> bool {
        ["/agents", "/teams", "/workflows"]
            .iter()
            .any(|list| self.line() == format!("GET {list} HTTP/1.1"))
    }
}

impl Host {
    /// Hands over each request but those for lists.
    pub async fn http<F>(behave: impl Fn(TcpStream, Asked) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let behave = Arc::new(behave);
        Self::tcp(move |mut tcp| {
            let behave = Arc::clone(&behave);
            async move {
                let Some(asked) = asked(&mut tcp).await else {
                    return;
                };
                match asked.lists() {
                    true => answer(&mut tcp, "200 OK", "[]").await,
                    false => behave(tcp, asked).await,
                }
            }
        })
        .await
    }

    /// Answers each request but those for lists by these bytes, and closes.
    pub async fn answering_http(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into().into();
        Self::http(move |mut tcp, _| {
            let bytes = Arc::clone(&bytes);
            async move {
                let _ = tcp.write_all(&bytes).await;
                let _ = tcp.shutdown().await;
            }
        })
        .await
    }

    pub fn http_url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

/// The next request, with its body.
async fn asked(tcp: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1);
            let length = length.and_then(|it| it.lines().next()?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let (head, body) = (head.to_owned(), body.to_owned());
                return Some(Asked { head, body });
            }
        }
        let mut more = [0; 8 << 10];
        match tcp.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&more[..count]),
        }
    }
}

/// Answers with this status and body, and closes.
pub async fn answer(tcp: &mut TcpStream, status: &str, body: &str) {
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = tcp.write_all(text.as_bytes()).await;
    let _ = tcp.shutdown().await;
}

/// Sends a chunk. Returns whether the other side is still there.
pub async fn chunk(tcp: &mut TcpStream, text: &str) -> bool {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    tcp.write_all(chunk.as_bytes()).await.is_ok()
}

/// An event as it stands in a stream.
pub fn block(name: &str, event: &str) -> String {
    format!("event: {name}\ndata: {event}\n\n")
}
