//! The only timers of a scenario: waits for something in the record, with a bound.
//!
//! A bound counts the time in which this process could run; see [`pulse`](crate::client::stall). And silence is
//! the server's only where the line works: before a wait is given up, a WebSocket ping is sent (RFC 6455,
//! section 5.5.2). Where its answer comes and nothing else does, the server had nothing to say; where
//! not even that comes, nobody can tell a silent server from a dead line.

use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use futures::future::Fuse;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::recorder::Recorder;
use crate::client::connection::Connection;
use crate::client::stall::Stopwatch;
use crate::transcript::{Entry, EntryKind, Number};

/// How long a viewer waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long nothing may arrive before a viewer gives up (`--step-timeout`).
    pub silence: Duration,
    /// How long silence must last to count as "nothing more comes" (`--quiet`).
    pub quiet: Duration,
}

/// How long a wait may last.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// Until nothing has arrived on the visit for this long.
    Silence(Duration),
    /// This long, whatever else arrives: for what a server has to say before anything else.
    Whole(Duration),
}

impl Limit {
    fn duration(self) -> Duration {
        match self {
            Self::Silence(limit) | Self::Whole(limit) => limit,
        }
    }
}

/// How a wait ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Waited<T> {
    /// What was waited for came.
    Found(T),
    /// The connection ended first.
    Over(End),
    /// It did not come within the limit.
    InVain,
    /// Nothing came within the limit, and no answer to a ping, either.
    Dead,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// In one sentence.
    pub how: String,
    /// Whether the server closed it with a close frame. Everything else the network can do as well.
    pub closed: bool,
}

/// Where somebody waits.
#[derive(Clone, Copy, Debug)]
pub struct WaitScope<'a> {
    /// The record that grows.
    pub recorder: &'a Recorder,
    /// Who waits.
    pub viewer: &'a str,
    /// On which visit.
    pub connection: u32,
    /// That visit, where it can be asked whether the line works.
    pub line: Option<&'a Connection>,
}

/// Waits until an entry of this visit, after the one of this number, gives an answer. Gives with it how
/// much of the limit was used: the longest silence, or the whole time.
///
/// The wait ends with the connection, and at its limit; there once a ping has been answered, and nothing
/// has come for as long as its `proof` asks for.
pub async fn until<T>(
    post: WaitScope<'_>,
    after: Number,
    limit: Limit,
    proof: Proof,
    mut look: impl FnMut(&Entry) -> Option<T>,
) -> (Waited<T>, Duration) {
    let WaitScope {
        recorder,
        viewer,
        connection,
        line,
    } = post;
    let before = |entry: &Entry| over(entry).filter(|_| entry.number <= after);
    if let Some(end) = recorder.look_at(viewer, connection, 0, before) {
        return (Waited::Over(end), Duration::ZERO);
    }
    let mut grew = recorder.watch(viewer, connection);
    let mut seen = after;
    let mut waiting = Stopwatch::start();
    let mut used = Used::of(limit);
    let mut phase = Phase::Waiting;
    // Whether something came while the ping was on its way.
    let mut lively = false;
    loop {
        grew.borrow_and_update();
        let mut arrived = false;
        let found = recorder.look_at(viewer, connection, seen, |entry| {
            seen = entry.number;
            arrived |= matches!(
                entry.what,
                EntryKind::Received { .. } | EntryKind::ReceivedBinary(_)
            );
            if let Some(found) = look(entry) {
                return Some(Waited::Found(found));
            }
            over(entry).map(Waited::Over)
        });
        lively |= arrived;
        let anew = used.passed(waiting.elapsed(), arrived);
        if let Some(waited) = found {
            return (waited, used.most.min(limit.duration()));
        }
        if anew {
            waiting = Stopwatch::start();
            phase = Phase::Waiting;
        }
        match &mut phase {
            Phase::Waiting => {
                if by(waiting, limit.duration(), grew.changed()).await.is_ok() {
                    continue;
                }
                let Some(line) = line else {
                    return (Waited::InVain, limit.duration());
                };
                lively = false;
                phase = Phase::Asking(Stopwatch::start(), line.ping().fuse());
            }
            Phase::Asking(asked, pong) => {
                // What came before the pong is in the record before it, and counts first.
                let either = async {
                    tokio::select! {
                        biased;
                        _ = grew.changed() => false,
                        // Without one the connection is over, which the record is about to show.
                        Ok(()) = &mut *pong => true,
                    }
                };
                match by(*asked, proof.patience, either).await {
                    Ok(false) => {}
                    Ok(true) => {
                        let more = proof.grace.after(asked.elapsed());
                        phase = Phase::Answered(Stopwatch::start(), more);
                    }
                    // A server that talks and talks, and answers nothing.
                    Err(_) if lively => return (Waited::InVain, limit.duration()),
                    Err(_) => return (Waited::Dead, limit.duration()),
                }
            }
            Phase::Answered(since, more) => {
                if by(*since, *more, grew.changed()).await.is_err() {
                    return (Waited::InVain, limit.duration());
                }
            }
        }
    }
}

/// How far a wait has come.
enum Phase {
    /// It did not come yet.
    Waiting,
    /// The limit is over, and a ping is on its way.
    Asking(Stopwatch, Fuse<oneshot::Receiver<()>>),
    /// The line works; silence must last for so long.
    Answered(Stopwatch, Duration),
}

/// When silence is the server's.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// How long the answer to a ping may take.
    pub patience: Duration,
    /// How long silence must last after it.
    pub grace: Grace,
}

impl Proof {
    /// Nothing to prove: nobody can be asked.
    pub const NONE: Self = Self {
        patience: Duration::ZERO,
        grace: Grace::Always(Duration::ZERO),
    };
}

/// How long silence must last once a ping has been answered.
#[derive(Clone, Copy, Debug)]
pub enum Grace {
    /// So long: what was asked for may only just have reached the server, like the ping.
    Always(Duration),
    /// So long where the answer took more than half of that: what a server could not send for as long as
    /// the line stood still may follow it. Else not at all: what was sent before has come before.
    IfLate(Duration),
}

impl Grace {
    /// Where the answer took so long.
    fn after(self, took: Duration) -> Duration {
        match self {
            Self::Always(grace) => grace,
            Self::IfLate(grace) if took > grace / 2 => grace,
            Self::IfLate(_) => Duration::ZERO,
        }
    }
}

/// How much of its limit a wait used.
struct Used {
    limit: Limit,
    most: Duration,
}

impl Used {
    fn of(limit: Limit) -> Self {
        let most = Duration::ZERO;
        Self { limit, most }
    }

    /// So much has passed since the wait began, and something arrived or not. Gives whether what
    /// passes counts anew from here.
    fn passed(&mut self, elapsed: Duration, arrived: bool) -> bool {
        self.most = self.most.max(elapsed);
        arrived && matches!(self.limit, Limit::Silence(_))
    }
}

/// Watches a visit to see that nothing more comes: until nothing has arrived on it for `quiet`, though
/// the line works, or its connection ended.
///
/// `patience` is how long the answer to the ping may take.
pub async fn quiet(post: WaitScope<'_>, quiet: Duration, patience: Duration) -> Waited<()> {
    let after = post.recorder.len();
    let proof = Proof {
        patience,
        grace: Grace::IfLate(quiet),
    };
    until(post, after, Limit::Silence(quiet), proof, |_| None)
        .await
        .0
}

/// Runs something that must not take longer than this.
///
/// # Errors
///
/// [`Late`] where it did.
pub async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Late> {
    by(Stopwatch::start(), limit, future).await
}

/// Runs something until the stopwatch shows the limit.
async fn by<F: Future>(watch: Stopwatch, limit: Duration, future: F) -> Result<F::Output, Late> {
    let mut future = pin!(future);
    loop {
        let left = limit.saturating_sub(watch.elapsed());
        match timeout(left, &mut future).await {
            Ok(output) => return Ok(output),
            Err(_) if watch.elapsed() >= limit => return Err(Late(limit)),
            Err(_) => {}
        }
    }
}

/// Stays away for a while, on a server that cannot be held (`--away`).
pub async fn away(lasting: Duration) {
    tokio::time::sleep(lasting).await;
}

/// The pause of a viewer who reads slowly, after each message.
pub async fn between_two_messages() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

/// It took longer than this.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no answer within {}", humantime::format_duration(*.0))]
pub struct Late(pub Duration);

/// How a connection ended, where the entry says so.
pub(super) fn over(entry: &Entry) -> Option<End> {
    let closed = matches!(entry.what, EntryKind::CloseReceived { .. });
    let how = match &entry.what {
        EntryKind::CloseReceived { code, reason } => match code {
            Some(code) if reason.is_empty() => {
                format!("the server closed the connection with code {code}")
            }
            Some(code) => format!("the server closed the connection with code {code}: {reason}"),
            None => "the server closed the connection".to_owned(),
        },
        EntryKind::Ended(reason) => reason
            .clone()
            .unwrap_or_else(|| "the connection ended".to_owned()),
        _ => return None,
    };
    Some(End { how, closed })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// What was used, where something arrives after each of these pauses.
    fn used(limit: Limit, pauses: [u32; 3]) -> Duration {
        let mut used = Used::of(limit);
        let mut elapsed = Duration::ZERO;
        for pause in pauses {
            elapsed += pause * MS;
            if used.passed(elapsed, true) {
                elapsed = Duration::ZERO;
            }
        }
        used.most
    }

    #[test]
    fn what_a_wait_used_of_its_limit_is_the_longest_silence_or_all_of_it() {
        let pauses = [50, 400, 50];
        assert_eq!(used(Limit::Silence(5000 * MS), pauses), 400 * MS);
        assert_eq!(used(Limit::Whole(5000 * MS), pauses), 500 * MS);
    }
}
