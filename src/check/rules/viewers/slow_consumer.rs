//! A viewer who does not read: VIEWERS-4.
//!
//! The server has to wait for the viewer only if more was unread than the buffers can hold. Then it
//! either makes other viewers and the run wait as well, or it does not.

use std::collections::HashMap;
use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::trace::{Connection, Delivery, Subscription, Trace};
use crate::transcript::{Entry, EntryKind, Number};

/// How long another viewer must have been sent events, once the last was asked for that was not read:
/// until then the buffers may still have been filling.
const FILLING: Duration = Duration::from_millis(200);

/// A time in which a viewer did not read.
struct Unread<'s, 't> {
    connection: usize,
    viewer: &'t str,
    /// When it began, and when the viewer read on.
    from: Number,
    on: &'t Entry,
    /// What was asked for last before the viewer read on.
    asked: &'s Entry,
    /// How many bytes were read afterwards, and how many the buffers certainly cannot hold.
    bytes: u64,
    too_many: u64,
}

/// Another viewer's connection, with what was delivered of the run.
struct Other<'s, 't> {
    connection: &'s Connection<'t>,
    heard: &'s [Delivery<'t>],
    until: Option<Number>,
}

pub(crate) fn not_reading(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut returns: HashMap<usize, Vec<&Subscription<'_>>> = HashMap::new();
    for it in trace.returns() {
        returns.entry(it.connection).or_default().push(it);
    }
    for (place, connection) in trace.connections.iter().enumerate() {
        for unread in times(place, connection) {
            let returns = returns.get(&place).map_or(&[][..], Vec::as_slice);
            for run in watched(returns, &unread) {
                for other in others(trace, run, &unread) {
                    look_at(trace, run, &unread, &other, &mut collector);
                }
            }
        }
    }
    collector.check_verdict("no viewer stopped reading a run that others watched")
}

fn times<'s, 't>(place: usize, connection: &'s Connection<'t>) -> Vec<Unread<'s, 't>> {
    let mut times = Vec::new();
    let mut begun: Option<(&Entry, u64)> = None;
    let mut asked = None;
    // How many bytes of texts came so far.
    let mut bytes = 0;
    for &entry in &connection.entries {
        match &entry.what {
            EntryKind::StopsReading { too_many } => begun = Some((entry, *too_many)),
            EntryKind::Sent { .. } => asked = Some(entry),
            EntryKind::ReadsOn => {
                if let Some((from, too_many)) = begun.take() {
                    times.push(Unread {
                        connection: place,
                        viewer: connection.viewer,
                        from: from.number,
                        on: entry,
                        asked: asked.unwrap_or(from),
                        bytes,
                        too_many,
                    });
                }
            }
            EntryKind::Received { text, .. } => bytes += text.len() as u64,
            _ => {}
        }
    }
    for time in &mut times {
        time.bytes = bytes - time.bytes;
    }
    times
}

/// The runs to which the viewer had returned who does not read.
fn watched<'t>(returns: &[&Subscription<'t>], unread: &Unread<'_, 't>) -> Vec<&'t str> {
    let mut runs: Vec<&str> = returns
        .iter()
        .filter(|ret| ret.answer().is_some_and(|it| it.number < unread.from))
        .filter_map(|ret| ret.run)
        .collect();
    runs.dedup();
    runs
}

/// Everybody else who watched the run meanwhile.
fn others<'s, 't>(trace: &'s Trace<'t>, run: &str, unread: &Unread<'_, 't>) -> Vec<Other<'s, 't>> {
    let start = trace.start_of(run).into_iter();
    let mut others = Vec::new();
    for it in start.chain(trace.returns_to(run)) {
        let (place, request, until) = (it.connection, it.request.number, it.until);
        let connection = trace.connection(place);
        let over = connection.over().map(|over| over.number);
        let there = over.into_iter().chain(until).all(|end| end > unread.from);
        if place != unread.connection
            && connection.viewer != unread.viewer
            && request < unread.from
            && there
        {
            others.push(Other {
                connection,
                heard: &it.deliveries,
                until,
            });
        }
    }
    others
}

fn look_at(
    trace: &Trace<'_>,
    run: &str,
    unread: &Unread<'_, '_>,
    other: &Other<'_, '_>,
    collector: &mut Collector,
) {
    let viewer = other.connection.viewer;
    let place = |number| other.heard.partition_point(|it| it.entry.number < number);
    let (meanwhile, later) = other.heard.split_at(place(unread.on.number));
    let ended = meanwhile
        .iter()
        .rfind(|it| it.event().final_ending().is_some());
    if unread.bytes < unread.too_many {
        return collector.inconclusive(format!(
            "{} left {} bytes unread, which may have fitted into the buffers in between: the server did not have to wait",
            unread.viewer, unread.bytes
        ));
    }
    if let Some(ended) = ended {
        return if ended.entry.at().saturating_sub(unread.asked.at()) < FILLING {
            collector.inconclusive(
                "the run was over before the buffers were full: choose a longer workflow",
            );
        } else {
            collector.passed();
        };
    }
    let expected = format!(
        "events for {viewer}, although {} does not read",
        unread.viewer
    );
    let timeout = other.connection.timeout_after(unread.from);
    let timeout = timeout.filter(|silence| silence.number < unread.on.number);
    if let (Some(silence), Some(first)) = (timeout, later.first()) {
        // It went on because somebody read on: not by its own, and not by chance.
        let waited = match silence.what {
            EntryKind::TimedOut { after, .. } => after,
            _ => Duration::ZERO,
        };
        if first.entry.at().saturating_sub(unread.on.at()) < waited / 2 {
            return collector.failed(
                expected,
                format!(
                    "{}; as soon as {} read on, {}",
                    describe::entry(silence),
                    unread.viewer,
                    describe::entry(first.entry)
                ),
                [
                    unread.from,
                    silence.number,
                    unread.on.number,
                    first.entry.number,
                ],
            );
        }
    }
    // Who had been put off before, by the return alone, is no case of this rule.
    let last = other.heard.last().map_or(0, |last| last.entry.number);
    let missing = ending::missing(trace, other.connection, run, last, other.until);
    match missing.filter(|_| last > unread.from && last < unread.on.number) {
        Some(missing) => collector.failed(
            expected,
            missing.observed(),
            [unread.from, last].into_iter().chain(missing.evidence()),
        ),
        None => collector.inconclusive(ending::unseen(other.connection, last)),
    }
}
