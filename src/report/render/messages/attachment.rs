//! The transcript of a scenario as an attachment, encoded, so that a formatter that prints everything
//! prints its name alone.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::report::model::run::{RunReport, ScenarioReport, Verdict};
use crate::report::text::escape::{escape_visible, escape_whole};
use crate::transcript::{Transcript, jsonl};

/// The media type of a whole transcript: JSON Lines.
const WHOLE: &str = "application/jsonl";
/// That of a part of one, which begins with a sentence.
const EXCERPT: &str = "text/plain";

/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 2_000;

/// The longest transcript that is attached whole, in bytes: of a scenario that shows a requirement's
/// clearest finding, or is inconclusive; and of any other, which is seldom read.
const LONGEST_TRANSCRIPT: usize = 200_000;
const LONGEST_OTHER: usize = 20_000;

/// How many entries of a longer one are attached, and how long each may be, in characters.
const MOST_ENTRIES: usize = 40;
const LONGEST_ENTRY: usize = 2_000;

/// The attachment, without the ids of the step and the attempt that it belongs to.
pub(super) fn of(
    report: &RunReport,
    transcript: &Transcript,
    scenario: &ScenarioReport,
) -> io::Result<Value> {
    let file = scenario.transcript.as_deref();
    let file = file.unwrap_or("transcript.jsonl");
    let name = file.rsplit('/').next().unwrap_or(file);
    let (media_type, text) = body(report, transcript, scenario, file)?;
    Ok(json!({
        "mediaType": media_type,
        "contentEncoding": "BASE64",
        "fileName": escape_visible(name, LONGEST_NAME),
        "body": BASE64_STANDARD.encode(text),
    }))
}

/// Whether the full transcript of this scenario is likely to be read: it shows the clearest finding of
/// a requirement, or is inconclusive.
fn matters(report: &RunReport, scenario: &ScenarioReport) -> bool {
    let clearest = report.requirements.iter().filter_map(|it| it.clearest());
    scenario.verdict == Verdict::Inconclusive
        || clearest.into_iter().any(|it| it.scenario == scenario.id)
}

/// The media type and the text: the transcript, or of a long one what the findings rest on and its beginning.
fn body(
    report: &RunReport,
    transcript: &Transcript,
    scenario: &ScenarioReport,
    file: &str,
) -> io::Result<(&'static str, String)> {
    let room = if matters(report, scenario) {
        LONGEST_TRANSCRIPT
    } else {
        LONGEST_OTHER
    };
    let mut whole = Bounded {
        bytes: Vec::new(),
        room,
    };
    if jsonl::write(transcript, &scenario.id, &mut whole).is_ok() {
        let whole = String::from_utf8(whole.bytes).map_err(io::Error::other)?;
        let lines: Vec<_> = whole.lines().map(escape_whole).collect();
        return Ok((WHOLE, lines.join("\n")));
    }
    let evidence = scenario.findings.iter().flat_map(|it| &it.finding.evidence);
    let evidence = evidence.filter_map(|number| transcript.entry(*number));
    let chosen: BTreeMap<_, _> = evidence
        .chain(transcript.entries())
        .take(MOST_ENTRIES)
        .map(|entry| (entry.number, entry))
        .collect();
    let mut text = format!(
        "{} of {} entries; the full transcript: {}\n",
        chosen.len(),
        transcript.entries().len(),
        escape_visible(file, LONGEST_NAME)
    );
    for entry in chosen.values() {
        text += &escape_visible(&jsonl::line(entry)?, LONGEST_ENTRY);
        text.push('\n');
    }
    Ok((EXCERPT, text))
}

/// Takes so much and no more.
struct Bounded {
    bytes: Vec<u8>,
    room: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.room {
            return Err(io::Error::other("too long"));
        }
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
