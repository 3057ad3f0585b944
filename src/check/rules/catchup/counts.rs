//! The status and the counts that are told while a viewer catches up: CATCHUP-7.

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::catchup::returns::{NOBODY, each};
use crate::check::shared::return_view::{Announcement, ReturnView, left_unsubscribed};
use crate::protocol::Outcome;
use crate::trace::{Delivery, Trace};

/// How a count stands to what is delivered.
enum Count {
    Right,
    Wrong(String),
    /// Events may have happened between the count and the deliveries.
    Unclear,
}

pub(crate) fn agree(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    each(trace, &mut collector, |view, collector| {
        let mut wrong: Vec<(String, String, u32)> = Vec::new();
        let mut clear = true;
        let mut right = None;
        for (name, said) in view
            .catch_up
            .iter()
            .map(|said| ("catch_up", said))
            .chain(view.subscribed.first().map(|said| ("subscribed", said)))
        {
            if said.status.and_then(Outcome::of) != Some(Outcome::Running) {
                wrong.push((
                    format!("`{name}` with the status \"running\""),
                    describe::field(said.status),
                    said.entry.number,
                ));
            }
            let delivered = match name {
                "catch_up" => missed_end(view),
                _ => vec![end(view.around_subscribed().0, view.next)]
                    .into_iter()
                    .chain(right)
                    .collect(),
            };
            match count(view, said, &delivered) {
                Count::Right => right = said.count,
                Count::Unclear => clear = false,
                Count::Wrong(expected) => wrong.push((
                    format!("`{name}` with current_event_count {expected}"),
                    describe::count(said.count),
                    said.entry.number,
                )),
            }
        }
        let further = wrong.len().saturating_sub(1);
        if let Some((expected, observed, number)) = wrong.into_iter().next() {
            collector.failed(
                expected,
                format!("{observed}{}", describe::more(further)),
                [view.ret.request.number, number],
            );
        } else if !clear {
            collector.inconclusive(
                "events happened at the same time, so the counts could not be compared",
            );
        } else if view.subscribed.is_empty() {
            collector.inconclusive(left_unsubscribed(view));
        } else {
            collector.passed();
        }
    });
    collector.check_verdict(NOBODY)
}

/// How many events the run has had after these deliveries.
fn end(deliveries: &[Delivery<'_>], next: u64) -> u64 {
    deliveries
        .iter()
        .filter_map(Delivery::index)
        .max()
        .map_or(next, |last| last.saturating_add(1))
}

/// How many events the run has had after the missed ones: by what came, and by what was announced.
fn missed_end(view: &ReturnView<'_, '_>) -> Vec<u64> {
    let announced = view.catch_up.and_then(|said| said.announced);
    let mut ends = vec![end(view.missed(), view.next)];
    ends.extend(announced.map(|announced| view.next.saturating_add(announced)));
    ends
}

fn count(view: &ReturnView<'_, '_>, said: &Announcement<'_>, delivered: &[u64]) -> Count {
    let least = delivered.iter().copied().min().unwrap_or(0);
    let Some(count) = said.count else {
        return Count::Wrong(least.to_string());
    };
    if delivered.contains(&count) {
        return Count::Right;
    }
    if count < least {
        return Count::Wrong(least.to_string());
    }
    // More than was delivered: events may have happened meanwhile. Not while the run stood still,
    // and not if the run never got that far.
    let (request, at) = (view.ret.request.number, said.entry.number);
    let passed = view.trace.held_through(view.run, request, at);
    let ended = view.trace.run(view.run).and_then(|run| run.last_index());
    let never = ended.is_some_and(|last| count > last.saturating_add(2));
    // A viewer who left before it had all come has been delivered less.
    let cut_short = match view.catch_up {
        Some(_) => view.subscribed.is_empty(),
        None => view.deliveries.is_empty(),
    };
    match passed {
        Some(passed) if cut_short && passed.checked_add(1) == Some(count) => Count::Right,
        None if !never => Count::Unclear,
        _ => Count::Wrong(least.to_string()),
    }
}
