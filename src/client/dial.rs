//! From an address to an open WebSocket: TCP, TLS, upgrade, each with its own failure.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{self, HeaderName, HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::proxy::{OTHERWISE, Proxies, Proxy, bracketed};
use super::stream::Stream;
use super::timer;

/// The largest message that a viewer takes, in bytes: 64 MiB. Real servers have no limit, and repeat
/// a run's content two or three times in its ending (5 MB of content came as 16 MB).
pub const LARGEST_MESSAGE: usize = 64 << 20;

/// How many bytes a viewer reads at a time. Before each read all of it is written to, so that a larger
/// one costs memory and time with thousands of viewers, and a smaller one system calls with a fast server.
const READ_AT_ONCE: usize = 16 << 10;

/// The receive buffer of a slow consumer, in bytes; the system may give a little more.
pub const SMALL_BUFFER: u32 = 16 << 10;

/// The receive buffer of a viewer's connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RecvBuffer {
    /// As much as the system gives.
    #[default]
    Usual,
    /// No more than [`SMALL_BUFFER`].
    Slow,
}

/// A server's WebSocket address, checked, and what a connection to it needs.
#[derive(Clone)]
pub struct Address {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    limit: Duration,
    proxy: Option<Proxy>,
}

/// A step on the way to an open WebSocket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The TCP connection, name resolution included.
    Tcp,
    /// The way through a proxy.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The HTTP upgrade to a WebSocket.
    Upgrade,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP connection",
            Self::Proxy => "tunnel",
            Self::Tls => "TLS handshake",
            Self::Upgrade => "WebSocket upgrade",
        })
    }
}

/// Why no WebSocket was opened: the step that failed, in what way, and what to try.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{stage} to {place} failed: {reason}; {advice}")]
pub struct DialError {
    /// The step that failed.
    pub stage: Stage,
    /// Host and port.
    pub place: String,
    /// What went wrong.
    pub reason: String,
    /// What to try.
    pub advice: String,
    /// The status of the server's answer, where it answered the upgrade with another one.
    pub status: Option<u16>,
}

/// Why an address cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is no `ws://` or `wss://` URL with a host.
    #[error(
        "read {url:?} as a WebSocket URL: {reason}; an example: ws://localhost:7777/workflows/ws"
    )]
    Url {
        /// What was given, without what may be a secret.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The proxy on the way there cannot be used.
    #[error("reach {host} through the proxy {proxy}: {reason}; {OTHERWISE}")]
    Proxy {
        /// The server's host.
        host: String,
        /// Host and port of the proxy.
        proxy: String,
        /// Why not.
        reason: String,
    },
}

/// A URL that may be wrong in any way, without user name, password and the values of its query.
fn harmless(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            shown(&format!("{}://…@{}", &url[..scheme], &url[at + 1..]))
        }
        (None, Some(at)) => shown(&format!("…@{}", &url[at + 1..])),
        _ => shown(url),
    }
}

/// The URL up to its query.
fn shown(url: &str) -> String {
    match url.split_once('?') {
        Some((base, _)) => format!("{base}?…"),
        None => url.to_owned(),
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}:{})", self.host, self.port)
    }
}

impl Address {
    /// Checks an address.
    ///
    /// `tls` is used for `wss://`; `headers` go with the upgrade; `limit` bounds each step.
    ///
    /// # Errors
    ///
    /// [`AddressError::Url`] for anything but a `ws://` or `wss://` URL with a host.
    pub fn new(
        url: &str,
        tls: Arc<ClientConfig>,
        headers: Vec<(HeaderName, HeaderValue)>,
        limit: Duration,
    ) -> Result<Self, AddressError> {
        let wrong = |reason: &str| AddressError::Url {
            url: harmless(url),
            reason: reason.to_owned(),
        };
        let without_host = |scheme: &str| {
            let rest = url.strip_prefix(scheme);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#', ':']))
        };
        if without_host("ws://") || without_host("wss://") {
            return Err(wrong("it names no host"));
        }
        let uri: Uri = url
            .parse()
            .map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
        let secure = match uri.scheme_str() {
            Some("ws") => false,
            Some("wss") => true,
            Some("http" | "https") => {
                return Err(wrong("it must start with ws:// or wss://, not http"));
            }
            _ => return Err(wrong("it must start with ws:// or wss://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong(
                "user names and passwords in URLs are not taken; use --token-env or --header",
            ));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong("it names no host"));
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, port)) if !port.contains(']') => port
                .parse()
                .map_err(|_| wrong("its port is no number from 1 to 65535"))?,
            _ if secure => 443,
            _ => 80,
        };
        if port == 0 {
            return Err(wrong("its port is no number from 1 to 65535"));
        }
        Ok(Self {
            uri,
            host,
            port,
            tls: secure.then_some(tls),
            headers,
            limit,
            proxy: None,
        })
    }

    /// The same address, through the proxy that these have for it, if any.
    ///
    /// # Errors
    ///
    /// [`AddressError::Proxy`] for a proxy that is not spoken to by plain HTTP.
    pub fn through(mut self, proxies: &Proxies) -> Result<Self, AddressError> {
        let Some(proxy) = proxies.between(&self.host, self.is_secure()) else {
            return Ok(self);
        };
        if let Some(reason) = proxy.trouble() {
            return Err(AddressError::Proxy {
                host: self.host,
                proxy: proxy.to_string(),
                reason,
            });
        }
        self.proxy = Some(proxy);
        Ok(self)
    }

    /// The proxy on the way there.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// Whether the connection is a TLS one.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Opens the TCP connection; where there is a proxy, by a tunnel through it.
    ///
    /// # Errors
    ///
    /// [`DialError`] of [`Stage::Tcp`] or [`Stage::Proxy`].
    pub async fn tcp(&self, line: RecvBuffer) -> Result<TcpStream, DialError> {
        let tcp = self.first_hop(line).await?;
        let Some(proxy) = &self.proxy else {
            return Ok(tcp);
        };
        let place = format!("{}:{}", bracketed(&self.host), self.port);
        let failed = |reason: String, advice: &str| self.error(Stage::Proxy, reason, advice);
        match timer::within(self.limit, proxy.tunnel(tcp, &place)).await {
            Ok(Ok(tunnel)) => Ok(tunnel),
            Ok(Err(refused)) => Err(failed(refused.reason(proxy), refused.advice())),
            Err(late) => Err(failed(format!("{late} from the proxy {proxy}"), OTHERWISE)),
        }
    }

    /// Opens the TCP connection to the server, or to the proxy.
    pub(super) async fn first_hop(&self, line: RecvBuffer) -> Result<TcpStream, DialError> {
        let failed = |reason: String, advice: &str| match &self.proxy {
            None => self.error(Stage::Tcp, reason, advice),
            Some(proxy) => DialError {
                place: format!("the proxy {proxy}"),
                ..self.error(Stage::Tcp, reason, OTHERWISE)
            },
        };
        match timer::within(self.limit, self.reach(line)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Err(failed(
                "connection refused".to_owned(),
                "is the server running, and is the port right?",
            )),
            Ok(Err(error)) => Err(failed(
                error.to_string(),
                "check the host name and the network",
            )),
            Err(late) => Err(failed(
                late.to_string(),
                "check the host, the port and the firewall",
            )),
        }
    }

    async fn reach(&self, line: RecvBuffer) -> io::Result<TcpStream> {
        let place = match &self.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (&*self.host, self.port),
        };
        if line == RecvBuffer::Usual {
            return TcpStream::connect(place).await;
        }
        let mut failed = None;
        for addr in tokio::net::lookup_host(place).await? {
            let socket = match addr {
                SocketAddr::V4(_) => TcpSocket::new_v4()?,
                SocketAddr::V6(_) => TcpSocket::new_v6()?,
            };
            // Before the handshake, in which the server learns the size.
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
            match socket.connect(addr).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| io::Error::other("the name has no address")))
    }

    /// Makes the connection secure, where the address is a `wss://` one.
    ///
    /// # Errors
    ///
    /// [`DialError`] of [`Stage::Tls`].
    pub async fn secure(&self, tcp: TcpStream) -> Result<Stream, DialError> {
        let Some(tls) = &self.tls else {
            return Ok(tcp.into());
        };
        let failed = |reason: String, advice: &str| self.error(Stage::Tls, reason, advice);
        let name = ServerName::try_from(self.host.clone()).map_err(|error| {
            failed(
                error.to_string(),
                "use a host name that a certificate can hold",
            )
        })?;
        match timer::within(
            self.limit,
            TlsConnector::from(Arc::clone(tls)).connect(name, tcp),
        )
        .await
        {
            Ok(Ok(stream)) => Ok(stream.into()),
            Ok(Err(error)) => Err(failed(error.to_string(), tls_advice(&error))),
            Err(late) => Err(failed(
                late.to_string(),
                "if the server has no TLS, use ws://",
            )),
        }
    }

    /// Asks for the upgrade to a WebSocket.
    ///
    /// # Errors
    ///
    /// [`DialError`] of [`Stage::Upgrade`].
    pub async fn upgrade(&self, stream: Stream) -> Result<WebSocketStream<Stream>, DialError> {
        let failed = |reason: String, advice: &str| self.error(Stage::Upgrade, reason, advice);
        let mut request = self
            .uri
            .clone()
            .into_client_request()
            .map_err(|error| failed(error.to_string(), "check the URL"))?;
        for (name, value) in &self.headers {
            if *name == http::header::HOST {
                request.headers_mut().insert(name, value.clone());
            } else {
                request.headers_mut().append(name, value.clone());
            }
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_AT_ONCE)
            .max_frame_size(Some(LARGEST_MESSAGE))
            .max_message_size(Some(LARGEST_MESSAGE));
        let upgrade = client_async_with_config(request, stream.with_whole_head(), Some(config));
        match timer::within(self.limit, upgrade).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(tungstenite::Error::Http(response))) => {
                let status = response.status();
                let advice = match status.as_u16() {
                    401 | 403 => {
                        "the server requires credentials for the upgrade: try --header or --token-env"
                    }
                    429 | 503 => "the server takes no further connection now",
                    404 => "check the path of the URL; AgentOS answers at /workflows/ws",
                    300..=399 => "redirects are not followed: give the URL that it leads to",
                    _ => "is this the WebSocket endpoint? AgentOS answers at /workflows/ws",
                };
                let reason = format!("the server answered HTTP {status} instead of an upgrade");
                Err(DialError {
                    status: Some(status.as_u16()),
                    ..failed(reason, advice)
                })
            }
            Ok(Err(error)) => Err(failed(
                no_upgrade(&error),
                "is this a WebSocket endpoint? AgentOS answers at /workflows/ws; if the server has TLS, use wss://",
            )),
            Err(late) => Err(failed(
                late.to_string(),
                "the port accepts connections but sends nothing: is this the server's port?",
            )),
        }
    }

    /// All the way: TCP, TLS where asked for, upgrade.
    ///
    /// # Errors
    ///
    /// [`DialError`] of the step that failed.
    pub async fn dial(&self, line: RecvBuffer) -> Result<WebSocketStream<Stream>, DialError> {
        let tcp = self.tcp(line).await?;
        let stream = self.secure(tcp).await?;
        self.upgrade(stream).await
    }

    fn error(&self, stage: Stage, reason: String, advice: &str) -> DialError {
        DialError {
            stage,
            place: format!("{}:{}", self.host, self.port),
            reason,
            advice: advice.to_owned(),
            status: None,
        }
    }
}

/// What to try where a TLS handshake failed.
fn tls_advice(error: &io::Error) -> &'static str {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => match why {
            CertificateError::UnknownIssuer => {
                "pass a company's own certificate authority with --ca-file"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "use the name that the certificate is for"
            }
            _ => "the server needs another certificate",
        },
        _ => "if the server has no TLS, use ws://",
    }
}

/// What happened instead of an answer in HTTP.
fn no_upgrade(error: &tungstenite::Error) -> String {
    use tungstenite::error::ProtocolError;
    match error {
        tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete) => {
            "the server hung up".to_owned()
        }
        tungstenite::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => format!("the server hung up ({error})"),
            _ => error.to_string(),
        },
        tungstenite::Error::Protocol(ProtocolError::HttparseError(error)) => {
            format!("the server does not answer in HTTP ({error})")
        }
        other => other.to_string(),
    }
}
