//! An answer that is a stream of server-sent events, of which only the first is looked at.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Answer, Ask, LARGEST_BODY, Site};
use crate::client::{stream, timer};

/// How much of a stream is read, in bytes: 64 MiB. After that the client disconnects.
const LARGEST_STREAM: usize = 64 << 20;

/// An answer that is a stream. It is read, so that the server can go on sending, until this is dropped:
/// then the connection is dropped, too.
#[derive(Debug)]
pub struct Stream(JoinHandle<()>);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The answer, and whether it is a stream.
type First = Result<(Answer, bool), String>;

impl Site {
    /// Asks, and waits for the first event of an answer that is a stream; for the whole of any other.
    ///
    /// # Errors
    ///
    /// Why there was no answer, in one sentence.
    pub async fn begin(&self, ask: &Ask) -> Result<(Answer, Option<Stream>), String> {
        let connection = self.connect().await?;
        let request = self.request(ask)?;
        let (tell, told) = oneshot::channel();
        let stream = Stream(tokio::spawn(exchange(connection, request, tell)));
        match timer::within(self.limit, told).await {
            Ok(Ok(Ok((answer, goes_on)))) => Ok((answer, goes_on.then_some(stream))),
            Ok(Ok(Err(reason))) => Err(reason),
            Ok(Err(_)) => Err("the connection ended before the answer".to_owned()),
            Err(late) => Err(late.to_string()),
        }
    }
}

async fn exchange(
    connection: stream::Stream,
    request: Request<Full<Bytes>>,
    tell: oneshot::Sender<First>,
) {
    let (mut sender, connection) = match http1::handshake(TokioIo::new(connection)).await {
        Ok(both) => both,
        Err(error) => return drop(tell.send(Err(error.to_string()))),
    };
    let reading = async move {
        match sender.send_request(request).await {
            Ok(response) => read(response, tell).await,
            Err(error) => drop(tell.send(Err(error.to_string()))),
        }
    };
    tokio::pin!(reading);
    tokio::select! {
        () = &mut reading => {}
        // The connection's end comes before the answer's where the server closes at once.
        _ = connection => reading.await,
    }
}

/// Passes on the first event, or the whole answer, and reads on until the end.
async fn read(response: hyper::Response<Incoming>, tell: oneshot::Sender<First>) {
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let streams = kind
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/event-stream"));
    let answer = |text: &[u8]| Answer {
        status,
        text: String::from_utf8_lossy(text).into_owned(),
    };
    let mut body = response.into_body();
    let mut tell = Some(tell);
    let mut taken = Vec::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let data = match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => data,
            Ok(Err(_)) => continue,
            Err(error) => {
                if let Some(tell) = tell.take() {
                    let _ = tell.send(Err(error.to_string()));
                }
                return;
            }
        };
        total += data.len();
        if total > LARGEST_STREAM {
            return;
        }
        let Some(waiting) = tell.take() else { continue };
        let searched = taken.len().saturating_sub(3);
        taken.extend_from_slice(&data);
        // Sending fails if nobody waits any more.
        if taken.len() > LARGEST_BODY {
            let _ = waiting.send(Err("length limit exceeded".to_owned()));
        } else if let Some(end) = event_end(&taken, searched).filter(|_| streams) {
            let _ = waiting.send(Ok((answer(&taken[..end]), true)));
        } else {
            tell = Some(waiting);
        }
    }
    if let Some(tell) = tell {
        let _ = tell.send(Ok((answer(&taken), false)));
    }
}

/// Where the first event ends, with the empty line behind it.
fn event_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = &bytes[from..];
    ["\n\n", "\r\n\r\n"]
        .iter()
        .filter_map(|gap| {
            let at = memchr::memmem::find(rest, gap.as_bytes())?;
            Some(from + at + gap.len())
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_with_an_empty_line() {
        assert_eq!(event_end(b"event: a\ndata: b\n\nevent", 0), Some(18));
        assert_eq!(event_end(b"event: a\r\n\r\nx", 8), Some(12));
        assert_eq!(event_end(b"event: a\ndata: b\n", 0), None);
    }
}
