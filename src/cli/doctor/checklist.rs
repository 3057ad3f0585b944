//! The list that `doctor` prints: one line per check.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::client::{Recorder, ViewerError};
use crate::protocol::{Ending, Part};
use crate::transcript::{EntryKind, Transcript};

/// How many events a run of the part `long` has at least.
const SHORTEST_LONG: u64 = 40;

/// A connection that ends after so much silence may have been cut off for it.
const IDLE: Duration = Duration::from_millis(500);

/// What cuts off a connection that is idle, and what to do.
const CUT_OFF: &str = "a proxy may cut off what is idle for so long; let it wait longer than the longest step of a run \
     (nginx: proxy_read_timeout; HAProxy: timeout tunnel, and over HTTP timeout client and timeout server)";

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
            Err(trouble @ (ViewerError::Cut { .. } | ViewerError::Lost { .. })) => {
                let idle = idle_before_the_end(&self.recorder.snapshot());
                let idle = idle
                    .filter(|it| *it >= IDLE)
                    .map_or_else(String::new, |it| {
                        format!(
                            "; nothing had come for {:.1} s: {CUT_OFF}",
                            it.as_secs_f64()
                        )
                    });
                Err(format!("{trouble}{idle}"))
            }
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

/// For how long nothing had come on the last connection when it ended; `None` where it has not.
fn idle_before_the_end(record: &Transcript) -> Option<Duration> {
    let (mut heard, mut ended) = (None, None);
    for entry in record.entries() {
        match &entry.what {
            EntryKind::Received { .. } => heard = Some(entry.at()),
            EntryKind::CloseReceived { .. }
            | EntryKind::StreamEnded { .. }
            | EntryKind::Ended(_) => {
                ended = Some(ended.unwrap_or_else(|| entry.at()));
            }
            EntryKind::Opened => ended = None,
            _ => {}
        }
    }
    Some(ended?.saturating_sub(heard?))
}

fn line(mark: &str, what: &str, text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{mark} {what:<9} {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Decoder;

    #[test]
    fn the_silence_before_a_connections_end_is_known() {
        let (viewer, mut record) = ("the doctor".into(), Transcript::new());
        let mut tell = |ms: u64, what: EntryKind| {
            record.push(Duration::from_millis(ms), &viewer, 1, what);
            idle_before_the_end(&record)
        };
        let received = || EntryKind::received("{}", &mut Decoder::new());
        assert_eq!(tell(0, EntryKind::Opened), None);
        assert_eq!(tell(10, received()), None);
        let silence = Some(Duration::from_millis(600));
        let unfinished = EntryKind::StreamEnded { unfinished: 0 };
        assert_eq!(tell(610, unfinished), silence);
        assert_eq!(tell(650, EntryKind::Ended(None)), silence);
        assert_eq!(tell(700, EntryKind::Opened), None);
    }
}
