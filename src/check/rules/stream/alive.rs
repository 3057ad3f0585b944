//! What a stream says while nothing happens: STREAM-2.

use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::stream::streams::{NO_STREAM, streams};
use crate::protocol::Control;
use crate::protocol::message::COMMENT;
use crate::trace::{Connection, Trace};
use crate::transcript::{Entry, EntryKind};

/// After how long at the latest a stream must say something, where the target declares nothing shorter.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(30);

pub(crate) fn speaks(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let limit = trace.longest_silence().unwrap_or(LONGEST_SILENCE);
    for (_, connection) in streams(trace) {
        look(connection, limit, &mut collector);
    }
    collector.check_verdict(NO_STREAM)
}

fn look(connection: &Connection<'_>, limit: Duration, collector: &mut Collector) {
    let mut latest: Option<&Entry> = None;
    let (mut comments, mut unwatched) = (0_usize, false);
    for entry in connection.entries.iter().copied() {
        match &entry.what {
            EntryKind::Opened => latest = Some(entry),
            EntryKind::Received { message, .. } => {
                let since = latest.map(|latest| entry.at().saturating_sub(latest.at()));
                // The suite itself may have stood still meanwhile.
                unwatched |= since.is_some_and(|since| since > limit);
                let is_comment = matches!(message.control(),
                    Some(Control::Other { name }) if &**name == COMMENT);
                comments += usize::from(is_comment);
                latest = Some(entry);
            }
            // Both measure only time in which the suite could run.
            EntryKind::TimedOut { after, .. } | EntryKind::Watched(after) if *after >= limit => {
                let Some(before) = latest else { continue };
                if entry.at().saturating_sub(before.at()) < *after {
                    continue;
                }
                return collector.failed(
                    format!(
                        "something, if only a comment, within {}",
                        describe::lasted(limit)
                    ),
                    format!("{} after {}", describe::entry(entry), begin(before)),
                    [before.number, entry.number],
                );
            }
            _ => {}
        }
    }
    match (comments, unwatched) {
        (1.., false) => collector.passed(),
        (1.., true) => collector.inconclusive("the suite itself stood still while it listened"),
        (0, _) => collector.inconclusive(format!(
            "no stream had nothing to say for {}",
            describe::lasted(limit)
        )),
    }
}

fn begin(entry: &Entry) -> String {
    match entry.what {
        EntryKind::Opened => "the beginning of the stream".to_owned(),
        _ => describe::entry(entry),
    }
}
