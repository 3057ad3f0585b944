//! The port of a server: who comes is served; it can be closed for a while, so that who comes is refused.

use std::io;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

use crate::reference::server::connection::serve;
use crate::reference::server::state::Shared;

/// How many may wait to be served.
const WAITING: u32 = 1024;

/// A process that is being started runs its own program within this time.
const STARTED: Duration = Duration::from_secs(5);

/// What becomes of those who try to connect.
pub(super) enum Port {
    /// They are served.
    Open {
        /// Ends that.
        close: oneshot::Sender<()>,
        /// Resolves once nothing listens any more.
        closed: oneshot::Receiver<()>,
    },
    /// They are refused: the port is kept, and nothing listens.
    Closed(TcpSocket),
    /// The port is not the server's any more.
    Gone,
}

impl Port {
    /// Serves everybody who comes, until it is closed or the server is stopped.
    pub(super) fn open(shared: &Arc<Shared>, listener: TcpListener) -> Self {
        let (close, is_closed) = oneshot::channel();
        let (gone, closed) = oneshot::channel();
        let of_it = Arc::clone(shared);
        shared.spawn(async move {
            tokio::select! {
                biased;
                _ = is_closed => {}
                () = accept(&of_it, &listener, false) => {}
            }
            drop(listener);
            let _ = gone.send(());
        });
        Self::Open { close, closed }
    }

    /// Refuses everybody who comes to this address from now on.
    pub(super) async fn close(self, address: SocketAddr) -> io::Result<Self> {
        let Self::Open { close, closed } = self else {
            return Ok(self);
        };
        let _ = close.send(());
        // Where its task has ended, nothing listens either.
        let _ = closed.await;
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // As listeners have it: connections that are open use the port as well.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        bind(&socket, address).await?;
        Ok(Self::Closed(socket))
    }

    /// Listens again on a port that was closed.
    pub(super) fn listen(self) -> io::Result<TcpListener> {
        match self {
            Self::Closed(socket) => socket.listen(WAITING),
            Self::Open { .. } | Self::Gone => Err(io::Error::other("the port was not closed")),
        }
    }
}

/// Binds the socket to the address of a listener that is gone. A process that this one is starting has a copy of that
/// listener until it runs its own program, and only then is the address free.
async fn bind(socket: &TcpSocket, address: SocketAddr) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match socket.bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && began.elapsed() < STARTED => {
                tokio::task::yield_now().await;
            }
            bound => return bound,
        }
    }
}

/// Serves everybody who comes, until the replica is killed.
pub(super) async fn accept(shared: &Arc<Shared>, listener: &TcpListener, replica: bool) {
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.died(replica) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((tcp, _)) => {
                let shared_of_it = Arc::clone(shared);
                shared.spawn(async move {
                    tokio::select! {
                        biased;
                        () = shared_of_it.died(replica) => {}
                        () = serve(Arc::clone(&shared_of_it), tcp, replica) => {}
                    }
                });
            }
            // A connection that was gone before it was accepted, or too many open files: the next
            // one may do better.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
