//! The HTTP requests that are about runs, as paths below a server's HTTP address.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::{Component, Control, Decoder, EventStream};

/// A request that is about a run (agno 2.4.0 and later; to resume and to continue, 2.6.0 and later).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route<'p> {
    /// The kind of what is run.
    pub component: Component,
    /// The id of the agent, team or workflow.
    pub id: Cow<'p, str>,
    /// What is asked.
    pub request: RunRequest<'p>,
}

/// What is asked about a run, or for one; each with the id of the run. All but [`RunRequest::State`] are `POST`
/// requests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RunRequest<'p> {
    /// Starts a run: `/workflows/{id}/runs`.
    Start,
    /// Cancels a run: `/workflows/{id}/runs/{run_id}/cancel`.
    Cancel(Cow<'p, str>),
    /// Returns to a run: `/workflows/{id}/runs/{run_id}/resume`.
    Resume(Cow<'p, str>),
    /// Lets a paused run go on: `/workflows/{id}/runs/{run_id}/continue`.
    Continue(Cow<'p, str>),
    /// Asks how a run is, with `GET`: `/workflows/{id}/runs/{run_id}`.
    State(Cow<'p, str>),
}

impl<'p> Route<'p> {
    /// A request about a workflow's run.
    #[must_use]
    pub fn of_workflow(id: &'p str, request: RunRequest<'p>) -> Self {
        Self::about(Component::Workflow, id, request)
    }

    /// A request about a run of this component.
    #[must_use]
    pub fn about(component: Component, id: &'p str, request: RunRequest<'p>) -> Self {
        Self {
            component,
            id: id.into(),
            request,
        }
    }

    /// The path, percent-encoded.
    #[must_use]
    pub fn path(&self) -> String {
        let runs = format!("/{}/{}/runs", self.component.segment(), path_part(&self.id));
        let of = |run_id: &str, what: &str| format!("{runs}/{}{what}", path_part(run_id));
        match &self.request {
            RunRequest::Start => runs,
            RunRequest::Cancel(run_id) => of(run_id, "/cancel"),
            RunRequest::Resume(run_id) => of(run_id, "/resume"),
            RunRequest::Continue(run_id) => of(run_id, "/continue"),
            RunRequest::State(run_id) => of(run_id, ""),
        }
    }

    /// The request with this method and path; `None` for every other.
    #[must_use]
    pub fn of(method: &str, path: &'p str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let [segment, id, "runs", rest @ ..] = parts.as_slice() else {
            return None;
        };
        let mut components = Component::ALL.into_iter();
        let component = components.find(|it| it.segment() == *segment)?;
        let request = match (method, rest) {
            ("POST", []) => RunRequest::Start,
            ("POST", [run_id, "cancel"]) => RunRequest::Cancel(decoded(run_id)),
            ("POST", [run_id, "resume"]) => RunRequest::Resume(decoded(run_id)),
            ("POST", [run_id, "continue"]) => RunRequest::Continue(decoded(run_id)),
            ("GET", [run_id]) => RunRequest::State(decoded(run_id)),
            _ => return None,
        };
        Some(Self {
            component,
            id: decoded(id),
            request,
        })
    }
}

/// What an answer to [`RunRequest::Start`] says about the run that was started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpStarted {
    /// The run.
    pub run_id: Arc<str>,
    /// The session that it is in, where that is said.
    pub session_id: Option<Arc<str>>,
}

/// What an answer to [`RunRequest::Start`] says about the run: in the first event of a stream that names one, or in
/// `queued`, or as fields of its JSON. Comments and other control messages may come before.
#[must_use]
pub fn started(text: &str) -> Option<HttpStarted> {
    let mut stream = EventStream::new(text.len());
    let mut decoder = Decoder::new();
    // No block is longer than all of it.
    let _ = stream.feed(text.as_bytes());
    while let Some(block) = stream.next_block() {
        if let Some(started) = names_a_run(&block, &mut decoder) {
            return started;
        }
    }
    let fields: Value = serde_json::from_str(text).ok()?;
    let field = |name| Some(fields.get(name)?.as_str()?.into());
    Some(HttpStarted {
        run_id: field("run_id")?,
        session_id: field("session_id"),
    })
}

/// What a block of a stream says about the run that was started: `None` where it may be said later,
/// `Some(None)` where the first event names no run.
pub(crate) fn names_a_run(block: &[u8], decoder: &mut Decoder) -> Option<Option<HttpStarted>> {
    let message = decoder.decode(&String::from_utf8_lossy(block));
    if let Some(Control::Queued { run_id: Some(id) }) = message.control() {
        return Some(Some(HttpStarted {
            run_id: Arc::clone(id),
            session_id: None,
        }));
    }
    let event = message.event()?;
    Some(event.run().map(|run| HttpStarted {
        run_id: Arc::clone(run),
        session_id: event.session_id.clone(),
    }))
}

/// The run id in an answer to [`RunRequest::Start`].
#[must_use]
pub fn run_of_answer(text: &str) -> Option<Arc<str>> {
    started(text).map(|it| it.run_id)
}

/// One part of a path, percent-encoded.
#[must_use]
pub fn path_part(text: &str) -> String {
    // In a form a space is a plus, which a path does not know.
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}

fn decoded(part: &str) -> Cow<'_, str> {
    if !part.contains('%') {
        return Cow::Borrowed(part);
    }
    // These mean something in forms only.
    let part = part
        .replace('+', "%2B")
        .replace('=', "%3D")
        .replace('&', "%26");
    let pair = form_urlencoded::parse(part.as_bytes()).next();
    Cow::Owned(pair.map_or_else(String::new, |(name, _)| name.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["w", "a b/c?é+", "100%", "a=b&c"] {
            let run_id = || Cow::from(text);
            for (method, request) in [
                ("POST", RunRequest::Start),
                ("POST", RunRequest::Cancel(run_id())),
                ("POST", RunRequest::Resume(run_id())),
                ("POST", RunRequest::Continue(run_id())),
                ("GET", RunRequest::State(run_id())),
            ] {
                for component in Component::ALL {
                    let route = Route {
                        component,
                        id: text.into(),
                        request: request.clone(),
                    };
                    assert_eq!(Route::of(method, &route.path()), Some(route));
                }
            }
        }
        let written_by_others = Route::of("POST", "/workflows/a=b%20c&d+e/runs");
        let expected = Route::of_workflow("a=b c&d+e", RunRequest::Start);
        assert_eq!(written_by_others, Some(expected));
        assert_eq!(Route::of("GET", "/workflows/w/runs"), None);
        assert_eq!(Route::of("GET", "/workflows/w/runs/r/resume"), None);
        assert_eq!(Route::of("POST", "/workflows/w/runs/r"), None);
    }

    #[test]
    fn parts_of_a_path_are_encoded() {
        assert_eq!(path_part("a b/c?é+"), "a%20b%2Fc%3F%C3%A9%2B");
    }

    #[test]
    fn an_answer_names_its_run() {
        let run = |text: &str| run_of_answer(text).as_deref().map(str::to_owned);
        let event =
            "event: WorkflowStarted\ndata: {\"event\": \"WorkflowStarted\", \"run_id\": \"r\"}\n\n";
        assert_eq!(run(event).as_deref(), Some("r"));
        assert_eq!(run(&format!("{event}event: StepSta")).as_deref(), Some("r"));
        assert_eq!(
            run(r#"{"run_id": "r", "status": "PENDING"}"#).as_deref(),
            Some("r")
        );
        for before in [
            ": connected\n\n",
            ": a\r\n\r\n: b\n\n",
            "data: {\"event\": \"connected\"}\n\n",
            "retry: 3\n\n",
        ] {
            let text = format!("{before}{event}");
            assert_eq!(run(&text).as_deref(), Some("r"), "{text}");
        }
        let queued = "event: queued\ndata: {\"event\": \"queued\", \"run_id\": \"r\"}\n\n";
        assert_eq!(run(queued).as_deref(), Some("r"));
        for text in [
            "",
            "{}",
            "<html>",
            ": connected\n\n",
            "event: WorkflowError\ndata: {\"event\": \"WorkflowError\"}\n\n",
        ] {
            assert_eq!(run(text), None, "{text}");
        }
    }
}
