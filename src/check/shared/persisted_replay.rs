//! A finished run that is replayed although the server no longer has it in its memory: what came
//! live must come again, event for event.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::payload;
use crate::check::shared::return_view::{ReturnView, barred, readings, unanswered};
use crate::protocol::{Control, Position};
use crate::trace::{Delivery, Earlier, Trace};
use crate::transcript::Entry;

/// Judges every return to a finished run of which this is true.
///
/// The replay may begin with event 0 or, where the viewer named a position, right after it: agno
/// 3.1.10 does the former from its memory and the latter from its database, and nothing is lost by
/// either.
pub(crate) fn replayed_as_it_came(
    trace: &Trace<'_>,
    concerned: impl Fn(&ReturnView<'_, '_>) -> bool,
    otherwise: &str,
) -> CheckVerdict {
    let mut collector = Collector::default();
    for (view, _) in readings(trace) {
        if view.run.is_empty() || !concerned(&view) || view.belongs_to_another() {
            continue;
        }
        if view.connection.barred().is_some() {
            collector.inconclusive(barred(view.viewer()));
        } else if view.ret.earlier != Earlier::Nothing {
            collector.inconclusive("the viewer was already watching the run on that connection");
        } else if let Some((ending, _)) = trace.ending_before(view.run, view.ret.request.number) {
            look(&view, ending, &mut collector);
        } else {
            collector.inconclusive("nobody had seen the run's ending before");
        }
    }
    collector.check_verdict(otherwise)
}

fn look(view: &ReturnView<'_, '_>, ending: &Entry, collector: &mut Collector) {
    let request = view.ret.request;
    let Some(replay) = view
        .replay
        .filter(|_| matches!(view.answer_control(), Some(Control::Replay { .. })))
    else {
        let closed = view
            .connection
            .closed()
            .filter(|it| it.number > request.number);
        let instead = view.answer().or(view.gave_up()).or(closed);
        return match instead {
            Some(entry) => collector.failed(
                "`replay`, as the run had finished",
                describe::entry(entry),
                [ending.number, request.number, entry.number],
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    };
    let events = view.after(replay.entry.number);
    let before = before(view);
    let first = match (events.first().and_then(Delivery::index), view.ret.position) {
        (Some(index), Position::At(_)) if index == view.next => index,
        _ => 0,
    };
    let from = before.partition_point(|(index, _)| *index < first);
    if let Some((expected, came)) = slip(events, before[from..].iter().map(|(index, _)| *index)) {
        return collector.failed(
            format!("{expected}, as before"),
            describe::entry(came),
            [request.number, replay.entry.number, came.number],
        );
    }
    if let Some((before, again, name)) = differs(&before, events) {
        return collector.failed(
            format!("{} as it came before", describe::entry(before)),
            format!("a difference in `{name}`"),
            [before.number, request.number, again.number],
        );
    }
    if view.ending().is_some() {
        return collector.passed();
    }
    let last = events.last().and_then(Delivery::index);
    let next = last.map_or(first, |last| last.saturating_add(1));
    match view.silence() {
        Some(silence) => collector.failed(
            format!("event {next} next, as before"),
            describe::entry(silence),
            [request.number, replay.entry.number, silence.number],
        ),
        None => {
            collector.inconclusive(format!("{} left before the replay was over", view.viewer()))
        }
    }
}

/// The first delivery of each index to anybody before the return, in the order of the indices.
fn before<'t>(view: &ReturnView<'_, 't>) -> Vec<(u64, &'t Entry)> {
    let request = view.ret.request.number;
    let deliveries = view.trace.deliveries_of(view.run);
    let mut first: Vec<(u64, &Entry)> = deliveries
        .take_while(|delivery| delivery.entry.number < request)
        .filter_map(|delivery| Some((delivery.index()?, delivery.entry)))
        .collect();
    first.sort_unstable_by_key(|(index, entry)| (*index, entry.number));
    first.dedup_by_key(|(index, _)| *index);
    first
}

/// The first event that does not ascend, or that comes although an earlier one of these indices has
/// not; with what should have come. Indices that nobody saw before are no matter.
fn slip<'t>(
    events: &[Delivery<'t>],
    known: impl Iterator<Item = u64>,
) -> Option<(String, &'t Entry)> {
    let mut known = known.peekable();
    let mut next = 0;
    for delivery in events {
        let index = delivery.index();
        if index.is_none_or(|index| index < next) {
            return Some((format!("event {next} or a later one next"), delivery.entry));
        }
        let index = index?;
        if let Some(missing) = known.next_if(|known| *known < index) {
            return Some((format!("event {missing} next"), delivery.entry));
        }
        known.next_if_eq(&index);
        next = index.saturating_add(1);
    }
    None
}

/// The first event that is not the one that came before under its index; with the field that shows it.
fn differs<'t>(
    before: &[(u64, &'t Entry)],
    events: &[Delivery<'t>],
) -> Option<(&'t Entry, &'t Entry, String)> {
    events.iter().find_map(|again| {
        let index = again.index()?;
        let at = before.binary_search_by_key(&index, |(known, _)| *known);
        let (_, before) = before[at.ok()?];
        let name = payload::difference(before, again.entry)?.identity();
        Some((before, again.entry, describe::shown(name.first()?)))
    })
}
