//! A viewer's requests over HTTP: `POST` with a form, and an answer that is a stream of server-sent events (agno
//! 2.6.0 and later).

use std::borrow::Cow;

use serde_json::Value;

use super::{Action, Component, Position, Route, RunRequest};

/// A request of a viewer, as it goes over HTTP.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Form {
    /// The path below the server's HTTP address, percent-encoded.
    pub path: String,
    /// The fields, in order.
    pub fields: Vec<(String, String)>,
}

/// What a viewer's text says: the text of a frame, or a request over HTTP as [`Form::to_text`] writes it.
#[must_use]
pub fn said(text: &str) -> Action {
    Form::action(text).unwrap_or_else(|| Action::of(text))
}

/// What stands before the path in a written request.
const METHOD: &str = "POST ";

impl Form {
    /// The request that says this about a run of a component; `None` for what HTTP has no request for: `ping`,
    /// `authenticate`, text that is no request, and a request that names no run where it has to.
    ///
    /// `id` is the component's, where the action itself names none; an empty one is no id.
    #[must_use]
    pub fn of(action: &Action, component: Component, id: &str) -> Option<Self> {
        let mut fields = Vec::new();
        let mut put = |name: &str, value: Option<String>| {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        let yes = || Some("true".to_owned());
        let (named, request) = match action {
            Action::Start {
                workflow_id,
                message,
                session_id,
            } => {
                put("message", Some(told(message)));
                put("stream", yes());
                put("background", yes());
                put("session_id", session_id.clone());
                (workflow_id, RunRequest::Start)
            }
            Action::Reconnect {
                run_id,
                position,
                workflow_id,
                session_id,
            } => {
                // Every field is text.
                if let Position::Odd(value) = position
                    && plain(value).parse::<u64>().is_ok()
                {
                    return None;
                }
                put("last_event_index", written(position));
                put("session_id", session_id.clone());
                (workflow_id, RunRequest::Resume(run_id.as_deref()?.into()))
            }
            Action::Continue {
                workflow_id,
                run_id,
                session_id,
                step_requirements,
            } => {
                put("session_id", session_id.clone());
                put("stream", yes());
                // A workflow's run that does not come by the durable queue is refused with it (agno 3.x).
                let kept = component != Component::Workflow;
                put("background", yes().filter(|_| kept));
                put(
                    component.question().list,
                    Some(step_requirements.to_string()),
                );
                (workflow_id, RunRequest::Continue(run_id.as_deref()?.into()))
            }
            Action::Authenticate { .. } | Action::Ping | Action::Other(_) => return None,
        };
        let id = named.as_deref().unwrap_or(id);
        if id.is_empty() {
            return None;
        }
        let route = Route {
            component,
            id: Cow::Borrowed(id),
            request,
        };
        Some(Self {
            path: route.path(),
            fields,
        })
    }

    /// The method and the path in one line, and the body in another.
    #[must_use]
    pub fn to_text(&self) -> String {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish();
        format!("{METHOD}{}\n{body}", self.path)
    }

    /// The kind of component that a written request is about, also one that is none of the protocol's; `None` where the
    /// text is no request.
    #[must_use]
    pub fn component(text: &str) -> Option<Component> {
        let (line, _) = text.split_once('\n')?;
        let (method, path) = line.split_once(' ')?;
        let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
        let mut methods = ["POST", "GET"].into_iter().filter(|_| is_method);
        Some(methods.find_map(|it| Route::of(it, path))?.component)
    }

    /// The request that is written so; `None` where the text is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::action(text)?;
        let (path, body) = text.strip_prefix(METHOD)?.split_once('\n')?;
        Some(Self {
            path: path.to_owned(),
            fields: form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .collect(),
        })
    }

    /// What a written request says; `None` where the text is none.
    #[must_use]
    pub fn action(text: &str) -> Option<Action> {
        let (path, body) = text.strip_prefix(METHOD)?.split_once('\n')?;
        // A form is one line.
        let route = Route::of("POST", path).filter(|_| !body.contains('\n'))?;
        let field = |name: &str| {
            let mut fields = form_urlencoded::parse(body.as_bytes());
            fields.find_map(|(is, value)| (is == name).then(|| value.into_owned()))
        };
        let id = Some(route.id.into_owned());
        let session_id = field("session_id");
        Some(match route.request {
            RunRequest::Start => Action::Start {
                workflow_id: id,
                message: Value::from(field("message").unwrap_or_default()),
                session_id,
            },
            RunRequest::Resume(run_id) => Action::Reconnect {
                run_id: Some(run_id.into_owned()),
                position: read(field("last_event_index")),
                workflow_id: id,
                session_id,
            },
            RunRequest::Continue(run_id) => Action::Continue {
                workflow_id: id,
                run_id: Some(run_id.into_owned()),
                session_id,
                step_requirements: field(route.component.question().list)
                    .and_then(|list| serde_json::from_str(&list).ok())
                    .unwrap_or_default(),
            },
            RunRequest::Cancel(_) | RunRequest::State(_) => return None,
        })
    }
}

/// A request that is none of the protocol's: another method, or a body that is no form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidRequest<'t> {
    /// The method.
    pub method: &'t str,
    /// The path below the server's HTTP address, percent-encoded.
    pub path: &'t str,
    /// The type of the body, and the body, where there is one.
    pub body: Option<(&'t str, &'t str)>,
}

/// What stands before the type of a body.
const CONTENT_TYPE: &str = "content-type: ";

impl<'t> InvalidRequest<'t> {
    /// The method and the path in one line, then the type of the body, an empty line and the body.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { method, path, body } = self;
        match body {
            Some((content_type, body)) => {
                format!("{method} {path}\n{CONTENT_TYPE}{content_type}\n\n{body}")
            }
            None => format!("{method} {path}\n"),
        }
    }

    /// The request that is written so; `None` where the text is none, or one of the protocol's.
    #[must_use]
    pub fn of(text: &'t str) -> Option<Self> {
        Form::component(text).filter(|_| Form::action(text).is_none())?;
        let (line, rest) = text.split_once('\n')?;
        let (method, path) = line.split_once(' ')?;
        let body = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(CONTENT_TYPE)?.split_once("\n\n")?),
        };
        Some(Self { method, path, body })
    }
}

/// What a run is told. An empty field counts as one that is left out.
#[must_use]
pub fn told(message: &Value) -> String {
    match plain(message) {
        text if text.is_empty() => " ".to_owned(),
        text => text,
    }
}

/// A value as the text of a field.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A position as the text of `last_event_index`, which is left out or empty for none.
fn written(position: &Position) -> Option<String> {
    match position {
        Position::At(index) => Some(index.to_string()),
        Position::Null => Some(String::new()),
        Position::Absent => None,
        Position::Odd(value) => Some(plain(value)),
    }
}

/// The position that the text of `last_event_index` names.
fn read(text: Option<String>) -> Position {
    match text {
        None => Position::Absent,
        Some(text) if text.is_empty() => Position::Null,
        Some(text) => match text.parse() {
            Ok(index) => Position::At(index),
            Err(_) => Position::Odd(Value::from(text)),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn returning(position: Position) -> Action {
        Action::Reconnect {
            run_id: Some("r/1".into()),
            position,
            workflow_id: Some("a b".into()),
            session_id: Some("s&t".into()),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let all = [
            returning(Position::At(19)),
            returning(Position::Null),
            returning(Position::Absent),
            returning(Position::Odd(json!("-1"))),
            Action::Start {
                workflow_id: Some("w".into()),
                message: json!("one\ntwo = 2"),
                session_id: None,
            },
            Action::Continue {
                workflow_id: Some("w".into()),
                run_id: Some("r".into()),
                session_id: Some("s".into()),
                step_requirements: json!([{"id": "a", "confirmed": true}]),
            },
        ];
        for action in all {
            for component in Component::ALL {
                let form = Form::of(&action, component, "x").expect("a request");
                assert_eq!(Form::action(&form.to_text()), Some(action.clone()));
                assert_eq!(said(&form.to_text()), action);
                assert_eq!(Form::read(&form.to_text()), Some(form));
            }
        }
    }

    #[test]
    fn a_request_is_written_as_it_is_sent() {
        let form = Form::of(&returning(Position::At(19)), Component::Team, "x");
        let text = form.expect("a request").to_text();
        assert_eq!(
            text,
            "POST /teams/a%20b/runs/r%2F1/resume\nlast_event_index=19&session_id=s%26t"
        );
    }

    #[test]
    fn an_invalid_request_is_read_again_and_is_no_action() {
        let path = "/agents/a/runs";
        for request in [
            InvalidRequest {
                method: "POST",
                path,
                body: Some(("application/json", "[1,\n\n2]")),
            },
            InvalidRequest {
                method: "POST",
                path,
                body: Some(("text/plain", "")),
            },
            InvalidRequest {
                method: "GET",
                path: "/agents/a/runs/r/resume",
                body: None,
            },
        ] {
            let text = request.to_text();
            assert_eq!(InvalidRequest::of(&text), Some(request));
            assert_eq!(Form::component(&text), Some(Component::Agent));
            assert_eq!(said(&text), Action::Other(text.clone()));
        }
        let form = Form::of(&returning(Position::At(19)), Component::Team, "x");
        let form = form.expect("a request").to_text();
        for text in [&form, "hello", "GET /x\n", "get /agents/a/runs\n", ""] {
            assert_eq!(InvalidRequest::of(text), None, "{text}");
        }
    }

    #[test]
    fn what_http_has_no_request_for_is_none() {
        let nameless = Action::Reconnect {
            run_id: None,
            position: Position::Null,
            workflow_id: None,
            session_id: None,
        };
        for action in [Action::Ping, Action::Other("[]".into()), nameless] {
            assert_eq!(Form::of(&action, Component::Agent, "a"), None);
        }
        for text in [
            "",
            "POST /agents/a/runs",
            "POST /x\n",
            "GET /agents/a/runs\n",
        ] {
            assert_eq!(Form::action(text), None, "{text}");
        }
    }
}
