//! A pause that is answered more than once: PAUSE-4.

use std::collections::{HashMap, HashSet};

use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::shared::{order, payload};
use crate::protocol::json;
use crate::trace::{Delivery, Subscription, Trace};
use crate::transcript::{Entry, Number};

pub(crate) fn answered_once(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // What a connection gets of a run that it watched before proves nothing about its answer.
    let watched: HashSet<Number> = trace
        .subscriptions
        .iter()
        .filter_map(|it| it.until)
        .collect();
    // By pause: the answers to it, in order.
    let mut answers: HashMap<(&str, Number), Vec<&Subscription<'_>>> = HashMap::new();
    let mut order = Vec::new();
    for it in trace.continuations() {
        let connection = trace.connection(it.connection);
        let Some(run) = it.run.filter(|_| connection.barred().is_none()) else {
            continue;
        };
        let pause = trace.pause_before(run, it.request.number);
        let Some(pause) = pause.filter(|_| is_own(trace, it, run)) else {
            continue;
        };
        let answers = answers.entry((run, pause.number)).or_insert_with(|| {
            order.push((run, pause));
            Vec::new()
        });
        answers.push(it);
    }
    for (run, pause) in order {
        let answers = answers.remove(&(run, pause.number)).unwrap_or_default();
        let counts = |it: &&&Subscription<'_>| !it.deliveries.is_empty() && !it.is_refused();
        let Some(first) = answers.iter().find(counts).copied() else {
            continue;
        };
        // Of two at the same time, the one that was sent last may be the one that counts.
        let is_later = |it: &Subscription<'_>| {
            let last = it.controls().last().map(|(entry, _)| entry.number);
            it.request.number.max(last.unwrap_or_default()) > first.request.number
        };
        let later = answers
            .iter()
            .copied()
            .filter(|it| it.request.number != first.request.number && is_later(it));
        let later: Vec<&Subscription<'_>> = later.collect();
        let Some(second) = later.first() else {
            continue;
        };
        let paused_again = trace.pause_before(run, Number::MAX).map(|it| it.number);
        if paused_again != Some(pause.number) {
            collector.inconclusive("the run paused again, so that both answers may have counted");
            continue;
        }
        let was = first.request.number;
        let mut refused = true;
        for it in &later {
            refused &= is_refused(trace, it, was, &watched, &mut collector);
        }
        if let Some([one, again]) = twice(trace, run, pause) {
            collector.failed(
                "nothing twice, because the pause had been answered once",
                format!("{} and {}", describe::entry(one), describe::entry(again)),
                [was, second.request.number, one.number, again.number],
            );
        } else if refused && trace.run(run).is_some_and(|run| run.ending.is_some()) {
            collector.passed();
        } else {
            collector.inconclusive("nobody saw how the run ended that was answered twice");
        }
    }
    collector.check_verdict("no pause was answered twice")
}

/// Whether the answer names the run's own session and workflow, and comes from its user.
fn is_own(trace: &Trace<'_>, it: &Subscription<'_>, run: &str) -> bool {
    let Some(start) = trace.start_of(run) else {
        return true;
    };
    let user = |it: &Subscription<'_>| trace.user_of(trace.connection(it.connection).viewer);
    let same = |one: Option<&str>, other: Option<&str>| one.is_none() || one == other;
    same(start.workflow_id(), it.workflow_id())
        && same(start.session_id(), it.session_id())
        && user(start) == user(it)
}

/// Whether a later answer was refused; notes it where it was not. `was` is the answer that counted.
fn is_refused(
    trace: &Trace<'_>,
    it: &Subscription<'_>,
    was: Number,
    watched: &HashSet<Number>,
    collector: &mut Collector,
) -> bool {
    const EXPECTED: &str = "`error`, because the pause had been answered";
    if it.is_refused() {
        return true;
    }
    let connection = trace.connection(it.connection);
    let request = it.request.number;
    let ending = it.deliveries.iter().find(|it| it.is_final());
    let came = match it.deliveries.first() {
        Some(first) if !watched.contains(&request) => Some(first.entry),
        // All that came to somebody who watched, and no refusal until after the ending.
        _ => ending.and_then(|it| connection.silence_after(it.entry.number)),
    };
    // A stream that ends without a word refuses nothing.
    let ended = connection.stream_ended().filter(|_| it.answer().is_none());
    match came.or(connection.timeout_after(request)).or(ended) {
        Some(came) => {
            collector.failed(EXPECTED, describe::entry(came), [was, request, came.number])
        }
        None => collector.inconclusive(describe::unanswered(connection, request)),
    }
    false
}

/// Two events that each say that the same step went on after this pause.
fn twice<'t>(trace: &Trace<'t>, run: &str, pause: &Entry) -> Option<[&'t Entry; 2]> {
    let index = |entry: &Entry| entry.message().and_then(|it| it.event()?.index.at());
    let paused = index(pause);
    let mut steps: HashMap<String, &Entry> = HashMap::new();
    for it in order::first_of_each(trace.deliveries_of(run)) {
        if it.index() <= paused || &*it.event().name != "StepContinued" {
            continue;
        }
        let Some(step) = step_of(it) else { continue };
        if let Some(before) = steps.insert(step, it.entry) {
            return Some([before, it.entry]);
        }
    }
    None
}

fn step_of(delivery: &Delivery<'_>) -> Option<String> {
    let (value, _) = json::parse(&payload::text(delivery.entry)).ok()?;
    Some(value.get("step_id")?.as_str()?.to_owned())
}
