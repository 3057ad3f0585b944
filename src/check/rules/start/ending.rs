//! How a run ends, and what does not end it.

use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::start::order::{NONE_STARTED, accepted};
use crate::check::shared::ending::{self, Missing};
use crate::check::shared::http_requests::to_be_cancelled;
use crate::check::shared::incomplete::incomplete;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{is_error, views};
use crate::protocol::{Ending, Outcome};
use crate::trace::{Delivery, Earlier, Subscription, Trace};
use crate::transcript::Entry;

/// The most events that a viewer has seen who "left right after starting".
const FEW: usize = 2;

/// The most time between the first event and the leaving, however many events came: real servers
/// send the first few at once.
const AT_ONCE: Duration = Duration::from_millis(25);

fn right_after(start: &Subscription<'_>, disconnect: &Entry) -> bool {
    let first = start
        .deliveries
        .first()
        .map_or(disconnect.at(), |delivery| delivery.entry.at());
    start.deliveries.len() <= FEW || disconnect.at().saturating_sub(first) < AT_ONCE
}

pub(crate) fn one_ending(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in accepted(trace, &mut collector) {
        let (Some(run), Some(last)) = (start.run, start.deliveries.last()) else {
            continue;
        };
        let connection = trace.connection(start.connection);
        if let Some(found) = judge(&mut collector, start.request, &start.deliveries) {
            if found != Ending::Cancelled {
                collector.passed();
            }
            continue;
        }
        let last = last.entry.number;
        match ending::missing(trace, connection, run, last, start.until) {
            Some(missing) => collector.failed(
                "an ending of the run",
                missing.observed(),
                [start.request.number, last]
                    .into_iter()
                    .chain(missing.evidence()),
            ),
            None => collector.inconclusive(ending::unseen(connection, last)),
        }
    }
    for view in views(trace) {
        let precondition = view.precondition();
        if view.earlier == Earlier::Watching || view.deliveries.is_empty() {
            continue;
        }
        match (precondition, view.replay) {
            // Only a replay of as many events as were announced is the server's whole account.
            (Precondition::Finished(_), Some(replay)) => {
                let outcome = replay.status.and_then(Outcome::of);
                let deliveries = view.after(replay.entry.number);
                let whole = replay.announced == u64::try_from(deliveries.len()).ok();
                if !whole || !matches!(outcome, Some(Outcome::Completed | Outcome::Failed)) {
                    continue;
                }
                match (
                    judge(&mut collector, view.ret.request, deliveries),
                    deliveries.last(),
                ) {
                    (Some(_), _) => collector.passed(),
                    (None, Some(last)) => collector.failed(
                        "an ending as the last event of the replay",
                        describe::entry(last.entry),
                        [
                            view.ret.request.number,
                            replay.entry.number,
                            last.entry.number,
                        ],
                    ),
                    (None, None) => {}
                }
            }
            (Precondition::UnderWay, _) => {
                judge(&mut collector, view.ret.request, view.deliveries);
            }
            _ => {}
        }
    }
    for it in incomplete(trace) {
        judge(&mut collector, it.view.ret.request, it.view.deliveries);
    }
    for it in trace.continuations() {
        let (Some(run), Some(last)) = (it.run, it.deliveries.last()) else {
            continue;
        };
        // What comes of an answer to a run that is over is a matter of PAUSE-4.
        if trace.ending_before(run, it.request.number).is_some() {
            continue;
        }
        let connection = trace.connection(it.connection);
        let mut endings = it.deliveries.iter().filter_map(|it| it.event().ending());
        // Who lets it go on after a further pause is owed what follows that.
        let paused_again = endings.any(|ending| ending == Ending::Paused);
        if let Some(ending) = it.deliveries.iter().find(|it| it.is_final()) {
            // What comes after `WorkflowCancelled` is a matter of CANCEL-1, and that nothing comes twice one of
            // PAUSE-2.
            let is_cancelled = ending.event().ending() == Some(Ending::Cancelled);
            let mut later = it.deliveries.iter().filter(|_| !is_cancelled);
            // An index that is missing is a matter of START-2.
            let is_later = |it: &&Delivery<'_>| {
                it.entry.number > ending.entry.number && it.index() > ending.index()
            };
            if let Some(later) = later.find(is_later) {
                collector.failed(
                    format!("nothing of the run after {}", describe::entry(ending.entry)),
                    describe::entry(later.entry),
                    [it.request.number, ending.entry.number, later.entry.number],
                );
            }
            continue;
        }
        if paused_again {
            continue;
        }
        let last = last.entry.number;
        if let Some(missing) = ending::missing_after_a_pause(trace, connection, run, last, it.until)
        {
            collector.failed(
                "an ending of the run, which the viewer let go on",
                missing.observed(),
                [it.request.number, last]
                    .into_iter()
                    .chain(missing.evidence()),
            );
        }
    }
    collector.check_verdict(NONE_STARTED)
}

/// The first final ending among the deliveries; what came after it is noted. What comes after
/// `WorkflowCancelled` is a matter of CANCEL-1.
fn judge(
    collector: &mut Collector,
    request: &Entry,
    deliveries: &[Delivery<'_>],
) -> Option<Ending> {
    let at = deliveries
        .iter()
        .position(|delivery| delivery.event().final_ending().is_some())?;
    let ending = deliveries[at].event().ending()?;
    if ending == Ending::Cancelled {
        return Some(ending);
    }
    if let [next, others @ ..] = &deliveries[at + 1..] {
        collector.failed(
            format!(
                "nothing of the run after {}",
                describe::entry(deliveries[at].entry)
            ),
            format!(
                "{}{}",
                describe::entry(next.entry),
                describe::more(others.len())
            ),
            [
                request.number,
                deliveries[at].entry.number,
                next.entry.number,
            ],
        );
    }
    Some(ending)
}

pub(crate) fn goes_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let cancelled = to_be_cancelled(trace);
    // By run, the leaving of a starter who had seen next to nothing.
    let mut left = std::collections::HashMap::new();
    for start in accepted(trace, &mut collector) {
        let connection = trace.connection(start.connection);
        let ended = start.has_ended();
        if let (Some(run), Some(disconnect), None) =
            (start.run, connection.left(), connection.lost())
            && !ended
            && start.until.is_none()
            && !cancelled.contains(run)
            && right_after(start, disconnect)
        {
            left.insert(run, disconnect);
            collector.inconclusive(format!(
                "{} left right after starting, but no viewer saw how the run ended: choose a shorter \
                 workflow",
                connection.viewer
            ));
        }
    }
    let mut judged = std::collections::HashSet::new();
    let mut went_on = std::collections::HashSet::new();
    for view in views(trace) {
        let precondition = view.precondition();
        let Some(disconnect) = left.get(view.run) else {
            continue;
        };
        let request = view.ret.request.number;
        if request < disconnect.number
            || matches!(precondition, Precondition::NoRun | Precondition::Unclear(_))
            || judged.contains(view.run)
        {
            continue;
        }
        let refused = view.answer().filter(|answer| is_error(answer));
        let cancelled = view
            .replay
            .filter(|said| said.status.and_then(Outcome::of) == Some(Outcome::Cancelled))
            .map(|said| said.entry);
        let ending = view.ending();
        let stopped = refused.or(cancelled).or(ending
            .filter(|(_, ending)| *ending == Ending::Cancelled)
            .map(|(delivery, _)| delivery.entry));
        if let Some(entry) = stopped {
            judged.insert(view.run);
            // Who was shown the run after the leaving knows that it went on; what stopped it came later.
            if went_on.contains(view.run) {
                continue;
            }
            collector.failed(
                "a run that goes on to its ending",
                describe::entry(entry),
                [disconnect.number, request, entry.number],
            );
        } else if ending.is_some() {
            judged.insert(view.run);
            collector.passed();
        } else if let Some(missing @ Missing::Dead { .. }) = view.missing() {
            judged.insert(view.run);
            collector.failed(
                "a run that goes on to its ending",
                missing.observed(),
                [disconnect.number, request]
                    .into_iter()
                    .chain(missing.evidence()),
            );
        } else if !view.deliveries.is_empty() {
            went_on.insert(view.run);
        }
    }
    collector.check_verdict("no viewer left right after starting a run")
}
