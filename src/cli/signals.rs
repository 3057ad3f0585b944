//! Ctrl-C and SIGTERM.

/// Listens from now on: a signal that comes before anyone waits is not lost.
///
/// The future resolves at the first signal that asks the process to end; the reason in words. A
/// second signal ends the process at once.
pub fn stop() -> impl Future<Output = String> {
    let mut signals = platform::Signals::listen();
    async move {
        let reason = signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(i32::from(crate::exit::CANNOT_TELL));
        });
        reason.to_owned()
    }
}

const INTERRUPT: &str = "Ctrl-C ended it";

#[cfg(unix)]
mod platform {
    use tokio::signal::unix::{Signal, SignalKind, signal};

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
