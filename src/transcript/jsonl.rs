//! The record as JSON Lines: a header with a version, then one line an entry.
//!
//! Texts stand verbatim and are decoded again when read, so a newer suite can judge an old record
//! with its newer eyes.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Transcript;
use super::entry::{Disconnect, Entry, EntryKind, Part};
use crate::protocol::{Decoder, Text};
use crate::transcript::spill;
use crate::transcript::spill::{StoredText, Texts};

/// The version that this module writes, and the only one that it reads.
pub const VERSION: u32 = 2;

/// The longest line that is read: the largest message a viewer takes, escaped.
const LONGEST_LINE: u64 = 512 << 20;

/// Why a stored transcript cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read at all.
    #[error("read the transcript: {0}")]
    Io(#[from] io::Error),
    /// A line is no entry.
    #[error("read line {line} of the transcript: {reason}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    transcript: u32,
    scenario: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Line {
    n: u32,
    at_us: u64,
    viewer: Arc<str>,
    connection: u32,
    #[serde(flatten)]
    what: Stored,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Opened(()),
    NotOpened(String),
    Sent(String),
    SentBinary(usize),
    Received(String),
    ReceivedBinary(usize),
    Left(String),
    CloseReceived {
        code: Option<u16>,
        reason: String,
    },
    Ended(Option<String>),
    TimedOut {
        waiting_for: String,
        after_us: u64,
    },
    WatchedUs(u64),
    Asked {
        method: String,
        path: String,
        with_token: bool,
    },
    Answered {
        status: u16,
        text: String,
    },
    NotAnswered(String),
    Held {
        session_id: Arc<str>,
        after: u64,
    },
    Released {
        session_id: Arc<str>,
    },
    ComesAs {
        user: String,
    },
    AtAnotherReplica(()),
    Plays {
        workflow_id: String,
        part: String,
    },
    StopsReading {
        too_many: u64,
    },
    ReadsOn(()),
    Keeps {
        events: u64,
    },
    Forgot {
        run_id: Arc<str>,
    },
    Restarted(()),
    LeftOut(String),
}

/// Writes the record.
///
/// # Errors
///
/// Those of the writer.
pub fn write(transcript: &Transcript, scenario: &str, out: &mut impl Write) -> io::Result<()> {
    let header = Header {
        transcript: VERSION,
        scenario,
    };
    serde_json::to_writer(&mut *out, &header)?;
    out.write_all(b"\n")?;
    let mut texts = spill::Reader::default();
    for entry in transcript.entries() {
        let line = Line {
            n: entry.number,
            at_us: micros(entry.at()),
            viewer: Arc::clone(&entry.viewer),
            connection: entry.connection,
            what: store(&entry.what, |text| texts.read(text)),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Reads a record, and decodes its texts again.
///
/// # Errors
///
/// [`Error::Line`] for a header of another version and for a line that is no entry, with its number.
pub fn read(input: impl BufRead) -> Result<Transcript, Error> {
    let mut input = input;
    let mut transcript = Transcript::new();
    let mut decoder = Decoder::new();
    let mut texts = Texts::default();
    // Each name once, and not once a line.
    let mut viewers: HashSet<Arc<str>> = HashSet::new();
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        let wrong = |reason: String| Error::Line {
            line: number,
            reason,
        };
        if io::Read::take(&mut input, LONGEST_LINE).read_line(&mut text)? == 0 {
            if number == 1 {
                return Err(wrong("the file is empty".to_owned()));
            }
            break;
        }
        if number == 1 {
            let header: serde_json::Value =
                serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            if header["transcript"] != VERSION {
                return Err(wrong(format!(
                    "version {} is not {VERSION}, the one that this suite reads",
                    header["transcript"]
                )));
            }
            continue;
        }
        let line: Line = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        // Findings name entries by number.
        let place = transcript.entries().len() + 1;
        if line.n as usize != place {
            let reason = format!("entry {} stands where entry {place} belongs", line.n);
            return Err(wrong(reason));
        }
        let what = restore(line.what, &mut decoder, &mut texts).map_err(wrong)?;
        if !viewers.contains(&line.viewer) {
            viewers.insert(Arc::clone(&line.viewer));
        }
        let viewer = viewers.get(&line.viewer).unwrap_or(&line.viewer);
        transcript.push(
            Duration::from_micros(line.at_us),
            viewer,
            line.connection,
            what,
        );
    }
    Ok(transcript)
}

fn store(what: &EntryKind, read: impl FnOnce(&StoredText) -> Text) -> Stored {
    match what {
        EntryKind::Opened => Stored::Opened(()),
        EntryKind::NotOpened(reason) => Stored::NotOpened(reason.clone()),
        EntryKind::Sent { text, .. } => Stored::Sent(text.clone()),
        EntryKind::Received { text, .. } => Stored::Received(read(text).to_string()),
        EntryKind::ReceivedBinary(length) => Stored::ReceivedBinary(*length),
        EntryKind::SentBinary(length) => Stored::SentBinary(*length),
        EntryKind::Left(disconnect) => Stored::Left(disconnect.word().to_owned()),
        EntryKind::CloseReceived { code, reason } => Stored::CloseReceived {
            code: *code,
            reason: reason.clone(),
        },
        EntryKind::Ended(reason) => Stored::Ended(reason.clone()),
        EntryKind::TimedOut { waiting_for, after } => Stored::TimedOut {
            waiting_for: waiting_for.clone(),
            after_us: micros(*after),
        },
        EntryKind::Watched(lasted) => Stored::WatchedUs(micros(*lasted)),
        EntryKind::Asked {
            method,
            path,
            with_token,
        } => Stored::Asked {
            method: method.clone(),
            path: path.clone(),
            with_token: *with_token,
        },
        EntryKind::Answered { status, text } => Stored::Answered {
            status: *status,
            text: text.clone(),
        },
        EntryKind::NotAnswered(reason) => Stored::NotAnswered(reason.clone()),
        EntryKind::StopsReading { too_many } => Stored::StopsReading {
            too_many: *too_many,
        },
        EntryKind::ReadsOn => Stored::ReadsOn(()),
        EntryKind::LeftOut(what) => Stored::LeftOut(what.clone()),
        EntryKind::Held { session_id, after } => Stored::Held {
            session_id: Arc::clone(session_id),
            after: *after,
        },
        EntryKind::Released { session_id } => Stored::Released {
            session_id: Arc::clone(session_id),
        },
        EntryKind::ComesAs { user } => Stored::ComesAs { user: user.clone() },
        EntryKind::AtAnotherReplica => Stored::AtAnotherReplica(()),
        EntryKind::Plays { workflow_id, part } => Stored::Plays {
            workflow_id: workflow_id.clone(),
            part: part.word().to_owned(),
        },
        EntryKind::Keeps { events } => Stored::Keeps { events: *events },
        EntryKind::Forgot { run_id } => Stored::Forgot {
            run_id: Arc::clone(run_id),
        },
        EntryKind::Restarted => Stored::Restarted(()),
    }
}

fn restore(stored: Stored, decoder: &mut Decoder, texts: &mut Texts) -> Result<EntryKind, String> {
    Ok(match stored {
        Stored::Opened(()) => EntryKind::Opened,
        Stored::NotOpened(reason) => EntryKind::NotOpened(reason),
        Stored::Sent(text) => EntryKind::sent(text),
        Stored::Received(text) => EntryKind::Received {
            message: decoder.decode(&text),
            text: texts.keep(&text),
        },
        Stored::ReceivedBinary(length) => EntryKind::ReceivedBinary(length),
        Stored::SentBinary(length) => EntryKind::SentBinary(length),
        Stored::Left(word) => EntryKind::Left(
            Disconnect::of(&word).ok_or_else(|| format!("unknown way of leaving {word:?}"))?,
        ),
        Stored::CloseReceived { code, reason } => EntryKind::CloseReceived { code, reason },
        Stored::Ended(reason) => EntryKind::Ended(reason),
        Stored::TimedOut {
            waiting_for,
            after_us,
        } => EntryKind::TimedOut {
            waiting_for,
            after: Duration::from_micros(after_us),
        },
        Stored::WatchedUs(lasted) => EntryKind::Watched(Duration::from_micros(lasted)),
        Stored::Asked {
            method,
            path,
            with_token,
        } => EntryKind::Asked {
            method,
            path,
            with_token,
        },
        Stored::Answered { status, text } => EntryKind::Answered { status, text },
        Stored::NotAnswered(reason) => EntryKind::NotAnswered(reason),
        Stored::StopsReading { too_many } => EntryKind::StopsReading { too_many },
        Stored::ReadsOn(()) => EntryKind::ReadsOn,
        Stored::LeftOut(what) => EntryKind::LeftOut(what),
        Stored::Held { session_id, after } => EntryKind::Held { session_id, after },
        Stored::Released { session_id } => EntryKind::Released { session_id },
        Stored::ComesAs { user } => EntryKind::ComesAs { user },
        Stored::AtAnotherReplica(()) => EntryKind::AtAnotherReplica,
        Stored::Plays { workflow_id, part } => EntryKind::Plays {
            workflow_id,
            part: Part::of(&part).ok_or_else(|| format!("unknown part {part:?}"))?,
        },
        Stored::Keeps { events } => EntryKind::Keeps { events },
        Stored::Forgot { run_id } => EntryKind::Forgot { run_id },
        Stored::Restarted(()) => EntryKind::Restarted,
    })
}

/// A duration, as exact as it is stored.
pub(super) fn exact(duration: Duration) -> Duration {
    Duration::from_micros(micros(duration))
}

/// What happened, with its durations as exact as they are stored.
pub(super) fn exactly(what: EntryKind) -> EntryKind {
    match what {
        EntryKind::TimedOut { waiting_for, after } => EntryKind::TimedOut {
            waiting_for,
            after: exact(after),
        },
        EntryKind::Watched(lasted) => EntryKind::Watched(exact(lasted)),
        what => what,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// One entry as the line that [`write()`] would give it, for reports.
///
/// # Errors
///
/// Never in practice: an entry is always writable as JSON.
pub fn line(entry: &Entry) -> serde_json::Result<String> {
    serde_json::to_string(&Line {
        n: entry.number,
        at_us: micros(entry.at()),
        viewer: Arc::clone(&entry.viewer),
        connection: entry.connection,
        what: store(&entry.what, StoredText::read),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_replica_is_read_again() {
        let mut transcript = Transcript::new();
        transcript.push(
            Duration::ZERO,
            &"Ada".into(),
            2,
            EntryKind::AtAnotherReplica,
        );
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        let entry = &again.entries()[0];
        assert!(matches!(entry.what, EntryKind::AtAnotherReplica) && entry.connection == 2);
    }

    #[test]
    fn who_does_not_read_is_read_again() {
        let mut transcript = Transcript::new();
        for what in [EntryKind::StopsReading { too_many: 7 }, EntryKind::ReadsOn] {
            transcript.push(Duration::from_millis(3), &"Ben".into(), 1, what);
        }
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        assert!(matches!(
            again.entries()[0].what,
            EntryKind::StopsReading { too_many: 7 }
        ));
        assert!(matches!(again.entries()[1].what, EntryKind::ReadsOn));
    }
}
