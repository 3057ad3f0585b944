//! Ctrl-C and SIGTERM.

use tokio::sync::oneshot;

use crate::report::store::folder;

/// Listens for signals from now on, until the process ends: none is lost before the future is polled.
///
/// The future resolves at the first signal that asks the process to end, with the reason in words. A
/// second signal ends the process at once, even if the future was dropped.
pub fn stop() -> impl Future<Output = String> {
    let mut signals = platform::Signals::listen();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let _ = sender.send(signals.next().await.to_owned());
        signals.next().await;
        folder::abandon();
        std::process::exit(i32::from(crate::exit::INCONCLUSIVE));
    });
    async move {
        match receiver.await {
            Ok(reason) => reason,
            // The runtime is shutting down.
            Err(_) => std::future::pending().await,
        }
    }
}

/// From now on a file that grows beyond the system's limit (`ulimit -f`) is a write error, and does not
/// kill the process without a message.
pub fn survive_large_files() {
    platform::survive_large_files();
}

const INTERRUPT: &str = "Ctrl-C ended it";

#[cfg(unix)]
mod platform {
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// With a handler installed, the write returns an error.
    pub fn survive_large_files() {
        let _ = signal(SignalKind::from_raw(Number::XFSZ.as_raw()));
    }

    /// `None` where the system gives no handler; such a signal is never reported.
    pub struct Signals {
        interrupt: Option<Signal>,
        terminate: Option<Signal>,
    }

    impl Signals {
        pub fn listen() -> Self {
            Self {
                interrupt: signal(SignalKind::interrupt()).ok(),
                terminate: signal(SignalKind::terminate()).ok(),
            }
        }

        pub async fn next(&mut self) -> &'static str {
            tokio::select! {
                () = one(&mut self.interrupt) => super::INTERRUPT,
                () = one(&mut self.terminate) => "SIGTERM ended it",
            }
        }
    }

    async fn one(signal: &mut Option<Signal>) {
        if let Some(signal) = signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(not(unix))]
mod platform {
    pub fn survive_large_files() {}

    pub struct Signals;

    impl Signals {
        pub fn listen() -> Self {
            Self
        }

        pub async fn next(&mut self) -> &'static str {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            super::INTERRUPT
        }
    }
}
