//! The proxy between the suite and a server, as the environment names it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, Uri};

/// The proxies that the environment names, by `HTTPS_PROXY` for `wss://` and `https://`, by `HTTP_PROXY` for
/// `ws://` and `http://`, and by `ALL_PROXY` for both. Hosts of `NO_PROXY` are reached without one (names with
/// their subdomains, addresses, networks, `*`), and so is this machine itself.
///
/// Names in capitals count before those in small letters.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<Matcher>);

impl Proxies {
    /// Those of this process's environment.
    #[must_use]
    pub fn of_environment() -> Self {
        Self(Arc::new(Matcher::from_env()))
    }

    /// What must be shown nowhere: what the proxies want to see, and the password in it.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretString> {
        let all = [false, true].map(|secure| self.between("server.invalid", secure));
        let credentials = all.iter().flatten().filter_map(Proxy::credentials);
        let shown = credentials.filter_map(|it| it.to_str().ok()?.strip_prefix("Basic "));
        shown
            .flat_map(|shown| {
                let plain = STANDARD.decode(shown).ok();
                let plain = plain.and_then(|it| String::from_utf8(it).ok());
                let password = plain.and_then(|it| Some(it.split_once(':')?.1.to_owned()));
                [Some(shown.to_owned()), password]
            })
            .flatten()
            .map(SecretString::from)
            .collect()
    }

    /// The proxy on the way to this host.
    pub(super) fn between(&self, host: &str, secure: bool) -> Option<Proxy> {
        if is_this_machine(host) {
            return None;
        }
        let scheme = if secure { "https" } else { "http" };
        let uri: Uri = format!("{scheme}://{}/", bracketed(host)).parse().ok()?;
        self.0.intercept(&uri).map(Proxy)
    }
}

/// Whether the name or address stays on this machine: a proxy elsewhere could not reach it.
fn is_this_machine(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// A proxy. Its name and password are shown nowhere.
#[derive(Clone)]
pub struct Proxy(Intercept);

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", bracketed(self.host()), self.port())
    }
}

impl Proxy {
    pub(super) fn host(&self) -> &str {
        let host = self.0.uri().host().unwrap_or_default();
        host.trim_matches(['[', ']'])
    }

    pub(super) fn port(&self) -> u16 {
        let usual = match self.0.uri().scheme_str() {
            Some("http") => 80,
            Some("https") => 443,
            _ => 1080,
        };
        self.0.uri().port_u16().unwrap_or(usual)
    }

    /// Why it cannot be used, if it cannot.
    pub(super) fn trouble(&self) -> Option<String> {
        let scheme = self.0.uri().scheme_str().unwrap_or_default();
        (scheme != "http")
            .then(|| format!("it is spoken to by {scheme}, which the suite cannot do"))
    }

    /// What it wants to see with each request.
    pub(super) fn credentials(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// Asks for a tunnel to `place`, host and port, on a connection to the proxy.
    pub(super) async fn tunnel(&self, tcp: TcpStream, place: &str) -> Result<TcpStream, Refused> {
        let mut request = Request::connect(place).header(header::HOST, place);
        if let Some(credentials) = self.credentials() {
            request = request.header(header::PROXY_AUTHORIZATION, credentials);
        }
        let request = request
            .body(Empty::<Bytes>::new())
            .map_err(|error| Refused::Failed(error.to_string()))?;
        let failed = |error: hyper::Error| Refused::Failed(error.to_string());
        let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.map_err(failed)?;
        let connection = tokio::spawn(connection.with_upgrades());
        let answer = sender.send_request(request).await.map_err(failed);
        let answer = answer.inspect_err(|_| connection.abort())?;
        if !answer.status().is_success() {
            connection.abort();
            return Err(Refused::Answered(answer.status()));
        }
        let tunnel = hyper::upgrade::on(answer).await.map_err(failed)?;
        match tunnel.downcast::<TokioIo<TcpStream>>() {
            // A server says nothing before it was asked, neither over TLS nor over HTTP.
            Ok(parts) if parts.read_buf.is_empty() => Ok(parts.io.into_inner()),
            _ => Err(Refused::Failed("it sent more than its answer".to_owned())),
        }
    }
}

/// The host as URLs write it.
pub(super) fn bracketed(host: &str) -> String {
    match host.contains(':') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}

/// Why there is no tunnel.
#[derive(Debug)]
pub(super) enum Refused {
    /// It answered with another status than 2xx.
    Answered(StatusCode),
    /// There was no answer that could be used.
    Failed(String),
}

impl Refused {
    /// What happened.
    pub(super) fn reason(&self, proxy: &Proxy) -> String {
        match self {
            Self::Answered(status) => format!("the proxy {proxy} answered HTTP {status}"),
            Self::Failed(reason) => format!("the proxy {proxy} gave no tunnel ({reason})"),
        }
    }

    /// What to try.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Answered(StatusCode::PROXY_AUTHENTICATION_REQUIRED) => {
                "the variable that names the proxy can hold name and password: http://name:password@host:port"
            }
            _ => OTHERWISE,
        }
    }
}

/// What to try where a proxy cannot be used.
pub(super) const OTHERWISE: &str = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names this proxy; hosts in NO_PROXY are reached without one";

#[cfg(test)]
mod tests {
    use super::*;

    fn between(host: &str, secure: bool) -> Option<String> {
        let matcher = Matcher::builder()
            .http("http://name:secret@plain:3128")
            .https("[fd00::1]:3129")
            .no("internal.example, 10.0.0.0/8")
            .build();
        let proxy = Proxies(Arc::new(matcher)).between(host, secure);
        proxy.map(|it| it.to_string())
    }

    #[test]
    fn a_proxy_is_used_by_scheme_and_host() {
        assert_eq!(
            between("server.example", false).as_deref(),
            Some("plain:3128")
        );
        assert_eq!(
            between("server.example", true).as_deref(),
            Some("[fd00::1]:3129")
        );
        assert_eq!(between("fd00::2", false).as_deref(), Some("plain:3128"));
        for direct in ["internal.example", "a.internal.example", "10.1.2.3"] {
            assert_eq!(between(direct, true), None, "{direct}");
        }
    }

    #[test]
    fn this_machine_needs_no_proxy() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.1.2.3",
            "::1",
        ] {
            assert_eq!(between(host, false), None, "{host}");
        }
        assert!(between("localhost.example", false).is_some());
    }

    #[test]
    fn its_password_is_a_secret() {
        use secrecy::ExposeSecret;
        let matcher = Matcher::builder()
            .https("http://name:pass%20word@p")
            .build();
        let secrets = Proxies(Arc::new(matcher)).secrets();
        let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["bmFtZTpwYXNzIHdvcmQ=", "pass word"]);
    }

    #[test]
    fn what_cannot_be_spoken_is_said() {
        let through = |url: &str| {
            let matcher = Matcher::builder().all(url).build();
            let proxy = Proxies(Arc::new(matcher)).between("server.example", true);
            proxy.map(|it| (it.to_string(), it.trouble().is_some()))
        };
        assert_eq!(through("socks5://p"), Some(("p:1080".to_owned(), true)));
        assert_eq!(through("https://p"), Some(("p:443".to_owned(), true)));
        assert_eq!(through("http://p"), Some(("p:80".to_owned(), false)));
        assert_eq!(through(""), None);
    }
}
