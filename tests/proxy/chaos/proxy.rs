//! A TCP proxy on loopback that does to each connection what its schedule says.

use std::fmt::Write;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use reconnect_acceptance::reference::PATH;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::pipe::{End, Pipe};
use super::schedule::{Direction, Kind, Schedule};

/// How long the other side may take to hang up after a FIN. After that it is reset.
const HANGING_UP: Duration = Duration::from_millis(100);

/// How long a side that takes nothing more may still send.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the schedules of a proxy's connections are made from.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub seed: u64,
    /// None for calm: everything is passed on as it comes.
    pub kind: Option<Kind>,
    /// How long the suite waits for anything.
    pub step: Duration,
    /// Which frame of every connection is lost on its way to the viewer, counted from 0.
    pub lost: Option<usize>,
}

impl Weather {
    fn schedule(&self, door: u64, connection: u64) -> Schedule {
        self.kind.map_or_else(Schedule::default, |kind| {
            Schedule::of(self.seed, kind, door, connection, self.step)
        })
    }
}

/// What was done to which connection.
#[derive(Clone, Debug)]
pub struct Log {
    began: Instant,
    lines: Arc<Mutex<String>>,
}

impl Log {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            lines: Arc::default(),
        }
    }

    fn note(&self, door: u64, connection: u64, what: &str) {
        let at = self.began.elapsed().as_secs_f32();
        let mut lines = self.lines.lock().expect("a log");
        let _ = writeln!(
            lines,
            "{at:8.3} s  variant {door}, connection {connection}: {what}"
        );
    }

    pub fn text(&self) -> String {
        self.lines.lock().expect("a log").clone()
    }
}

/// A proxy in front of one server. It ends with its owner.
pub struct Proxy {
    pub addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn in_front_of(behind: SocketAddr, weather: Weather, door: u64, log: Log) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        // How many connections have reached the server, or never will.
        let (reached, _) = watch::channel(0_u64);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            let mut number = 0;
            while let Ok((outside, _)) = listener.accept().await {
                let connection = Connection {
                    behind,
                    door,
                    number,
                    schedule: weather.schedule(door, number),
                    lost: weather.lost,
                    log: log.clone(),
                    reached: reached.clone(),
                };
                connections.spawn(connection.serve(outside));
                number += 1;
                while connections.try_join_next().is_some() {}
            }
        });
        Self { addr, task }
    }

    pub fn url(&self) -> String {
        format!("ws://{}{PATH}", self.addr)
    }
}

struct Connection {
    behind: SocketAddr,
    door: u64,
    number: u64,
    schedule: Schedule,
    lost: Option<usize>,
    log: Log,
    reached: watch::Sender<u64>,
}

impl Connection {
    fn note(&self, what: &str) {
        self.log.note(self.door, self.number, what);
    }

    async fn serve(self, outside: TcpStream) {
        self.note(&format!("opened; {}", self.schedule));
        if let Some(longest) = self.schedule.after_the_next {
            let next = self.number + 1;
            let mut reached = self.reached.subscribe();
            let passed = timeout(longest, reached.wait_for(|latest| *latest > next)).await;
            self.note(match passed {
                Ok(_) => "goes on after the next one",
                Err(_) => "goes on, as no other came",
            });
        }
        let inside = TcpStream::connect(self.behind).await;
        self.reached
            .send_modify(|latest| *latest = (*latest).max(self.number + 1));
        let Ok(inside) = inside else {
            return self.note("the server takes no connection");
        };
        for tcp in [&outside, &inside] {
            tcp.set_nodelay(true).expect("an open socket");
        }
        let (from_viewer, to_viewer) = outside.into_split();
        let (from_server, to_server) = inside.into_split();
        let lane = |direction| self.schedule.lane(direction);
        let mut there = Pipe::new(from_viewer, to_server, lane(Direction::ToServer));
        let mut back =
            Pipe::new(from_server, to_viewer, lane(Direction::ToViewer)).losing(self.lost);
        let end = both(&mut there, &mut back).await;
        self.note(match end {
            End::Said | End::Deaf => "both sides hung up",
            End::Fin => "ended by FIN",
            End::Rst => "ended by RST",
        });
        let outside = back.to.reunite(there.from).expect("one socket");
        let inside = there.to.reunite(back.from).expect("one socket");
        match end {
            End::Said | End::Deaf => {}
            End::Rst => {
                for tcp in [outside, inside] {
                    let _ = tcp.set_zero_linger();
                }
            }
            End::Fin => {
                let (from_viewer, to_viewer) = outside.into_split();
                let (from_server, to_server) = inside.into_split();
                tokio::join!(
                    hang_up(from_viewer, to_viewer),
                    hang_up(from_server, to_server)
                );
            }
        }
    }
}

/// Carries both directions until both have ended, or one of them ends the connection.
async fn both(there: &mut Pipe, back: &mut Pipe) -> End {
    let (one, other) = (Box::pin(there.carry()), Box::pin(back.carry()));
    match select(one, other).await {
        Either::Left((end, other)) => after(end, other).await,
        Either::Right((end, one)) => after(end, one).await,
    }
}

/// Whether a connection goes on, one direction of which has ended.
async fn after(end: End, other: impl Future<Output = End>) -> End {
    let other = match end {
        End::Fin | End::Rst => return end,
        End::Said => other.await,
        End::Deaf => timeout(LAST_WORDS, other).await.unwrap_or(End::Rst),
    };
    match other {
        End::Said | End::Deaf => End::Said,
        End::Fin | End::Rst => other,
    }
}

/// Sends a FIN, and reads on for a moment: a socket that is dropped with something unread
/// is reset.
async fn hang_up(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = to.shutdown().await;
    let mut unread = [0; 4096];
    let read = async { while from.read(&mut unread).await.is_ok_and(|count| count > 0) {} };
    let _ = timeout(HANGING_UP, read).await;
}
