//! The only timers of a scenario: waits for something in the record, with a bound.
//!
//! A bound counts the time in which this process could run; see [`pulse`](super::pulse).

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::pulse::Stopwatch;
use super::recorder::Recorder;
use crate::transcript::{Entry, Number, What};

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
    /// The connection ended first; how.
    Over(String),
    /// It did not come within the limit.
    InVain,
}

/// Waits until an entry of this visit, after the one of this number, gives an answer. Gives with it how
/// much of the limit was used: the longest silence, or the whole time.
///
/// The wait ends with the connection, and at its limit.
pub async fn until<T>(
    recorder: &Recorder,
    viewer: &str,
    visit: u32,
    after: Number,
    limit: Limit,
    mut look: impl FnMut(&Entry) -> Option<T>,
) -> (Waited<T>, Duration) {
    let mut grew = recorder.watch(viewer, visit);
    let mut seen = after;
    let mut waiting = Stopwatch::start();
    let mut used = Used::of(limit);
    loop {
        grew.borrow_and_update();
        let mut arrived = false;
        let found = recorder.look_at(viewer, visit, seen, |entry| {
            seen = entry.number;
            arrived |= matches!(entry.what, What::Received { .. } | What::ReceivedBinary(_));
            if let Some(found) = look(entry) {
                return Some(Waited::Found(found));
            }
            over(entry).map(Waited::Over)
        });
        let anew = used.passed(waiting.elapsed(), arrived);
        if let Some(waited) = found {
            return (waited, used.most);
        }
        if anew {
            waiting = Stopwatch::start();
        }
        if by(waiting, limit.duration(), grew.changed()).await.is_err() {
            return (Waited::InVain, limit.duration());
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

/// Watches a visit to see that nothing more comes: returns once nothing has arrived on it for
/// `quiet`, or its connection ended.
pub async fn quiet(recorder: &Recorder, viewer: &str, visit: u32, quiet: Duration) {
    let after = recorder.len();
    let limit = Limit::Silence(quiet);
    let _ = until(recorder, viewer, visit, after, limit, |_| None::<()>).await;
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

fn over(entry: &Entry) -> Option<String> {
    match &entry.what {
        What::CloseReceived { code, reason } => Some(match code {
            Some(code) if reason.is_empty() => {
                format!("the server closed the connection with code {code}")
            }
            Some(code) => format!("the server closed the connection with code {code}: {reason}"),
            None => "the server closed the connection".to_owned(),
        }),
        What::Ended(reason) => Some(
            reason
                .clone()
                .unwrap_or_else(|| "the connection ended".to_owned()),
        ),
        _ => None,
    }
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
