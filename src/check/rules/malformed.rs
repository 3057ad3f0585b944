//! MALFORMED: what is no request of the protocol.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::iter::repeat_n;
use std::ops::RangeInclusive;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::check::shared::return_view::{barred, is_error, views};
use crate::protocol::{Control, Position};
use crate::trace::{Connection, Origin, Trace};
use crate::transcript::{DEAD_LINE, Entry, EntryKind, Number};

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "MALFORMED-1",
        level: Level::Should,
        since: "0.1.0",
        sentence: "A text that is not a JSON object, an unknown action and a binary message are each answered by `error`, or the connection is closed with a close frame.",
        why: "An answer tells the author of a front end what is wrong. A connection that just breaks looks like a network problem, and is tried again and again.",
        harm: "The author of a front end gets no clear answer to an invalid message.",
        source: "RFC 6455, section 7; users of any resumable stream",
        good: "\
→ hello
← {\"event\": \"error\", \"error\": \"a message must be a JSON object with a known action\"}",
        bad: "\
→ hello
(the connection breaks off without a close frame)",
        check: check!(answered),
    },
    Requirement {
        id: "MALFORMED-2",
        level: Level::Must,
        since: "0.1.0",
        sentence: "Whatever one viewer sends, other viewers and their runs are not disturbed.",
        why: "One faulty front end must not be able to take everybody's work down.",
        harm: "An invalid message of one viewer may disturb other viewers or their runs.",
        source: "users of any resumable stream",
        good: "\
(Ada watches a run)
→ hello                                            on Ben's connection
← event 21                                         on Ada's
… to the ending",
        bad: "\
(Ada watches a run)
→ hello                                            on Ben's connection
(Ada's connection breaks, or her run is gone)",
        check: check!(undisturbed),
    },
];

/// How long after somebody's malformed message the loss of another connection is blamed on it, in
/// seconds. Later it may be a proxy's idle timeout.
const SOON: u64 = 2;

fn answered(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    for connection in &trace.connections {
        for (at, said) in connection.entries.iter().enumerate() {
            if said.is_malformed() {
                let until = connection.entries[at + 1..]
                    .iter()
                    .position(|entry| entry.is_malformed())
                    .map_or(connection.entries.len(), |next| at + 1 + next);
                answer(
                    connection,
                    said,
                    &connection.entries[at + 1..until],
                    &mut collector,
                );
            }
        }
    }
    collector.check_verdict("no viewer sent a message that is not a request of the protocol")
}

fn answer(connection: &Connection<'_>, said: &Entry, after: &[&Entry], collector: &mut Collector) {
    if connection.barred().is_some() {
        return collector.inconclusive(barred(connection.viewer));
    }
    if connection.is_over_http() {
        return answer_over_http(connection, said, after, collector);
    }
    let came = after.iter().copied().find(|entry| {
        is_error(entry)
            || matches!(
                entry.what,
                EntryKind::CloseReceived { .. } | EntryKind::Ended(_) | EntryKind::TimedOut { .. }
            )
    });
    match came {
        Some(entry) if is_dead_line(entry) => collector.inconclusive(format!(
            "the connection of {} was dead, because of the server or of the network",
            connection.viewer
        )),
        // A network can break it at this very moment, too; but the rule is about just that.
        Some(entry) if matches!(entry.what, EntryKind::Ended(_) | EntryKind::TimedOut { .. }) => {
            collector.failed(
                "`error`, or a close frame",
                describe::entry(entry),
                [said.number, entry.number],
            );
        }
        Some(_) => collector.passed(),
        None => collector.inconclusive(describe::unanswered(connection, said.number)),
    }
}

/// Likewise over HTTP, where a status says what is wrong, and where something else may start.
fn answer_over_http(
    connection: &Connection<'_>,
    said: &Entry,
    after: &[&Entry],
    collector: &mut Collector,
) {
    let came = after.iter().copied().find(|entry| {
        matches!(
            entry.what,
            EntryKind::Refused { .. }
                | EntryKind::Opened
                | EntryKind::Ended(_)
                | EntryKind::TimedOut { .. }
        )
    });
    match came.map(|entry| (entry, &entry.what)) {
        Some((_, EntryKind::Refused { status, .. })) if (400..500).contains(status) => {
            collector.passed();
        }
        Some((entry, _)) if is_dead_line(entry) => collector.inconclusive(format!(
            "the connection of {} was dead, because of the server or of the network",
            connection.viewer
        )),
        Some((entry, _)) => collector.failed(
            "a refusal by a status from 400 to 499",
            describe::entry(entry),
            [said.number, entry.number],
        ),
        None => collector.inconclusive(describe::unanswered(connection, said.number)),
    }
}

/// Whether the viewer hung up on a line that was silent altogether.
fn is_dead_line(entry: &Entry) -> bool {
    matches!(&entry.what, EntryKind::Ended(Some(reason)) if reason.starts_with(DEAD_LINE))
}

fn undisturbed(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let messages = Messages::of(trace);
    if messages.said.is_empty() {
        return collector
            .check_verdict("no viewer sent a message that is not a request of the protocol");
    }
    let gone = gone(trace);
    let mut runs: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    for it in &trace.subscriptions {
        let is_refused = it.origin == Origin::Continued
            || (it.origin != Origin::Started && it.answer().is_some_and(is_error));
        if let Some(run) = it.run.filter(|_| !is_refused) {
            runs.entry(it.connection).or_default().insert(run);
        }
    }
    for (place, connection) in trace.connections.iter().enumerate() {
        if connection.opened() && connection.malformed().is_none() {
            let runs = runs.remove(&place).unwrap_or_default();
            watched(trace, connection, &runs, &messages, &gone, &mut collector);
        }
    }
    collector.check_verdict("no other viewer was watching a run")
}

/// The messages that are no request of the protocol, in order.
struct Messages<'t> {
    said: Vec<&'t Entry>,
    /// Of each, the place behind the last one in a row that is of the same viewer.
    ends: Vec<usize>,
}

impl<'t> Messages<'t> {
    fn of(trace: &Trace<'t>) -> Self {
        let connections = trace.connections.iter();
        let mut said: Vec<&Entry> = connections
            .filter(|connection| connection.malformed().is_some())
            .flat_map(|connection| connection.entries.iter().copied())
            .filter(|entry| entry.is_malformed())
            .collect();
        said.sort_unstable_by_key(|entry| entry.number);
        let rows = said.chunk_by(|one, other| one.viewer == other.viewer);
        let ends = rows.scan(0, |end, row| {
            *end += row.len();
            Some(repeat_n(*end, row.len()))
        });
        let ends = ends.flatten().collect();
        Self { said, ends }
    }

    /// The first one in this range that is not of this viewer.
    fn first(&self, range: RangeInclusive<Number>, viewer: &str) -> Option<&'t Entry> {
        let at = self.said.partition_point(|it| it.number < *range.start());
        let first = self.said.get(at)?;
        let at = if &*first.viewer == viewer {
            self.ends[at]
        } else {
            at
        };
        self.said
            .get(at)
            .copied()
            .filter(|it| it.number <= *range.end())
    }

    /// The last one in this range that is not of this viewer.
    fn last(&self, range: RangeInclusive<Number>, viewer: &str) -> Option<&'t Entry> {
        let until = self.said.partition_point(|it| it.number <= *range.end());
        let last = self.said.get(until.checked_sub(1)?)?;
        let at = match &*last.viewer == viewer {
            // The row of this viewer begins where the one before ends.
            true => self.ends.partition_point(|end| *end < until),
            false => until,
        };
        let last = self.said.get(at.checked_sub(1)?).copied();
        last.filter(|it| it.number >= *range.start() && &*it.viewer != viewer)
    }
}

/// What came on another viewer's connection after malformed messages: the ending of a run that was
/// under way, the loss of the connection, or nothing, since the run is gone.
fn watched(
    trace: &Trace<'_>,
    connection: &Connection<'_>,
    runs: &BTreeSet<&str>,
    messages: &Messages<'_>,
    gone: &HashMap<&str, Vec<&Entry>>,
    collector: &mut Collector,
) {
    let (Some(first), Some(last)) = (connection.entries.first(), connection.entries.last()) else {
        return;
    };
    let Some(earliest) = messages.first(first.number..=last.number, connection.viewer) else {
        return;
    };
    let gone_since = |run: &&str| {
        let refusals = gone.get(*run)?;
        let first = refusals.partition_point(|entry| entry.number <= earliest.number);
        refusals.get(first).copied()
    };
    // A stream over HTTP ends with its run.
    let lost = connection.lost().filter(|_| !connection.ended_well());
    if let Some(lost) = lost {
        let culprit = messages
            .last(first.number..=lost.number, connection.viewer)
            .filter(|said| {
                let soon = lost.at().saturating_sub(said.at()).as_secs() < SOON;
                soon && !has_reasons_of_its_own(lost)
            });
        // A network breaks connections as well, but the run still exists then.
        let closed = connection.closed().is_some();
        let refusals = runs.iter().filter_map(gone_since);
        let refusal = refusals.min_by_key(|refusal| refusal.number);
        match culprit.filter(|_| closed || refusal.is_some()) {
            Some(culprit) => collector.failed(
                "a connection that stays open whatever another viewer sends",
                match refusal {
                    Some(refusal) => format!(
                        "{}, and then {} in answer to a return to the run",
                        describe::entry(lost),
                        describe::entry(refusal)
                    ),
                    None => describe::entry(lost),
                },
                [culprit.number, lost.number]
                    .into_iter()
                    .chain(refusal.map(|refusal| refusal.number)),
            ),
            None => collector.inconclusive(format!("{} lost the connection", connection.viewer)),
        }
        return;
    }
    let events = connection.after(earliest.number).iter();
    let events = events.filter_map(|entry| entry.message()?.event());
    let ended: HashSet<&str> = events
        .filter(|event| event.final_ending().is_some())
        .filter_map(|event| Some(&**event.run()?))
        .collect();
    for run in runs {
        let under_way = trace.run(run).is_none_or(|told| {
            told.ending
                .is_none_or(|(entry, _)| entry.number > earliest.number)
        });
        if !under_way {
            continue;
        }
        if ended.contains(run) {
            collector.passed();
            continue;
        }
        match (connection.timeout_after(earliest.number), gone_since(run)) {
            (Some(silence), Some(refusal)) => collector.failed(
                "a run that goes on whatever another viewer sends",
                format!(
                    "{}, and then {} in answer to a return to the run",
                    describe::entry(silence),
                    describe::entry(refusal)
                ),
                [earliest.number, silence.number, refusal.number],
            ),
            _ => collector.inconclusive(format!(
                "{} did not see how the run ended after another viewer's message",
                connection.viewer
            )),
        }
    }
}

/// Whether a server closed that goes away or restarts, as it says itself (1001: RFC 6455, section
/// 7.4.1; 1012: its registry of close codes).
fn has_reasons_of_its_own(lost: &Entry) -> bool {
    matches!(
        lost.what,
        EntryKind::CloseReceived {
            code: Some(1001 | 1012),
            ..
        }
    )
}

/// By run: the refusals, in order, of returns to it that a server must not refuse, since it exists.
fn gone<'t>(trace: &Trace<'t>) -> HashMap<&'t str, Vec<&'t Entry>> {
    let mut gone: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for view in views(trace) {
        let whole = *view.position == Position::Null && !view.belongs_to_another();
        let mut controls = view.ret.controls();
        let refusal = controls.find(|(_, control)| matches!(control, Control::Error { .. }));
        if let Some((refusal, _)) = refusal.filter(|_| whole && trace.run(view.run).is_some()) {
            gone.entry(view.run).or_default().push(refusal);
        }
    }
    gone.values_mut()
        .for_each(|it| it.sort_by_key(|it| it.number));
    gone
}
