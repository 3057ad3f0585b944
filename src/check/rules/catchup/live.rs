//! How the viewer is subscribed, and what follows: CATCHUP-4 and -5.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::catchup::returns::{NOBODY, each, each_incomplete, nothing_missed};
use crate::check::shared::order;
use crate::check::shared::return_view::{ReturnView, left_unsubscribed};
use crate::trace::{Delivery, Earlier, Subscription, Trace};

pub(crate) fn subscribed_once(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        let request = view.ret.request.number;
        let Some(subscribed) = view.subscribed.first() else {
            return never_subscribed(view, collector);
        };
        let at = subscribed.entry.number;
        if let Some(again) = view.subscribed.get(1) {
            return collector.failed(
                "`subscribed` once",
                format!(
                    "`subscribed` again{}",
                    describe::more(view.subscribed.len() - 2)
                ),
                [request, at, again.entry.number],
            );
        }
        let Some(catch_up) = view.catch_up else {
            return collector.inconclusive(nothing_missed(view));
        };
        if catch_up.entry.number > at {
            return collector.failed(
                "`subscribed` after `catch_up`",
                "`subscribed` before `catch_up`",
                [request, at, catch_up.entry.number],
            );
        }
        if let Some(early) = missed_but_live(view) {
            return collector.failed(
                "`subscribed` after the last missed event",
                format!("{} after `subscribed`", describe::entry(early.entry)),
                [request, catch_up.entry.number, at, early.entry.number],
            );
        }
        let came = view.missed().len() as u64;
        if catch_up
            .announced
            .is_some_and(|announced| announced <= came)
        {
            collector.passed();
        } else {
            collector.inconclusive("fewer missed events came than were announced (CATCHUP-2)");
        }
    });
    collector.check_verdict(NOBODY)
}

/// No `subscribed` came: a finding where live events came, or the viewer's wait for it timed out.
fn never_subscribed(view: &ReturnView<'_, '_>, collector: &mut Collector) {
    let request = view.ret.request.number;
    let announced = match view.catch_up {
        Some(catch_up) => catch_up.announced.unwrap_or(u64::MAX),
        None => u64::MAX,
    };
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    // An ending after the last missed event is no live event that `subscribed` must come before.
    let live = view
        .deliveries
        .iter()
        .skip(announced)
        .find(|delivery| delivery.event().ending().is_none());
    let instead = live.map(|delivery| delivery.entry).or_else(|| {
        let answered = !view.deliveries.is_empty() || view.catch_up.is_some();
        view.timed_out()
            .filter(|_| answered && view.ending().is_none())
    });
    match instead {
        // It may have been on its way when the viewer left.
        Some(entry) => collector.failed(
            "`subscribed` after the last missed event",
            format!("{}, and no `subscribed` before it", describe::entry(entry)),
            [request, entry.number],
        ),
        None if view.ending().is_some() => {
            collector.inconclusive("the run ended before `subscribed` was due");
        }
        None => collector.inconclusive(describe::gone(view.connection, "`subscribed` was due")),
    }
}

/// The first event after `subscribed` that is one of the missed ones, and had not come before.
fn missed_but_live<'t>(view: &ReturnView<'_, 't>) -> Option<Delivery<'t>> {
    let announced = view.catch_up?.announced?;
    let (before, after) = view.around_subscribed();
    let mut wanting = announced.saturating_sub(view.missed().len() as u64);
    let count = view.subscribed.first()?.count.unwrap_or(u64::MAX);
    let end = view.next.saturating_add(announced).min(count);
    let seen: HashSet<u64> = before.iter().filter_map(Delivery::index).collect();
    after.iter().copied().find(|delivery| {
        let Some(index) = delivery.index() else {
            return false;
        };
        let missed = wanting > 0 && (view.next..end).contains(&index) && !seen.contains(&index);
        if missed {
            wanting -= 1;
        }
        missed
    })
}

pub(crate) fn to_the_end(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let returns = returns(trace);
    each(trace, &mut collector, |view, collector| {
        let request = view.ret.request;
        let (before, live) = view.around_subscribed();
        if let Some(subscribed) = view.subscribed.first() {
            let last = before.iter().filter_map(Delivery::index).max();
            let next = last.map_or(view.next, |last| last.saturating_add(1));
            if let Some(slip) = order::slip(live, next) {
                return collector.failed(
                    slip.expected(),
                    slip.observed(),
                    slip.evidence(request).chain([subscribed.entry.number]),
                );
            }
        }
        if view.ending().is_some() {
            if let Some(slip) = whole(view, &returns).and_then(|whole| order::slip(&whole, 0)) {
                return collector.failed(
                    format!("{} of the whole run", slip.expected()),
                    slip.observed(),
                    slip.evidence(request),
                );
            }
            return match view.subscribed.is_empty() {
                true => collector.inconclusive("the run ended before `subscribed` came"),
                false => collector.passed(),
            };
        }
        if view.subscribed.is_empty() {
            return collector.inconclusive(left_unsubscribed(view));
        }
        let last = view.last();
        match view.missing() {
            Some(_) if view.is_over_http() => collector.inconclusive(view.unseen()),
            Some(missing) => collector.failed(
                "live events until the ending",
                missing.observed(),
                [request.number, last].into_iter().chain(missing.evidence()),
            ),
            None => collector.inconclusive(view.unseen()),
        }
    });
    each_incomplete(trace, |it, _| match it.live_slip() {
        Some(slip) => {
            let evidence = slip.evidence(it.view.ret.request);
            collector.failed(slip.expected(), slip.observed(), evidence);
        }
        None => it.ending_is_owed(&mut collector),
    });
    collector.check_verdict(NOBODY)
}

/// The returns of each viewer to each run, in order.
type Returns<'s, 't> = HashMap<(&'t str, &'t str), Vec<&'s Subscription<'t>>>;

fn returns<'s, 't>(trace: &'s Trace<'t>) -> Returns<'s, 't> {
    let mut returns: Returns<'s, 't> = HashMap::new();
    for it in trace.returns() {
        let viewer = trace.connection(it.connection).viewer;
        if let Some(run) = it.run {
            returns.entry((viewer, run)).or_default().push(it);
        }
    }
    returns
}

/// Everything that the viewer saw of the run over all connections up to this return; `None` where a
/// return did not name what the viewer had seen, so that gaps and repeats were asked for.
fn whole<'t>(view: &ReturnView<'_, 't>, returns: &Returns<'_, 't>) -> Option<Vec<Delivery<'t>>> {
    let (trace, run) = (view.trace, view.run);
    let all_kept = trace.retention().is_none_or(|retention| {
        let highest = trace.highest_before(run, view.last().saturating_add(1));
        highest.is_none_or(|last| last < retention)
    });
    let mut whole: Vec<Delivery<'t>> = Vec::new();
    if let Some(start) = trace.start_of(run)
        && trace.connection(start.connection).viewer == view.viewer()
    {
        whole.extend(&start.deliveries);
    }
    for ret in returns.get(&(view.viewer(), run))? {
        if ret.request.number > view.ret.request.number {
            break;
        }
        let seen = match whole.last() {
            Some(last) => last.index()?.checked_add(1)?,
            None => 0,
        };
        let goes_on = ret.position()?.next() == Some(seen) && ret.earlier() == Earlier::Nothing;
        if !goes_on || !all_kept {
            return None;
        }
        whole.extend(&ret.deliveries);
    }
    Some(whole)
}
