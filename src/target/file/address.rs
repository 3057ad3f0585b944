//! Whether two URLs are one server's, in whatever spelling.

use std::net::IpAddr;

use tokio_tungstenite::tungstenite::http::Uri;

/// Whether these URLs lead to the same place: `localhost` and loopback addresses are the same, and so are a default
/// port and none, and a path with and without a slash at its end.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    plain(one).is_some_and(|one| plain(other) == Some(one))
}

/// Host, port, path and query in one spelling; `None` for what is no URL with a host.
fn plain(url: &str) -> Option<(String, u16, String, Option<String>)> {
    let uri: Uri = url.trim().parse().ok()?;
    let scheme = uri.scheme_str()?;
    let mut secure = ["wss", "https"].iter();
    let is_secure = secure.any(|it| scheme.eq_ignore_ascii_case(it));
    let usual = if is_secure { 443 } else { 80 };
    Some((
        plain_host(uri.host()?),
        uri.port_u16().unwrap_or(usual),
        uri.path().trim_end_matches('/').to_owned(),
        uri.query().map(str::to_owned),
    ))
}

fn plain_host(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_here = match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.octets() == [127, 0, 0, 1] || address.is_unspecified(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unspecified(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    match host.parse::<IpAddr>() {
        _ if is_here => "localhost".to_owned(),
        Ok(address) => address.to_string(),
        Err(_) => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_the_same_server() {
        let url = "ws://localhost:7777/workflows/ws";
        for same in [
            url,
            "ws://127.0.0.1:7777/workflows/ws",
            "ws://LOCALHOST:7777/workflows/ws/",
            "ws://[::1]:7777/workflows/ws",
            "ws://localhost.:7777/workflows/ws#part",
            "ws://me:secret@localhost:7777/workflows/ws",
        ] {
            assert!(is_same(url, same), "{same}");
        }
        for other in [
            "ws://localhost:7778/workflows/ws",
            "ws://localhost:7777/b/workflows/ws",
            "ws://localhost:7777/workflows/ws?replica=b",
            "ws://127.0.0.2:7777/workflows/ws",
            "ws://host:7777/workflows/ws",
        ] {
            assert!(!is_same(url, other), "{other}");
        }
        assert!(is_same("wss://h/ws", "wss://H:443/ws/"));
        assert!(is_same("ws://h", "ws://h:80/"));
        assert!(!is_same("ws://h/ws", "wss://h/ws"));
    }
}
