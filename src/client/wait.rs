//! Waits for something in the transcript, with a limit.
//!
//! A limit counts only the time in which its runtime could run; see [`stall`](crate::client::stall). Before
//! a wait ends without success, a WebSocket ping is sent (RFC 6455, section 5.5.2). If the pong comes and
//! nothing else does, the server was silent; if not even the pong comes, a silent server cannot be
//! distinguished from a dead line.

use std::time::Duration;

use futures::FutureExt;
use futures::future::Fuse;
use tokio::sync::oneshot;

use super::recorder::Recorder;
use crate::client::connection::Connection;
use crate::client::stall::Stopwatch;
use crate::client::timer::by;
use crate::protocol::Control;
use crate::transcript::{Entry, EntryKind, Number};

/// How long a viewer waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long nothing may arrive before a viewer gives up (`--step-timeout`).
    pub silence: Duration,
    /// How long silence must last to count as "nothing more comes" (`--silence`).
    pub quiet: Duration,
}

/// How long a wait may last.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// Until nothing has arrived on the connection for this long.
    Silence(Duration),
    /// This long, whatever else arrives: for what a server has to send before anything else.
    Whole(Duration),
}

impl Limit {
    pub(super) fn duration(self) -> Duration {
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
    TimedOut,
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

/// Who waits, and on which connection.
#[derive(Clone, Copy, Debug)]
pub struct WaitScope<'a> {
    /// The growing transcript.
    pub recorder: &'a Recorder,
    /// Who waits.
    pub viewer: &'a str,
    /// On which connection.
    pub connection: u32,
    /// That connection, where it can be pinged.
    pub line: Option<&'a Connection>,
}

/// Waits until an entry of this connection, after the one of this number, gives an answer. Gives with it
/// how much of the limit was used: the longest silence, or the whole time.
///
/// The wait ends with the connection, and at its limit; there once a ping has been answered, and nothing
/// has come for as long as `silence` asks for.
pub async fn until<T>(
    scope: WaitScope<'_>,
    after: Number,
    limit: Limit,
    silence: ProvenSilence,
    mut look: impl FnMut(&Entry) -> Option<T>,
) -> (Waited<T>, Duration) {
    let mut found = None;
    let mut is_found = |entry: &Entry| {
        found = look(entry);
        found.is_some()
    };
    let (waited, used) = until_found(scope, after, limit, silence, &mut is_found).await;
    let waited = match (waited, found) {
        (_, Some(found)) => Waited::Found(found),
        (Waited::Over(end), None) => Waited::Over(end),
        (Waited::Dead, None) => Waited::Dead,
        (Waited::Found(()) | Waited::TimedOut, None) => Waited::TimedOut,
    };
    (waited, used)
}

/// The same for every answer: compiled once.
async fn until_found(
    scope: WaitScope<'_>,
    after: Number,
    limit: Limit,
    silence: ProvenSilence,
    is_found: &mut dyn FnMut(&Entry) -> bool,
) -> (Waited<()>, Duration) {
    let WaitScope {
        recorder,
        viewer,
        connection,
        line,
    } = scope;
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
        let (mut arrived, mut anything) = (false, false);
        let found = recorder.look_at(viewer, connection, seen, |entry| {
            seen = entry.number;
            anything |= matches!(
                entry.what,
                EntryKind::Received { .. } | EntryKind::ReceivedBinary(_)
            );
            arrived |= breaks_silence(entry);
            if is_found(entry) {
                return Some(Waited::Found(()));
            }
            over(entry).map(Waited::Over)
        });
        lively |= anything;
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
                    return (Waited::TimedOut, limit.duration());
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
                match by(*asked, silence.pong, either).await {
                    Ok(false) => {}
                    Ok(true) => {
                        let more = silence.grace.after(asked.elapsed());
                        phase = Phase::Answered(Stopwatch::start(), more);
                    }
                    // A server that goes on sending, but answers no ping.
                    Err(_) if lively => return (Waited::TimedOut, limit.duration()),
                    Err(_) => return (Waited::Dead, limit.duration()),
                }
            }
            Phase::Answered(since, more) => {
                if by(*since, *more, grew.changed()).await.is_err() {
                    return (Waited::TimedOut, limit.duration());
                }
            }
        }
    }
}

/// Whether an entry is something that came for the viewer. A heartbeat is not: a server may send one every moment,
/// and say nothing by it.
fn breaks_silence(entry: &Entry) -> bool {
    match &entry.what {
        EntryKind::Refused { .. } => true,
        EntryKind::Received { message, .. } => {
            !matches!(message.control(), Some(Control::Other { .. }))
        }
        what => matches!(what, EntryKind::ReceivedBinary(_)),
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

/// When a silence is the server's: it answers a ping, and nothing else comes.
#[derive(Clone, Copy, Debug)]
pub struct ProvenSilence {
    /// How long the answer to a ping may take.
    pub pong: Duration,
    /// How long silence must last after it.
    pub grace: Grace,
}

impl ProvenSilence {
    /// For a wait without a connection that could be pinged.
    pub const NOT_NEEDED: Self = Self {
        pong: Duration::ZERO,
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

/// Waits until nothing has arrived on a connection for `quiet`, though the line works, or the connection
/// has ended.
///
/// `patience` is how long the answer to the ping may take.
pub async fn quiet(scope: WaitScope<'_>, quiet: Duration, patience: Duration) -> Waited<()> {
    let after = scope.recorder.len();
    let silence = ProvenSilence {
        pong: patience,
        grace: Grace::IfLate(quiet),
    };
    let limit = Limit::Silence(quiet);
    let waited = until_found(scope, after, limit, silence, &mut |_| false).await;
    waited.0
}

/// How a connection ended, where the entry says so.
pub(super) fn over(entry: &Entry) -> Option<End> {
    let closed = matches!(
        entry.what,
        EntryKind::CloseReceived { .. } | EntryKind::StreamEnded { .. } | EntryKind::Refused { .. }
    );
    let how = match &entry.what {
        EntryKind::CloseReceived { code, reason } => match code {
            Some(code) if reason.is_empty() => {
                format!("the server closed the connection with code {code}")
            }
            Some(code) => format!("the server closed the connection with code {code}: {reason}"),
            None => "the server closed the connection".to_owned(),
        },
        EntryKind::StreamEnded { .. } => "the server ended the stream".to_owned(),
        EntryKind::Refused { status, text, .. } if text.is_empty() => {
            format!("the server answered HTTP {status}")
        }
        EntryKind::Refused { status, text, .. } => {
            format!("the server answered HTTP {status}: {text}")
        }
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
