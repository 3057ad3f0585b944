//! The HTTP requests that are about runs, as paths below a server's HTTP address.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::Decoder;

/// A `POST` request that is about a run (agno 2.4.0 and later).
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
}

impl<'p> Route<'p> {
    /// The path, percent-encoded.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Start { workflow_id } => format!("/workflows/{}/runs", path_part(workflow_id)),
            Self::Cancel {
                workflow_id,
                run_id,
            } => format!(
                "/workflows/{}/runs/{}/cancel",
                path_part(workflow_id),
                path_part(run_id)
            ),
        }
    }

    /// The request with this method and path; `None` for every other.
    #[must_use]
    pub fn of(method: &str, path: &'p str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if method != "POST" {
            return None;
        }
        match parts.as_slice() {
            ["workflows", workflow_id, "runs"] => Some(Self::Start {
                workflow_id: decoded(workflow_id),
            }),
            ["workflows", workflow_id, "runs", run_id, "cancel"] => Some(Self::Cancel {
                workflow_id: decoded(workflow_id),
                run_id: decoded(run_id),
            }),
            _ => None,
        }
    }
}

/// The run id in an answer to [`Route::Start`]: in its first event, or as a field of its JSON.
#[must_use]
pub fn run_of_answer(text: &str) -> Option<Arc<str>> {
    let first = text.split_inclusive("\n\n").next().unwrap_or(text);
    let message = Decoder::new().decode(first);
    if let Some(event) = message.event() {
        return event.run().cloned();
    }
    let fields: Value = serde_json::from_str(text).ok()?;
    Some(fields.get("run_id")?.as_str()?.into())
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
            for route in [
                Route::Start {
                    workflow_id: text.into(),
                },
                Route::Cancel {
                    workflow_id: "w".into(),
                    run_id: text.into(),
                },
            ] {
                assert_eq!(Route::of("POST", &route.path()), Some(route));
            }
        }
        let written_by_others = Route::of("POST", "/workflows/a=b%20c&d+e/runs");
        let workflow_id = "a=b c&d+e".into();
        assert_eq!(written_by_others, Some(Route::Start { workflow_id }));
        assert_eq!(Route::of("GET", "/workflows/w/runs"), None);
        assert_eq!(Route::of("POST", "/workflows/w/runs/r/resume"), None);
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
        for text in [
            "",
            "{}",
            "<html>",
            "event: WorkflowError\ndata: {\"event\": \"WorkflowError\"}\n\n",
        ] {
            assert_eq!(run(text), None, "{text}");
        }
    }
}
