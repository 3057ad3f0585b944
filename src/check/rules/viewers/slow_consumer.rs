//! A viewer who does not read: VIEWERS-4.
//!
//! The server has to wait for the viewer only if more was unread than the buffers can hold. Then it
//! either makes other viewers and the run wait as well, or it does not.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::trace::{Connection, Delivery, Subscription, Trace};
use crate::transcript::{Entry, EntryKind, Number, work};

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
    request: Number,
    heard: &'s [Delivery<'t>],
    until: Option<Number>,
}

/// The times in which a run was watched by somebody who did not read.
#[derive(Default)]
struct Times<'u, 's, 't> {
    /// In the order in which they began.
    begun: Vec<&'u Unread<'s, 't>>,
    /// Of those up to each of them: which one ended last, and which one of any other viewer.
    longest: Vec<[Option<&'u Unread<'s, 't>>; 2]>,
    /// In the order in which they ended.
    ended: Vec<&'u Unread<'s, 't>>,
}

pub(crate) fn not_reading(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut watching: HashMap<usize, Vec<&Subscription<'_>>> = HashMap::new();
    for it in trace.starts().chain(trace.returns()) {
        watching.entry(it.connection).or_default().push(it);
    }
    let mut unread = Vec::new();
    for (place, connection) in trace.connections.iter().enumerate() {
        if !connection.is_over_http() {
            unread.extend(times(place, connection));
        }
    }
    let mut runs: BTreeMap<&str, Times<'_, '_, '_>> = BTreeMap::new();
    for it in &unread {
        let watching = watching.get(&it.connection).map_or(&[][..], Vec::as_slice);
        for run in watched(watching, it) {
            runs.entry(run).or_default().begun.push(it);
        }
    }
    for (run, mut times) in runs {
        times.sort();
        let start = trace.start_of(run).into_iter();
        for it in start.chain(trace.returns_to(run)) {
            let other = Other {
                connection: trace.connection(it.connection),
                request: it.request.number,
                heard: &it.deliveries,
                until: it.until,
            };
            for unread in times.that_concern(&other) {
                look_at(trace, run, unread, &other, &mut collector);
            }
        }
    }
    collector.check_verdict("no viewer stopped reading a run that others watched")
}

impl<'u, 's, 't> Times<'u, 's, 't> {
    fn sort(&mut self) {
        self.begun.sort_by_key(|it| it.from);
        self.ended = self.begun.clone();
        self.ended.sort_by_key(|it| it.on.number);
        let mut longest: [Option<&Unread<'_, '_>>; 2] = [None; 2];
        for it in &self.begun {
            let lasts = |than: Option<&Unread<'_, '_>>| {
                than.is_none_or(|than| than.on.number < it.on.number)
            };
            match longest[0] {
                Some(first) if first.viewer != it.viewer && lasts(Some(first)) => {
                    longest = [Some(it), Some(first)];
                }
                Some(first) if first.viewer != it.viewer && lasts(longest[1]) => {
                    longest[1] = Some(it);
                }
                // The second longest of another viewer stays.
                Some(first) if first.viewer != it.viewer => {}
                first if lasts(first) => longest[0] = Some(it),
                _ => {}
            }
            self.longest.push(longest);
        }
    }

    /// The times of others that show something about this viewer: at the ending that came, at the last
    /// event that did, and before whatever came after a wait that timed out. Where there is none of
    /// these, the first. A few of each, however many there are.
    fn that_concern(&self, other: &Other<'_, 't>) -> Vec<&'u Unread<'s, 't>> {
        let (viewer, heard) = (other.connection.viewer, other.heard);
        let ended = heard.iter().rfind(|it| it.is_final());
        let last = heard.last();
        let mut found: Vec<&Unread<'_, '_>> = [ended, last]
            .into_iter()
            .flatten()
            .filter_map(|it| self.at(it.entry.number, viewer))
            .collect();
        let mut silence = other.connection.timeout_after(other.request);
        while let Some(it) = silence {
            let next = heard.partition_point(|heard| heard.entry.number < it.number);
            if let Some(next) = heard.get(next) {
                found.extend(self.before(next.entry.number, it.number, viewer));
            }
            silence = other.connection.timeout_after(it.number);
        }
        if found.is_empty() {
            found.extend(self.begun.iter().copied().find(|it| it.viewer != viewer));
        }
        found.retain(|it| other.is_there_at(it.from));
        found.sort_by_key(|it| it.from);
        found.dedup_by_key(|it| it.from);
        found
    }

    /// One that had begun before this entry, and ended after it; not this viewer's.
    fn at(&self, number: Number, viewer: &str) -> Option<&'u Unread<'s, 't>> {
        work::count();
        let begun = self.begun.partition_point(|it| it.from < number);
        let longest = self.longest[begun.checked_sub(1)?];
        let mut longest = longest.into_iter().flatten();
        longest.find(|it| it.viewer != viewer && it.on.number > number)
    }

    /// The last one that ended between two entries; not this viewer's.
    fn before(&self, number: Number, since: Number, viewer: &str) -> Option<&'u Unread<'s, 't>> {
        work::count();
        let ended = self.ended.partition_point(|it| it.on.number < number);
        let last = self.ended[..ended].iter().rev().take(2).copied();
        let mut last = last.filter(|it| it.on.number > since && it.from < since);
        last.find(|it| it.viewer != viewer)
    }
}

impl Other<'_, '_> {
    /// Whether the viewer watched the run when somebody stopped reading.
    fn is_there_at(&self, number: Number) -> bool {
        let over = self.connection.over().map(|over| over.number);
        let mut ends = over.into_iter().chain(self.until);
        self.request < number && ends.all(|end| end > number)
    }
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

/// The runs that the viewer watched who does not read: those that they had started or returned to.
fn watched<'t>(watching: &[&Subscription<'t>], unread: &Unread<'_, 't>) -> Vec<&'t str> {
    let mut runs: Vec<&str> = watching
        .iter()
        .filter(|it| it.answer().is_some_and(|it| it.number < unread.from))
        .filter_map(|it| it.run)
        .collect();
    runs.sort_unstable();
    runs.dedup();
    runs
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
    // Behind the ending there is one event at the most.
    let ended = meanwhile.iter().rev().take(2).find(|it| it.is_final());
    // A server that ends the connection of a viewer who does not read has noticed it.
    let slow = trace.connection(unread.connection);
    let thrown_out = slow.closed().is_some_and(|it| it.number > unread.from);
    if unread.bytes < unread.too_many && !thrown_out {
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
