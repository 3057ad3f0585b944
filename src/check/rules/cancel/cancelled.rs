//! The cancels of a record, and what shows that they came in time.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::check::describe;
use crate::check::shared::http_requests::http_requests;
use crate::protocol::{Ending, Outcome, RunRequest};
use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

/// After this many further events, and this much time, a run that was cancelled has gone on.
const FURTHER: usize = 20;
/// See [`FURTHER`].
const LONG: Duration = Duration::from_secs(1);

/// A run that the server says it has cancelled.
pub(super) struct Cancelled<'t> {
    run: String,
    pub(super) request: &'t Entry,
    pub(super) answer: &'t Entry,
    proof: OnceCell<Option<&'t Entry>>,
}

/// By run: the first cancel that the server said it did; and the reason where there was one that it did
/// not.
pub(super) fn cancels<'t>(trace: &Trace<'t>) -> (HashMap<String, Cancelled<'t>>, Option<String>) {
    let mut cancels: HashMap<String, Cancelled<'t>> = HashMap::new();
    let mut refused = None;
    for it in http_requests(trace) {
        let done = it.done();
        let RunRequest::Cancel(run_id) = it.route.request else {
            continue;
        };
        // What a server makes of that is a matter of OWNER-2.
        if trace.is_of_another_user(&run_id, &it.request.viewer) {
            continue;
        }
        if done {
            let run = run_id.into_owned();
            let earlier = cancels.get(&run).map(|earlier| earlier.answer.number);
            if earlier.is_none_or(|earlier| it.answer.number < earlier) {
                let cancel = Cancelled {
                    run: run.clone(),
                    request: it.request,
                    answer: it.answer,
                    proof: OnceCell::new(),
                };
                cancels.insert(run, cancel);
            }
        } else {
            refused.get_or_insert_with(|| {
                let answered = describe::answered(it.status, it.text);
                format!("the server did not cancel the run: {answered}")
            });
        }
    }
    (cancels, refused)
}

impl<'t> Cancelled<'t> {
    /// What shows that the run was cancelled, and did not merely complete before.
    pub(super) fn proof(&self, trace: &Trace<'t>) -> Option<&'t Entry> {
        *self.proof.get_or_init(|| self.find_proof(trace))
    }

    fn find_proof(&self, trace: &Trace<'t>) -> Option<&'t Entry> {
        let told = trace.run(&self.run)?;
        let replayed = told
            .replayed
            .filter(|(_, outcome)| *outcome == Outcome::Cancelled);
        told.cancelled
            .or(replayed.map(|(entry, _)| entry))
            .or_else(|| self.in_time(trace).then_some(self.answer))
    }

    /// Whether the run certainly had not ended when it was cancelled.
    fn in_time(&self, trace: &Trace<'t>) -> bool {
        let (from, to) = (self.request.number, self.answer.number);
        let last = trace.run(&self.run).and_then(|run| run.last_index());
        let passed = trace.held_through(&self.run, from, to);
        let short = passed.is_some_and(|passed| last.is_none_or(|last| passed < last));
        short || self.went_on(trace)
    }

    /// Whether events of the run came live, long after it had been cancelled.
    fn went_on(&self, trace: &Trace<'t>) -> bool {
        let seen = trace.highest_before(&self.run, self.answer.number);
        let further: Vec<&Delivery<'_>> = trace
            .deliveries_of(&self.run)
            .filter(|it| it.phase.is_live())
            .filter(|it| it.entry.number > self.answer.number && it.index() > seen)
            .collect();
        let indices: BTreeSet<u64> = further.iter().filter_map(|it| it.index()).collect();
        let long = |it: &&Delivery<'_>| it.entry.at().saturating_sub(self.answer.at()) >= LONG;
        indices.len() >= FURTHER && further.last().is_some_and(long)
    }
}

/// The first of these deliveries that says that the run was cancelled, and what came after it but
/// for the end of the stream.
pub(super) fn ending<'d, 't>(
    deliveries: &'d [Delivery<'t>],
) -> Option<(&'d Delivery<'t>, &'d [Delivery<'t>])> {
    let at = deliveries
        .iter()
        .position(|it| it.event().final_ending().is_some())?;
    let first = &deliveries[at];
    if first.event().final_ending() != Some(Ending::Cancelled) {
        return None;
    }
    let rest = match &deliveries[at + 1..] {
        [next, rest @ ..] if next.event().ending() == Some(Ending::Completed) => rest,
        rest => rest,
    };
    Some((first, rest))
}
