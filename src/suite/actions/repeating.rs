//! What the suite asks again after a scenario, where a connection broke off: once may be the network's doing, time
//! after time at the same point is the server's.

use std::collections::HashMap;
use std::sync::Arc;

use super::shared::{in_session, settled, speaks_of_runs};
use crate::client::{Recorder, Viewer, ViewerError};
use crate::protocol::{Action, Control};
use crate::suite::environment::Environment;
use crate::suite::world::{World, the_suite};
use crate::transcript::{BESIDE, DEAD_LINE, Entry, EntryKind};

/// How often a request is repeated.
const AGAIN: usize = 2;

/// Repeats a start or a return on which a connection broke off without a close frame, while another connection
/// stays open. Whatever comes of it is in the record.
pub async fn try_again_what_was_cut(world: &mut World) {
    let Some((action, answered)) = cut_off(&world.recorder) else {
        return;
    };
    let environment = Arc::clone(&world.environment);
    let mut control = environment.new_viewer(BESIDE, &world.recorder);
    if control.connect().await.is_ok() {
        for _ in 0..AGAIN {
            let viewer = world.viewer(&the_suite());
            let cut = try_again(&environment, viewer, &action, answered).await;
            let stays = ping(&mut control).await.is_ok();
            if !cut || !stays {
                break;
            }
        }
    }
    world.viewers.insert(BESIDE.to_owned(), control);
}

/// Asks once more; whether the connection broke off again.
async fn try_again(
    environment: &Environment,
    viewer: &mut Viewer,
    action: &Action,
    answered: bool,
) -> bool {
    if viewer.connect().await.is_err() {
        return false;
    }
    let action = in_session(action.clone(), || environment.new_session());
    let run = match &action {
        Action::Reconnect { run_id, .. } => run_id.clone(),
        _ => None,
    };
    let Ok(asked) = viewer.say(action).await else {
        return true;
    };
    let mut all = settled(run.as_deref().unwrap_or_default(), viewer.is_over_http());
    let over = viewer.wait(asked, "the connection to break off again", |entry| {
        let ended = entry
            .message()
            .and_then(|message| message.event()?.final_ending());
        match (answered, &run) {
            // What was not answered at all need only be answered.
            (false, _) => speaks_of_runs(entry),
            (true, Some(_)) => all(entry).filter(|()| ended.is_some()),
            (true, None) => ended.map(|_| ()),
        }
    });
    matches!(over.await, Err(ViewerError::Cut { .. }))
}

async fn ping(control: &mut Viewer) -> Result<(), ViewerError> {
    let asked = control.say(Action::Ping).await?;
    let pong = |entry: &Entry| match entry.message()?.control()? {
        Control::Pong => Some(()),
        _ => None,
    };
    control.wait(asked, "the answer to `ping`", pong).await
}

/// What a viewer said last on a connection.
#[derive(Default)]
struct Said {
    action: Option<Action>,
    answered: bool,
    /// Whether the viewer gave a reason for the connection's end, or had left.
    explained: bool,
}

/// The first start or return that was the last thing a viewer said before the connection broke off; and whether
/// anything had come in answer.
fn cut_off(recorder: &Recorder) -> Option<(Action, bool)> {
    let mut connections: HashMap<(Arc<str>, u32), Said> = HashMap::new();
    recorder.look(0, |entry| {
        let place = (Arc::clone(&entry.viewer), entry.connection);
        let said = connections.entry(place).or_default();
        said.explained |= entry.is_malformed();
        match &entry.what {
            EntryKind::Sent { action, .. } => {
                said.action = Some((**action).clone());
                said.answered = false;
            }
            EntryKind::Received { .. } | EntryKind::Refused { .. } => {
                said.answered |= speaks_of_runs(entry).is_some()
            }
            EntryKind::Disconnected(_)
            | EntryKind::StopsReading { .. }
            | EntryKind::CloseReceived { .. }
            | EntryKind::StreamEnded { .. } => said.explained = true,
            EntryKind::Ended(reason) if !said.explained && !is_dead(reason.as_deref()) => {
                let asks =
                    |it: &Action| matches!(it, Action::Start { .. } | Action::Reconnect { .. });
                return said
                    .action
                    .take()
                    .filter(asks)
                    .map(|it| (it, said.answered));
            }
            _ => {}
        }
        None
    })
}

fn is_dead(reason: Option<&str>) -> bool {
    reason.is_some_and(|reason| reason.starts_with(DEAD_LINE))
}
