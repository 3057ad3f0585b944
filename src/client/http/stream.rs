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
use crate::client::dial::RecvBuffer;
use crate::client::{stream, timer};
use crate::protocol::event_stream::TooLong;
use crate::protocol::{Decoder, EventStream, route};

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
        let connection = self.connect(RecvBuffer::Usual).await?;
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
    let mut whole = Vec::new();
    let mut opening = Opening::new();
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
        whole.extend_from_slice(&data);
        // Sending fails if nobody waits any more.
        if whole.len() > LARGEST_BODY {
            let _ = waiting.send(Err("length limit exceeded".to_owned()));
            continue;
        }
        match streams.then(|| opening.takes(&data)) {
            Some(Ok(true)) => drop(waiting.send(Ok((answer(&opening.text), true)))),
            Some(Err(too_long)) => drop(waiting.send(Err(too_long.to_string()))),
            Some(Ok(false)) | None => tell = Some(waiting),
        }
    }
    if let Some(tell) = tell {
        let _ = tell.send(Ok((answer(&whole), false)));
    }
}

/// What is looked for in the beginning of a stream.
struct Opening {
    stream: EventStream,
    decoder: Decoder,
    /// The blocks that came.
    text: Vec<u8>,
    blocks: usize,
}

impl Opening {
    fn new() -> Self {
        Self {
            stream: EventStream::new(LARGEST_BODY),
            decoder: Decoder::new(),
            text: Vec::new(),
            blocks: 0,
        }
    }

    /// Takes the next bytes; whether a block names the run, or is the last one that is waited for.
    ///
    /// # Errors
    ///
    /// [`TooLong`] where a block does not end.
    fn takes(&mut self, bytes: &[u8]) -> Result<bool, TooLong> {
        self.stream.feed(bytes)?;
        while let Some(block) = self.stream.next_block() {
            self.text.extend_from_slice(&block);
            self.blocks += 1;
            let names_a_run = route::names_a_run(&block, &mut self.decoder);
            if names_a_run.flatten().is_some() || self.blocks > FOREWORDS {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "event: a\ndata: {\"event\": \"StepStarted\", \"run_id\": \"r\"}\n\n";

    /// What was looked at of this text, where that is enough.
    fn looked_at(text: &str) -> Option<String> {
        let mut opening = Opening::new();
        let enough = opening.takes(text.as_bytes()).expect("short blocks");
        enough.then(|| String::from_utf8(opening.text).expect("UTF-8"))
    }

    #[test]
    fn a_stream_is_read_until_it_names_its_run() {
        assert_eq!(looked_at(&format!("{EVENT}event")).as_deref(), Some(EVENT));
        let late = format!(": hello\n\nretry: 9\r\r{EVENT}");
        assert_eq!(looked_at(&format!("{late}{EVENT}")), Some(late.clone()));
        assert_eq!(looked_at(": hello\n\nevent: a\ndata: b\n"), None);
        let mut opening = Opening::new();
        let (one, other) = late.split_at(20);
        assert_eq!(opening.takes(one.as_bytes()), Ok(false));
        assert_eq!(opening.takes(other.as_bytes()), Ok(true));
        assert_eq!(opening.text, late.as_bytes());
    }

    #[test]
    fn a_stream_that_names_no_run_is_not_read_for_ever() {
        let comments = ": hello\n\n".repeat(FOREWORDS + 2);
        let enough = ": hello\n\n".repeat(FOREWORDS + 1);
        assert_eq!(looked_at(&comments), Some(enough));
        let endless = vec![b'x'; LARGEST_BODY + 1];
        assert!(Opening::new().takes(&endless).is_err());
    }
}
