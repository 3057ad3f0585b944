//! Whose fault silence is: where a WebSocket ping is answered, the server's; else nobody can tell.

use std::time::Duration;

use crate::common::call::judge;
use crate::common::host::{GREETING, Host, hear, listen, reference, say};
use crate::common::in_time;
use futures::SinkExt;
use reconnect_acceptance::reference::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

const PONG: &str = r#"{"event": "pong"}"#;
const PING: &[&str] = &["--require=GREETING-2", "--name=Nothing else happens"];

#[tokio::test]
async fn silence_is_the_servers_where_the_line_works() {
    let host = Host::saying(&[GREETING]).await;
    let judged = judge(&host.url(), PING).await;
    assert_eq!(
        judged.with("failed"),
        ["GREETING-2"],
        "{:?}",
        judged.outcome
    );
    judged.outcome.printed(&["silence for 500ms"]);
}

#[tokio::test]
async fn silence_is_nobodys_where_a_ping_is_not_answered() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        std::future::pending().await
    })
    .await;
    let judged = judge(&host.url(), PING).await;
    assert_eq!(judged.outcome.code, Some(3), "{:?}", judged.outcome);
    assert_eq!(judged.with("failed"), [""; 0]);
    judged
        .outcome
        .printed(&["the line is dead: for 500ms nothing came"]);
}

#[tokio::test]
async fn pongs_that_nobody_asked_for_prove_nothing() {
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        // Nothing is read, so no ping is answered.
        while socket.send(Message::Pong(vec![0; 8].into())).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let judged = judge(&host.url(), PING).await;
    assert_eq!(judged.outcome.code, Some(3), "{:?}", judged.outcome);
    judged.outcome.printed(&["the line is dead"]);
}

#[tokio::test]
async fn an_answer_that_was_held_up_with_the_ping_is_an_answer() {
    // Longer than anybody waits, but for the ping's answer, which comes behind it.
    let host = Host::websocket(async |mut socket| {
        say(&mut socket, GREETING).await;
        if hear(&mut socket).await.is_some() {
            tokio::time::sleep(Duration::from_secs(3)).await;
            say(&mut socket, PONG).await;
        }
        listen(&mut socket).await;
    })
    .await;
    let more = [PING, &["--step-timeout=2s"]].concat();
    let judged = judge(&host.url(), &more).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
    assert_eq!(judged.with("passed"), ["GREETING-2"]);
}

#[tokio::test]
async fn an_upgrade_may_come_byte_by_byte() {
    let server = reference(Config::default()).await;
    let behind = server.addr();
    let host = Host::tcp(move |outside| async move {
        let inside = TcpStream::connect(behind).await.expect("the server");
        let (mut from_viewer, mut to_viewer) = outside.into_split();
        let (mut from_server, mut to_server) = inside.into_split();
        let there = async {
            let _ = copy(&mut from_viewer, &mut to_server).await;
            let _ = to_server.shutdown().await;
        };
        let back = async {
            while let Ok(byte) = from_server.read_u8().await {
                let _ = to_viewer.write_u8(byte).await;
                tokio::task::yield_now().await;
            }
            let _ = to_viewer.shutdown().await;
        };
        tokio::join!(there, back);
    })
    .await;
    let more = ["--step-timeout=30s", "--require=GREETING-1"];
    let judged = in_time(judge(&host.url(), &more)).await;
    assert_eq!(judged.outcome.code, Some(0), "{:?}", judged.outcome);
}
