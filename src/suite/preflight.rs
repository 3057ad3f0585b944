//! Whether the server can be reached at all: one connection before everything else, so that a dead
//! server costs one time limit and one sentence instead of one for every scenario.

use std::sync::Arc;

use super::environment::Environment;
use super::world::the_suite;
use crate::client::{Recorder, ViewerError};
use crate::protocol::Action;
use crate::transcript::{Entry, EntryKind};

/// Connects once and disconnects again. Returns why nothing can be tested; `None` where the server is
/// ready. Every wait is bounded, whatever the server sends.
pub async fn check(environment: &Environment, recorder: &Arc<Recorder>) -> Option<String> {
    let mut viewer = environment.new_viewer(&the_suite(), recorder);
    let outcome = viewer.connect().await;
    let problem = match outcome {
        Ok(()) => None,
        Err(ViewerError::TimedOut { after, .. }) => {
            // A server that only forgets to greet answers this.
            let spoke = has_spoken(recorder)
                || match viewer.say(Action::Ping).await {
                    Ok(asked) => viewer
                        .wait_whole(asked, "the answer to `ping`", spoken)
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
        Err(ViewerError::Lost { how, .. } | ViewerError::Cut { how, .. }) => Some(format!(
            "no greeting came: {how}; is this AgentOS's /workflows/ws, and does it need a --header?"
        )),
        Err(error) => Some(error.to_string()),
    };
    // A panic of the connection's task shows here as well.
    let retired = viewer.retire().await;
    problem.or_else(|| retired.err().map(|error| error.to_string()))
}

/// Whether the server has sent anything at all.
pub fn has_spoken(recorder: &Recorder) -> bool {
    recorder.look(0, spoken).is_some()
}

fn spoken(entry: &Entry) -> Option<()> {
    matches!(
        entry.what,
        EntryKind::Received { .. } | EntryKind::ReceivedBinary(_)
    )
    .then_some(())
}
