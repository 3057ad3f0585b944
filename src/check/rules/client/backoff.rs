//! CLIENT-BACKOFF: how a client tries to connect to a server that does not let it in.

use std::time::Duration;

use super::SOURCE;
use super::view::{gave_up, is_exit, nothing};
use crate::check::collector::Collector;
use crate::check::describe;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::Action;
use crate::trace::Trace;
use crate::transcript::{ClientEntry, Entry, EntryKind};

/// So many tries are allowed in any second.
const ALLOWED: usize = 5;
const SECOND: Duration = Duration::from_secs(1);
/// With fewer refusals nothing is known of the pauses.
const ENOUGH: usize = 4;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-BACKOFF-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client never tries more than five times in a second.",
        why: "A server that comes up again is met by all its clients at once. If they do not wait, it goes down again.",
        harm: "An outage of a second becomes one of minutes, for everybody.",
        source: SOURCE,
        good: "(no connection)\n(no connection, after 0.5 s)\n(no connection, after 1 s)",
        bad: "(no connection, fifty times in a second)",
        check: check!(not_too_often),
    },
    Requirement {
        id: "CLIENT-BACKOFF-2",
        level: Level::Should,
        since: "0.2.0",
        sentence: "The pauses between a client's tries grow.",
        why: "What has not come back after some seconds may take minutes.",
        harm: "Servers and phones are busy with tries that come to nothing.",
        source: SOURCE,
        good: "(pauses of 0.5 s, 1 s, 2 s, 4 s)",
        bad: "(pauses of 1 s, 1 s, 1 s, 1 s)",
        check: check!(grow),
    },
    Requirement {
        id: "CLIENT-BACKOFF-3",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client comes back after an outage.",
        why: "Servers are replaced, people go through tunnels. Afterwards the run is still there.",
        harm: "After a short outage the person has to reload the page, and does not know it.",
        source: SOURCE,
        good: "(the server is away for 15 s)\n→ {\"action\": \"reconnect\", …}",
        bad: "(the server is away for 15 s)\n(nothing comes any more)",
        check: check!(after_an_outage),
    },
];

/// Every try to connect, in order.
fn tries<'t>(trace: &Trace<'t>) -> Vec<&'t Entry> {
    let entries = trace.transcript.entries().iter();
    let tries =
        entries.filter(|entry| is_refusal(entry) || matches!(entry.what, EntryKind::Opened));
    tries.collect()
}

fn is_refusal(entry: &Entry) -> bool {
    matches!(entry.of_client(), Some(ClientEntry::TurnedAway(_)))
}

fn not_too_often(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let tries = tries(trace);
    let mut windows = tries.windows(ALLOWED + 1);
    let storm = windows.find(|tries| match tries {
        [first, .., last] => last.at().saturating_sub(first.at()) < SECOND,
        _ => false,
    });
    if let Some([first, .., last]) = storm {
        let took = last.at().saturating_sub(first.at());
        collector.failed(
            format!("at most {ALLOWED} tries to connect in a second"),
            format!("{} in {}", ALLOWED + 1, describe::lasted(took)),
            [first.number, last.number],
        );
    }
    let refused: Vec<&&Entry> = tries.iter().filter(|it| is_refusal(it)).collect();
    let last = refused.last().map(|it| it.number);
    // A client that has given up tries no more.
    let is_over = last.is_some_and(|last| gave_up(trace, last).is_some());
    if refused.len() >= ENOUGH || is_over {
        collector.passed();
    }
    collector.check_verdict("Ada was not turned away often enough")
}

fn grow(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    // Who was let in in between begins anew.
    let tries = tries(trace);
    let refused = tries.split(|it| !is_refusal(it));
    let refused = refused.max_by_key(|it| it.len()).unwrap_or_default();
    if refused.len() < ENOUGH {
        return collector.check_verdict("Ada was not turned away often enough");
    }
    let pauses: Vec<Duration> = refused
        .windows(2)
        .filter_map(|pair| match pair {
            [one, next] => Some(next.at().saturating_sub(one.at())),
            _ => None,
        })
        .collect();
    let half = pauses.len() / 2;
    let first: Duration = pauses.iter().take(half).sum();
    let last: Duration = pauses.iter().rev().take(half).sum();
    // A fifth more, so that what a busy machine adds is not taken for growth.
    if last > first + first / 5 {
        collector.passed();
    } else {
        let shown: Vec<String> = pauses.iter().map(|it| describe::lasted(*it)).collect();
        let numbers = refused.iter().map(|it| it.number);
        collector.failed("pauses that grow", shown.join(", "), numbers);
    }
    collector.check_verdict("Ada was not turned away often enough")
}

fn after_an_outage(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let mut entries = trace.transcript.entries().iter();
    let outage = entries.find(|it| matches!(it.of_client(), Some(ClientEntry::Outage(_))));
    let Some(outage) = outage else {
        return collector.check_verdict("the server was not away for a while");
    };
    let before = trace.transcript.entries().iter();
    let exited = before
        .take_while(|it| it.number < outage.number)
        .find(|it| is_exit(it));
    let later = trace.transcript.entries().skip(outage.number as usize);
    let asks = |is_meant: fn(&Action) -> bool| later.iter().filter_map(Entry::action).any(is_meant);
    let returned = asks(|action| matches!(action, Action::Reconnect { .. }));
    let started = asks(|action| matches!(action, Action::Start { .. }));
    match exited.or_else(|| gave_up(trace, outage.number)) {
        _ if returned => collector.passed(),
        _ if started => {
            collector.inconclusive("Ada started the run again after the outage (CLIENT-RETURN-4)")
        }
        Some(gave_up) => collector.failed(
            "a request for the run after the outage",
            nothing(gave_up),
            [outage.number, gave_up.number],
        ),
        None => collector.inconclusive("the transcript ends before it could be seen"),
    }
    collector.check_verdict("the server was not away for a while")
}
