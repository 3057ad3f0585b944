//! Whether the server can be reached at all: one connection before everything else, so that a dead
//! server costs one time limit and one sentence instead of one for every scenario.

use std::sync::Arc;

use super::world::{Setting, the_suite};
use crate::client::{Recorder, Trouble};
use crate::protocol::Action;
use crate::transcript::Transcript;

/// What the first connection showed.
#[derive(Debug)]
pub struct Preflight {
    /// What was said on it.
    pub transcript: Transcript,
    /// Why nothing can be tested; none where the server is ready.
    pub trouble: Option<String>,
}

/// Connects once, and leaves again.
pub async fn fly(setting: &Setting) -> Preflight {
    let recorder = Arc::new(Recorder::new(Arc::clone(&setting.redactor)));
    let mut viewer = setting.new_viewer(&the_suite(), &recorder);
    let outcome = viewer.connect().await;
    let trouble = match outcome {
        Ok(()) => None,
        Err(Trouble::GaveUp { after, .. }) => {
            // Does it speak at all? A server that only forgets to greet answers this.
            let spoke = match viewer.say(Action::Ping).await {
                Ok(asked) => viewer
                    .wait(asked, "the answer to `ping`", |entry| {
                        entry.message().map(|_| ())
                    })
                    .await
                    .is_ok(),
                Err(_) => false,
            };
            let within = humantime::format_duration(after);
            Some(if spoke {
                format!(
                    "the server sent no greeting within {within}, though it speaks; is this AgentOS's /workflows/ws?"
                )
            } else {
                format!(
                    "the server took the connection and said nothing for {within}; is this AgentOS's /workflows/ws?"
                )
            })
        }
        Err(Trouble::Lost { how, .. }) => Some(format!(
            "no greeting came: {how}; is this AgentOS's /workflows/ws, and does it want a --header?"
        )),
        Err(trouble) => Some(trouble.to_string()),
    };
    // A panic of the connection's task would show as trouble here as well.
    let retired = viewer.retire().await;
    Preflight {
        transcript: recorder.snapshot(),
        trouble: trouble.or_else(|| retired.err().map(|error| error.to_string())),
    }
}
