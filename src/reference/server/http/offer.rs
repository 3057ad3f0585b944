//! What front ends ask before they start anything, as agno 3.1.10 answers it.
//!
//! - `GET /health`: whether the server is there; no token is needed
//! - `GET /config`: what can be started, all kinds together
//! - `GET /workflows`, `/agents`, `/teams`: those that can be started

use hyper::Method;
use serde_json::{Value, json};

use crate::protocol::Component;
use crate::reference::model::script::Script;

/// The question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Question {
    Health,
    Config,
    List(Component),
}

impl Question {
    /// The question that a request is, if it is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        if method != Method::GET {
            return None;
        }
        match path.trim_matches('/') {
            "health" => Some(Self::Health),
            "config" => Some(Self::Config),
            segment => {
                let mut components = Component::ALL.into_iter();
                let component = components.find(|it| it.segment() == segment);
                component.map(Self::List)
            }
        }
    }

    /// The answer, on a server with these scripts.
    pub(super) fn answer(self, scripts: &[Script]) -> Value {
        match self {
            Self::Health => json!({"status": "ok"}),
            Self::List(component) => list(scripts, component),
            Self::Config => {
                let mut config = json!({"os_id": "reconnect-acceptance", "databases": [],
                    "interfaces": []});
                for component in Component::ALL {
                    config[component.segment()] = list(scripts, component);
                }
                config
            }
        }
    }
}

fn list(scripts: &[Script], component: Component) -> Value {
    let listed = scripts.iter().filter(|it| it.component == component);
    listed
        .map(|it| json!({"id": it.id, "name": it.id}))
        .collect()
}
