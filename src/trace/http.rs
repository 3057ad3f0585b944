//! A run that was started over HTTP: nothing of it is on the connection of a viewer who started it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::route::{self, HttpStarted};
use crate::protocol::{Route, RunRequest};
use crate::transcript::Transcript;
use crate::transcript::entry::{Entry, EntryKind, Number};

/// A start over HTTP that the server accepted.
#[derive(Debug)]
pub struct HttpStart<'t> {
    /// The request.
    pub request: &'t Entry,
    /// The answer, which names the run.
    pub answer: &'t Entry,
    pub(super) workflow_id: Cow<'t, str>,
    pub(super) session_id: Option<Arc<str>>,
}

/// By run: the requests to let it go on that were done, each by the number of the request.
pub(super) fn continues(transcript: &Transcript) -> HashMap<String, Vec<Number>> {
    let mut continues: HashMap<String, Vec<Number>> = HashMap::new();
    // A viewer asks one thing after the other.
    let mut open: HashMap<&str, (Number, String)> = HashMap::new();
    for entry in transcript.entries() {
        match &entry.what {
            EntryKind::HttpRequest { method, path, .. } => {
                open.remove(&*entry.viewer);
                let route = Route::of(method, path).map(|route| route.request);
                if let Some(RunRequest::Continue(run)) = route {
                    open.insert(&entry.viewer, (entry.number, run.into_owned()));
                }
            }
            EntryKind::HttpResponse { status, .. } => {
                let asked = open.remove(&*entry.viewer);
                if let Some((number, run)) = asked.filter(|_| (200..300).contains(status)) {
                    continues.entry(run).or_default().push(number);
                }
            }
            EntryKind::HttpFailed(_) => drop(open.remove(&*entry.viewer)),
            _ => {}
        }
    }
    continues
}

/// The runs that were started over HTTP, by id.
pub(super) fn starts(transcript: &Transcript) -> HashMap<Arc<str>, HttpStart<'_>> {
    let mut starts = HashMap::new();
    // A viewer asks one thing after the other.
    let mut open: HashMap<&str, &Entry> = HashMap::new();
    for entry in transcript.entries() {
        match &entry.what {
            EntryKind::HttpRequest { .. } => {
                open.insert(&entry.viewer, entry);
            }
            EntryKind::HttpFailed(_) => {
                open.remove(&*entry.viewer);
            }
            EntryKind::HttpResponse { status, text } => {
                if let Some(request) = open.remove(&*entry.viewer)
                    && let EntryKind::HttpRequest { method, path, .. } = &request.what
                    && let Some(Route {
                        id: workflow_id,
                        request: RunRequest::Start,
                        ..
                    }) = Route::of(method, path)
                    && (200..300).contains(status)
                    && let Some(HttpStarted { run_id, session_id }) = route::started(text)
                {
                    starts.entry(run_id).or_insert(HttpStart {
                        request,
                        answer: entry,
                        workflow_id,
                        session_id,
                    });
                }
            }
            _ => {}
        }
    }
    starts
}
