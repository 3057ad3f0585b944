//! Somebody leaves while others watch: VIEWERS-8.

use std::collections::HashMap;
use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::trace::{Subscription, Trace};
use crate::transcript::Number;

/// A connection that had watched a run and closed.
#[derive(Clone, Copy, Debug)]
struct Closing {
    /// The number of the entry with which its viewer left.
    at: Number,
    /// The connection.
    connection: usize,
    /// Since which entry it had watched the run.
    since: Number,
}

/// How long after a viewer has left an event may still come that was on its way.
const IN_FLIGHT: Duration = Duration::from_millis(500);
/// How many events may: after more of them, something else than the leaving stopped the stream.
const MOST_IN_FLIGHT: usize = 3;

pub(crate) fn takes_nothing(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let closings = closings(trace);
    for watching in &trace.subscriptions {
        let (Some(run), Some(since)) = (watching.run, watching.live_since()) else {
            continue;
        };
        let Some(closings) = closings.get(run) else {
            continue;
        };
        let connection = trace.connection(watching.connection);
        let over = connection.over().map(|over| over.number);
        let until = over.into_iter().chain(watching.until).min();
        let until = until.unwrap_or(Number::MAX);
        // A connection closes once, so that its own closing is at most one of two neighbours.
        let other = |it: &&Closing| it.connection != watching.connection;
        let first = closings.partition_point(|it| it.at <= since);
        let first = closings[first..].iter().take(2).find(other);
        if let Some(first) = first.filter(|it| it.at < until) {
            look(
                trace,
                watching,
                (run, since),
                (first, closings),
                &mut collector,
            );
        }
    }
    collector.check_verdict("no viewer left while another one watched the same run")
}

/// By run: the connections that had watched it and closed, in the order in which they did.
fn closings<'t>(trace: &Trace<'t>) -> HashMap<&'t str, Vec<Closing>> {
    let mut first: HashMap<(&str, usize), Number> = HashMap::new();
    for it in &trace.subscriptions {
        if let (Some(run), Some(since)) = (it.run, it.live_since()) {
            first.entry((run, it.connection)).or_insert(since);
        }
    }
    let mut closings: HashMap<&str, Vec<Closing>> = HashMap::new();
    for ((run, connection), since) in first {
        if let Some(left) = trace.connection(connection).left() {
            let at = left.number;
            closings.entry(run).or_default().push(Closing {
                at,
                connection,
                since,
            });
        }
    }
    for closings in closings.values_mut() {
        closings.sort_unstable_by_key(|it| it.at);
    }
    closings
}

/// Notes whether a viewer got what came after another one's leaving.
fn look(
    trace: &Trace<'_>,
    watching: &Subscription<'_>,
    (run, since): (&str, Number),
    (first, closings): (&Closing, &[Closing]),
    collector: &mut Collector,
) {
    let viewer = trace.connection(watching.connection).viewer;
    let place = |at: Number| {
        watching
            .deliveries
            .partition_point(|it| it.entry.number < at)
    };
    let (before, after) = watching.deliveries.split_at(place(first.at));
    // Who got nothing while the other was there had lost the stream already.
    let both = since.max(first.since);
    if before.last().is_none_or(|it| it.entry.number <= both) {
        return collector.inconclusive(format!(
            "nothing had come live to {viewer} before {} left",
            trace.connection(first.connection).viewer
        ));
    }
    if let (Some(seen), Some(next)) = (before.last(), after.first())
        && let (Some(last), Some(came)) = (seen.index(), next.index())
        && came > last.saturating_add(1)
    {
        let missing = last.saturating_add(1);
        let mut others = trace.deliveries_of(run);
        if others.any(|it| it.index() == Some(missing) && it.entry.number < first.at) {
            return collector.inconclusive(format!(
                "event {missing}, which {viewer} did not get, had come to others before {} left",
                trace.connection(first.connection).viewer
            ));
        }
        return collector.failed(
            format!("event {missing} next for {viewer}"),
            describe::entry(next.entry),
            [seen.entry.number, first.at, next.entry.number],
        );
    }
    if watching.has_ended() {
        return match after.is_empty() {
            true => collector.inconclusive("the run ended before anybody left"),
            false => collector.passed(),
        };
    }
    let connection = trace.connection(watching.connection);
    let Some(last) = watching.deliveries.last() else {
        return;
    };
    let number = last.entry.number;
    let missing = ending::missing(trace, connection, run, number, watching.until);
    // The stream must have stopped with a closing, and not later.
    let next = closings.partition_point(|it| it.at <= number);
    let mut later = closings[next..].iter().take(2);
    let stopped = later.find(|it| it.connection != watching.connection);
    let highest = watching.deliveries.iter().filter_map(|it| it.index()).max();
    let further = trace.deliveries_of(run).find(|it| it.index() > highest);
    // What was on its way when the other one left may still have come; not all but the ending.
    let most = match further.and_then(|it| it.event().ending()) {
        None => MOST_IN_FLIGHT,
        Some(_) => 0,
    };
    let left = trace.connection(first.connection).left();
    let in_flight = left.filter(|left| {
        (1..=most).contains(&after.len()) && last.entry.at().saturating_sub(left.at()) <= IN_FLIGHT
    });
    let stopped = in_flight.map(|_| first).or(stopped);
    match (missing, stopped, further) {
        (Some(missing), Some(stopped), Some(further))
            if stopped.at < missing.at() && stopped.at < further.entry.number =>
        {
            collector.failed(
                format!("{} for {viewer}, too", describe::entry(further.entry)),
                format!(
                    "{}; {} had left before",
                    missing.observed(),
                    trace.connection(stopped.connection).viewer
                ),
                [number, stopped.at, further.entry.number]
                    .into_iter()
                    .chain(missing.evidence()),
            );
        }
        _ => collector.inconclusive(ending::unseen(connection, number)),
    }
}
