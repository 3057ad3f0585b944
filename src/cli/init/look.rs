//! What a server shows by itself. Each wait is bounded, whatever it sends, and so is what is kept of it.

use std::sync::Arc;

use hyper::Method;
use serde_json::Value;

use crate::client::http::{Answer, Ask, Site};
use crate::client::{Recorder, Viewer, ViewerError};
use crate::suite::environment::Environment;

/// How many workflows are kept.
pub(super) const MOST: usize = 40;
/// The longest id that is kept as one, in bytes.
const LONGEST_ID: usize = 200;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Whether the server asks for a token, as its greeting says.
    pub asks_for_token: Option<bool>,
    /// Its HTTP address that was looked at, where there is one.
    pub http_url: Option<String>,
    /// Its workflows; or why they are not known, as a sentence.
    pub workflows: Result<Workflows, String>,
    /// Its OpenAPI document, where it has one.
    pub openapi: Option<OpenApi>,
}

/// A list of workflows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Workflows {
    /// The first of them.
    pub first: Vec<Workflow>,
    /// How many there are.
    pub all: usize,
}

/// A workflow, as the server lists it: any text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Workflow {
    pub id: String,
    pub name: String,
}

/// What an OpenAPI document says about the requests that the suite sends.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OpenApi {
    /// Title and version: any text.
    pub title: String,
    /// Whether it names the request that starts a run.
    pub starts: bool,
    /// Whether it names the request that cancels a run.
    pub cancels: bool,
}

/// Why there is nothing to write down.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no connection, or no greeting: why.
    NotReached(String),
    /// The server refused the token.
    Refused,
}

/// Looks at the server.
pub(super) async fn at(
    environment: &Environment,
    http_url: Option<&str>,
) -> Result<Found, Trouble> {
    let recorder = Arc::new(Recorder::new(Arc::clone(&environment.redactor)));
    let mut viewer = environment.new_viewer("init", &recorder);
    let greeted = greeting(&mut viewer).await;
    let _ = viewer.retire().await;
    let asks_for_token = greeted?;
    let mut found = Found {
        asks_for_token,
        http_url: http_url.map(str::to_owned),
        workflows: Err("the suite knows no HTTP address of the server".to_owned()),
        openapi: None,
    };
    if let Some(site) = &environment.site {
        let mask = |text: String| recorder.mask(&text).into_owned();
        let masked = |answer: Answer| Answer {
            text: mask(answer.text),
            ..answer
        };
        let listed = get(environment, site, "/workflows").await;
        found.workflows = listed.map_err(mask).and_then(|it| workflows(&masked(it)));
        let document = get(environment, site, "/openapi.json").await;
        found.openapi = document.ok().and_then(|it| openapi(&masked(it)));
    }
    Ok(found)
}

async fn greeting(viewer: &mut Viewer) -> Result<Option<bool>, Trouble> {
    let not_reached = |error: ViewerError| {
        Trouble::NotReached(match error {
            ViewerError::NotConnected(error) => error.to_string(),
            error => format!("{error}; is this AgentOS's /workflows/ws?"),
        })
    };
    let asks = viewer.come().await.map_err(not_reached)?;
    if asks == Some(true) && viewer.token().is_some() {
        viewer.authenticate().await.map_err(|error| match error {
            ViewerError::TokenRefused => Trouble::Refused,
            error => not_reached(error),
        })?;
    }
    Ok(asks)
}

async fn get(environment: &Environment, site: &Site, path: &str) -> Result<Answer, String> {
    let ask = Ask {
        method: Method::GET,
        path: path.to_owned(),
        form: Vec::new(),
        token: environment.token.clone(),
    };
    site.ask(&ask)
        .await
        .map_err(|reason| format!("it got no answer: {reason}"))
}

/// The workflows of an answer to `GET /workflows`.
pub(super) fn workflows(answer: &Answer) -> Result<Workflows, String> {
    let status = answer.status;
    match status {
        200..=299 => {}
        401 | 403 => {
            return Err(format!(
                "it was answered by {status}: the server asks for a token; name its variable with --token-env"
            ));
        }
        _ => return Err(format!("it was answered by {status}")),
    }
    let Ok(Value::Array(all)) = serde_json::from_str(&answer.text) else {
        return Err(format!("its answer ({status}) is no list in JSON"));
    };
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    let first = all.iter().take(MOST).map(|it| Workflow {
        id: text(it, "id"),
        name: text(it, "name"),
    });
    Ok(Workflows {
        first: first.collect(),
        all: all.len(),
    })
}

/// What an answer to `GET /openapi.json` says, if it is such a document.
pub(super) fn openapi(answer: &Answer) -> Option<OpenApi> {
    let document: Value = serde_json::from_str(&answer.text).ok()?;
    let paths = document["paths"].as_object()?;
    let info = |key: &str| document["info"][key].as_str().unwrap_or_default();
    let has = |end: &str| {
        let mut all = paths.iter();
        all.any(|(path, methods)| {
            path.starts_with("/workflows/{") && path.ends_with(end) && methods.get("post").is_some()
        })
    };
    Some(OpenApi {
        title: format!("{} {}", info("title"), info("version")),
        starts: has("}/runs"),
        cancels: has("}/cancel"),
    })
}

impl Workflow {
    /// Whether the id can be written down as it is: visible, and not too long.
    pub(super) fn is_plain(&self) -> bool {
        let is_visible = |c: char| c == ' ' || c.is_alphanumeric() || c.is_ascii_graphic();
        !self.id.is_empty() && self.id.len() <= LONGEST_ID && self.id.chars().all(is_visible)
    }
}
