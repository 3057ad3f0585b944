//! The task of one run: it lets the script's events happen, one after the other, whether or not
//! anybody watches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::event::Draft;
use super::shared::Shared;
use super::stage::Part;

/// Performs a run that has been started. It ends with its last draft, or when the run is no more.
pub(crate) async fn perform(shared: Arc<Shared>, run_id: String, part: Part, drafts: Vec<Draft>) {
    let mut drafts = VecDeque::from(drafts);
    let mut beat = shared.pace.start();
    let mut count = 0;
    while let Some(first) = drafts.pop_front() {
        part.stand(count).await;
        beat.next().await;
        if shared.rules.faulty.waits_for_viewers() {
            until(&shared, || shared.is_watched(&run_id)).await;
        }
        if shared.rules.faulty.waits_for_slow() {
            until(&shared, || !shared.is_writing(&run_id)).await;
        }
        let mut together = vec![first];
        while drafts.front().is_some_and(|draft| draft.at_once) {
            together.extend(drafts.pop_front());
        }
        count += together.len() as u64;
        if !shared.happen(&run_id, together, now()) {
            return;
        }
    }
    part.stand(count).await;
}

/// Waits until something holds that viewers bring about.
async fn until(shared: &Shared, holds: impl Fn() -> bool) {
    loop {
        let changed = shared.changed.notified();
        if holds() {
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
