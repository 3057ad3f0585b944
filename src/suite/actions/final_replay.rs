//! What a run was by the server's own word: every run that ended is replayed once more, so that the
//! checks can hold each delivery against it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::client::{Recorder, ViewerError};
use crate::protocol::{Action, Control, Position, framing};
use crate::suite::actions::settled;
use crate::suite::world::{World, the_suite};
use crate::transcript::{Entry, EntryKind};

/// Lets the suite return to each run that somebody saw end and nobody saw replayed.
pub async fn replay_what_ended(world: &mut World) {
    let wanting = wanting(&world.recorder);
    if wanting.is_empty() {
        return;
    }
    let mut witness = world.environment.new_viewer(&the_suite(), &world.recorder);
    let outcome: Result<(), ViewerError> = async {
        witness.connect().await?;
        for ended in wanting {
            let asked = witness.say(ended.reconnect()).await?;
            witness
                .wait(asked, "the replay of the run", settled(&ended.run_id))
                .await?;
        }
        Ok(())
    }
    .await;
    // Whatever came of it is in the record.
    drop(outcome);
    world.viewers.insert(the_suite().to_string(), witness);
}

/// A run that has ended.
#[derive(Debug, Eq, PartialEq)]
struct Ended {
    run_id: Arc<str>,
    session_id: Option<String>,
    workflow_id: Option<String>,
}

impl Ended {
    fn reconnect(&self) -> Action {
        Action::Reconnect {
            run_id: Some(self.run_id.to_string()),
            position: Position::Null,
            workflow_id: self.workflow_id.clone(),
            session_id: self.session_id.clone(),
        }
    }
}

/// The runs of sessions of this suite that ended and were not replayed, in the order of their ends.
fn wanting(recorder: &Recorder) -> Vec<Ended> {
    let mut sessions: HashMap<String, Option<String>> = HashMap::new();
    let mut ended: Vec<Ended> = Vec::new();
    let mut replayed: Vec<Arc<str>> = Vec::new();
    let mut strangers = Strangers::default();
    recorder.look(0, |entry| {
        strangers.note(entry);
        if let Some(Action::Start {
            session_id: Some(session),
            workflow_id,
            ..
        }) = entry.action()
            && !strangers.include(entry)
        {
            sessions.insert(session.clone(), workflow_id.clone());
        }
        let message = entry.message()?;
        if let Some(Control::Replay { run_id, .. }) = message.control() {
            replayed.extend(run_id.iter().cloned());
        }
        let event = message.event()?;
        event.final_ending()?;
        let (run_id, session_id) = (event.run()?, event.session_id.as_deref()?);
        let workflow_id = sessions.get(session_id)?;
        let known = ended.iter().any(|run| run.run_id == *run_id);
        // A run of another workflow than was asked for is nobody's: START-4.
        if !known && workflow_of(entry) == *workflow_id {
            ended.push(Ended {
                run_id: Arc::clone(run_id),
                session_id: Some(session_id.to_owned()),
                workflow_id: workflow_id.clone(),
            });
        }
        None::<()>
    });
    ended.retain(|run| !replayed.contains(&run.run_id));
    // A server that invents runs must not keep the suite busy.
    ended.truncate(sessions.len());
    ended
}

/// Those whose runs the suite need not be shown, by viewer and visit: who was asked for a token and
/// did not bring the right one, and who comes as a user of their own.
#[derive(Default)]
struct Strangers(HashSet<(Arc<str>, Option<u32>)>);

impl Strangers {
    fn note(&mut self, entry: &Entry) {
        let connection = (Arc::clone(&entry.viewer), Some(entry.connection));
        if let EntryKind::User { .. } = entry.what {
            self.0.insert((Arc::clone(&entry.viewer), None));
        }
        match entry.message().and_then(|message| message.control()) {
            Some(Control::Connected {
                requires_auth: Some(true),
            }) => {
                self.0.insert(connection);
            }
            Some(Control::Authenticated) => {
                self.0.remove(&connection);
            }
            _ => {}
        }
    }

    fn include(&self, entry: &Entry) -> bool {
        let viewer = Arc::clone(&entry.viewer);
        self.0
            .contains(&(Arc::clone(&viewer), Some(entry.connection)))
            || self.0.contains(&(viewer, None))
    }
}

/// The workflow that an event names.
fn workflow_of(entry: &Entry) -> Option<String> {
    let EntryKind::Received { text, .. } = &entry.what else {
        return None;
    };
    let text = text.read();
    let (_, json) = framing::unwrap(&text);
    let value: Value = serde_json::from_str(&json).ok()?;
    value.get("workflow_id")?.as_str().map(str::to_owned)
}
