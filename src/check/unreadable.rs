//! Messages that cannot be read, among those that a finding rests on: what is missing may have been in one of
//! them, so the finding names it.

use crate::check::describe;
use crate::check::finding::{CheckVerdict, Finding};
use crate::protocol::Body;
use crate::trace::Trace;
use crate::transcript::{Entry, Number};

/// The most entries that a finding names.
const EVIDENCE: usize = 8;

/// The verdict, with the first message that could not be read in each of its findings.
pub(crate) fn named(trace: &Trace<'_>, verdict: CheckVerdict) -> CheckVerdict {
    let CheckVerdict::Failed(findings) = verdict else {
        return verdict;
    };
    let entries = trace.transcript.entries().iter();
    let unreadable: Vec<&Entry> = entries.filter(|entry| is_unreadable(entry)).collect();
    let name = |mut finding: Finding| {
        if let Some(entry) = within(trace, &unreadable, &finding.evidence) {
            finding.observed = format!(
                "{}; without it, {}",
                describe::entry(entry),
                finding.observed
            );
            let place = finding.evidence.partition_point(|it| *it < entry.number);
            if finding.evidence.len() < EVIDENCE {
                finding.evidence.insert(place, entry.number);
            }
        }
        finding
    };
    CheckVerdict::Failed(findings.into_iter().map(name).collect())
}

fn is_unreadable(entry: &Entry) -> bool {
    let body = entry.message().map(|message| &message.body);
    matches!(body, Some(Body::Unintelligible(_)))
}

/// The first of these that came between the entries of the evidence, on one of their connections, and is not one
/// of them.
fn within<'t>(
    trace: &Trace<'_>,
    unreadable: &[&'t Entry],
    evidence: &[Number],
) -> Option<&'t Entry> {
    let (first, last) = (*evidence.first()?, *evidence.last()?);
    let from = unreadable.partition_point(|entry| entry.number <= first);
    let between = unreadable[from..].iter();
    let mut between = between.take_while(|entry| entry.number < last);
    between
        .find(|entry| {
            let on_its_connection = |number: &Number| {
                trace.transcript.entry(*number).is_some_and(|it| {
                    (&it.viewer, it.connection) == (&entry.viewer, entry.connection)
                })
            };
            !evidence.contains(&entry.number) && evidence.iter().any(on_its_connection)
        })
        .copied()
}
