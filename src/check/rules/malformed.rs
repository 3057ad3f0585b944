//! MALFORMED: what is no request of the protocol.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::registry::{Level, Requirement};
use crate::check::shared::return_view::{ReturnView, barred, is_error, readings};
use crate::protocol::{Control, Position};
use crate::trace::{Connection, Trace};
use crate::transcript::{DEAD_LINE, Entry, EntryKind};

pub(crate) const FAMILY: &[Requirement] = &[
    Requirement {
        id: "MALFORMED-1",
        level: Level::Should,
        sentence: "A text that is not a JSON object, an unknown action and a binary message are each answered by `error`, or the connection is closed with a close frame.",
        why: "An answer tells the author of a front end what is wrong. A connection that just breaks looks like a network problem, and is tried again and again.",
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
        sentence: "Whatever one viewer sends, other viewers and their runs are not disturbed.",
        why: "One faulty front end must not be able to take everybody's work down.",
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
    collector.check_verdict("every message that was said is a request of the protocol")
}

fn answer(connection: &Connection<'_>, said: &Entry, after: &[&Entry], collector: &mut Collector) {
    if connection.barred().is_some() {
        return collector.inconclusive(barred(connection.viewer));
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
            "the connection of {} stood still, by the server's doing or by that of the line",
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

/// Whether the viewer hung up on a line that was silent altogether.
fn is_dead_line(entry: &Entry) -> bool {
    matches!(&entry.what, EntryKind::Ended(Some(reason)) if reason.starts_with(DEAD_LINE))
}

fn undisturbed(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut said: Vec<&Entry> = trace
        .connections
        .iter()
        .flat_map(|connection| connection.entries.iter().copied())
        .filter(|entry| entry.is_malformed())
        .collect();
    said.sort_unstable_by_key(|entry| entry.number);
    if said.is_empty() {
        return collector.check_verdict("every message that was said is a request of the protocol");
    }
    let gone = gone(trace);
    for connection in &trace.connections {
        if connection.opened() && connection.malformed().is_none() {
            watched(trace, connection, &said, &gone, &mut collector);
        }
    }
    collector.check_verdict("nobody else was watching a run")
}

/// What came on another's visit after malformed messages: the ending of a run that was under way, the
/// loss of the connection, or nothing, since the run is no more.
fn watched(
    trace: &Trace<'_>,
    connection: &Connection<'_>,
    said: &[&Entry],
    gone: &[(&str, &Entry)],
    collector: &mut Collector,
) {
    let Some(first) = connection.entries.first().map(|entry| entry.number) else {
        return;
    };
    let last = connection
        .entries
        .last()
        .map_or(first, |entry| entry.number);
    let while_here: Vec<&Entry> = said
        .iter()
        .copied()
        .filter(|said| (first..=last).contains(&said.number) && *said.viewer != *connection.viewer)
        .collect();
    let Some(earliest) = while_here.first() else {
        return;
    };
    if let Some(lost) = connection.lost() {
        let culprit = while_here.iter().rev().find(|said| {
            said.number < lost.number
                && lost.at().saturating_sub(said.at()).as_secs() < SOON
                && !has_reasons_of_its_own(lost)
        });
        // A network breaks connections as well; it makes no run unknown.
        let closed = connection.closed().is_some();
        let runs = runs_on(trace, connection);
        let refusal = gone
            .iter()
            .find(|(id, entry)| runs.contains(id) && entry.number > earliest.number)
            .map(|(_, refusal)| *refusal);
        match culprit.filter(|_| closed || refusal.is_some()) {
            Some(culprit) => collector.failed(
                "a connection that somebody else's message does not end",
                match refusal {
                    Some(refusal) => format!(
                        "{}, and then {} for a return to the run",
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
    for run in runs_on(trace, connection) {
        let under_way = trace.run(run).is_none_or(|told| {
            told.ending
                .is_none_or(|(entry, _)| entry.number > earliest.number)
        });
        if !under_way {
            continue;
        }
        let ended = connection.after(earliest.number).iter().any(|entry| {
            entry
                .message()
                .and_then(|message| message.event())
                .is_some_and(|event| {
                    event.final_ending().is_some() && event.run().is_some_and(|id| &**id == run)
                })
        });
        if ended {
            collector.passed();
            continue;
        }
        let silence = connection.gave_up_after(earliest.number);
        let refusal = gone
            .iter()
            .find(|(id, entry)| *id == run && entry.number > earliest.number);
        match (silence, refusal) {
            (Some(silence), Some((_, refusal))) => collector.failed(
                "a run that goes on, whatever somebody else says",
                format!(
                    "{}, and then {} for a return to the run",
                    describe::entry(silence),
                    describe::entry(refusal)
                ),
                [earliest.number, silence.number, refusal.number],
            ),
            _ => collector.inconclusive(format!(
                "{} did not see how the run ended after somebody else's message",
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

/// The runs that were started or asked for on this visit.
fn runs_on<'s>(trace: &'s Trace<'_>, connection: &Connection<'_>) -> Vec<&'s str> {
    let here = |place: usize| {
        let other = trace.connection(place);
        other.viewer == connection.viewer && other.number == connection.number
    };
    let starts = trace
        .starts
        .iter()
        .filter(|start| here(start.connection))
        .filter_map(|start| start.run);
    let returns = trace
        .returns
        .iter()
        .filter(|ret| here(ret.connection) && !ret.answer().is_some_and(is_error))
        .filter_map(|ret| ret.run);
    let mut runs: Vec<&str> = starts.chain(returns).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// The runs that exist, and to which a return was refused that a server must not refuse.
fn gone<'t>(trace: &Trace<'t>) -> Vec<(&'t str, &'t Entry)> {
    let refused = |view: &ReturnView<'_, 't>| -> Option<(&'t str, &'t Entry)> {
        let whole = *view.ret.position == Position::Null && !view.belongs_to_another();
        let refusal = view
            .ret
            .controls()
            .find(|(_, control)| matches!(control, Control::Error { .. }))
            .map(|(entry, _): (&'t Entry, _)| entry)?;
        (whole && trace.run(view.run).is_some()).then_some((view.run, refusal))
    };
    readings(trace)
        .filter_map(|(view, _)| refused(&view))
        .collect()
}
