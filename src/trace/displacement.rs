//! Several viewers who returned to one run: from when on a later one may have displaced an earlier one,
//! as on servers that keep one subscriber for a run (agno 2.9.0).

use crate::protocol::Control;
use crate::trace::questions::Trace;
use crate::trace::subscription::{Displacement, Subscription};
use crate::transcript::entry::Number;

/// A return that was taken up: when it was asked for, and when it was subscribed, or heard last.
#[derive(Clone, Copy)]
struct TakenUp {
    request: Number,
    subscribed: Number,
    connection: usize,
}

/// Finds the displacement of every return. Nearly linear in their number.
///
/// Of two returns at the same time nobody knows which one the server took up last: which viewer reads
/// first says nothing about it.
pub(crate) fn find(trace: &mut Trace<'_>) {
    let returns = std::mem::take(&mut trace.returns);
    let known = returns
        .iter()
        .filter(|(run, _)| trace.runs.contains_key(**run));
    let shared = known.filter(|(_, places)| places.len() > 1);
    let runs: Vec<&Vec<usize>> = shared.map(|(_, places)| places).collect();
    for places in runs {
        let mut taken: Vec<TakenUp> = places
            .iter()
            .filter_map(|place| taken_up(trace, *place))
            .collect();
        taken.sort_by_key(|it| it.subscribed);
        let first = first_from(&taken);
        for place in places {
            let ret = &trace.subscriptions[*place];
            let Some(mine) = subscribed(ret) else {
                continue;
            };
            let later = taken.partition_point(|it| it.subscribed <= ret.request.number);
            let others = first.get(later).into_iter().flatten().flatten();
            let Some(other) = others.copied().find(|it| it.connection != ret.connection) else {
                continue;
            };
            let over = trace
                .connection(ret.connection)
                .over()
                .map(|over| over.number);
            let until = over.into_iter().chain(ret.until).min();
            let from = other.request.max(mine);
            if until.is_none_or(|until| from < until) {
                let by = other.connection;
                trace.subscriptions[*place].displaced = Some(Displacement { from, by });
            }
        }
    }
    trace.returns = returns;
}

/// From each place on, who asked first, and who asked first on any other connection.
fn first_from(taken: &[TakenUp]) -> Vec<[Option<TakenUp>; 2]> {
    let mut first = vec![[None; 2]; taken.len()];
    let mut best: [Option<TakenUp>; 2] = [None; 2];
    for (at, it) in taken.iter().enumerate().rev() {
        let earlier = |known: Option<TakenUp>| known.is_none_or(|k| it.request < k.request);
        if earlier(best[0]) {
            if best[0].is_some_and(|known| known.connection != it.connection) {
                best[1] = best[0];
            }
            best[0] = Some(*it);
        } else if best[0].is_some_and(|known| known.connection != it.connection) && earlier(best[1])
        {
            best[1] = Some(*it);
        }
        first[at] = best;
    }
    first
}

fn taken_up(trace: &Trace<'_>, place: usize) -> Option<TakenUp> {
    let ret = &trace.subscriptions[place];
    // A viewer who gets a replay or is refused displaces nobody.
    let mut controls = ret.controls();
    if controls.any(|(_, said)| matches!(said, Control::Replay { .. })) {
        return None;
    }
    let said = ret
        .controls()
        .filter(|(_, said)| !matches!(said, Control::Error { .. }));
    let said = said.map(|(entry, _)| entry.number).last();
    let came = ret.deliveries.last().map(|last| last.entry.number);
    let last = said.max(came)?;
    Some(TakenUp {
        subscribed: subscribed(ret).unwrap_or(last),
        request: ret.request.number,
        connection: ret.connection,
    })
}

fn subscribed(ret: &Subscription<'_>) -> Option<Number> {
    ret.controls().find_map(|(entry, control)| {
        matches!(control, Control::Subscribed { .. }).then_some(entry.number)
    })
}
