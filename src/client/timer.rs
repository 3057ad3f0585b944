//! Time limits for anything that takes time, and the two pauses of a viewer. A limit counts only the time
//! in which this process could run; see [`stall`](crate::client::stall).

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use crate::client::stall::Stopwatch;

/// Runs something that must not take longer than this.
///
/// # Errors
///
/// [`Late`] where it did.
pub async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Late> {
    by(Stopwatch::start(), limit, future).await
}

/// Runs something until the stopwatch shows the limit.
pub(super) async fn by<F: Future>(
    watch: Stopwatch,
    limit: Duration,
    future: F,
) -> Result<F::Output, Late> {
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

/// Stays away for a while, on a server without breakpoints (`--away`).
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
