//! An answer that is a stream of server-sent events, which is looked at until it names a run.

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
use crate::protocol::route;

/// How much of a stream is read, in bytes: 64 MiB. After that the client disconnects.
const LARGEST_STREAM: usize = 64 << 20;

/// How many events, comments and control messages a stream may begin with that name no run.
const FOREWORDS: usize = 16;

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
    /// Asks, and waits for the event of an answer that names its run, where that is a stream; for the whole of any
    /// other.
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

/// Passes on what names the run, or the whole answer, and reads on until the end.
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
    let mut opening = Opening::default();
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
        taken.extend_from_slice(&data);
        // Sending fails if nobody waits any more.
        if taken.len() > LARGEST_BODY {
            let _ = waiting.send(Err("length limit exceeded".to_owned()));
        } else if let Some(end) = opening.end(&taken).filter(|_| streams) {
            let _ = waiting.send(Ok((answer(&taken[..end]), true)));
        } else {
            tell = Some(waiting);
        }
    }
    if let Some(tell) = tell {
        let _ = tell.send(Ok((answer(&taken), false)));
    }
}

/// How much of the beginning of a stream has been looked at.
#[derive(Default)]
struct Opening {
    /// Up to where its blocks are complete.
    end: usize,
    blocks: usize,
}

impl Opening {
    /// Where the block ends that names the run, or the last one that is waited for.
    fn end(&mut self, taken: &[u8]) -> Option<usize> {
        while let Some(length) = route::block_end(&taken[self.end..]) {
            let block = &taken[self.end..self.end + length];
            self.end += length;
            self.blocks += 1;
            let names_a_run = route::started(&String::from_utf8_lossy(block)).is_some();
            if names_a_run || self.blocks > FOREWORDS {
                return Some(self.end);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "event: a\ndata: {\"event\": \"StepStarted\", \"run_id\": \"r\"}\n\n";

    #[test]
    fn a_stream_is_read_until_it_names_its_run() {
        let end = |text: &str| Opening::default().end(text.as_bytes());
        assert_eq!(end(&format!("{EVENT}event")), Some(EVENT.len()));
        let late = format!(": hello\n\nretry: 9\r\n\r\n{EVENT}");
        assert_eq!(end(&format!("{late}{EVENT}")), Some(late.len()));
        assert_eq!(end(": hello\n\nevent: a\ndata: b\n"), None);
        let mut opening = Opening::default();
        let (one, other) = late.split_at(20);
        assert_eq!(opening.end(one.as_bytes()), None);
        assert_eq!(
            opening.end([one, other].concat().as_bytes()),
            Some(late.len())
        );
    }

    #[test]
    fn a_stream_that_names_no_run_is_not_read_for_ever() {
        let comments = ": hello\n\n".repeat(FOREWORDS + 2);
        let end = Opening::default().end(comments.as_bytes());
        assert_eq!(end, Some((FOREWORDS + 1) * ": hello\n\n".len()));
    }
}
