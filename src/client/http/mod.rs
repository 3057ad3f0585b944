//! HTTP: single requests of a viewer (cancelling a run, starting one, and whether a token is required), and their
//! transport where they watch runs over HTTP.

mod stream;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::rustls::ClientConfig;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use super::dial::{Address, AddressError, RecvBuffer};
use super::proxy::{Proxies, Proxy};
use super::timer;
use crate::protocol::Component;

pub use stream::Stream;
pub(super) use transport::Exchange;
pub use transport::Place;

/// How much of an answer's body is taken, in bytes: 1 MiB. A longer one is an error.
pub const LARGEST_BODY: usize = 1 << 20;

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// How much of an answer's body is recorded, in bytes.
const RECORDED_BODY: usize = 64 << 10;

/// As much of it as is recorded.
pub(super) fn beginning(text: &str) -> &str {
    let mut end = RECORDED_BODY.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A server's HTTP address, checked, and what a request to it needs.
#[derive(Clone, Debug)]
pub struct Site {
    address: Address,
    host: String,
    base: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    limit: Duration,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The path below the site's own, beginning with a slash, percent-encoded.
    pub path: String,
    /// The fields of a form, where one is sent.
    pub form: Vec<(String, String)>,
    /// The bearer token that goes with it.
    pub token: Option<SecretString>,
}

impl Ask {
    /// Asks for the list of all components of this kind.
    #[must_use]
    pub fn list(component: Component, token: Option<SecretString>) -> Self {
        Self {
            method: Method::GET,
            path: format!("/{}", component.segment()),
            form: Vec::new(),
            token,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body; what is no UTF-8 in it is replaced.
    pub text: String,
}

/// Why an HTTP address cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("read the HTTP address: {0}; an example: http://localhost:7777")]
pub struct SiteError(String);

impl Site {
    /// Checks an HTTP address.
    ///
    /// `tls` is used for `https://`; `headers` go with every request; `limit` bounds the connection,
    /// and the request with its answer.
    ///
    /// # Errors
    ///
    /// [`SiteError`] for anything but an `http://` or `https://` URL with a host.
    pub fn new(
        url: &str,
        tls: Arc<ClientConfig>,
        headers: Vec<(HeaderName, HeaderValue)>,
        limit: Duration,
    ) -> Result<Self, SiteError> {
        let rest = url
            .strip_prefix("http")
            .filter(|rest| rest.starts_with("://") || rest.starts_with("s://"))
            .ok_or_else(|| SiteError("it must start with http:// or https://".to_owned()))?;
        if url.contains(['?', '#']) {
            return Err(SiteError(
                "it must have no query and no fragment".to_owned(),
            ));
        }
        // A WebSocket's connection is made in the same way.
        let address = Address::new(&format!("ws{rest}"), tls, Vec::new(), limit)
            .map_err(|_| SiteError("it names no host and port that can be used".to_owned()))?;
        let authority = rest.trim_start_matches('s').trim_start_matches("://");
        let (host, path) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
        Ok(Self {
            address,
            host: host.to_owned(),
            base: path.trim_end_matches('/').to_owned(),
            headers,
            limit,
        })
    }

    /// The same site, through the proxy that these have for it, if any.
    ///
    /// # Errors
    ///
    /// [`AddressError::Proxy`] for a proxy that is not spoken to by plain HTTP.
    pub fn through(mut self, proxies: &Proxies) -> Result<Self, AddressError> {
        self.address = self.address.through(proxies)?;
        Ok(self)
    }

    /// Where the server is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The proxy that is asked in the server's stead: over TLS it only makes a tunnel.
    fn asked_proxy(&self) -> Option<&Proxy> {
        self.address.proxy().filter(|_| !self.address.is_secure())
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// Why there was no answer, in one sentence.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer, String> {
        let stream = self.connect(RecvBuffer::Usual).await?;
        let request = self.request(ask)?;
        let exchange = async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            let answer = async {
                let response = sender.send_request(request).await?;
                let status = response.status().as_u16();
                let body = Limited::new(response.into_body(), LARGEST_BODY)
                    .collect()
                    .await?;
                let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Answer { status, text })
            };
            tokio::pin!(answer);
            tokio::select! {
                answer = &mut answer => answer,
                // The connection's end comes before the answer's where the server closes at once.
                over = connection => match over {
                    Ok(()) => answer.await,
                    Err(error) => Err(error.into()),
                },
            }
        };
        match timer::within(self.limit, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(late) => Err(late.to_string()),
        }
    }

    async fn connect(&self, line: RecvBuffer) -> Result<super::stream::Stream, String> {
        let tcp = match self.asked_proxy() {
            Some(_) => self.address.first_hop(line).await,
            None => self.address.tcp(line).await,
        };
        let tcp = tcp.map_err(|error| error.to_string())?;
        let stream = self.address.secure(tcp).await;
        stream.map_err(|error| error.to_string())
    }

    fn request(&self, ask: &Ask) -> Result<Request<Full<Bytes>>, String> {
        let form = (!ask.form.is_empty()).then(|| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            (FORM, form.extend_pairs(&ask.form).finish())
        });
        self.request_with(&ask.method, &ask.path, ask.token.as_ref(), form)
    }

    /// A request with a body of any type.
    fn request_with(
        &self,
        method: &Method,
        path: &str,
        token: Option<&SecretString>,
        body: Option<(&str, String)>,
    ) -> Result<Request<Full<Bytes>>, String> {
        let proxy = self.asked_proxy();
        let before = proxy.map(|_| format!("http://{}", self.host));
        let before = before.unwrap_or_default();
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("{before}{}{path}", self.base))
            .header(header::HOST, &self.host);
        if let Some(credentials) = proxy.and_then(Proxy::credentials) {
            request = request.header(header::PROXY_AUTHORIZATION, credentials);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| "the token cannot be sent in a header".to_owned())?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = body.map(|(content_type, body)| {
            if let Some(headers) = request.headers_mut()
                && let Ok(content_type) = HeaderValue::from_str(content_type)
            {
                headers.insert(header::CONTENT_TYPE, content_type);
            }
            body
        });
        request
            .body(Full::from(body.unwrap_or_default()))
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tls;

    fn site(url: &str) -> Result<Site, SiteError> {
        let tls = tls::config(None, false).expect("no certificates");
        Site::new(url, tls, Vec::new(), Duration::from_secs(1))
    }

    #[test]
    fn addresses_are_checked() {
        assert!(site("http://localhost:7777").is_ok());
        let deep = site("http://[::1]:7777/a/b/").expect("a path");
        assert_eq!((&*deep.host, &*deep.base), ("[::1]:7777", "/a/b"));
        for wrong in [
            "ws://h",
            "h:1",
            "http://",
            "http://h:0",
            "http://h/?a",
            "httpx://h",
        ] {
            assert!(site(wrong).is_err(), "{wrong}");
        }
    }
}
