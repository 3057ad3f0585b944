//! What the suite itself asks the server after a scenario, on a connection of its own: the state of a
//! run that a viewer waited for without success, and a replay of each run that ended, with which the
//! checks compare every delivery.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::shared::{reconnect, settled};
use crate::client::{Recorder, Viewer, ViewerError};
use crate::protocol::{Action, Control, Position, Route, RunRequest, framing, route};
use crate::suite::world::{World, the_suite};
use crate::transcript::{Entry, EntryKind};

/// Asks for the run where a viewer waited for something without success: only the server can tell a slow
/// run from a lost ending. Likewise where a viewer sent an invalid message and a connection ended: the
/// server may have ended with it, and its runs.
pub async fn ask_for_the_state(world: &mut World) {
    let Some(run) = world.run.clone() else { return };
    let mut malformed = false;
    let unknown = world.recorder.look(0, |entry| {
        malformed |= entry.is_malformed();
        let timed_out = matches!(&entry.what, EntryKind::TimedOut { .. } if entry.connection > 0);
        let over = malformed && matches!(&entry.what, EntryKind::Ended(_));
        (timed_out || over).then_some(())
    });
    if unknown.is_none() {
        return;
    }
    let mut viewer = suites_viewer(world);
    if viewer.connect().await.is_ok() {
        // Whatever comes of it is in the record.
        let _: Result<(), ViewerError> = reconnect(&mut viewer, &run, Position::Null).await;
    }
    world.viewers.insert(the_suite().to_string(), viewer);
}

/// Asks for each run that a viewer saw end and none saw replayed.
pub async fn replay_what_ended(world: &mut World) {
    let missing = missing(&world.recorder);
    if missing.is_empty() {
        return;
    }
    let mut viewer = suites_viewer(world);
    if viewer.connect().await.is_ok() {
        // Whatever comes of it is in the record.
        let _: Result<(), ViewerError> = replay(&mut viewer, missing).await;
    }
    world.viewers.insert(the_suite().to_string(), viewer);
}

async fn replay(viewer: &mut Viewer, runs: Vec<Ended>) -> Result<(), ViewerError> {
    for ended in runs {
        let asked = viewer.say(ended.reconnect()).await?;
        let replayed = settled(&ended.run_id, viewer.is_over_http());
        viewer
            .wait(asked, "the replay of the run", replayed)
            .await?;
    }
    Ok(())
}

/// The suite's own viewer, with a new one's number of connections where it has connected before.
fn suites_viewer(world: &mut World) -> Viewer {
    let known = world.viewers.remove(&*the_suite());
    known.unwrap_or_else(|| world.environment.new_viewer(&the_suite(), &world.recorder))
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
fn missing(recorder: &Recorder) -> Vec<Ended> {
    let mut sessions: HashMap<String, Option<String>> = HashMap::new();
    let mut ended: Vec<Ended> = Vec::new();
    let mut replayed: Vec<Arc<str>> = Vec::new();
    let mut unauthenticated = Unauthenticated::default();
    let mut over_http = OverHttp::default();
    recorder.look(0, |entry| {
        unauthenticated.note(entry);
        if let Some(Action::Start {
            session_id: Some(session),
            workflow_id,
            ..
        }) = entry.action()
            && !unauthenticated.include(entry)
        {
            sessions.insert(session.clone(), workflow_id.clone());
        }
        if let Some((session, workflow_id)) = over_http.note(entry)
            && !unauthenticated.include(entry)
        {
            sessions.insert(session, Some(workflow_id));
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

/// The viewers whose runs the suite need not be shown, by viewer and connection: those who were asked for
/// a token and did not have the right one, and those who are users of their own.
#[derive(Default)]
struct Unauthenticated(HashSet<(Arc<str>, Option<u32>)>);

impl Unauthenticated {
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

/// The workflows that were asked for over HTTP and not answered yet, by viewer.
#[derive(Default)]
struct OverHttp(HashMap<Arc<str>, String>);

impl OverHttp {
    /// Notes what was asked; the answer to a start gives the session and the workflow of the run.
    fn note(&mut self, entry: &Entry) -> Option<(String, String)> {
        match &entry.what {
            EntryKind::HttpRequest { method, path, .. } => {
                self.0.remove(&entry.viewer);
                let route = Route::of(method, path);
                if let Some(route) = route.filter(|it| it.request == RunRequest::Start) {
                    let viewer = Arc::clone(&entry.viewer);
                    self.0.insert(viewer, route.id.into_owned());
                }
                None
            }
            EntryKind::HttpResponse { text, .. } => {
                let workflow_id = self.0.remove(&entry.viewer)?;
                let session = route::started(text)?.session_id?;
                Some((session.to_string(), workflow_id))
            }
            _ => None,
        }
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
