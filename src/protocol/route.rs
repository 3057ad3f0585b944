//! The HTTP requests that are about runs, as paths below a server's HTTP address.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::{Control, Decoder, EventStream};

/// A request that is about a run (agno 2.4.0 and later; to resume and to continue, 2.6.0 and later).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Route<'p> {
    /// Starts a run: `/workflows/{workflow_id}/runs`.
    Start {
        /// The workflow.
        workflow_id: Cow<'p, str>,
    },
    /// Cancels a run: `/workflows/{workflow_id}/runs/{run_id}/cancel`.
    Cancel {
        /// The workflow.
        workflow_id: Cow<'p, str>,
        /// The workflow's run id.
        run_id: Cow<'p, str>,
    },
    /// Returns to a run: `/workflows/{workflow_id}/runs/{run_id}/resume`.
    Resume {
        /// The workflow.
        workflow_id: Cow<'p, str>,
        /// The workflow's run id.
        run_id: Cow<'p, str>,
    },
    /// Lets a paused run go on: `/workflows/{workflow_id}/runs/{run_id}/continue`.
    Continue {
        /// The workflow.
        workflow_id: Cow<'p, str>,
        /// The workflow's run id.
        run_id: Cow<'p, str>,
    },
    /// Asks how a run is, with `GET`: `/workflows/{workflow_id}/runs/{run_id}`.
    State {
        /// The workflow.
        workflow_id: Cow<'p, str>,
        /// The workflow's run id.
        run_id: Cow<'p, str>,
    },
}

impl<'p> Route<'p> {
    /// The path, percent-encoded.
    #[must_use]
    pub fn path(&self) -> String {
        let runs = format!("/workflows/{}/runs", path_part(self.workflow_id()));
        let of = |run_id: &str, what: &str| format!("{runs}/{}{what}", path_part(run_id));
        match self {
            Self::Start { .. } => runs,
            Self::Cancel { run_id, .. } => of(run_id, "/cancel"),
            Self::Resume { run_id, .. } => of(run_id, "/resume"),
            Self::Continue { run_id, .. } => of(run_id, "/continue"),
            Self::State { run_id, .. } => of(run_id, ""),
        }
    }

    /// The workflow.
    #[must_use]
    pub fn workflow_id(&self) -> &str {
        match self {
            Self::Start { workflow_id }
            | Self::Cancel { workflow_id, .. }
            | Self::Resume { workflow_id, .. }
            | Self::Continue { workflow_id, .. }
            | Self::State { workflow_id, .. } => workflow_id,
        }
    }

    /// The request with this method and path; `None` for every other.
    #[must_use]
    pub fn of(method: &str, path: &'p str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let ["workflows", workflow_id, "runs", rest @ ..] = parts.as_slice() else {
            return None;
        };
        let workflow_id = decoded(workflow_id);
        Some(match (method, rest) {
            ("POST", []) => Self::Start { workflow_id },
            ("POST", [run_id, "cancel"]) => Self::Cancel {
                workflow_id,
                run_id: decoded(run_id),
            },
            ("POST", [run_id, "resume"]) => Self::Resume {
                workflow_id,
                run_id: decoded(run_id),
            },
            ("POST", [run_id, "continue"]) => Self::Continue {
                workflow_id,
                run_id: decoded(run_id),
            },
            ("GET", [run_id]) => Self::State {
                workflow_id,
                run_id: decoded(run_id),
            },
            _ => return None,
        })
    }
}

/// What an answer to [`Route::Start`] says about the run that was started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpStarted {
    /// The run.
    pub run_id: Arc<str>,
    /// The session that it is in, where that is said.
    pub session_id: Option<Arc<str>>,
}

/// What an answer to [`Route::Start`] says about the run: in the first event of a stream that names one, or in
/// `queued`, or as fields of its JSON. Comments and other control messages may come before.
#[must_use]
pub fn started(text: &str) -> Option<HttpStarted> {
    let mut stream = EventStream::new(text.len());
    let mut decoder = Decoder::new();
    // No block is longer than all of it.
    let _ = stream.feed(text.as_bytes());
    while let Some(block) = stream.next_block() {
        match names_a_run(&block, &mut decoder) {
            Some(started) => return started,
            None => continue,
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

/// The run id in an answer to [`Route::Start`].
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
            let workflow_id = Cow::from("w");
            let run_id = Cow::from(text);
            for (method, route) in [
                (
                    "POST",
                    Route::Start {
                        workflow_id: text.into(),
                    },
                ),
                (
                    "POST",
                    Route::Cancel {
                        workflow_id: workflow_id.clone(),
                        run_id: run_id.clone(),
                    },
                ),
                (
                    "POST",
                    Route::Resume {
                        workflow_id: workflow_id.clone(),
                        run_id: run_id.clone(),
                    },
                ),
                (
                    "POST",
                    Route::Continue {
                        workflow_id: workflow_id.clone(),
                        run_id: run_id.clone(),
                    },
                ),
                (
                    "GET",
                    Route::State {
                        workflow_id,
                        run_id,
                    },
                ),
            ] {
                assert_eq!(Route::of(method, &route.path()), Some(route));
            }
        }
        let written_by_others = Route::of("POST", "/workflows/a=b%20c&d+e/runs");
        let workflow_id = "a=b c&d+e".into();
        assert_eq!(written_by_others, Some(Route::Start { workflow_id }));
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
