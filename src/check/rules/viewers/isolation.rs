//! Several runs and several streams that keep apart: VIEWERS-2, -6 and -7.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::trace::{Delivery, Earlier, Origin, Phase, Subscription, Trace};
use crate::transcript::Number;

pub(crate) fn own_events(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let asked = trace.subscriptions.iter();
    let known: HashSet<&str> = asked
        .filter(|it| it.origin != Origin::Continued)
        .filter_map(|it| it.run)
        .collect();
    let mut strays: BTreeMap<usize, (&Delivery<'_>, usize)> = BTreeMap::new();
    // From the first event to the last: each connection with each of its runs.
    let mut watched: HashMap<(usize, &str), (Number, Number)> = HashMap::new();
    for stretch in trace.stretches() {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            continue;
        };
        let Some(run) = first.event().run().filter(|run| known.contains(&***run)) else {
            continue;
        };
        if first.phase == Phase::Stray {
            strays.entry(first.connection()).or_insert((first, 0)).1 += stretch.len();
        } else {
            let (from, to) = (first.entry.number, last.entry.number);
            let times = watched.entry((first.connection(), run));
            times.or_insert((from, to)).1 = to;
        }
    }
    for (connection, (stray, count)) in strays {
        let run = stray.event().run().map_or("", |run| &**run);
        let viewer = trace.connection(connection).viewer;
        let requests = trace.start_of(run).into_iter();
        let requests = requests.chain(trace.returns_to(run).next());
        let request = requests.map(|it| it.request.number).min();
        collector.failed(
            format!("no event of a run that {viewer} did not ask for"),
            format!(
                "{} of the run {}{}",
                describe::entry(stray.entry),
                describe::quoted(run),
                describe::more(count - 1)
            ),
            request.into_iter().chain([stray.entry.number]),
        );
    }
    let mut times: Vec<_> = watched.into_iter().collect();
    times.sort_by_key(|(_, (from, _))| *from);
    let mut longest: Option<((usize, &str), Number)> = None;
    for ((connection, run), (from, to)) in times {
        match longest {
            Some(((other, another), end))
                if other != connection && another != run && end > from =>
            {
                collector.passed();
            }
            _ => {}
        }
        if longest.is_none_or(|(_, end)| end < to) {
            longest = Some(((connection, run), to));
        }
    }
    collector.check_verdict("no two viewers watched different runs at the same time")
}

pub(crate) fn undisturbed(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for start in trace.starts() {
        if let Some(run) = start.run {
            look_at_starter(trace, start, run, &mut collector);
        }
    }
    collector
        .check_verdict("no viewer returned to a run while the viewer who started it was watching")
}

fn look_at_starter(
    trace: &Trace<'_>,
    start: &Subscription<'_>,
    run: &str,
    collector: &mut Collector,
) {
    let connection = trace.connection(start.connection);
    let until = connection
        .over()
        .map(|over| over.number)
        .into_iter()
        .chain(start.until)
        .min()
        .unwrap_or(Number::MAX);
    let joined = trace.returns_to(run).find(|ret| {
        ret.connection != start.connection
            && ret.answer().is_some()
            && (start.request.number..until).contains(&ret.request.number)
    });
    let (Some(joined), Some(last)) = (joined, start.deliveries.last()) else {
        return;
    };
    let joined = joined.request.number;
    let place = start
        .deliveries
        .partition_point(|delivery| delivery.entry.number < joined);
    let (before, after) = start.deliveries.split_at(place);
    // Only at the moment of the return: what happens elsewhere has other reasons, and so has a stream
    // that was out of order just before.
    if in_order(before)
        && let (Some(before), Some(after)) = (before.last(), after.first())
        && let (Some(seen), Some(came)) = (before.index(), after.index())
        && seen.checked_add(1) != Some(came)
    {
        collector.failed(
            format!(
                "event {} next for {}",
                seen.saturating_add(1),
                connection.viewer
            ),
            describe::entry(after.entry),
            [before.entry.number, joined, after.entry.number],
        );
        return;
    }
    if start.has_ended() {
        if after.is_empty() {
            collector.inconclusive("the run ended before another viewer returned to it");
        } else {
            collector.passed();
        }
        return;
    }
    let highest = start.deliveries.iter().filter_map(Delivery::index).max();
    let further = trace
        .deliveries_of(run)
        .find(|delivery| delivery.index() > highest);
    let number = last.entry.number;
    // A silence from before the return has other reasons.
    let missing = ending::missing(trace, connection, run, number, start.until)
        .filter(|missing| missing.at() > joined);
    match further.zip(missing) {
        Some((further, missing)) => collector.failed(
            format!(
                "{} for {}, who started the run",
                describe::entry(further.entry),
                connection.viewer
            ),
            missing.observed(),
            [number, joined, further.entry.number]
                .into_iter()
                .chain(missing.evidence()),
        ),
        None => collector.inconclusive(ending::unseen(connection, number)),
    }
}

/// Whether the last of these followed on the one before it.
fn in_order(deliveries: &[Delivery<'_>]) -> bool {
    match deliveries {
        [.., one, other] => match (one.index(), other.index()) {
            (Some(one), Some(other)) => one.checked_add(1) == Some(other),
            _ => true,
        },
        _ => true,
    }
}

pub(crate) fn nothing_twice(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut accused = HashSet::new();
    for ret in trace.returns() {
        if ret.earlier() != Earlier::Watching || accused.contains(&ret.connection) {
            continue;
        }
        let mut first: HashMap<u64, Delivery<'_>> = HashMap::new();
        let mut twice: Option<(Delivery<'_>, Delivery<'_>)> = None;
        let mut further = 0;
        let mut ended = false;
        // What was on its way when the viewer asked again may come again as missed.
        let live = ret.deliveries.iter().copied();
        for delivery in live.filter(|it| it.phase == Phase::Live) {
            ended |= delivery.event().final_ending().is_some();
            let Some(index) = delivery.index() else {
                continue;
            };
            match (first.get(&index), twice) {
                (None, _) => drop(first.insert(index, delivery)),
                (Some(before), None) => twice = Some((*before, delivery)),
                (Some(_), Some(_)) => further += 1,
            }
        }
        let viewer = trace.connection(ret.connection).viewer;
        match twice {
            Some((before, again)) => {
                accused.insert(ret.connection);
                collector.failed(
                    format!("{} once for {viewer}", describe::entry(before.entry)),
                    format!("the same event twice{}", describe::more(further)),
                    [ret.request.number, before.entry.number, again.entry.number],
                );
            }
            None if ended => collector.passed(),
            None => collector.inconclusive(format!(
                "{viewer} did not watch the run to its ending after asking again"
            )),
        }
    }
    collector.check_verdict("no viewer returned to a run on a connection that was watching it")
}
