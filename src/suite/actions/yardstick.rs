//! A control run: where a viewer waited without success for a run that is still shown as running, another run of
//! the same workflow shows whether it is only slow.

use super::shared::{event_of, in_session, reconnect, speaks_of_runs};
use crate::client::{Recorder, Viewer, ViewerError};
use crate::protocol::{Action, Control, Ending, Part, Position, Route, RunRequest};
use crate::suite::world::{CurrentRun, World, the_suite};
use crate::transcript::{BESIDE, Entry, EntryKind, THE_SUITE};

/// Starts a control run where one is needed, watches it to its end, and asks for the state of the run once more.
/// Whatever comes of it is in the record.
pub async fn compare_with_another_run(world: &mut World) {
    let Some(run) = world.run.clone().filter(|run| run.breakpoint.is_none()) else {
        return;
    };
    let Some(action) = needed(&world.recorder, &run) else {
        return;
    };
    let mut control = match world.viewers.remove(BESIDE) {
        Some(known) => known,
        None => world.environment.new_viewer(BESIDE, &world.recorder),
    };
    let session = world.environment.new_session();
    let ended = watch(&mut control, action, session).await.is_ok();
    world.viewers.insert(BESIDE.to_owned(), control);
    if ended {
        let viewer = world.viewer(&the_suite());
        let _: Result<(), ViewerError> = watch_on(viewer, &run).await;
    }
}

/// Asks for the state of the run, waits for anything more of it, and asks again where nothing came.
async fn watch_on(viewer: &mut Viewer, run: &CurrentRun) -> Result<(), ViewerError> {
    viewer.connect().await?;
    reconnect(viewer, run, Position::Null).await?;
    let from = viewer.recorded();
    let more = |entry: &Entry| event_of(entry, &run.run_id).map(|_| ());
    match viewer.wait(from, "anything more of the run", more).await {
        Err(ViewerError::TimedOut { .. }) => {
            viewer.connect().await?;
            reconnect(viewer, run, Position::Null).await
        }
        came => came,
    }
}

/// Starts the control run, and waits for its ending.
async fn watch(control: &mut Viewer, action: Action, session: String) -> Result<(), ViewerError> {
    control.connect().await?;
    let action = in_session(action, || session);
    let asked = control.say(action).await?;
    let over = |entry: &Entry| {
        let message = entry.message()?;
        match message.event() {
            Some(event) => event.final_ending().map(|_| ()),
            None => speaks_of_runs(entry)
                .filter(|()| matches!(message.control(), Some(Control::Error { .. }))),
        }
    };
    control
        .wait(asked, "the ending of a control run", over)
        .await
}

/// The start of the run, where a viewer waited for it without success, and it is shown as running after that:
/// not where it has ended, waits for a person, was cancelled, or is known to fail.
fn needed(recorder: &Recorder, run: &CurrentRun) -> Option<Action> {
    let mut start = None;
    let mut timed_out = false;
    let mut running = false;
    let mut explained = false;
    recorder.look(0, |entry| {
        match &entry.what {
            EntryKind::TimedOut { .. } if entry.connection > 0 && &*entry.viewer != THE_SUITE => {
                timed_out = true;
            }
            EntryKind::Part { workflow_id, part } if *workflow_id == run.workflow_id => {
                explained |= matches!(part, Part::Failing | Part::Endless | Part::Pausing);
            }
            EntryKind::HttpRequest { method, path, .. } => {
                let route = Route::of(method, path);
                let request = route.map(|it| it.request);
                explained |= matches!(request, Some(RunRequest::Cancel(_)));
            }
            EntryKind::Sent { action, .. } => {
                if let Action::Start { session_id, .. } = &**action
                    && session_id.as_deref() == Some(&*run.session_id)
                {
                    start = Some((**action).clone());
                }
            }
            EntryKind::Restarted | EntryKind::RunDropped { .. } => explained = true,
            EntryKind::Received { message, .. } => match message.control() {
                Some(Control::CatchUp { .. } | Control::Subscribed { .. })
                    if &*entry.viewer == THE_SUITE =>
                {
                    running = true;
                }
                Some(Control::Replay { .. }) => explained = true,
                _ => {
                    let ending = event_of(entry, &run.run_id).and_then(|event| event.ending());
                    explained |= ending.is_some_and(|it| it.is_final() || it == Ending::Paused);
                }
            },
            _ => {}
        }
        None::<()>
    });
    start.filter(|_| timed_out && running && !explained)
}
