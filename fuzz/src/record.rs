//! Stored transcripts: what is written is what was recorded, a stored record is judged like the one in
//! memory, and no check can be brought to its knees.

use std::io::BufReader;

use reconnect_acceptance::check::{CheckVerdict, registry};
use reconnect_acceptance::trace::Trace;
use reconnect_acceptance::transcript::{Transcript, jsonl};

/// JSON Lines, or a recipe of a conversation.
pub fn record(bytes: &[u8]) {
    if let Some(mut recipe) = crate::recipe_in(bytes) {
        if let Ok(transcript) = crate::recipe::conversation::transcript(&mut recipe) {
            stored(&transcript);
        }
        return;
    }
    match jsonl::read(BufReader::new(bytes)) {
        Ok(transcript) => stored(&transcript),
        Err(jsonl::Error::Line { line, reason }) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&line), "line {line} of {lines}");
            assert!(!reason.is_empty());
        }
        // Bytes that are no text.
        Err(jsonl::Error::Io(error)) => {
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{error}");
        }
    }
}

/// Writes and reads it; both are the same, and are judged the same.
fn stored(transcript: &Transcript) {
    let written = write(transcript);
    let again = jsonl::read(&*written).expect("what is written is read");
    assert_eq!(
        text(&write(&again)),
        text(&written),
        "what is read is written as it was"
    );
    let all = transcript.entries().iter().zip(again.entries());
    for (entry, again) in all {
        assert_eq!(format!("{entry:?}"), format!("{again:?}"));
    }
    assert_eq!(transcript.entries().len(), again.entries().len());
    let lines = text(&written).lines().skip(1);
    for (line, entry) in lines.zip(transcript.entries()) {
        assert_eq!(line, jsonl::line(entry).expect("an entry is writable"));
    }
    let judged = judge(transcript);
    for ((id, one), (_, other)) in judged.iter().zip(judge(&again)) {
        assert_eq!(*one, other, "{id} judges the stored record otherwise");
    }
    sound(&judged, transcript);
}

fn write(transcript: &Transcript) -> Vec<u8> {
    let mut written = Vec::new();
    jsonl::write(transcript, "a › \u{202e}scenario", &mut written).expect("a vector takes all");
    written
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a transcript is text")
}

fn judge(transcript: &Transcript) -> Vec<(&'static str, CheckVerdict)> {
    let trace = Trace::of(transcript);
    registry::all()
        .map(|requirement| (requirement.id, (requirement.check)(&trace)))
        .collect()
}

/// A finding says what and where; what was not judged says why.
fn sound(judged: &[(&str, CheckVerdict)], transcript: &Transcript) {
    for (id, check_verdict) in judged {
        match check_verdict {
            CheckVerdict::Passed => {}
            CheckVerdict::Inconclusive(why) => assert!(!why.trim().is_empty(), "{id}: no reason"),
            CheckVerdict::Failed(findings) => {
                assert!(!findings.is_empty(), "{id}: broken without a finding");
                for it in findings {
                    assert!(!it.expected.trim().is_empty(), "{id}: {it:?}");
                    assert!(!it.observed.trim().is_empty(), "{id}: {it:?}");
                    assert!(!it.evidence.is_empty(), "{id}: no evidence for {it:?}");
                    for number in &it.evidence {
                        assert!(
                            transcript.entry(*number).is_some(),
                            "{id}: there is no entry {number}"
                        );
                    }
                }
            }
        }
    }
}
