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
    for stretch in trace.stretches() {
        let Some(delivery) = stretch.first() else {
            continue;
        };
        let observed = match delivery.event().run() {
            None => format!("{} without a run id", describe::entry(delivery.entry)),
            Some(run) if !known.contains(&**run) => format!(
                "{} of {}, a run that no viewer started or asked for",
                describe::entry(delivery.entry),
                describe::quoted(run)
            ),
            Some(_) => {
                collector.passed();
                continue;
            }
        };
        wrong
            .entry(delivery.connection())
            .and_modify(|(_, _, more)| *more += stretch.len())
            .or_insert((delivery.entry.number, observed, stretch.len() - 1));
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

/// The runs that were asked for, and those that a workflow's or a step's own event names.
fn known<'t>(trace: &Trace<'t>) -> HashSet<&'t str> {
    let asked = trace.returns().filter_map(|ret| ret.run);
    let named = trace.deliveries.iter().filter_map(|delivery| {
        let event = delivery.event();
        let own = event.name.starts_with("Workflow") || event.name.starts_with("Step");
        match &event.workflow_run_id {
            None if own => event.run_id.as_deref(),
            _ => None,
        }
    });
    asked.chain(named).collect()
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
            collector.inconclusive(format!(
                "{} left before both runs had sent events",
                connection.viewer
            ));
        }
    }
    collector.check_verdict("no viewer started two runs on one connection")
}
