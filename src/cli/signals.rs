//! Ctrl-C and SIGTERM.

/// Resolves at the first signal that asks the process to end; the reason in words. A second signal
/// ends the process at once.
pub async fn stop() -> String {
    let reason = signal().await;
    tokio::spawn(async {
        signal().await;
        std::process::exit(i32::from(crate::exit::CANNOT_TELL));
    });
    reason
}

#[cfg(unix)]
async fn signal() -> String {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupt().await;
    };
    tokio::select! {
        reason = interrupt() => reason,
        _ = terminate.recv() => "SIGTERM ended it".to_owned(),
    }
}

#[cfg(not(unix))]
async fn signal() -> String {
    interrupt().await
}

async fn interrupt() -> String {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler nothing will ever come.
        std::future::pending::<()>().await;
    }
    "Ctrl-C ended it".to_owned()
}
