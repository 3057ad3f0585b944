//! What was asked over HTTP about runs, with the answers.

use crate::protocol::Route;
use crate::trace::Trace;
use crate::transcript::{Entry, EntryKind};

/// A request that is about a run, and its answer.
pub(crate) struct Asked<'t> {
    pub(crate) route: Route<'t>,
    /// The request.
    pub(crate) request: &'t Entry,
    /// The answer, with its status code and the beginning of its body.
    pub(crate) answer: &'t Entry,
    pub(crate) status: u16,
    pub(crate) text: &'t str,
}

impl Asked<'_> {
    /// Whether the server said that it did as it was asked.
    pub(crate) fn done(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Whether somebody asked for the run to be cancelled, with or without success.
pub(crate) fn to_be_cancelled(trace: &Trace<'_>, run: &str) -> bool {
    trace.transcript.entries().iter().any(|entry| {
        let EntryKind::Asked { method, path, .. } = &entry.what else {
            return false;
        };
        matches!(Route::of(method, path), Some(Route::Cancel { run_id, .. }) if run_id == run)
    })
}

/// Every request about a run that was answered, in order.
pub(crate) fn asked<'t>(trace: &Trace<'t>) -> Vec<Asked<'t>> {
    let entries = trace.transcript.entries();
    let mut all = Vec::new();
    for (place, request) in entries.iter().enumerate() {
        let EntryKind::Asked { method, path, .. } = &request.what else {
            continue;
        };
        let Some(route) = Route::of(method, path) else {
            continue;
        };
        // A viewer asks one thing after the other.
        let answer = entries.skip(place + 1).iter().find(|entry| {
            let over = matches!(
                entry.what,
                EntryKind::Asked { .. } | EntryKind::Answered { .. } | EntryKind::NotAnswered(_)
            );
            over && entry.viewer == request.viewer
        });
        if let Some(answer) = answer
            && let EntryKind::Answered { status, text } = &answer.what
        {
            all.push(Asked {
                route,
                request,
                answer,
                status: *status,
                text,
            });
        }
    }
    all
}
