//! Headers for the upgrade, checked before anything is sent: a wrong one is a matter of usage.

use secrecy::{ExposeSecret, SecretString};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, header};

/// Why a header cannot go with the upgrade. Does not show its value, which may be a secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
    /// What stands before the colon is no name. It may be a part of a secret, so it is not shown.
    #[error(
        "read a header: a header looks like 'Name: value', and its name has letters, digits and hyphens only"
    )]
    Name,
    /// The value has characters that would end the header, or that not every server takes.
    #[error("send the header {0}: its value may hold printable ASCII only, and no line breaks")]
    Value(HeaderName),
    /// The handshake sets it itself.
    #[error("send the header {0}: the WebSocket handshake sets it by itself")]
    Reserved(HeaderName),
}

/// The headers that the opening handshake sets (RFC 6455, section 4.1), besides `Host`.
const RESERVED: [HeaderName; 5] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_EXTENSIONS,
];

/// Checks a header for the upgrade.
///
/// # Errors
///
/// [`Error`] for a header that cannot be sent as it is.
pub fn parse(name: &str, value: &SecretString) -> Result<(HeaderName, HeaderValue), Error> {
    let name: HeaderName = name.parse().map_err(|_| Error::Name)?;
    if RESERVED.contains(&name) {
        return Err(Error::Reserved(name));
    }
    let value = value.expose_secret();
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    let mut value = HeaderValue::from_str(value)
        .ok()
        .filter(|_| value.bytes().all(printable))
        .ok_or_else(|| Error::Value(name.clone()))?;
    value.set_sensitive(true);
    Ok((name, value))
}
