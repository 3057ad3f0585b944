//! What was asked over HTTP about runs, with the answers.

use std::collections::{HashMap, HashSet};

use crate::check::shared::beginning::{as_text, value_of};
use crate::protocol::{Component, Route, RunRequest};
use crate::trace::Trace;
use crate::transcript::{Entry, EntryKind};

/// A request that is about a run, and its answer.
pub(crate) struct HttpRequest<'t> {
    pub(crate) route: Route<'t>,
    /// The request.
    pub(crate) request: &'t Entry,
    /// The answer, with its status code and the beginning of its body.
    pub(crate) answer: &'t Entry,
    pub(crate) status: u16,
    pub(crate) text: &'t str,
}

impl<'t> HttpRequest<'t> {
    /// Whether the server said that it did as it was asked.
    pub(crate) fn done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The run's status, as the answer's beginning has it.
    pub(crate) fn run_status(&self) -> Option<&'t str> {
        value_of(self.text, "status").and_then(as_text)
    }
}

/// The first answer over HTTP that refused a list without a token: so the server asks for one.
pub(crate) fn refused_without_token<'t>(trace: &Trace<'t>) -> Option<&'t Entry> {
    let mut asked: HashSet<&str> = HashSet::new();
    for entry in trace.transcript.entries() {
        match &entry.what {
            EntryKind::HttpRequest {
                method,
                path,
                with_token: false,
            } if method == "GET" && is_list(path) => {
                asked.insert(&entry.viewer);
            }
            EntryKind::HttpResponse { status, .. }
                if asked.remove(&*entry.viewer) && matches!(status, 401 | 403) =>
            {
                return Some(entry);
            }
            _ => {}
        }
    }
    None
}

/// Whether it is the path of a list of agents, teams or workflows.
fn is_list(path: &str) -> bool {
    let path = path.strip_prefix('/');
    Component::ALL.iter().any(|it| path == Some(it.segment()))
}

fn route(entry: &Entry) -> Option<Route<'_>> {
    match &entry.what {
        EntryKind::HttpRequest { method, path, .. } => {
            let (path, _) = path.split_once('?').unwrap_or((path, ""));
            Route::of(method, path)
        }
        _ => None,
    }
}

/// The runs that somebody asked to be cancelled, with or without success.
pub(crate) fn to_be_cancelled(trace: &Trace<'_>) -> HashSet<String> {
    let routes = trace.transcript.entries().iter().filter_map(route);
    let cancelled = routes.filter_map(|route| match route.request {
        RunRequest::Cancel(run_id) => Some(run_id.into_owned()),
        _ => None,
    });
    cancelled.collect()
}

/// Every request about a run that was answered, in the order of the requests.
pub(crate) fn http_requests<'t>(trace: &Trace<'t>) -> Vec<HttpRequest<'t>> {
    // A viewer asks one thing after the other.
    let mut open: HashMap<&str, &Entry> = HashMap::new();
    let mut all = Vec::new();
    for entry in trace.transcript.entries() {
        let request = match &entry.what {
            EntryKind::HttpRequest { .. } => {
                open.insert(&entry.viewer, entry);
                continue;
            }
            EntryKind::HttpResponse { .. } | EntryKind::HttpFailed(_) => {
                open.remove(&*entry.viewer)
            }
            _ => continue,
        };
        if let Some(request) = request
            && let Some(route) = route(request)
            && let EntryKind::HttpResponse { status, text } = &entry.what
        {
            all.push(HttpRequest {
                route,
                request,
                answer: entry,
                status: *status,
                text,
            });
        }
    }
    all.sort_by_key(|it| it.request.number);
    all
}
