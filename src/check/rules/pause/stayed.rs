//! What a viewer sees who stays through a pause, and somebody else lets the run go on: PAUSE-3.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::ending;
use crate::check::shared::pauses::{Witness, to_the_stop, witnesses};
use crate::trace::{Delivery, Subscription, Trace};
use crate::transcript::Number;

pub(crate) fn sees_it_go_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // By the request of an answer: how many events came of it until the run stopped again.
    let mut stops: HashMap<Number, usize> = HashMap::new();
    let witnesses = witnesses(trace).into_iter();
    for witness in witnesses.filter(|it| !it.connection.is_over_http()) {
        let viewer = witness.connection.viewer;
        let Some(answer) = trace.continued_after(witness.run, witness.pause.number) else {
            collector.inconclusive("no viewer let the paused run go on");
            continue;
        };
        if answer.connection == witness.watching.connection {
            continue;
        }
        if !witness.is_there_at(answer.request.number) {
            collector.inconclusive(format!(
                "{viewer} left, or asked for something else, before the run went on"
            ));
            continue;
        }
        let events = *stops
            .entry(answer.request.number)
            .or_insert_with(|| to_the_stop(&answer.deliveries).len());
        look(
            trace,
            &witness,
            answer,
            &answer.deliveries[..events],
            &mut collector,
        );
    }
    collector.check_verdict("no viewer saw a run pause and stayed until somebody else let it go on")
}

fn look(
    trace: &Trace<'_>,
    witness: &Witness<'_, '_>,
    answer: &Subscription<'_>,
    owed: &[Delivery<'_>],
    collector: &mut Collector,
) {
    let viewer = witness.connection.viewer;
    let shown = [witness.pause.number, answer.request.number];
    let out_of_order = witness.after.windows(2).find_map(|pair| match pair {
        [before, next] if next.index() <= before.index() => Some((before, next)),
        _ => None,
    });
    if let Some((before, next)) = out_of_order {
        return collector.failed(
            format!(
                "a later event after {} for {viewer}",
                describe::entry(before.entry)
            ),
            describe::entry(next.entry),
            shown
                .into_iter()
                .chain([before.entry.number, next.entry.number]),
        );
    }
    let got: HashSet<u64> = witness.after.iter().filter_map(Delivery::index).collect();
    let is_wanting = |it: &&Delivery<'_>| it.index().is_some_and(|index| !got.contains(&index));
    let has_stopped =
        |of: &[Delivery<'_>]| of.last().is_some_and(|it| it.event().ending().is_some());
    let Some(wanting) = owed.iter().find(is_wanting) else {
        return match has_stopped(witness.after) {
            true => collector.passed(),
            false => {
                collector.inconclusive(ending::unseen(witness.connection, witness.last()));
            }
        };
    };
    let expected = format!(
        "{}, as {} got it",
        describe::entry(wanting.entry),
        trace.connection(answer.connection).viewer
    );
    let shown = shown.into_iter().chain([wanting.entry.number]);
    let later = witness.after.iter().find(|it| it.index() > wanting.index());
    if let Some(later) = later {
        return collector.failed(
            expected,
            format!("{} for {viewer}, without it", describe::entry(later.entry)),
            shown.chain([later.entry.number]),
        );
    }
    let (last, until) = (witness.last(), witness.watching.until);
    match ending::missing_after_a_pause(trace, witness.connection, witness.run, last, until) {
        Some(missing) => collector.failed(
            expected,
            format!("for {viewer}: {}", missing.observed()),
            shown.chain(missing.evidence()),
        ),
        None => collector.inconclusive(ending::unseen(witness.connection, last)),
    }
}
