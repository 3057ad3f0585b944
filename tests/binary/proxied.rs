//! A server that only a proxy can reach, by the variables that name the proxy. Its name is one that no resolver
//! knows, so that nothing here passes without the proxy.

use std::net::SocketAddr;

use crate::common::call::{HASTY, Judged, Outcome, command, judged, outcome};
use crate::common::host::{Host, quick, reference};
use reconnect_acceptance::reference::{Config, Server};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// `name:pr0xyCanary`, as a proxy wants to see it.
const CREDENTIALS: &str = "Basic bmFtZTpwcjB4eUNhbmFyeQ==";

/// The head of a request, its first line apart.
async fn head(tcp: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut first, mut rest) = (String::new(), String::new());
    tcp.read_line(&mut first).await.ok()?;
    loop {
        let before = rest.len();
        tcp.read_line(&mut rest).await.ok()?;
        if rest[before..].trim().is_empty() {
            return Some((first, rest));
        }
    }
}

/// A proxy with a password. Behind it every name is that of this server.
async fn proxy(server: SocketAddr) -> Host {
    Host::tcp(move |tcp| async move {
        let mut tcp = BufReader::new(tcp);
        let Some((first, rest)) = head(&mut tcp).await else {
            return;
        };
        let shown = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            name.eq_ignore_ascii_case("proxy-authorization") && value == CREDENTIALS
        };
        if !rest.lines().any(shown) {
            let refusal = b"HTTP/1.1 407 Who Are You\r\ncontent-length: 0\r\n\r\n";
            let _ = tcp.write_all(refusal).await;
            return;
        }
        let mut there = TcpStream::connect(server).await.expect("the server");
        if first.starts_with("CONNECT server.invalid:7777 ") {
            tcp.write_all(b"HTTP/1.1 200 Yes\r\n\r\n")
                .await
                .expect("an answer");
        } else {
            let rest = rest.lines().filter(|line| !shown(line)).collect::<Vec<_>>();
            let first = first.replacen("http://server.invalid:7777", "", 1);
            let request = format!("{first}{}\r\n\r\n", rest.join("\r\n").trim_end());
            there
                .write_all(request.as_bytes())
                .await
                .expect("a request");
        }
        let _ = tokio::io::copy_bidirectional(&mut tcp, &mut there).await;
    })
    .await
}

async fn behind_a_proxy() -> (Server, Host) {
    let server = reference(Config::default()).await;
    let proxy = proxy(server.addr()).await;
    (server, proxy)
}

const URL: &str = "ws://server.invalid:7777/workflows/ws";

/// The suite with these variables, which are about proxies.
fn suite(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = command(arguments);
    command.envs(variables.iter().copied());
    command
}

async fn judge_with(variables: &[(&str, &str)]) -> Judged {
    let arguments = [&["run", "CATCHUP-3", "--url", URL], HASTY].concat();
    judged(suite(&arguments, variables)).await
}

#[tokio::test]
async fn both_wires_go_through_the_proxy() {
    let (_server, proxy) = behind_a_proxy().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("target.toml");
    let text = format!(
        "url = \"{URL}\"\nhttp_url = \"http://server.invalid:7777\"\n\
         [parts.long]\nworkflow_id = \"content-creation-workflow\"\n"
    );
    std::fs::write(&file, text).expect("a file");
    let named = format!("http://name:pr0xyCanary@{}", proxy.addr);
    let arguments = [
        "run",
        "CATCHUP-3",
        "HTTP-1",
        "CANCEL-1",
        "--away=50ms",
        "--target",
        file.to_str().expect("UTF-8"),
    ];
    let judged = judged(suite(&arguments, &[("HTTP_PROXY", &named)])).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    let passed = judged.with("passed");
    for id in ["CATCHUP-3", "CANCEL-1", "HTTP-1"] {
        assert!(passed.contains(&id), "{id} is not among {passed:?}");
    }
    for (path, text) in judged.files() {
        assert!(
            !text.contains("pr0xyCanary") && !text.contains(CREDENTIALS),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_doctor_names_the_proxy_and_not_its_password() {
    let (_server, proxy) = behind_a_proxy().await;
    let named = format!("name:pr0xyCanary@{}", proxy.addr);
    let looked = outcome(suite(&["doctor", "--url", URL], &[("all_proxy", &named)])).await;
    assert_eq!(looked.code, Some(0), "{looked:?}");
    looked.printed(&[&format!("connected, through the proxy {}", proxy.addr)]);
    let Outcome { stdout, stderr, .. } = looked;
    assert!(!format!("{stdout}{stderr}").contains("pr0xyCanary"));
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_says_so() {
    let (_server, proxy) = behind_a_proxy().await;
    let named = format!("http://{}", proxy.addr);
    judge_with(&[("HTTP_PROXY", &named)]).await.inconclusive(&format!(
        "tunnel to server.invalid:7777 failed: the proxy {} answered HTTP 407 Proxy Authentication Required; \
         the variable that names the proxy can hold name and password: http://name:password@host:port",
        proxy.addr
    ));
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    drop(listener);
    let named = format!("http://{addr}");
    judge_with(&[("HTTP_PROXY", &named)]).await.inconclusive(&format!(
        "TCP connection to the proxy {addr} failed: connection refused; HTTPS_PROXY, HTTP_PROXY or ALL_PROXY \
         names this proxy; hosts in NO_PROXY are reached without one"
    ));
}

#[tokio::test]
async fn a_proxy_that_says_nothing_is_given_up() {
    let proxy = Host::tcp(async |mut tcp| {
        let _ = tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await;
    })
    .await;
    let named = format!("http://{}", proxy.addr);
    judge_with(&[("HTTP_PROXY", &named)])
        .await
        .inconclusive(&format!(
            "tunnel to server.invalid:7777 failed: no answer within 500ms from the proxy {}",
            proxy.addr
        ));
}

#[tokio::test]
async fn a_proxy_that_does_not_speak_http_gives_no_tunnel() {
    let proxy = Host::tcp(async |mut tcp| {
        let _ = tcp.read(&mut [0; 64]).await;
        let _ = tcp.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    })
    .await;
    let named = format!("http://{}", proxy.addr);
    judge_with(&[("HTTP_PROXY", &named)])
        .await
        .inconclusive(&format!(
            "tunnel to server.invalid:7777 failed: the proxy {} gave no tunnel (",
            proxy.addr
        ));
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_an_error_of_configuration() {
    let named = [("ALL_PROXY", "socks5://127.0.0.1:1080")];
    outcome(suite(&["run", "--url", URL], &named)).await.refused(&[
        "reach server.invalid through the proxy 127.0.0.1:1080: it is spoken to by socks5, which the suite cannot do; \
         HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names this proxy",
    ]);
}

#[tokio::test]
async fn excepted_hosts_and_this_machine_are_reached_without_it() {
    let dead = ("HTTP_PROXY", "http://127.0.0.1:9");
    let excepted = judge_with(&[dead, ("NO_PROXY", "invalid")]).await;
    excepted.inconclusive("TCP connection to server.invalid:7777 failed: ");
    let server = reference(quick()).await;
    let url = format!("ws://{}/workflows/ws", server.addr());
    let looked = outcome(suite(&["doctor", "--url", &url], &[dead])).await;
    assert_eq!(looked.code, Some(0), "{looked:?}");
}
