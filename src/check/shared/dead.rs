//! A run that died silently: nothing comes of it, it is shown as running, and a run of the same workflow that was
//! started later came to its end long ago.

use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

/// How many times longer than the other run took nothing must have come.
const TIMES: u32 = 3;

/// What shows that a run died silently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dead<'t> {
    /// The ending of the other run.
    pub(crate) ended: &'t Entry,
    /// The answer that shows this one as running after that.
    pub(crate) running: &'t Entry,
}

/// What shows that this run died before this silence, if anything does.
pub(crate) fn dead<'t>(trace: &Trace<'t>, run: &str, silence: &Entry) -> Option<Dead<'t>> {
    let told = trace.run(run)?;
    let explained = told.ending.is_some()
        || told.replayed.is_some()
        || told.paused.is_some()
        || told.cancelled.is_some();
    if explained || told.running_after(silence.number).is_none() {
        return None;
    }
    let other = trace.yardstick_of(run)?;
    let running = told.running_last()?;
    let highest = trace.highest_before(run, silence.number);
    let stood_still = highest.is_some() && trace.highest_before(run, u32::MAX) == highest;
    let mut deliveries = trace.deliveries_of(run);
    let last = deliveries.find(|it| Delivery::index(it) == highest)?.entry;
    let quiet = running.at().saturating_sub(last.at());
    let held = trace.held_at(run, running.number).is_some();
    let is_later = other.request.number > last.number && running.number > other.ending.number;
    let is_dead = stood_still && !held && is_later && quiet >= other.took() * TIMES;
    is_dead.then_some(Dead {
        ended: other.ending,
        running,
    })
}
