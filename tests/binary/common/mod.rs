//! What the tests of the binary share: calling it, servers and networks that misbehave, and certificates.

pub mod call;
pub mod canary;
pub mod certificate;
pub mod cuts;
pub mod folder;
pub mod host;
pub mod http_host;
pub mod shown;

use std::time::Duration;

/// Longer than anything here takes on a busy machine; only a test that hangs reaches it.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Bounds what a test waits for.
pub async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("in time")
}
