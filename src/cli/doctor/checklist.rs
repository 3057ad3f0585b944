//! The list that `doctor` prints: one line per check.

use std::io::{self, Write};
use std::sync::Arc;

use crate::client::{Recorder, ViewerError};
use crate::protocol::{Ending, Part};

/// How many events a run of the part `long` has at least.
const SHORTEST_LONG: u64 = 40;

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

    /// Prints how many events a run has had when it ended, or when the time for that was over; `other` is what to choose
    /// where that is too short for its part. Whether it is long enough.
    pub(super) fn length(
        &mut self,
        ended: Result<Ending, ViewerError>,
        count: u64,
        part: Part,
        other: &str,
    ) -> bool {
        let few = count < SHORTEST_LONG && part == Part::Long;
        let length = match ended {
            Ok(ending) if few && ending != Ending::Paused => Err(format!(
                "the run has {count} events; the part `{part}` {}: choose a longer {other}",
                part.must()
            )),
            Ok(Ending::Paused) => Ok(format!("the run pauses after {count} events")),
            Ok(_) => Ok(format!("the run has {count} events")),
            Err(ViewerError::TimedOut { after, .. }) => Ok(format!(
                "{count} events within {}, and the run goes on",
                humantime::format_duration(after)
            )),
            Err(trouble) => Err(trouble.to_string()),
        };
        self.note("length", length, Clone::clone).is_some()
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
