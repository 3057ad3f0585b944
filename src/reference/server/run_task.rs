//! The task of one run: it lets the script's events happen, one after the other, whether or not
//! anybody watches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::reference::breakpoint::Part;
use crate::reference::model::cancel::closing;
use crate::reference::model::event::Draft;
use crate::reference::server::listener::{Beat, Pace};
use crate::reference::server::state::Shared;

/// Performs a run at this pace that has been started, and has had so many events. It ends with its last
/// draft, or when the run is no more.
pub(crate) async fn perform(
    shared: Arc<Shared>,
    run_id: String,
    part: Part,
    pace: Pace,
    drafts: Vec<Draft>,
    mut count: u64,
) {
    let mut drafts = VecDeque::from(drafts);
    let mut latest = drafts.front().map(|it| it.fields.clone());
    let mut beat = pace.start();
    let mut cancelled = false;
    while !drafts.is_empty() {
        if cancelled {
            beat.next().await;
        } else {
            // Neither a hold nor an absent viewer keeps a run from being cancelled.
            tokio::select! {
                biased;
                () = until(&shared, || shared.is_cancelled(&run_id)) => {
                    cancelled = true;
                    let rest = drafts.into();
                    let closing = closing(&latest.take().unwrap_or_default());
                    drafts = shared.rules.hooks.on_cancel(closing, rest).into();
                }
                () = due(&shared, &run_id, &part, &mut beat, count) => {}
            }
        }
        if shared.is_rejected(&run_id) {
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
    part.stand(count).await;
}

/// Waits until the next event of a run that has had so many may happen.
async fn due(shared: &Shared, run_id: &str, part: &Part, beat: &mut Beat, count: u64) {
    until(shared, || !shared.is_paused(run_id)).await;
    part.stand(count).await;
    beat.next().await;
    if shared.rules.hooks.waits_for_viewers() {
        until(shared, || shared.is_watched(run_id)).await;
    }
    if shared.rules.hooks.waits_for_slow() {
        until(shared, || !shared.is_writing(run_id)).await;
    }
}

/// Waits until something holds that viewers bring about.
async fn until(shared: &Shared, passed: impl Fn() -> bool) {
    loop {
        let changed = shared.changed.notified();
        if passed() {
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
