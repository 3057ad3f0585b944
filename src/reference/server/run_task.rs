//! The task of one run: it lets the script's events happen, one after the other, whether or not
//! anybody watches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::reference::breakpoint::RunStops;
use crate::reference::model::cancel::{closing, lost};
use crate::reference::model::event::Draft;
use crate::reference::model::script::{RunIds, Script};
use crate::reference::server::pace::{Pace, RunClock};
use crate::reference::server::state::{Shared, Starter};

/// Starts a run of a known workflow, agent or team: its id and its session; `None` where there is none.
pub(crate) fn start(
    shared: &Arc<Shared>,
    starter: Starter,
    id: &str,
    message: &Value,
    session_id: Option<String>,
    user: Option<&str>,
) -> Option<(String, String)> {
    let play = shared.rules.play.as_ref();
    let script = match play {
        Some(play) => &Script {
            id: id.to_owned(),
            ..play.script.clone()
        },
        None => shared.scripts.iter().find(|script| script.id == id)?,
    };
    let (run_id, session_id) = shared.start_run(starter, script, session_id, user);
    if let Some(play) = play {
        play.observer.started(&run_id, &session_id);
        if let Some(after) = play.stops_after() {
            shared.breakpoints.set(&session_id, after);
        }
    }
    let mut drafts = script.drafts(&RunIds {
        run_id: &run_id,
        session_id: &session_id,
        message,
    });
    shared.rules.faults.on_script(&mut drafts);
    if let Some((at, name)) = play.and_then(|play| play.renamed.as_ref())
        && let Some(draft) = usize::try_from(*at).ok().and_then(|at| drafts.get_mut(at))
    {
        draft.fields.insert("event".to_owned(), name.clone().into());
    }
    if script.asks {
        shared.keep_script(&run_id, &drafts);
    }
    let pace = match script.rushes {
        true => Pace::NONE,
        false => shared.pace,
    };
    let stops = shared.breakpoints.enter(&session_id, &run_id);
    let task = run(Arc::clone(shared), run_id.clone(), stops, pace, drafts, 0);
    shared.spawn(task);
    Some((run_id, session_id))
}

/// Starts the tasks of the runs that wait for a person, after a restart.
pub(crate) fn continue_paused(shared: &Arc<Shared>) {
    for (run_id, session_id, count, rest) in shared.paused() {
        let stops = shared.breakpoints.enter(&session_id, &run_id);
        let (pace, count) = (shared.pace, count as u64);
        shared.spawn(run(Arc::clone(shared), run_id, stops, pace, rest, count));
    }
}

/// Runs the rest of a script, in a run that has had `count` events. It ends with its last draft, or when
/// the run is no more.
async fn run(
    shared: Arc<Shared>,
    run_id: String,
    stops: RunStops,
    pace: Pace,
    drafts: Vec<Draft>,
    mut count: u64,
) {
    let mut drafts = VecDeque::from(drafts);
    let own = drafts.front().map(|it| it.fields.clone());
    let mut latest = own.clone();
    let mut clock = pace.start();
    let mut cancelled = false;
    let mut unwatched = 0;
    while !drafts.is_empty() {
        let next = Next {
            count,
            is_last: drafts.len() == 1,
            rests: drafts.front().map_or(Duration::ZERO, |it| it.rests),
        };
        if cancelled {
            clock.next().await;
        } else {
            // Neither a breakpoint nor an absent viewer keeps a run from being cancelled.
            tokio::select! {
                biased;
                () = until(&shared, || shared.ask(|runs| runs.is_cancelled(&run_id))) => {
                    cancelled = true;
                    let rest = drafts.into();
                    let own = own.clone().unwrap_or_default();
                    let closing = closing(&latest.take().unwrap_or_default(), &own);
                    drafts = shared.rules.faults.on_cancel(closing, rest).into();
                }
                () = until(&shared, || shared.ask(|runs| runs.is_lost(&run_id))) => {
                    let lost = lost(&own.clone().unwrap_or_default());
                    drafts = shared.rules.faults.on_lost(lost).into_iter().collect();
                }
                () = due(&shared, &run_id, &stops, &mut clock, next, &mut unwatched) => {}
            }
        }
        if shared.ask(|runs| runs.is_rejected(&run_id)) {
            drafts.drain(..drafts.len().saturating_sub(1));
        }
        let mut together: Vec<Draft> = drafts.pop_front().into_iter().collect();
        while drafts.front().is_some_and(|draft| draft.at_once) {
            together.extend(drafts.pop_front());
        }
        count += together.len() as u64;
        latest = together.last().map(|it| it.fields.clone()).or(latest);
        if !shared.append(&run_id, together, now()) {
            return;
        }
    }
    stops.pass(count).await;
}

/// The next event of a run.
#[derive(Clone, Copy, Debug)]
struct Next {
    /// How many have happened before it.
    count: u64,
    /// Whether it is the last one.
    is_last: bool,
    /// For how long nothing happens before it.
    rests: Duration,
}

/// Waits until the next event of a run may happen. `unwatched` counts how many have happened while nobody watched.
async fn due(
    shared: &Shared,
    run_id: &str,
    stops: &RunStops,
    clock: &mut RunClock,
    next: Next,
    unwatched: &mut u32,
) {
    let Next {
        count,
        is_last,
        rests,
    } = next;
    until(shared, || !shared.ask(|runs| runs.is_paused(run_id))).await;
    stops.pass(count).await;
    clock.next().await;
    let faults = &shared.rules.faults;
    clock.rest(rests / 2).await;
    if !rests.is_zero() && faults.closes_in_the_quiet() {
        shared.close_watchers(run_id);
    }
    clock.rest(rests / 2).await;
    if shared.ask(|runs| runs.is_watched(run_id)) {
        *unwatched = 0;
    } else if faults.waits_for_viewers(*unwatched) {
        until(shared, || shared.ask(|runs| runs.is_watched(run_id))).await;
        *unwatched = 0;
    } else {
        *unwatched += 1;
    }
    if faults.dies_once_returned_to() && is_last {
        until(shared, || !shared.ask(|runs| runs.is_returned_to(run_id))).await;
    }
    if faults.waits_for_starter() {
        until(shared, || !shared.is_writing_to_starter(run_id)).await;
    }
    if faults.waits_for_slow() {
        until(shared, || !shared.is_writing(run_id)).await;
    }
}

/// Waits until a condition is met that viewers bring about.
async fn until(shared: &Shared, met: impl Fn() -> bool) {
    loop {
        let changed = shared.changed.notified();
        if met() {
            return;
        }
        changed.await;
    }
}

/// Unix seconds.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
