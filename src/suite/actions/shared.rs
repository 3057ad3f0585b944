//! What the actions share: requests, waits, and what they look for in a record.

use std::sync::Arc;

use crate::client::{Reading, Viewer, ViewerError, timer};
use crate::plan::Workflow;
use crate::protocol::{Action, Control, Ending, Event, Outcome, Position};
use crate::suite::environment::Environment;
use crate::suite::step_error::StepError;
use crate::suite::world::CurrentRun;
use crate::transcript::{Entry, EntryKind, Number};

/// How many events happen while a viewer is away, where the run can be stopped.
pub(super) const MISSED: u64 = 15;

/// The advice for runs that are over too soon.
pub(super) const LONGER: &str = "choose a workflow that lives for 40 events or more with --workflow-id, --message or a target file";

/// What a viewer waits for who has asked for a run.
pub(super) const ANSWER: &str = "the answer to `reconnect`, and what it announces";

/// How many bytes certainly do not fit into the buffers between a viewer and the bundled server.
pub(super) const TOO_MANY: u64 = 512 << 10;

/// The same for any other server. Linux lets its send buffer grow to 4 MiB by itself
/// (`net.ipv4.tcp_wmem`).
const TOO_MANY_ELSEWHERE: u64 = 6 << 20;

/// A request to start this workflow in a new session.
pub(super) fn start_of(workflow: &Workflow, session: &str) -> Action {
    Action::Start {
        workflow_id: Some(workflow.workflow_id.clone()),
        message: workflow.message.clone(),
        session_id: Some(session.to_owned()),
    }
}

/// The same request, where it starts a run in this session instead of its own.
pub(super) fn in_session(action: Action, session: impl FnOnce() -> String) -> Action {
    match action {
        Action::Start {
            workflow_id,
            message,
            ..
        } => Action::Start {
            workflow_id,
            message,
            session_id: Some(session()),
        },
        other => other,
    }
}

/// A request for the run with this position.
pub(super) fn return_to(run: &CurrentRun, position: Position) -> Action {
    Action::Reconnect {
        run_id: Some(run.run_id.to_string()),
        position,
        workflow_id: Some(run.workflow_id.clone()),
        session_id: Some(run.session_id.to_string()),
    }
}

/// Starts a run and waits for its first event; `known` are the runs that it cannot be.
pub(super) async fn start(
    viewer: &mut Viewer,
    workflow: &Workflow,
    session: &Arc<str>,
    known: &[Arc<str>],
) -> Result<CurrentRun, ViewerError> {
    let asked = viewer.say(start_of(workflow, session)).await?;
    let first = viewer
        .wait(asked, "the first event of the run", |entry| {
            first_event(entry, session, known)
        })
        .await?;
    let run_id = first.map_err(|error| ViewerError::Refused {
        workflow_id: workflow.workflow_id.clone(),
        error,
    })?;
    Ok(CurrentRun {
        run_id,
        session_id: Arc::clone(session),
        workflow_id: workflow.workflow_id.clone(),
        breakpoint: None,
    })
}

/// Asks for the run on the connection that is open, and waits until that is answered and what was
/// missed has come.
pub(super) async fn reconnect(
    viewer: &mut Viewer,
    run: &CurrentRun,
    position: Position,
) -> Result<(), ViewerError> {
    let asked = viewer.say(return_to(run, position)).await?;
    caught_up(viewer, run, asked).await
}

/// Waits until the return of this entry is answered and what was missed has come.
pub(super) async fn caught_up(
    viewer: &Viewer,
    run: &CurrentRun,
    asked: Number,
) -> Result<(), ViewerError> {
    let settled = settled(&run.run_id, viewer.is_over_http());
    viewer.wait(asked, ANSWER, settled).await
}

/// Asks for the run with the viewer's own position, and reads no more than so many events of what was
/// missed.
pub(super) async fn catch_up_in_part(
    viewer: &mut Viewer,
    run: &CurrentRun,
    events: u64,
) -> Result<(), ViewerError> {
    viewer.read(Reading::Events(events)).await?;
    let position = viewer.position(&run.run_id);
    let asked = viewer.say(return_to(run, position)).await?;
    let mut seen = 0;
    let mut all = settled(&run.run_id, viewer.is_over_http());
    viewer
        .wait(asked, &format!("{events} missed events"), |entry| {
            // Whichever run they belong to: so many are read.
            let event = entry.message().and_then(|message| message.event());
            seen += u64::from(event.is_some());
            (seen >= events || all(entry).is_some()).then_some(())
        })
        .await
}

/// Waits for the ending of the run on the viewer's present connection.
pub(super) async fn to_the_end(viewer: &Viewer, run: &str) -> Result<(), ViewerError> {
    viewer
        .wait(0, "the ending of the run", |entry| {
            event_of(entry, run)?.final_ending().map(|_| ())
        })
        .await
}

/// Lets a viewer leave a run of this session, and waits until the server knows of it, where the run
/// can be stopped: what happens before that would still be sent to this viewer.
pub(super) async fn noticed(
    environment: &Environment,
    session: &str,
    leave: impl Future<Output = ()>,
) {
    let breakpoints = environment.breakpoints.as_ref();
    let before = breakpoints.map(|breakpoints| breakpoints.departures(session));
    leave.await;
    if let (Some(breakpoints), Some(before)) = (breakpoints, before) {
        let known = breakpoints.departed(session, before + 1);
        let _ = timer::within(environment.plan.timing.step, known).await;
    }
}

/// How many bytes certainly do not fit into the buffers between a viewer and the target.
pub(super) fn too_many(environment: &Environment) -> u64 {
    match environment.breakpoints {
        Some(_) => TOO_MANY,
        None => TOO_MANY_ELSEWHERE,
    }
}

/// Whether the server answers `ping` on the viewer's present connection.
pub(super) async fn is_answered(viewer: &mut Viewer) -> bool {
    let Ok(asked) = viewer.say(Action::Ping).await else {
        return false;
    };
    let answer = viewer.wait(asked, "the answer to `ping`", |entry| {
        match entry.message()?.control()? {
            Control::Pong => Some(true),
            Control::Error { .. } => Some(false),
            _ => None,
        }
    });
    answer.await.unwrap_or(false)
}

/// The first error of what several viewers did.
pub(super) fn first_error(results: Vec<Result<(), ViewerError>>) -> Result<(), StepError> {
    let outcome: Result<(), ViewerError> = results.into_iter().collect();
    Ok(outcome?)
}

/// Silence and a close frame are no error of the step: the record shows them, and the checks say what
/// they mean. Where a connection ended in another way, either the server or the network may have ended
/// it, so that is an error.
pub(super) fn in_the_record(waited: Result<(), ViewerError>) -> Result<(), StepError> {
    match waited {
        Ok(()) | Err(ViewerError::TimedOut { .. } | ViewerError::Lost { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The event in an entry, where it is one of this run.
pub(super) fn event_of<'e>(entry: &'e Entry, run: &str) -> Option<&'e Event> {
    entry
        .message()?
        .event()
        .filter(|event| event.run().is_some_and(|id| &**id == run))
}

/// The run id of the first event of a new run, or the server's refusal.
fn first_event(
    entry: &Entry,
    session: &str,
    known: &[Arc<str>],
) -> Option<Result<Arc<str>, String>> {
    let message = entry.message()?;
    if let Some(Control::Error { error }) = message.control() {
        let reason = error.as_deref().unwrap_or("without a reason");
        return Some(Err(reason.to_owned()));
    }
    if let EntryKind::Refused { status, .. } = entry.what {
        return Some(Err(format!("HTTP {status}")));
    }
    let event = message.event()?;
    let run = event.run()?;
    let ours = event.session_id.as_deref().is_none_or(|id| id == session);
    (ours && !known.contains(run)).then(|| Ok(Arc::clone(run)))
}

/// Whether a message may answer a start or a return: a greeting, a `pong` and messages of unknown
/// kinds do not.
pub(super) fn speaks_of_runs(entry: &Entry) -> Option<()> {
    let message = entry.message()?;
    match message.control() {
        Some(
            Control::Connected { .. }
            | Control::Authenticated
            | Control::Pong
            | Control::Other { .. },
        ) => None,
        Some(_) => Some(()),
        None => message.event().map(|_| ()),
    }
}

/// Whether the run's event of this index or a later one has come, or its ending: `true` for that.
pub(super) fn there_or_over(run: &str, index: u64) -> impl FnMut(&Entry) -> Option<bool> {
    move |entry| {
        let event = event_of(entry, run)?;
        let there = event.index.at().is_some_and(|at| at >= index);
        let ended = event.final_ending().is_some();
        (there || ended).then_some(ended)
    }
}

/// Whether a return has been answered, and what was missed or is replayed has come. Where the `stream_ends` by itself
/// after a cancelled run, that end is waited for.
pub(super) fn settled(run: &str, stream_ends: bool) -> impl FnMut(&Entry) -> Option<()> {
    // A paused run is shown up to its pause; in any other answer more comes after it.
    let mut to_the_pause = true;
    // How many events of a paused run are still to come, where that was announced.
    let mut left: Option<u64> = None;
    move |entry| {
        if matches!(entry.what, EntryKind::StreamEnded { .. }) {
            return Some(());
        }
        let message = entry.message()?;
        match message.control() {
            Some(Control::CatchUp { .. }) => to_the_pause = false,
            Some(Control::Replay {
                status,
                total_events,
                ..
            }) => {
                let outcome = status.as_deref().and_then(Outcome::of);
                to_the_pause = outcome == Some(Outcome::Paused);
                left = total_events.filter(|_| to_the_pause);
            }
            _ => {}
        }
        if let Some(event) = event_of(entry, run) {
            left = left.map(|left| left.saturating_sub(1));
            // A run that was started over HTTP is paused by a step's event, and no other follows.
            if left == Some(0) && event.is_pause_of_a_step() {
                return Some(());
            }
        }
        match message.control() {
            Some(Control::Subscribed { .. } | Control::Error { .. } | Control::AuthRequired) => {
                Some(())
            }
            Some(_) => None,
            None => event_of(entry, run)?
                .ending()
                .filter(|ending| ending.is_final() || to_the_pause)
                // Another event may follow, and then the end of the stream.
                .filter(|ending| !stream_ends || *ending != Ending::Cancelled)
                .map(|_| ()),
        }
    }
}
