//! A finished run that is replayed although the server no longer has it in its memory: what came
//! live must come again, event for event.

use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::precondition::Obstacle;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered, views};
use crate::check::shared::{order, payload};
use crate::protocol::Position;
use crate::trace::{Delivery, Trace};
use crate::transcript::Entry;

/// Checks every return to a finished run that this is true of.
///
/// The replay may begin with event 0 or, where the viewer named a position, right after it: agno
/// 3.1.10 does the former from its memory and the latter from its database, and nothing is lost by
/// either. Over HTTP it begins right after it (REPLAY-1).
pub(crate) fn replayed_as_it_came(
    trace: &Trace<'_>,
    concerned: impl Fn(&ReturnView<'_, '_>) -> bool,
    otherwise: &str,
) -> CheckVerdict {
    let mut collector = Collector::default();
    // By run: each event's first delivery.
    let mut known: HashMap<&str, Vec<&Delivery<'_>>> = HashMap::new();
    for view in views(trace) {
        if view.run.is_empty() || !concerned(&view) || view.belongs_to_another() {
            continue;
        }
        let request = view.ret.request.number;
        let refused = view.answer().is_some_and(is_error);
        if let Some(reason) = view.obstacle(&[
            Obstacle::Unauthenticated,
            Obstacle::InvalidPosition,
            Obstacle::Watching,
        ]) {
            collector.inconclusive(reason);
        } else if refused && view.is_beyond() {
            collector.inconclusive(format!(
                "{} returned with a position that no viewer had seen",
                view.viewer()
            ));
        } else if let Some((ending, _)) = trace.ending_before(view.run, request) {
            let known = known
                .entry(view.run)
                .or_insert_with(|| order::first_of_each(trace.deliveries_of(view.run)));
            look(&view, ending, known, &mut collector);
        } else {
            collector.inconclusive("no viewer had seen the run's ending before");
        }
    }
    collector.check_verdict(otherwise)
}

fn look(
    view: &ReturnView<'_, '_>,
    ending: &Entry,
    known: &[&Delivery<'_>],
    collector: &mut Collector,
) {
    let request = view.ret.request;
    let Some(replay) = view.replay_first() else {
        return match view.outcome() {
            Some(entry) => collector.failed(
                "`replay`, because the run had finished",
                describe::entry(entry),
                [ending.number, request.number, entry.number],
            ),
            None => collector.inconclusive(unanswered(view)),
        };
    };
    let events = view.after(replay.entry.number);
    let begins = events.first().and_then(Delivery::index);
    let first = match (begins, view.position) {
        (Some(index), Position::At(_)) if index == view.next => index,
        _ => view.replayed_from(),
    };
    if let (Some(index), Some(begin)) = (begins, events.first())
        && view.connection.is_over_http()
        && index < first
    {
        return collector.failed(
            format!("event {first} first, as the viewer has those before it"),
            describe::entry(begin.entry),
            [request.number, replay.entry.number, begin.entry.number],
        );
    }
    let all_seen = known.last().is_some_and(|it| it.index() < Some(first));
    if view.connection.is_over_http() && all_seen && events.is_empty() {
        // Nothing is left for a viewer who has the ending.
        return collector.passed();
    }
    // What the server did not have to keep in its memory it need not have kept elsewhere.
    let last = known.last().and_then(|it| it.index());
    let keeps = view.trace.retention().zip(last);
    let kept = keeps.map_or(0, |(keeps, last)| {
        last.saturating_add(1).saturating_sub(keeps)
    });
    let first = match begins {
        Some(index) if index <= kept => first.max(index),
        _ => first,
    };
    let from = known.partition_point(|it| it.index() < Some(first));
    let before = known[from..]
        .iter()
        .filter(|it| it.entry.number < request.number);
    if let Some((expected, came)) = slip(events, before.filter_map(|it| it.index())) {
        return collector.failed(
            format!("{expected}, as before"),
            describe::entry(came),
            [request.number, replay.entry.number, came.number],
        );
    }
    if let Some((before, again, name)) = differs(known, request, events) {
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
            collector.inconclusive(describe::gone(view.connection, "the replay was over"));
        }
    }
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
    known: &[&Delivery<'t>],
    request: &Entry,
    events: &[Delivery<'t>],
) -> Option<(&'t Entry, &'t Entry, String)> {
    events.iter().find_map(|again| {
        let index = again.index()?;
        let at = known.binary_search_by_key(&Some(index), |it| it.index());
        let before = known[at.ok()?].entry;
        let difference = payload::difference(before, again.entry);
        let name = difference
            .filter(|_| before.number < request.number)?
            .identity();
        Some((before, again.entry, describe::shown(name.first()?)))
    })
}
