//! Servers that cannot be reached: no such host, a port that is closed, silent or speaks another protocol, a
//! TLS handshake that fails. Nothing passes, everything is inconclusive, and one sentence says why.

use crate::common::call::judge;
use crate::common::certificate::Authority;
use crate::common::host::{Host, quick, reference};
use crate::common::in_time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_refused_port() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    drop(listener);
    let judged = judge(&format!("ws://{addr}/workflows/ws"), &[]).await;
    judged.inconclusive(&format!(
        "TCP connection to {addr} failed: connection refused; is the server running, and is the port right?"
    ));
}

#[tokio::test]
async fn an_unknown_host() {
    let judged = judge("ws://no-such-host.invalid/workflows/ws", &[]).await;
    judged.inconclusive("TCP connection to no-such-host.invalid:80 failed: ");
    judged.inconclusive("; check the host");
}

#[tokio::test]
async fn a_port_that_says_nothing() {
    let host = Host::tcp(async |mut tcp| {
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!(
        "WebSocket upgrade to {} failed: no answer within 500ms; the port accepts connections but sends nothing: is this the server's port?",
        host.addr
    ));
}

#[tokio::test]
async fn a_port_that_hangs_up() {
    let host = Host::tcp(async |tcp| drop(tcp)).await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!(
        "WebSocket upgrade to {} failed: the server hung up",
        host.addr
    ));
}

#[tokio::test]
async fn a_port_that_hangs_up_after_the_request() {
    let host = Host::tcp(async |mut tcp| {
        let _ = tcp.read(&mut [0; 8192]).await;
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!(
        "WebSocket upgrade to {} failed: the server hung up",
        host.addr
    ));
}

async fn http(answer: &'static str) -> Host {
    Host::tcp(async move |mut tcp| {
        let _ = tcp.read(&mut [0; 8192]).await;
        let _ = tcp.write_all(answer.as_bytes()).await;
    })
    .await
}

#[tokio::test]
async fn a_page_instead_of_an_upgrade() {
    let host = http("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>").await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(
        "the server answered HTTP 200 OK instead of an upgrade; is this the WebSocket endpoint?",
    );
}

#[tokio::test]
async fn no_such_page_instead_of_an_upgrade() {
    let host = http("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(
        "the server answered HTTP 404 Not Found instead of an upgrade; check the path of the URL",
    );
}

#[tokio::test]
async fn a_redirect_instead_of_an_upgrade() {
    let host =
        http("HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n").await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive("instead of an upgrade; redirects are not followed");
}

#[tokio::test]
async fn an_upgrade_with_the_wrong_key() {
    let host = http(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
    )
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!("WebSocket upgrade to {} failed: ", host.addr));
}

#[tokio::test]
async fn an_answer_without_an_end() {
    let host = Host::tcp(async |mut tcp| {
        let mut goes_on = tcp.write_all(b"HTTP/1.1 200 OK\r\nX: ").await.is_ok();
        while goes_on {
            goes_on = tcp.write_all(&[b'x'; 4096]).await.is_ok();
        }
    })
    .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!("WebSocket upgrade to {} failed: ", host.addr));
}

// TLS.

#[tokio::test]
async fn tls_to_a_plain_port() {
    let server = reference(quick()).await;
    let judged = judge(&format!("wss://{}/workflows/ws", server.addr()), &[]).await;
    judged.inconclusive(&format!("TLS handshake to {} failed: ", server.addr()));
    judged.inconclusive("if the server has no TLS, use ws://");
}

#[tokio::test]
async fn tls_to_a_port_that_says_nothing() {
    let host = Host::tcp(async |mut tcp| {
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    })
    .await;
    let judged = judge(&host.url().replace("ws://", "wss://"), &[]).await;
    judged.inconclusive(&format!(
        "TLS handshake to {} failed: no answer within 500ms; if the server has no TLS, use ws://",
        host.addr
    ));
}

#[tokio::test]
async fn plain_to_a_tls_port() {
    let server = reference(quick()).await;
    let host = Authority::new()
        .in_front_of(server.addr(), "127.0.0.1")
        .await;
    let judged = judge(&host.url(), &[]).await;
    judged.inconclusive(&format!("WebSocket upgrade to {} failed: ", host.addr));
    judged.inconclusive("the server does not answer in HTTP");
    judged.inconclusive("if the server has TLS, use wss://");
}

#[tokio::test]
async fn an_authority_that_nobody_knows() {
    let server = reference(quick()).await;
    let host = Authority::new()
        .in_front_of(server.addr(), "127.0.0.1")
        .await;
    let judged = judge(&host.url().replace("ws://", "wss://"), &[]).await;
    judged.inconclusive("TLS handshake to");
    judged.inconclusive("UnknownIssuer; pass a company's own certificate authority with --ca-file");
}

#[tokio::test]
async fn a_certificate_for_somebody_else() {
    let server = reference(quick()).await;
    let authority = Authority::new();
    let host = authority
        .in_front_of(server.addr(), "elsewhere.example")
        .await;
    let file = authority.file().display().to_string();
    let judged = judge(
        &host.url().replace("ws://", "wss://"),
        &["--ca-file", &file],
    )
    .await;
    judged.inconclusive("TLS handshake to");
    judged.inconclusive("certificate not valid for name \"127.0.0.1\"");
    judged.inconclusive("use the name that the certificate is for");
}

#[tokio::test]
async fn a_dead_server_costs_one_connection() {
    let (asked, mut connections) = tokio::sync::mpsc::unbounded_channel();
    let host = Host::tcp(move |tcp| {
        let _ = asked.send(());
        async move { drop(tcp) }
    })
    .await;
    judge(&host.url(), &[]).await;
    in_time(connections.recv()).await.expect("one");
    assert!(connections.try_recv().is_err(), "one is enough");
}
