//! One connection that watches several runs: VIEWERS-9.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered, views};
use crate::trace::{Delivery, Earlier, Subscription, Trace};
use crate::transcript::Number;

pub(crate) fn none_ends_another(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // Of each connection: the run that it watches live and was asked for last, before the return.
    let mut latest: Vec<Option<usize>> = vec![None; trace.connections.len()];
    let mut returns = views(trace).peekable();
    for (place, it) in trace.subscriptions.iter().enumerate() {
        let view = returns.next_if(|view| view.ret.request.number == it.request.number);
        let Some(before) = latest.get_mut(it.connection) else {
            continue;
        };
        let live = before.map(|place| &trace.subscriptions[place]);
        if let (Some(live), Some(view)) = (live, &view)
            && live.run != it.run
            && view.earlier == Earlier::Nothing
        {
            look(trace, live, view, &mut collector);
        }
        if it.live_since().is_some() {
            *before = Some(place);
        }
    }
    collector.check_verdict("no viewer asked for a run on a connection that watched another one")
}

/// Notes whether a return to another run was answered, and both runs came to their ends.
fn look(
    trace: &Trace<'_>,
    live: &Subscription<'_>,
    view: &ReturnView<'_, '_>,
    collector: &mut Collector,
) {
    let request = view.ret.request.number;
    match view.precondition() {
        Precondition::NoRun => return,
        Precondition::Unclear(reason) => return collector.inconclusive(reason),
        Precondition::UnderWay | Precondition::Finished(_) => {}
    }
    let viewer = view.viewer();
    let place = live
        .deliveries
        .partition_point(|it| it.entry.number < request);
    let (before, after) = live.deliveries.split_at(place);
    if before.iter().any(|it| it.is_final()) {
        return collector.inconclusive(format!(
            "the run that {viewer} watched had ended when they asked for another one"
        ));
    }
    if view.answer().is_none_or(is_error) {
        // Silence and a close are for the rules about those.
        return match view.answer() {
            Some(entry) => collector.failed(
                "an answer, beside the run that the connection watches",
                describe::entry(entry),
                [live.request.number, request, entry.number],
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    }
    if let (Some(seen), Some(next)) = (before.last(), after.first())
        && let (Some(last), Some(came)) = (seen.index(), next.index())
        && came > last.saturating_add(1)
    {
        return collector.failed(
            format!("event {} of the first run next", last.saturating_add(1)),
            describe::entry(next.entry),
            [seen.entry.number, request, next.entry.number],
        );
    }
    let first = ends(trace, live, request, collector);
    let second = ends(trace, view.ret, request, collector);
    if first && second {
        collector.passed();
    }
}

/// Whether a run came to its end on the connection, where the later one of two was asked for by this
/// request; notes where it did not.
fn ends(
    trace: &Trace<'_>,
    it: &Subscription<'_>,
    request: Number,
    collector: &mut Collector,
) -> bool {
    if it.has_ended() {
        return true;
    }
    let connection = trace.connection(it.connection);
    let last = it.last().unwrap_or(it.request).number;
    let run = it.run.unwrap_or_default();
    let displaced = it.displaced.map(|it| it.from);
    let until = displaced.into_iter().chain(it.until).min();
    // An ending that nobody got has other reasons.
    let highest = it.deliveries.iter().filter_map(Delivery::index).max();
    let is_further = |it: &&Delivery<'_>| it.index() > highest;
    let further = trace.deliveries_of(run).find(is_further);
    let missing = ending::missing(trace, connection, run, last, until);
    match missing.filter(|_| further.is_some() && connection.closed().is_none()) {
        Some(missing) => collector.failed(
            format!(
                "the ending of the run {}, beside another one on the connection",
                describe::quoted(run)
            ),
            missing.observed(),
            [it.request.number, request, last]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None => collector.inconclusive(ending::unseen(connection, last)),
    }
    false
}
