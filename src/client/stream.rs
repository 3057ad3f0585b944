//! A connection, plain or over TLS, as one type.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

macro_rules! forward {
    ($transport:expr, $stream:ident => $call:expr) => {
        match $transport {
            Transport::Plain(tcp) => {
                let $stream = Pin::new(tcp);
                $call
            }
            Transport::Tls(tls) => {
                let $stream = Pin::new(&mut **tls);
                $call
            }
        }
    };
}

/// A connection, plain or over TLS.
#[derive(Debug)]
pub struct Stream {
    transport: Transport,
    head: Head,
}

#[derive(Debug)]
enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Where the head of the server's first answer is.
#[derive(Debug)]
enum Head {
    /// Coming; so much is there.
    Coming(BytesMut),
    /// There, or no head at all; so much has not been read yet.
    There(BytesMut),
    /// Nobody waits for one.
    Unwanted,
}

/// The largest head that is waited for, in bytes.
const LARGEST_HEAD: usize = 64 << 10;

/// How the head of an answer in HTTP begins.
const HTTP: &[u8] = b"HTTP/";

impl Head {
    /// Whether more of it is to come.
    fn is_open(head: &[u8]) -> bool {
        let begins = head.iter().zip(HTTP).all(|(one, other)| one == other);
        begins && head.len() < LARGEST_HEAD && memmem::find(head, b"\r\n\r\n").is_none()
    }
}

impl From<TcpStream> for Stream {
    fn from(tcp: TcpStream) -> Self {
        Self {
            transport: Transport::Plain(tcp),
            head: Head::Unwanted,
        }
    }
}

impl From<TlsStream<TcpStream>> for Stream {
    fn from(tls: TlsStream<TcpStream>) -> Self {
        Self {
            transport: Transport::Tls(Box::new(tls)),
            head: Head::Unwanted,
        }
    }
}

impl Stream {
    /// The TCP connection underneath.
    #[must_use]
    pub fn tcp(&self) -> &TcpStream {
        match &self.transport {
            Transport::Plain(tcp) => tcp,
            Transport::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Gives the head of the server's first answer as a whole, however many pieces the network makes of it:
    /// tungstenite takes more than 64 small ones for an attack.
    #[must_use]
    pub fn with_whole_head(mut self) -> Self {
        self.head = Head::Coming(BytesMut::new());
        self
    }

    /// Reads until the head is there.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { transport, head } = self;
        while let Head::Coming(come) = head {
            let mut piece = [0; 1024];
            let mut buf = ReadBuf::new(&mut piece);
            ready!(forward!(transport, stream => stream.poll_read(cx, &mut buf)))?;
            come.extend_from_slice(buf.filled());
            if buf.filled().is_empty() || !Head::is_open(come) {
                *head = Head::There(std::mem::take(come));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_head(cx))?;
        if let Head::There(unread) = &mut this.head {
            let count = unread.len().min(buf.remaining());
            let piece = unread.split_to(count);
            buf.put_slice(&piece);
            if unread.is_empty() {
                this.head = Head::Unwanted;
            }
            // Nothing read is the end.
            if count > 0 {
                return Poll::Ready(Ok(()));
            }
        }
        forward!(&mut this.transport, stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        forward!(&mut self.get_mut().transport, stream => stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(&mut self.get_mut().transport, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        forward!(&mut self.get_mut().transport, stream => stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_open_until_its_empty_line_and_nothing_else_is_one() {
        for open in ["", "HT", "HTTP/1.1 101", "HTTP/1.1 101 x\r\nA: b\r\n"] {
            assert!(Head::is_open(open.as_bytes()), "{open}");
        }
        for whole in ["HTTP/1.1 101 x\r\n\r\n", "HTTP/1.1 101 x\r\n\r\n\x01"] {
            assert!(!Head::is_open(whole.as_bytes()), "{whole}");
        }
        for other in ["SSH-2.0", "\x15\x03", "HTTQ"] {
            assert!(!Head::is_open(other.as_bytes()), "{other}");
        }
        let endless = "HTTP/".repeat(LARGEST_HEAD / 5 + 1);
        assert!(!Head::is_open(endless.as_bytes()));
    }
}
