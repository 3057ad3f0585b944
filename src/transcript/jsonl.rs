//! The transcript as JSON Lines: a header with a version, then one line per entry.
//!
//! Texts are stored verbatim and decoded again when read, so that a newer suite judges an old
//! transcript by what it knows now.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Transcript;
use super::entry::{Entry, EntryKind};
use crate::transcript::codec;

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

#[derive(Serialize)]
struct LineRef<'a> {
    n: u32,
    at_us: u64,
    viewer: &'a str,
    connection: u32,
    #[serde(flatten)]
    what: &'a EntryKind,
}

impl<'a> From<&'a Entry> for LineRef<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            n: entry.number,
            at_us: codec::micros(entry.at()),
            viewer: &entry.viewer,
            connection: entry.connection,
            what: &entry.what,
        }
    }
}

#[derive(Deserialize)]
struct Line {
    n: u32,
    at_us: u64,
    viewer: Arc<str>,
    connection: u32,
    #[serde(flatten)]
    what: EntryKind,
}

/// Writes the transcript.
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
    let _fresh = codec::Fresh::begin();
    for entry in transcript.entries() {
        serde_json::to_writer(&mut *out, &LineRef::from(entry))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Reads a transcript, and decodes its texts again.
///
/// # Errors
///
/// [`Error::Line`] for a header of another version and for a line that is no entry, with its number.
pub fn read(input: impl BufRead) -> Result<Transcript, Error> {
    let mut input = input;
    let mut transcript = Transcript::new();
    let _fresh = codec::Fresh::begin();
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
            let reason = format!("entry {} is where entry {place} belongs", line.n);
            return Err(wrong(reason));
        }
        if !viewers.contains(&line.viewer) {
            viewers.insert(Arc::clone(&line.viewer));
        }
        let viewer = viewers.get(&line.viewer).unwrap_or(&line.viewer);
        transcript.push(
            Duration::from_micros(line.at_us),
            viewer,
            line.connection,
            line.what,
        );
    }
    Ok(transcript)
}

/// One entry as the line that [`write()`] would give it, for reports.
///
/// # Errors
///
/// Never in practice: an entry is always writable as JSON.
pub fn line(entry: &Entry) -> serde_json::Result<String> {
    let _fresh = codec::Fresh::begin();
    serde_json::to_string(&LineRef::from(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Decoder;
    use crate::transcript::{Disconnect, Part, ShownToken};

    /// The names are a contract: stored transcripts are read by them.
    #[test]
    fn each_kind_is_stored_under_its_name_and_read_again() {
        let kinds = [
            (EntryKind::Opened, r#""opened":null"#),
            (EntryKind::sent("hi"), r#""sent":"hi""#),
            (EntryKind::SentBinary(3), r#""sent_binary":3"#),
            (
                EntryKind::ShowsToken(ShownToken::Own),
                r#""shows_token":"own""#,
            ),
            (
                EntryKind::ShowsToken(ShownToken::None),
                r#""shows_token":"none""#,
            ),
            (
                EntryKind::ShowsToken(ShownToken::Wrong),
                r#""shows_token":"wrong""#,
            ),
            (
                EntryKind::received("{}", &mut Decoder::new()),
                r#""received":"{}""#,
            ),
            (
                EntryKind::Disconnected(Disconnect::MidMessage),
                r#""disconnected":"mid-message""#,
            ),
            (EntryKind::Ended(None), r#""ended":null"#),
            (
                EntryKind::TimedOut {
                    waiting_for: "it".to_owned(),
                    after: Duration::from_millis(2),
                },
                r#""timed_out":{"waiting_for":"it","after_us":2000}"#,
            ),
            (
                EntryKind::Watched(Duration::from_millis(5)),
                r#""watched_us":5000"#,
            ),
            (
                EntryKind::HttpFailed("refused".to_owned()),
                r#""http_failed":"refused""#,
            ),
            (
                EntryKind::BreakpointReached {
                    session_id: "s".into(),
                    after: 3,
                },
                r#""breakpoint_reached":{"session_id":"s","after":3}"#,
            ),
            (
                EntryKind::Part {
                    workflow_id: "w".to_owned(),
                    part: Part::Long,
                },
                r#""part":{"workflow_id":"w","part":"long"}"#,
            ),
            (
                EntryKind::Retention { events: 5 },
                r#""retention":{"events":5}"#,
            ),
            (
                EntryKind::Quiet(Duration::from_millis(1500)),
                r#""quiet_us":1500000"#,
            ),
            (
                EntryKind::LongestSilence(Duration::from_secs(1)),
                r#""longest_silence_us":1000000"#,
            ),
            (
                EntryKind::RunDropped { run_id: "r".into() },
                r#""run_dropped":{"run_id":"r"}"#,
            ),
            (EntryKind::NotTried("x".to_owned()), r#""not_tried":"x""#),
        ];
        let mut transcript = Transcript::new();
        for (what, _) in &kinds {
            transcript.push(Duration::from_millis(3), &"Ben".into(), 1, what.clone());
        }
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        let lines = String::from_utf8(written).expect("text");
        for (n, (line, (what, stored))) in lines.lines().skip(1).zip(&kinds).enumerate() {
            let number = n + 1;
            let expected =
                format!(r#"{{"n":{number},"at_us":3000,"viewer":"Ben","connection":1,{stored}}}"#);
            assert_eq!(line, expected);
            assert_eq!(
                format!("{:?}", again.entries()[n].what),
                format!("{what:?}")
            );
        }
    }

    #[test]
    fn another_replica_and_another_wire_are_read_again() {
        let mut transcript = Transcript::new();
        for what in [EntryKind::AtAnotherReplica, EntryKind::SpeaksOverHttp] {
            transcript.push(Duration::ZERO, &"Ada".into(), 2, what);
        }
        let mut written = Vec::new();
        write(&transcript, "a scenario", &mut written).expect("written");
        let again = read(&*written).expect("read");
        let entry = &again.entries()[0];
        assert!(matches!(entry.what, EntryKind::AtAnotherReplica) && entry.connection == 2);
        let next = &again.entries()[1];
        assert!(matches!(next.what, EntryKind::SpeaksOverHttp));
    }

    #[test]
    fn a_slow_consumer_is_read_again() {
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
