//! Connections with events that nobody can assign to a run: only START-5 judges what is on them. To every
//! other check such an event is missing, or one too many.

use std::collections::HashSet;

use crate::check::finding::{CheckVerdict, Finding};
use crate::trace::Trace;

/// The verdict of a check without the findings that rest on such a connection.
pub(crate) fn sound(trace: &Trace<'_>, verdict: CheckVerdict) -> CheckVerdict {
    let CheckVerdict::Failed(mut findings) = verdict else {
        return verdict;
    };
    if trace.unassigned.is_empty() {
        return CheckVerdict::Failed(findings);
    }
    let places = trace.unassigned.iter();
    let connections: HashSet<(&str, u32)> = places
        .map(|place| trace.connection(*place))
        .map(|it| (it.viewer, it.number))
        .collect();
    let mut viewer = None;
    findings.retain(|finding: &Finding| {
        let entries = finding.evidence.iter();
        let mut entries = entries.filter_map(|number| trace.transcript.entry(*number));
        let on_one = entries.find(|it| connections.contains(&(&*it.viewer, it.connection)));
        viewer = viewer.or(on_one.map(|entry| &entry.viewer));
        on_one.is_none()
    });
    match viewer.filter(|_| findings.is_empty()) {
        None => CheckVerdict::Failed(findings),
        Some(viewer) => CheckVerdict::Inconclusive(format!(
            "{viewer} watched several runs on one connection, and got events on it that name none of them \
             (START-5)"
        )),
    }
}
