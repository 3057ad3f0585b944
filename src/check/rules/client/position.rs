//! CLIENT-POSITION: the position that a client returns with.

use super::SOURCE;
use super::view::{Loss, losses, position};
use crate::check::collector::Collector;
use crate::check::finding::CheckVerdict;
use crate::check::requirement::{Level, Requirement};
use crate::protocol::{Control, Position};
use crate::trace::Trace;

/// So many losses show that the position moves on.
const SEVERAL: usize = 3;

pub(crate) const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "CLIENT-POSITION-1",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client's position is never beyond what was delivered.",
        why: "The server sends what comes after the position. What is between is never sent again.",
        harm: "Events are missing, and nobody is told.",
        source: SOURCE,
        good: "← event 19\n(the connection is reset)\n→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "← event 19\n(the connection is reset)\n→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 20}",
        check: check!(not_ahead),
    },
    Requirement {
        id: "CLIENT-POSITION-2",
        level: Level::Should,
        since: "0.2.0",
        sentence: "A client's position is the last event that reached it.",
        why: "Whatever comes before it is sent once more.",
        harm: "The same events cross the network again and again, and a client that does not know them shows them twice.",
        source: SOURCE,
        good: "← event 19\n(the connection is reset)\n→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "← event 19\n(the connection is reset)\n→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 12}",
        check: check!(exact),
    },
    Requirement {
        id: "CLIENT-POSITION-3",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client's position moves on with every connection.",
        why: "A client that counts only on its first connection gets the same events after each loss.",
        harm: "On a bad network the person sees the same again after each loss, or never gets beyond it.",
        source: SOURCE,
        good: "→ {… \"last_event_index\": 19}\n← events 20 to 31\n(the connection is reset)\n→ {… \"last_event_index\": 31}",
        bad: "→ {… \"last_event_index\": 19}\n← events 20 to 31\n(the connection is reset)\n→ {… \"last_event_index\": 19}",
        check: check!(moves_on),
    },
    Requirement {
        id: "CLIENT-POSITION-4",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client that is cut off while catching up returns with the last missed event that came.",
        why: "Missed events are events. On a bad network the connection breaks most often while there is much to catch up on.",
        harm: "A person with a bad network never catches up, or misses what was announced and did not come.",
        source: SOURCE,
        good: "← catch_up\n← events 20 to 24\n(the connection is reset)\n→ {… \"last_event_index\": 24}",
        bad: "← catch_up\n← events 20 to 24\n(the connection is reset)\n→ {… \"last_event_index\": 19}",
        check: check!(while_catching_up),
    },
    Requirement {
        id: "CLIENT-POSITION-5",
        level: Level::Must,
        since: "0.2.0",
        sentence: "A client's position is a whole number or `null`.",
        why: "Everything else is refused, or read otherwise by each server.",
        harm: "The return is refused, or everything comes again.",
        source: SOURCE,
        good: "→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": 19}",
        bad: "→ {\"action\": \"reconnect\", \"run_id\": \"r\", \"last_event_index\": \"19\"}",
        check: check!(whole),
    },
];

const NO_LOSS: &str = "no connection was cut while Ada watched a run";

/// Judges each loss after which the client returned to the run, where the check can say something of it.
fn of_each(
    losses: &[Loss<'_, '_>],
    collector: &mut Collector,
    mut judge: impl FnMut(&Loss<'_, '_>, &Position, &mut Collector),
) {
    for loss in losses {
        match loss.position() {
            Some(position) => judge(loss, position, collector),
            None => collector.inconclusive(loss.no_return()),
        }
    }
}

fn delivered(loss: &Loss<'_, '_>) -> String {
    match loss.delivered {
        Some(index) => format!("event {index}"),
        None => "no event".to_owned(),
    }
}

fn not_ahead(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    of_each(&losses(trace), &mut collector, |loss, at, collector| {
        let Position::At(index) = at else {
            return collector.passed();
        };
        if Some(*index) <= loss.delivered {
            collector.passed();
        } else {
            let expected = format!("at most what was delivered, {}", delivered(loss));
            collector.failed(expected, position(at), loss.evidence());
        }
    });
    collector.check_verdict(NO_LOSS)
}

/// Why a position before the last event shows nothing.
fn asks_for(gap: u64) -> String {
    format!("event {gap} had not come, and Ada may have asked for it (CLIENT-ANSWER-3)")
}

fn exact(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    of_each(&losses(trace), &mut collector, |loss, at, collector| {
        let is_last = match at {
            Position::At(index) => Some(*index) == loss.delivered,
            Position::Null | Position::Absent => loss.delivered.is_none(),
            Position::Odd(_) => false,
        };
        if !loss.is_known(at) {
            collector.inconclusive(loss.not_read());
        } else if is_last {
            collector.passed();
        } else if let Some(gap) = loss.gap_after(trace, at) {
            collector.inconclusive(asks_for(gap));
        } else {
            let expected = format!("the position of {}, which Ada had read", delivered(loss));
            collector.failed(expected, position(at), loss.evidence());
        }
    });
    collector.check_verdict(NO_LOSS)
}

fn moves_on(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let losses = losses(trace);
    let mut is_open = false;
    for (one, next) in losses.iter().zip(losses.iter().skip(1)) {
        let (Some(earlier), Some(later)) = (one.position(), next.position()) else {
            collector.inconclusive(next.no_return());
            continue;
        };
        if !next.settled || next.delivered <= one.delivered {
            collector.inconclusive(next.not_read());
            is_open |= next.over_http;
            continue;
        }
        let index = |position: &Position| match position {
            Position::At(index) => Some(*index),
            _ => None,
        };
        if index(later) > index(earlier) {
            continue;
        }
        if let Some(gap) = next.gap_after(trace, later) {
            collector.inconclusive(asks_for(gap));
            continue;
        }
        let expected = format!(
            "a position beyond that of the return before, {}",
            position(earlier)
        );
        collector.failed(expected, position(later), next.evidence());
    }
    let came = losses.iter().filter(|it| it.position().is_some()).count();
    if came >= SEVERAL && !is_open {
        collector.passed();
    }
    collector.check_verdict("Ada did not return three times")
}

fn while_catching_up(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    let losses = losses(trace);
    let catching_up = losses.into_iter().filter(|loss| {
        let mut controls = loss.before.controls();
        let subscribed = controls.any(|(_, it)| matches!(it, Control::Subscribed { .. }));
        loss.before.position().is_some() && !loss.before.deliveries.is_empty() && !subscribed
    });
    let catching_up: Vec<_> = catching_up.collect();
    of_each(&catching_up, &mut collector, |loss, at, collector| {
        let last = loss.before.deliveries.last().and_then(|it| it.index());
        let (Some(last), true) = (last, loss.is_known(at)) else {
            return collector.inconclusive(loss.not_read());
        };
        if *at == Position::At(last) {
            collector.passed();
        } else {
            let expected = format!("the position of the last missed event that came, {last}");
            collector.failed(expected, position(at), loss.evidence());
        }
    });
    collector.check_verdict("Ada was not cut off while catching up")
}

fn whole(trace: &Trace<'_>) -> CheckVerdict {
    let mut collector = Collector::default();
    of_each(
        &losses(trace),
        &mut collector,
        |loss, at, collector| match at {
            Position::Odd(_) => {
                collector.failed("a whole number or `null`", position(at), loss.evidence());
            }
            // Where it is left out it is the same as `null`.
            Position::At(_) | Position::Null | Position::Absent => collector.passed(),
        },
    );
    collector.check_verdict(NO_LOSS)
}
