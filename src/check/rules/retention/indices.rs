//! What is left of a run comes under its own indices: RETENTION-1.
//!
//! The viewer who started the run and watched it is the witness: what came live under an index is
//! that index's event. Events are told apart by type, content and ids; what differs otherwise, or
//! is nobody's event, is a matter of IDENTITY.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::retention::returns::{NOBODY, each, still_whole};
use crate::check::shared::payload;
use crate::check::shared::return_view::{ReturnView, is_error, unanswered};
use crate::trace::{Delivery, Phase, Subscription, Trace};
use crate::transcript::Entry;

/// What came live, by index.
struct Live<'t> {
    viewer: &'t str,
    events: HashMap<u64, &'t Entry>,
    /// Two different events under one index.
    clash: Option<(u64, &'t Entry, &'t Entry)>,
    /// Which index each event had first.
    indices: OnceCell<HashMap<String, u64>>,
}

impl<'t> Live<'t> {
    fn of(trace: &Trace<'t>, start: &Subscription<'t>) -> Self {
        let mut live = Self {
            viewer: trace.connection(start.connection).viewer,
            events: HashMap::new(),
            clash: None,
            indices: OnceCell::new(),
        };
        for delivery in &start.deliveries {
            let Some(index) = delivery.index() else {
                continue;
            };
            let before = *live.events.entry(index).or_insert(delivery.entry);
            if live.clash.is_none() && is_another(before, delivery.entry) {
                live.clash = Some((index, before, delivery.entry));
            }
        }
        live
    }

    /// Under which other index this event came live.
    fn index_of(&self, entry: &Entry) -> Option<u64> {
        let indices = self.indices.get_or_init(|| {
            let mut indices: HashMap<String, u64> = HashMap::new();
            for (index, entry) in &self.events {
                if let Some(identity) = payload::identity(entry) {
                    let first = indices.entry(identity).or_insert(*index);
                    *first = (*first).min(*index);
                }
            }
            indices
        });
        indices.get(&payload::identity(entry)?).copied()
    }
}

/// Whether two deliveries are of different events.
fn is_another(one: &Entry, other: &Entry) -> bool {
    payload::difference(one, other).is_some_and(|it| !it.identity().is_empty())
}

pub(crate) fn indices(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut live: HashMap<&str, Live<'_>> = HashMap::new();
    if let Some(keeps) = trace.retention() {
        for start in trace.starts() {
            let Some(run) = start.run.filter(|_| start.deliveries.len() as u64 > keeps) else {
                continue;
            };
            let seen = live.entry(run).or_insert_with(|| Live::of(trace, start));
            if let Some((index, before, again)) = seen.clash {
                collector.failed(
                    format!("index {index} for one event only"),
                    format!("index {index} for another event as well"),
                    [start.request.number, before.number, again.number],
                );
            }
        }
    }
    each(trace, &mut collector, |view, _, collector| {
        look(view, live.get(view.run), collector);
    });
    collector.check_verdict(NOBODY)
}

fn look(view: &ReturnView<'_, '_>, live: Option<&Live<'_>>, collector: &mut Collector) {
    let request = view.ret.request.number;
    let Some(live) = live else {
        return collector.inconclusive(
            "no viewer watched the run from its start for more events than the server keeps",
        );
    };
    if let Some((before, again)) = twice(view.deliveries) {
        return collector.failed(
            format!("{} once", describe::entry(before.entry)),
            format!("{} under the same index", describe::entry(again.entry)),
            [request, before.entry.number, again.entry.number],
        );
    }
    let mut foreign = None;
    let mut further = 0;
    let mut unknown = None;
    for delivery in view.deliveries {
        let Some((index, own)) = delivery
            .index()
            .and_then(|index| Some((index, *live.events.get(&index)?)))
        else {
            continue;
        };
        if !is_another(own, delivery.entry) {
            continue;
        }
        match live.index_of(delivery.entry) {
            Some(other) if foreign.is_none() => foreign = Some((index, other, own, delivery)),
            Some(_) => further += 1,
            None => unknown = Some(index),
        }
    }
    if let Some((index, other, own, delivery)) = foreign {
        return collector.failed(
            format!("event {index} as {} got it live", live.viewer),
            format!(
                "the event that came live as event {other}{}",
                describe::more(further)
            ),
            [request, own.number, delivery.entry.number],
        );
    }
    if let Some(index) = unknown {
        return collector.inconclusive(format!(
            "event {index} differs from every event that came live (IDENTITY-1)"
        ));
    }
    match view.answer() {
        None => collector.inconclusive(unanswered(view)),
        Some(answer) if is_error(answer) => collector.passed(),
        Some(_) if view.deliveries.is_empty() => collector.inconclusive(unanswered(view)),
        Some(_) if starts_at(view, view.asked_from()) => collector.inconclusive(still_whole(view)),
        Some(_) => collector.passed(),
    }
}

/// Whether the first delivery is of this index.
fn starts_at(view: &ReturnView<'_, '_>, index: u64) -> bool {
    let first = view.deliveries.first();
    first.and_then(Delivery::index) == Some(index)
}

/// The first two deliveries under one index.
///
/// One event that comes as the last missed one and again as a live one is a matter of CATCHUP-5,
/// whether history was dropped or not: agno up to 2.9.0 does so where an event happens in between.
fn twice<'d, 't>(deliveries: &'d [Delivery<'t>]) -> Option<(&'d Delivery<'t>, &'d Delivery<'t>)> {
    let mut first: HashMap<u64, &Delivery<'t>> = HashMap::new();
    deliveries.iter().find_map(|delivery| {
        let index = delivery.index()?;
        let before = *first.entry(index).or_insert(delivery);
        let again = !std::ptr::eq(before, delivery)
            && (delivery.phase != Phase::Live || is_another(before.entry, delivery.entry));
        again.then_some((before, delivery))
    })
}
