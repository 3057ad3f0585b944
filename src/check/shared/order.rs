//! Indices in a row: where a sequence of deliveries leaves the order first, and how often.

use crate::check::describe;
use crate::protocol::Index;
use crate::trace::Delivery;
use crate::transcript::{Entry, Number};

/// The first place where deliveries do not ascend one by one.
pub(crate) struct OrderViolation<'t> {
    /// The index that should have come.
    pub(crate) next: u64,
    /// What came.
    pub(crate) came: &'t Entry,
    /// The delivery before it.
    before: Option<&'t Entry>,
    observed: String,
}

impl OrderViolation<'_> {
    /// What should have come: "event 20 next".
    pub(crate) fn expected(&self) -> String {
        format!("event {} next", self.next)
    }

    /// What came: "event 22; events 20 and 21 are missing".
    pub(crate) fn observed(&self) -> String {
        self.observed.clone()
    }

    /// The entries that show it, the request first.
    pub(crate) fn evidence(&self, request: &Entry) -> impl Iterator<Item = Number> {
        [Some(request), self.before, Some(self.came)]
            .into_iter()
            .flatten()
            .map(|entry| entry.number)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// The first slip of a sequence that should begin with the index `first`.
pub(crate) fn slip<'t>(deliveries: &[Delivery<'t>], first: u64) -> Option<OrderViolation<'t>> {
    let mut next = first;
    let mut found: Option<OrderViolation<'t>> = None;
    let mut further = 0;
    for (at, delivery) in deliveries.iter().enumerate() {
        let index = delivery.index();
        if index != Some(next) {
            if found.is_none() {
                found = Some(OrderViolation {
                    next,
                    came: delivery.entry,
                    before: at.checked_sub(1).map(|before| deliveries[before].entry),
                    observed: observed(deliveries, at, next),
                });
            } else {
                further += 1;
            }
        }
        if let Some(index) = index {
            next = index.saturating_add(1);
        }
    }
    if let Some(slip) = &mut found
        && further > 0
    {
        let noun = if further == 1 { "break" } else { "breaks" };
        slip.observed
            .push_str(&format!(", and {further} further {noun} of the order"));
    }
    found
}

fn observed(deliveries: &[Delivery<'_>], at: usize, next: u64) -> String {
    let delivery = &deliveries[at];
    let Index::At(index) = delivery.event().index else {
        return describe::entry(delivery.entry);
    };
    if index < next {
        let again = deliveries[..at].iter().any(|d| d.index() == Some(index));
        return match again {
            true => format!("event {index} again"),
            false => format!("event {index}"),
        };
    }
    let skipped = next..index;
    let later = deliveries[at..]
        .iter()
        .filter_map(Delivery::index)
        .any(|index| skipped.contains(&index));
    let (noun, verb) = match index - next {
        1 => ("event", "is"),
        _ => ("events", "are"),
    };
    let span = describe::span(next, index - 1);
    match later {
        true => format!("event {index}; {noun} {span} arrived later"),
        false => format!("event {index}; {noun} {span} {verb} missing"),
    }
}

/// Of deliveries that have an index the first one of each, in the order of the indices.
pub(crate) fn first_of_each<'s, 't>(
    deliveries: impl Iterator<Item = &'s Delivery<'t>>,
) -> Vec<&'s Delivery<'t>> {
    let mut first: Vec<_> = deliveries.filter(|it| it.index().is_some()).collect();
    first.sort_by_key(|it| it.index());
    first.dedup_by_key(|it| it.index());
    first
}
