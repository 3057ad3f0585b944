//! Several viewers who returned to one run: VIEWERS-1 and -3.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending::Missing;
use crate::check::shared::pauses::is_pause;
use crate::check::shared::precondition::Precondition;
use crate::check::shared::return_view::{
    ReturnView, answer_or_silence, is_error, unanswered, views,
};
use crate::check::shared::{ending, order};
use crate::protocol::Position;
use crate::trace::{Delivery, Subscription, Trace};
use crate::transcript::Number;

/// From this many viewers on, they are many.
const MANY: usize = 5;

/// Within this time, viewers return at once.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The returns to runs under way, by run.
fn returns<'s, 't>(trace: &'s Trace<'t>) -> BTreeMap<&'t str, Vec<ReturnView<'s, 't>>> {
    let mut runs: BTreeMap<&str, Vec<ReturnView<'_, '_>>> = BTreeMap::new();
    for view in views(trace) {
        if let Precondition::UnderWay = view.precondition() {
            runs.entry(view.run).or_default().push(view);
        }
    }
    runs
}

pub(crate) fn all_later_events(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for returns in returns(trace).into_values() {
        let mut watching = returns;
        watching.retain(|view| !view.subscribed.is_empty());
        watching.sort_by_key(since);
        let together = together(&watching);
        if together.iter().all(Option::is_none) {
            continue;
        }
        let answered = watching.first().into_iter();
        let answered = answered.flat_map(|view| trace.continuations_after(view.run, 0));
        let live = Live::of(trace, &watching, answered);
        let mut accused = HashSet::new();
        for (me, both) in watching.iter().zip(together) {
            if let Some(both) = both
                && !accused.contains(&me.ret.connection)
                && deprived(me, &live, both, &mut collector)
            {
                accused.insert(me.ret.connection);
            }
        }
    }
    collector.check_verdict("no two viewers who had returned watched one run at the same time")
}

/// From where on each of them, in the order in which they came, was not the only one who had
/// returned; nothing for who always was. Linear in their number.
fn together(watching: &[ReturnView<'_, '_>]) -> Vec<Option<Number>> {
    // Of those who came before, who stays longest, and who stays longest on the other connections.
    let mut longest: [Option<(Number, usize)>; 2] = [None; 2];
    let mut both = Vec::with_capacity(watching.len());
    // Of each, the next one on another connection.
    let mut next = vec![None; watching.len()];
    for at in (1..watching.len()).rev() {
        let is_other = watching[at - 1].ret.connection != watching[at].ret.connection;
        next[at - 1] = if is_other { Some(at) } else { next[at] };
    }
    for (at, me) in watching.iter().enumerate() {
        let other = |connection: usize| connection != me.ret.connection;
        let before = longest.into_iter().flatten().find(|it| other(it.1));
        let after = next[at].map(|next| &watching[next]);
        both.push(match (before, after.map(since)) {
            (Some((end, _)), _) if end > since(me) => Some(since(me)),
            (_, later) => later.filter(|later| *later < until(me)),
        });
        let mine = (until(me), me.ret.connection);
        match longest[0] {
            Some(first) if first.1 != mine.1 && first.0 >= mine.0 => {
                longest[1] = longest[1].filter(|it| it.0 >= mine.0).or(Some(mine));
            }
            Some(first) if first.1 != mine.1 => longest = [Some(mine), Some(first)],
            _ => longest[0] = longest[0].filter(|it| it.0 >= mine.0).or(Some(mine)),
        }
    }
    both
}

/// Somebody who got an event live.
#[derive(Clone, Copy)]
struct Other<'t> {
    viewer: &'t str,
    /// From where on they watched live.
    since: Number,
}

/// What those who had returned to a run, or let it go on after a pause, got live.
struct Live<'t> {
    /// By index, each delivery with who got it, both in order.
    events: Vec<(u64, Vec<(Delivery<'t>, Other<'t>)>)>,
    /// For each of them, the number of the first delivery of it or of a later one.
    earliest: Vec<Number>,
}

impl<'t> Live<'t> {
    fn of<'s>(
        trace: &'s Trace<'t>,
        watching: &[ReturnView<'s, 't>],
        answered: impl Iterator<Item = &'s Subscription<'t>>,
    ) -> Self
    where
        't: 's,
    {
        let mut live: BTreeMap<u64, Vec<(Delivery<'t>, Other<'t>)>> = BTreeMap::new();
        let mut add = |deliveries: &[Delivery<'t>], viewer: &'t str, since: Number| {
            for delivery in deliveries {
                if let Some(index) = delivery.index() {
                    let other = Other { viewer, since };
                    live.entry(index).or_default().push((*delivery, other));
                }
            }
        };
        for view in watching {
            add(view.after(since(view)), view.viewer(), since(view));
        }
        for it in answered {
            let viewer = trace.connection(it.connection).viewer;
            add(&it.deliveries, viewer, it.request.number);
        }
        let mut events: Vec<_> = live.into_iter().collect();
        let mut earliest = vec![Number::MAX; events.len()];
        let mut first = Number::MAX;
        for (at, (_, deliveries)) in events.iter_mut().enumerate().rev() {
            deliveries.sort_by_key(|(delivery, _)| delivery.entry.number);
            first = first.min(deliveries[0].0.entry.number);
            earliest[at] = first;
        }
        Self { events, earliest }
    }

    /// The first event that somebody else got between two entries, and that this viewer never did.
    ///
    /// Looks at no more events than the viewer got, and those of which another was sent one before
    /// `to`.
    fn wanting(
        &self,
        me: &ReturnView<'_, '_>,
        from: Number,
        to: Number,
    ) -> Option<(Delivery<'t>, Other<'t>)> {
        let mine: HashSet<u64> = me.deliveries.iter().filter_map(Delivery::index).collect();
        let mut first: Option<(Delivery<'t>, Other<'t>)> = None;
        let next = self.events.partition_point(|(index, _)| *index < me.next);
        let owed = stopped_at(me).unwrap_or(u64::MAX);
        for ((index, deliveries), earliest) in self.events.iter().zip(&self.earliest).skip(next) {
            let until = first.map_or(to, |(it, _)| it.entry.number);
            if *earliest >= until || *index > owed {
                break;
            }
            if mine.contains(index) {
                continue;
            }
            let after = deliveries.partition_point(|(it, _)| it.entry.number <= from);
            let event = deliveries.get(after).copied();
            first = event.filter(|(it, _)| it.entry.number < until).or(first);
        }
        first
    }
}

/// From where on a viewer watches live.
fn since(view: &ReturnView<'_, '_>) -> Number {
    let subscribed = view.subscribed.first();
    subscribed.map_or(Number::MAX, |said| said.entry.number)
}

/// Up to where a viewer watches.
fn until(view: &ReturnView<'_, '_>) -> Number {
    let over = view.connection.over().map(|over| over.number);
    over.into_iter()
        .chain(view.ret.until)
        .min()
        .unwrap_or(Number::MAX)
}

/// The index of the pause with which a viewer's stream over HTTP ended: what follows is owed to those who ask again.
fn stopped_at(view: &ReturnView<'_, '_>) -> Option<u64> {
    let last = view.deliveries.last()?;
    let ended = view.connection.is_over_http() && view.connection.over().is_some();
    last.index().filter(|_| ended && is_pause(last))
}

/// Whether a viewer did not get what another got; notes it. `both` is from where on there was
/// another.
fn deprived(
    me: &ReturnView<'_, '_>,
    live: &Live<'_>,
    both: Number,
    collector: &mut Collector,
) -> bool {
    if me.connection.displaced_after(both) {
        collector.passed();
        return false;
    }
    // Of the missed events an index may be anything: that is a matter of CATCHUP-3.
    let later = me.after(both).iter();
    let highest = later.filter_map(Delivery::index).max();
    let wanting = live.wanting(me, both, until(me));
    let Some((wanting, other)) = wanting else {
        // Who waited without success got nothing of what may have been lost.
        let waits = me.ending().is_none() && me.timed_out().is_some();
        if waits {
            collector.inconclusive(me.unseen());
        } else if me.after(both).is_empty() {
            collector.inconclusive(format!(
                "{} left before a live event could come",
                me.viewer()
            ));
        } else {
            collector.passed();
        }
        return false;
    };
    let expected = format!(
        "{}, as {} got it",
        describe::entry(wanting.entry),
        other.viewer
    );
    let evidence = [since(me), other.since, wanting.entry.number];
    if wanting.index() < highest {
        collector.failed(
            expected,
            format!("later events for {}, without that one", me.viewer()),
            evidence,
        );
        return true;
    }
    let last = me.last();
    match ending::missing_after_a_pause(me.trace, me.connection, me.run, last, me.ret.until) {
        Some(missing) => {
            collector.failed(
                expected,
                format!("for {}: {}", me.viewer(), missing.observed()),
                evidence.into_iter().chain(missing.evidence()),
            );
            true
        }
        None => {
            collector.inconclusive(ending::unseen(me.connection, last));
            false
        }
    }
}

pub(crate) fn many_at_once(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for returns in returns(trace).values() {
        let mut rest = returns.as_slice();
        while let Some(first) = rest.first() {
            let began = first.ret.request.at();
            let count = rest
                .iter()
                .take_while(|view| view.ret.request.at().saturating_sub(began) <= AT_ONCE)
                .count();
            let (together, later) = rest.split_at(count);
            rest = later;
            let viewers: HashSet<&str> = together.iter().map(ReturnView::viewer).collect();
            if viewers.len() < MANY {
                continue;
            }
            let mut accused = HashSet::new();
            for view in together {
                if !accused.contains(view.viewer()) && wronged(view, &mut collector) {
                    accused.insert(view.viewer());
                }
            }
            // A later one may have displaced all of them, which is a matter of VIEWERS-1.
            let is_last = rest.iter().all(|later| later.replay.is_some());
            if is_last
                && accused.is_empty()
                && let Some((view, missing)) = forgotten(together)
            {
                collector.failed(
                    format!(
                        "the rest of the run for at least one of {} viewers",
                        viewers.len()
                    ),
                    format!(
                        "for each of them, as for {}: {}",
                        view.viewer(),
                        missing.observed()
                    ),
                    [view.ret.request.number]
                        .into_iter()
                        .chain(missing.evidence()),
                );
            }
        }
    }
    collector.check_verdict("too few viewers returned to a run at once")
}

/// The last of these viewers, where none of them got the ending that they all waited for, though somebody else did.
fn forgotten<'s, 't>(
    together: &'s [ReturnView<'s, 't>],
) -> Option<(&'s ReturnView<'s, 't>, Missing<'t>)> {
    let first = together.first()?;
    first.trace.run(first.run)?.ending?;
    let mut latest = BTreeMap::new();
    for view in together {
        latest.insert(view.viewer(), view);
    }
    let mut last = None;
    for view in latest.into_values() {
        if view.ending().is_some() {
            return None;
        }
        let (connection, until) = (view.connection, view.ret.until);
        let missing = ending::missing(view.trace, connection, view.run, view.last(), until)?;
        last = Some((view, missing));
    }
    last
}

/// Whether a viewer got anything else than what was missed, and what followed; notes it.
fn wronged(view: &ReturnView<'_, '_>, collector: &mut Collector) -> bool {
    let request = view.ret.request;
    if view.answer().is_none_or(is_error) {
        let Some((observed, evidence)) = answer_or_silence(view) else {
            collector.inconclusive(unanswered(view));
            return false;
        };
        let expected = format!("the events that {} had missed", view.viewer());
        collector.failed(expected, observed, evidence);
        return true;
    }
    // A run that is not counted from 0 is another rule's matter.
    let first = match view.position {
        Position::At(_) => Some(view.next),
        _ => view.trace.run(view.run).and_then(|run| run.lowest),
    };
    if let Some(slip) = order::slip(view.deliveries, first.unwrap_or(0)) {
        collector.failed(
            format!("{} for {}", slip.expected(), view.viewer()),
            slip.observed(),
            slip.evidence(request),
        );
        return true;
    }
    let (missed, _) = view.around_subscribed();
    if missed.is_empty() || view.subscribed.is_empty() {
        collector.inconclusive("nothing was missed while the viewers were away: raise --away");
    } else {
        collector.passed();
    }
    false
}
