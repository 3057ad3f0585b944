//! Which run an event belongs to.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::rules::start::order::accepted;
use crate::check::shared::order;
use crate::trace::{Subscription, Trace};

pub(crate) fn assigned(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let known = known(trace);
    // By connection: the first offending delivery, what is wrong with it, and how many more there are.
    let mut wrong: BTreeMap<usize, (u32, String, usize)> = BTreeMap::new();
    for delivery in &trace.deliveries {
        // The run that it names, whichever it was given to.
        let named = delivery.event().named_run();
        if named.is_some_and(|run| known.contains(&**run)) {
            collector.passed();
            continue;
        }
        if let Some((.., more)) = wrong.get_mut(&delivery.connection()) {
            *more += 1;
            continue;
        }
        let what = describe::entry(delivery.entry);
        let observed = match named {
            None => format!("{what} without a run id"),
            Some(run) => format!(
                "{what} of {}, a run that no viewer started or asked for",
                describe::quoted(run)
            ),
        };
        wrong.insert(delivery.connection(), (delivery.entry.number, observed, 0));
    }
    for (number, observed, more) in wrong.into_values() {
        collector.failed(
            "an event that names its workflow's run",
            format!("{observed}{}", describe::more(more)),
            [number],
        );
    }
    collector.check_verdict("no event came")
}

/// The runs that were started or asked for.
fn known<'t>(trace: &Trace<'t>) -> HashSet<&'t str> {
    let asked = trace.subscriptions.iter();
    asked.filter_map(|it| it.run).collect()
}

pub(crate) fn runs(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut by_connection: HashMap<usize, Vec<&Subscription<'_>>> = HashMap::new();
    let starts = accepted(trace, &mut collector);
    for &start in &starts {
        by_connection
            .entry(start.connection)
            .or_default()
            .push(start);
    }
    let mut connections: Vec<_> = by_connection.into_iter().collect();
    connections.sort_by_key(|(connection, _)| *connection);
    for (connection, starts) in connections
        .into_iter()
        .filter(|(_, starts)| starts.len() > 1)
    {
        let connection = trace.connection(connection);
        let slipped = starts
            .iter()
            .find_map(|start| Some((start, order::slip(&start.deliveries, 0)?)));
        let without = starts.iter().find(|start| start.run.is_none());
        let heard = starts.iter().any(|start| !start.deliveries.is_empty());
        if let Some((start, slip)) = slipped {
            collector.failed(
                format!(
                    "{} of {}",
                    slip.expected(),
                    describe::quoted(start.run.unwrap_or_default())
                ),
                slip.observed(),
                slip.evidence(start.request),
            );
        } else if let Some((start, silence)) = without
            .filter(|_| heard && connection.lost().is_none())
            .and_then(|start| Some((start, connection.timeout_after(start.request.number)?)))
        {
            collector.failed(
                "events of a separate run for each start",
                "a start without events",
                [start.request.number, silence.number],
            );
        } else if starts.iter().all(|start| start.deliveries.len() > 1) {
            collector.passed();
        } else {
            collector.inconclusive(describe::gone(connection, "both runs had sent events"));
        }
    }
    collector.check_verdict("no viewer started two runs on one connection")
}
