//! Ctrl-C and SIGTERM.

use tokio::sync::oneshot;

use crate::report::store::folder;

/// Listens from now on, until the process ends: a signal that comes before anyone waits is not lost.
///
/// The future resolves at the first signal that asks the process to end; the reason in words. A
/// second signal ends the process at once, whatever it is doing, also where nobody waits any more.
pub fn stop() -> impl Future<Output = String> {
    let mut signals = platform::Signals::listen();
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let _ = tell.send(signals.next().await.to_owned());
        signals.next().await;
        folder::abandon();
        std::process::exit(i32::from(crate::exit::INCONCLUSIVE));
    });
    async move {
        match told.await {
            Ok(reason) => reason,
            // The runtime is going down.
            Err(_) => std::future::pending().await,
        }
    }
}

/// From now on a file that grows beyond what the system allows (`ulimit -f`) is an error of writing, and
/// does not end the process without a word.
pub fn outlive_large_files() {
    platform::outlive_large_files();
}

const INTERRUPT: &str = "Ctrl-C ended it";

#[cfg(unix)]
mod platform {
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// With a handler, the system gives an error to whoever writes.
    pub fn outlive_large_files() {
        let _ = signal(SignalKind::from_raw(Number::XFSZ.as_raw()));
    }

    /// Without a handler, where the system gives none, nothing ever comes.
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
    pub fn outlive_large_files() {}

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
