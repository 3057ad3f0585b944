//! A bad network between a viewer and a server: it cuts each connection as planned.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{accept_async, client_async};

use super::host::Host;

/// What happens to a connection after so many bytes of the server.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// It is reset.
    Reset(usize),
    /// It ends without a close frame.
    End(usize),
    /// After so many messages it is closed, by a closing handshake with this code.
    Close(usize, u16),
    /// It is reset in the middle of a message.
    MidMessage(usize),
    /// Nothing is read or written any more.
    Silent(usize),
    /// It is closed before anything is said.
    Refused,
    /// The upgrade is answered by 503.
    Unavailable,
}

/// A network that cuts each connection as planned, one after the other; those after the last entry are well.
pub async fn network(server: SocketAddr, plan: &[Cut]) -> Host {
    let plan = Arc::new(Mutex::new(plan.iter().copied().collect::<VecDeque<_>>()));
    Host::tcp(move |outside| {
        let cut = plan.lock().expect("a plan").pop_front();
        async move {
            let _ = pass(outside, server, cut).await;
        }
    })
    .await
}

async fn pass(mut outside: TcpStream, server: SocketAddr, cut: Option<Cut>) -> std::io::Result<()> {
    match cut {
        Some(Cut::Refused) => return Ok(()),
        Some(Cut::Unavailable) => {
            outside.read_u8().await?;
            let answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
            outside.write_all(answer).await?;
            return outside.shutdown().await;
        }
        Some(Cut::Close(messages, code)) => {
            let _ = close_after(messages, code, outside, server).await;
            return Ok(());
        }
        _ => {}
    }
    let inside = TcpStream::connect(server).await?;
    let (mut from_server, mut to_server) = inside.into_split();
    let (mut from_viewer, mut to_viewer) = outside.into_split();
    let there = tokio::spawn(async move { copy(&mut from_viewer, &mut to_server).await });
    let (mut total, mut piece) = (0, vec![0; 4096]);
    loop {
        let count = from_server.read(&mut piece).await?;
        if count == 0 {
            return to_viewer.shutdown().await;
        }
        total += count;
        let after = match cut {
            Some(Cut::Reset(after) | Cut::End(after)) => after,
            Some(Cut::MidMessage(after) | Cut::Silent(after)) => after,
            _ => usize::MAX,
        };
        if total < after {
            to_viewer.write_all(&piece[..count]).await?;
            continue;
        }
        if let Some(Cut::Silent(_)) = cut {
            there.abort();
            return std::future::pending().await;
        }
        if let Some(Cut::MidMessage(_)) = cut {
            to_viewer.write_all(&piece[..count / 2]).await?;
        }
        there.abort();
        let _ = there.await;
        if !matches!(cut, Some(Cut::End(_))) {
            to_viewer.as_ref().set_zero_linger()?;
        }
        return Ok(());
    }
}

/// Passes on so many messages of the server, and then closes the connection with this code.
async fn close_after(
    messages: usize,
    code: u16,
    outside: TcpStream,
    server: SocketAddr,
) -> tungstenite::Result<()> {
    let mut outside = accept_async(outside).await?;
    let tcp = TcpStream::connect(server).await?;
    let (mut inside, _) = client_async(format!("ws://{server}/workflows/ws"), tcp).await?;
    let mut passed = 0;
    while passed < messages {
        tokio::select! {
            Some(said) = outside.next() => inside.send(said?).await?,
            Some(said) = inside.next() => {
                outside.send(said?).await?;
                passed += 1;
            }
        }
    }
    let (code, reason) = (code.into(), "".into());
    outside.close(Some(CloseFrame { code, reason })).await?;
    while outside.next().await.transpose()?.is_some() {}
    Ok(())
}
