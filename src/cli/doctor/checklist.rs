//! The list that `doctor` prints: one line per check.

use std::io::{self, Write};
use std::sync::Arc;

use crate::client::Recorder;

/// How many events a run of the part `long` has at least.
pub(super) const SHORTEST_LONG: u64 = 40;

/// Prints one line per check.
pub(super) struct Checklist {
    healthy: bool,
    /// Masks the secrets.
    recorder: Arc<Recorder>,
}

impl Checklist {
    /// Nothing was checked yet. The record masks what is printed.
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        let healthy = true;
        Self { healthy, recorder }
    }

    /// Whether every check went well.
    pub(super) fn is_healthy(&self) -> bool {
        self.healthy
    }

    /// Prints how a check went; gives its value where it went well.
    pub(super) fn note<T, E: std::fmt::Display>(
        &mut self,
        what: &str,
        outcome: Result<T, E>,
        good: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match outcome {
            Ok(value) => {
                // A closed pipe is no error.
                let _ = line("✔", what, &good(&value));
                Some(value)
            }
            Err(error) => {
                self.bad(what, &error.to_string());
                None
            }
        }
    }

    /// Prints that a check did not go well.
    pub(super) fn bad(&mut self, what: &str, reason: &str) {
        self.healthy = false;
        let reason = self.recorder.mask(reason);
        let _ = line(
            "✘",
            what,
            &crate::report::text::escape::escape_visible(&reason, 600),
        );
    }
}

fn line(mark: &str, what: &str, text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{mark} {what:<9} {text}")
}
