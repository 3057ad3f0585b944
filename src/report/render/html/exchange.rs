//! The messages around a finding: those that it rests on with their text, what was asked and answered
//! on the same connections, and everything else folded into a line that says so.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::report::render::html::format::{show_within, span, thousands};
use crate::report::text::format::{connection, said};
use crate::trace::Trace;
use crate::transcript::{Entry, EntryKind, Number};

/// The longest text of a message that a finding rests on, in characters.
const LONGEST: usize = 4_000;
/// The longest text of another one.
const LONGEST_OTHER: usize = 240;
/// How many rows before and after a message that matters are shown.
const AROUND: usize = 6;
/// With more rows than these, only those near to a message that matters stay.
const MOST_ROWS: usize = 120;
/// The longest name of a viewer.
const LONGEST_NAME: usize = 40;

/// The id of the message in the list of this cause.
pub(crate) fn anchor(cause: usize, number: Number) -> String {
    format!("cause-{cause}-message-{number}")
}

/// The connections that a finding rests on, and the earlier and later ones of their viewers; as
/// places in [`Trace::connections`].
pub(crate) fn connections(trace: &Trace<'_>, evidence: &[Number]) -> BTreeSet<usize> {
    let entries: Vec<_> = evidence
        .iter()
        .filter_map(|number| trace.transcript.entry(*number))
        .collect();
    let viewers: BTreeSet<&str> = entries.iter().map(|entry| &*entry.viewer).collect();
    let latest = entries.iter().map(|entry| entry.number).max();
    let places = trace
        .connections
        .iter()
        .enumerate()
        .filter(|(_, connection)| {
            let began = connection.entries.first().map(|entry| entry.number);
            viewers.contains(connection.viewer) && began <= latest
        });
    places.map(|(place, _)| place).collect()
}

enum Row<'t> {
    Entry(&'t Entry),
    /// Events that say nothing new, and how many other messages are left out among them.
    Folded {
        events: u64,
        indices: Option<(u64, u64)>,
        others: u64,
    },
}

pub(crate) fn of(
    cause: usize,
    trace: &Trace<'_>,
    run: Option<&str>,
    evidence: &[Number],
) -> Markup {
    let evidence: BTreeSet<Number> = evidence.iter().copied().collect();
    let rows = rows(trace, run, &evidence);
    if evidence.is_empty() || rows.is_empty() {
        return html! { p.note { "The finding names no message." } };
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label="Messages" {
            table.exchange {
                caption { "Messages that show the failure are marked ● and are shown in full; the others are shortened or folded. → to the server, ← from the server." }
                thead { tr {
                    th scope="col" { "No." }
                    th scope="col" { "Time" }
                    th scope="col" { "Who" }
                    th scope="col" { "What" }
                } }
                tbody {
                    @for row in &rows {
                        @match row {
                            Row::Entry(entry) => (message(cause, entry, evidence.contains(&entry.number))),
                            Row::Folded { events, indices, others } => tr.folded { td colspan="4" {
                                "… " (folded(*events, *indices, *others))
                            } },
                        }
                    }
                }
            }
        }
    }
}

fn rows<'t>(trace: &Trace<'t>, run: Option<&str>, evidence: &BTreeSet<Number>) -> Vec<Row<'t>> {
    let numbers: Vec<Number> = evidence.iter().copied().collect();
    let connections = connections(trace, &numbers);
    let ours: BTreeSet<(&str, u32)> = connections
        .iter()
        .map(|place| {
            (
                trace.connection(*place).viewer,
                trace.connection(*place).number,
            )
        })
        .collect();
    let session = run.and_then(|run| trace.start_of(run)?.session_id());
    // What happened on no connection, but not to other runs.
    let concerns = |entry: &Entry| match &entry.what {
        EntryKind::BreakpointReached { session_id, .. }
        | EntryKind::BreakpointCleared { session_id } => session == Some(&**session_id),
        EntryKind::RunDropped { run_id } => run == Some(&**run_id),
        _ => entry.connection == 0,
    };
    let all: Vec<&'t Entry> = trace
        .transcript
        .entries()
        .iter()
        .filter(|entry| ours.contains(&(&*entry.viewer, entry.connection)) || concerns(entry))
        .collect();
    // What matters, and what is close to it.
    let marked: Vec<usize> = (0..all.len())
        .filter(|at| evidence.contains(&all[*at].number))
        .collect();
    let near = |at: usize| {
        let next = marked.partition_point(|it| *it < at);
        let around = [next.checked_sub(1), Some(next)];
        let mut around = around.into_iter().flatten().filter_map(|it| marked.get(it));
        around.any(|it| it.abs_diff(at) <= AROUND)
    };
    let mut rows: Vec<Row<'t>> = Vec::new();
    for (at, &entry) in all.iter().enumerate() {
        let event = entry.message().and_then(|message| message.event());
        let marked = evidence.contains(&entry.number);
        if marked || (event.is_none() && (near(at) || frames_a_connection(entry))) {
            rows.push(Row::Entry(entry));
            continue;
        }
        if !matches!(rows.last(), Some(Row::Folded { .. })) {
            rows.push(Row::Folded {
                events: 0,
                indices: None,
                others: 0,
            });
        }
        if let Some(Row::Folded {
            events,
            indices,
            others,
        }) = rows.last_mut()
        {
            match event {
                Some(event) => {
                    *events += 1;
                    if let Some(index) = event.index.at() {
                        let (first, last) = indices.unwrap_or((index, index));
                        *indices = Some((first.min(index), last.max(index)));
                    }
                }
                None => *others += 1,
            }
        }
    }
    // A viewer who came a thousand times: only what is close stays.
    if rows.len() > MOST_ROWS {
        let before = rows.len();
        let is_marked =
            |row: &Row<'_>| matches!(row, Row::Entry(it) if evidence.contains(&it.number));
        let marked: Vec<usize> = (0..before).filter(|at| is_marked(&rows[*at])).collect();
        let mut places = 0..;
        rows.retain(|_| {
            let at = places.next().unwrap_or_default();
            marked.iter().any(|it| it.abs_diff(at) <= AROUND)
        });
        rows.insert(
            0,
            Row::Folded {
                events: 0,
                indices: None,
                others: (before - rows.len()) as u64,
            },
        );
    }
    rows
}

/// What says how a connection began, what was asked on it and how it ended.
fn frames_a_connection(entry: &Entry) -> bool {
    match &entry.what {
        EntryKind::Sent { .. }
        | EntryKind::SentBinary(_)
        | EntryKind::Opened
        | EntryKind::NotOpened(_)
        | EntryKind::Disconnected(_)
        | EntryKind::CloseReceived { .. }
        | EntryKind::Refused { .. }
        | EntryKind::StreamEnded { .. }
        | EntryKind::Ended(_)
        | EntryKind::TimedOut { .. }
        | EntryKind::Watched(_)
        | EntryKind::BreakpointReached { .. }
        | EntryKind::BreakpointCleared { .. }
        | EntryKind::Restarted
        | EntryKind::Client(_)
        | EntryKind::RunDropped { .. }
        | EntryKind::ReplicaKilled
        | EntryKind::TokenExpired
        | EntryKind::ShowsToken(_)
        | EntryKind::AtAnotherReplica => true,
        EntryKind::Received { message, .. } => message.event().is_none(),
        _ => false,
    }
}

fn folded(events: u64, indices: Option<(u64, u64)>, others: u64) -> String {
    let indices = indices.map_or_else(String::new, |(first, last)| {
        format!(" (index {})", span(first, last))
    });
    let event = if events == 1 { "event" } else { "events" };
    let other = if others == 1 { "entry" } else { "entries" };
    match (events, others) {
        (0, _) => format!("{} other {other} left out", thousands(others)),
        (_, 0) => format!("{} {event}{indices}", thousands(events)),
        _ => format!(
            "{} {event}{indices} and {} other {other}",
            thousands(events),
            thousands(others)
        ),
    }
}

fn message(cause: usize, entry: &Entry, marked: bool) -> Markup {
    html! {
        tr.marked[marked] id=[marked.then(|| anchor(cause, entry.number))] {
            td.number {
                @if marked {
                    span.ring { "●" } " "
                    a href={ "#" (anchor(cause, entry.number)) } { (entry.number) }
                } @else { (entry.number) }
            }
            td.number { (format!("{:.3} s", entry.at().as_secs_f64())) }
            td.who { (show_within(&entry.viewer, LONGEST_NAME)) (connection(entry)) }
            td { code { (text(entry, if marked { LONGEST } else { LONGEST_OTHER })) } }
        }
    }
}

fn text(entry: &Entry, longest: usize) -> String {
    match &entry.what {
        EntryKind::Sent { text, .. } => format!("→ {}", show_within(text, longest)),
        EntryKind::Received { text, .. } => format!("← {}", show_within(&text.read(), longest)),
        other => said(other),
    }
}
