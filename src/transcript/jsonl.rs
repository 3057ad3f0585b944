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
use super::entry::{Entry, Leaving, Part, What};
use crate::protocol::{Decoder, Text};
use crate::transcript::spill;
use crate::transcript::spill::{Kept, Texts};

/// The version that this module writes, and the only one that it reads.
pub const VERSION: u32 = 1;

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
    visit: u32,
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
    GaveUp {
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
            visit: entry.visit,
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
        transcript.push(Duration::from_micros(line.at_us), viewer, line.visit, what);
    }
    Ok(transcript)
}

fn store(what: &What, read: impl FnOnce(&Kept) -> Text) -> Stored {
    match what {
        What::Opened => Stored::Opened(()),
        What::NotOpened(reason) => Stored::NotOpened(reason.clone()),
        What::Sent { text, .. } => Stored::Sent(text.clone()),
        What::Received { text, .. } => Stored::Received(read(text).to_string()),
        What::ReceivedBinary(length) => Stored::ReceivedBinary(*length),
        What::SentBinary(length) => Stored::SentBinary(*length),
        What::Left(leaving) => Stored::Left(leaving.word().to_owned()),
        What::CloseReceived { code, reason } => Stored::CloseReceived {
            code: *code,
            reason: reason.clone(),
        },
        What::Ended(reason) => Stored::Ended(reason.clone()),
        What::GaveUp { waiting_for, after } => Stored::GaveUp {
            waiting_for: waiting_for.clone(),
            after_us: micros(*after),
        },
        What::Watched(lasted) => Stored::WatchedUs(micros(*lasted)),
        What::Asked {
            method,
            path,
            with_token,
        } => Stored::Asked {
            method: method.clone(),
            path: path.clone(),
            with_token: *with_token,
        },
        What::Answered { status, text } => Stored::Answered {
            status: *status,
            text: text.clone(),
        },
        What::NotAnswered(reason) => Stored::NotAnswered(reason.clone()),
        What::StopsReading { too_many } => Stored::StopsReading {
            too_many: *too_many,
        },
        What::ReadsOn => Stored::ReadsOn(()),
        What::LeftOut(what) => Stored::LeftOut(what.clone()),
        What::Held { session_id, after } => Stored::Held {
            session_id: Arc::clone(session_id),
            after: *after,
        },
        What::Released { session_id } => Stored::Released {
            session_id: Arc::clone(session_id),
        },
        What::ComesAs { user } => Stored::ComesAs { user: user.clone() },
        What::AtAnotherReplica => Stored::AtAnotherReplica(()),
        What::Plays { workflow_id, part } => Stored::Plays {
            workflow_id: workflow_id.clone(),
            part: part.word().to_owned(),
        },
        What::Keeps { events } => Stored::Keeps { events: *events },
        What::Forgot { run_id } => Stored::Forgot {
            run_id: Arc::clone(run_id),
        },
        What::Restarted => Stored::Restarted(()),
    }
}

fn restore(stored: Stored, decoder: &mut Decoder, texts: &mut Texts) -> Result<What, String> {
    Ok(match stored {
        Stored::Opened(()) => What::Opened,
        Stored::NotOpened(reason) => What::NotOpened(reason),
        Stored::Sent(text) => What::sent(text),
        Stored::Received(text) => What::Received {
            message: decoder.decode(&text),
            text: texts.keep(&text),
        },
        Stored::ReceivedBinary(length) => What::ReceivedBinary(length),
        Stored::SentBinary(length) => What::SentBinary(length),
        Stored::Left(word) => What::Left(
            Leaving::of(&word).ok_or_else(|| format!("unknown way of leaving {word:?}"))?,
        ),
        Stored::CloseReceived { code, reason } => What::CloseReceived { code, reason },
        Stored::Ended(reason) => What::Ended(reason),
        Stored::GaveUp {
            waiting_for,
            after_us,
        } => What::GaveUp {
            waiting_for,
            after: Duration::from_micros(after_us),
        },
        Stored::WatchedUs(lasted) => What::Watched(Duration::from_micros(lasted)),
        Stored::Asked {
            method,
            path,
            with_token,
        } => What::Asked {
            method,
            path,
            with_token,
        },
        Stored::Answered { status, text } => What::Answered { status, text },
        Stored::NotAnswered(reason) => What::NotAnswered(reason),
        Stored::StopsReading { too_many } => What::StopsReading { too_many },
        Stored::ReadsOn(()) => What::ReadsOn,
        Stored::LeftOut(what) => What::LeftOut(what),
        Stored::Held { session_id, after } => What::Held { session_id, after },
        Stored::Released { session_id } => What::Released { session_id },
        Stored::ComesAs { user } => What::ComesAs { user },
        Stored::AtAnotherReplica(()) => What::AtAnotherReplica,
        Stored::Plays { workflow_id, part } => What::Plays {
            workflow_id,
            part: Part::of(&part).ok_or_else(|| format!("unknown part {part:?}"))?,
        },
        Stored::Keeps { events } => What::Keeps { events },
        Stored::Forgot { run_id } => What::Forgot { run_id },
        Stored::Restarted(()) => What::Restarted,
    })
}

/// A duration, as exact as it is stored.
pub(super) fn exact(duration: Duration) -> Duration {
    Duration::from_micros(micros(duration))
}

/// What happened, with its durations as exact as they are stored.
pub(super) fn exactly(what: What) -> What {
    match what {
        What::GaveUp { waiting_for, after } => What::GaveUp {
            waiting_for,
            after: exact(after),
        },
        What::Watched(lasted) => What::Watched(exact(lasted)),
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
        visit: entry.visit,
        what: store(&entry.what, Kept::read),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_replica_is_read_again() {
        let mut transcript = Transcript::new();
        transcript.push(Duration::ZERO, &"Ada".into(), 2, What::AtAnotherReplica);
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        let entry = &again.entries()[0];
        assert!(matches!(entry.what, What::AtAnotherReplica) && entry.visit == 2);
    }

    #[test]
    fn who_does_not_read_is_read_again() {
        let mut transcript = Transcript::new();
        for what in [What::StopsReading { too_many: 7 }, What::ReadsOn] {
            transcript.push(Duration::from_millis(3), &"Ben".into(), 1, what);
        }
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        assert!(matches!(
            again.entries()[0].what,
            What::StopsReading { too_many: 7 }
        ));
        assert!(matches!(again.entries()[1].what, What::ReadsOn));
    }
}
